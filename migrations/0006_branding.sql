-- What a record takes at its client: no two of a client's records of one kind have the same slot. Terms take their name,
-- a branding style the client as a whole.
alter table records add column slot text;
create unique index records_by_slot on records (user_pool_id, client_id, kind, slot) where slot is not null;

-- The key that signs SAML requests of a pool, with its certificate. Made when somebody first asks for it.
create table saml_signing_keys (
    user_pool_id text        primary key references user_pools (id) on delete cascade,
    private_key  bytea       not null,
    certificate  bytea       not null,
    created_at   timestamptz not null
);
