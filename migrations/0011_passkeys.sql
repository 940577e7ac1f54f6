-- Passkeys of users, and the registrations that wait for one.

create table passkeys (
    user_pool_id  text        not null,
    -- Chosen by the authenticator; no two passkeys of a pool have the same.
    credential_id bytea       not null,
    user_id       uuid        not null,
    relying_party text        not null,
    attachment    text,
    transports    text[]      not null,
    -- The public key, its counter and what it was registered under.
    credential    jsonb       not null,
    created_at    timestamptz not null,
    primary key (user_pool_id, credential_id),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index passkeys_by_user on passkeys (user_pool_id, user_id, created_at);

create table passkey_registrations (
    user_pool_id text        not null,
    user_id      uuid        not null,
    client_id    text        not null,
    state        jsonb       not null,
    expires_at   timestamptz not null,
    primary key (user_pool_id, user_id),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index passkey_registrations_by_expiry on passkey_registrations (expires_at);
