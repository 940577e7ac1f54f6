-- Words of messages in a language: of a pool, or of one client of it.
create table message_templates (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    -- None is for every client of the pool.
    client_id    text,
    -- The client as the key has it, which takes no null.
    client       text        not null generated always as (coalesce(client_id, '')) stored,
    -- A tag (BCP 47) in lower case.
    language     text        not null,
    -- What is left out is the pool's own.
    templates    jsonb       not null,
    updated_at   timestamptz not null,
    primary key (user_pool_id, client, language),
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
