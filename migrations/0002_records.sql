-- Configuration records of a pool: resource servers, identity providers, terms, branding. They are read whole, by name,
-- and seldom, so one table serves; the body is a sealed JSON document, because some hold secrets of other systems.
create table records (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    kind         text        not null,
    id           text        not null,
    -- The client that the record is about; it goes with the client.
    client_id    text,
    body         bytea       not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (user_pool_id, kind, id),
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
create index records_by_client on records (user_pool_id, client_id, kind) where client_id is not null;
