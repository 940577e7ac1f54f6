-- The foundation: accounts, user pools, app clients, users, sessions, codes, and the outbox.
--
-- Every tenant-owned table is keyed by its user pool (or account) first and refers to its neighbours by composite
-- keys, so that a reference across pools cannot be stored and the tables can be distributed by that key.
-- `accounts`, `access_keys`, `user_pools` and `app_client_directory` are small and would be reference tables.

create table instance (
    singleton            boolean     primary key default true check (singleton),
    root_key_fingerprint bytea       not null,
    created_at           timestamptz not null
);

create table accounts (
    id         text        primary key check (id ~ '^[0-9]{12}$'),
    name       text        not null,
    created_at timestamptz not null
);

create table access_keys (
    account_id text        not null references accounts (id) on delete cascade,
    id         text        not null,
    secret     bytea       not null,
    enabled    boolean     not null default true,
    created_at timestamptz not null,
    primary key (account_id, id),
    constraint access_keys_id_unique unique (id)
);

create table user_pools (
    id         text        primary key,
    account_id text        not null references accounts (id),
    name       text        not null,
    settings   jsonb       not null,
    data_key   bytea       not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index user_pools_by_account on user_pools (account_id, id);

create table signing_keys (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    kid          text        not null,
    token_use    text        not null check (token_use in ('id', 'access')),
    private_key  bytea       not null,
    created_at   timestamptz not null,
    primary key (user_pool_id, kid)
);

create table app_clients (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    id           text        not null,
    name         text        not null,
    settings     jsonb       not null,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (user_pool_id, id)
);

-- From the public client id to the pool it belongs to; written and deleted together with the client.
create table app_client_directory (
    client_id    text primary key,
    user_pool_id text not null references user_pools (id) on delete cascade
);
create index app_client_directory_by_pool on app_client_directory (user_pool_id, client_id);

create table app_client_secrets (
    user_pool_id text        not null,
    client_id    text        not null,
    id           text        not null,
    secret       bytea       not null,
    created_at   timestamptz not null,
    primary key (user_pool_id, client_id, id),
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);

create type user_status as enum (
    'UNCONFIRMED', 'CONFIRMED', 'FORCE_CHANGE_PASSWORD', 'RESET_REQUIRED', 'EXTERNAL_PROVIDER'
);

create table users (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    id           uuid        not null,
    username     text        not null,
    status       user_status not null,
    enabled      boolean     not null default true,
    attributes   jsonb       not null,
    -- Sessions of an earlier epoch have ended, except the one that was kept: signing out everywhere is one update.
    session_epoch integer    not null default 0,
    kept_session uuid,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (user_pool_id, id)
);
create index users_by_username on users (user_pool_id, username collate "C", id);
create index users_by_email on users (user_pool_id, (left(lower(attributes ->> 'email'), 256) collate "C"), id)
    where lower(attributes ->> 'email') is not null;
create index users_by_phone_number on users (user_pool_id, (left(lower(attributes ->> 'phone_number'), 256) collate "C"), id)
    where lower(attributes ->> 'phone_number') is not null;
create index users_by_name on users (user_pool_id, (left(lower(attributes ->> 'name'), 256) collate "C"), id)
    where lower(attributes ->> 'name') is not null;
create index users_by_given_name on users (user_pool_id, (left(lower(attributes ->> 'given_name'), 256) collate "C"), id)
    where lower(attributes ->> 'given_name') is not null;
create index users_by_family_name on users (user_pool_id, (left(lower(attributes ->> 'family_name'), 256) collate "C"), id)
    where lower(attributes ->> 'family_name') is not null;
create index users_by_preferred_username
    on users (user_pool_id, (left(lower(attributes ->> 'preferred_username'), 256) collate "C"), id)
    where lower(attributes ->> 'preferred_username') is not null;

-- Every name a user signs in with, normalised: the username and the aliases that are in force.
create table login_names (
    user_pool_id text not null,
    name         text not null,
    kind         text not null check (kind in ('username', 'email', 'phone_number', 'preferred_username')),
    user_id      uuid not null,
    primary key (user_pool_id, name),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index login_names_by_user on login_names (user_pool_id, user_id);

create table passwords (
    user_pool_id text        not null,
    user_id      uuid        not null,
    hash         text        not null,
    srp_salt     bytea       not null,
    srp_verifier bytea       not null,
    expires_at   timestamptz,
    changed_at   timestamptz not null,
    primary key (user_pool_id, user_id),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);

-- Password guesses. The subject is a user's id, or a stand-in derived from a name nobody has.
create table password_guesses (
    user_pool_id  text        not null references user_pools (id) on delete cascade,
    subject       uuid        not null,
    failures      integer     not null,
    pending       integer     not null,
    pending_until timestamptz not null,
    locked_until  timestamptz not null,
    expires_at    timestamptz not null,
    primary key (user_pool_id, subject)
);
create index password_guesses_by_expiry on password_guesses (expires_at);

-- How often something was tried or asked for in the current window.
create table attempts (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    subject      uuid        not null,
    action       text        not null,
    count        integer     not null,
    expires_at   timestamptz not null,
    primary key (user_pool_id, subject, action)
);
create index attempts_by_expiry on attempts (expires_at);

create table verification_codes (
    user_pool_id text        not null,
    user_id      uuid        not null,
    purpose      text        not null,
    digest       bytea       not null,
    attribute    text        not null,
    destination  text        not null,
    expires_at   timestamptz not null,
    created_at   timestamptz not null,
    primary key (user_pool_id, user_id, purpose),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index verification_codes_by_expiry on verification_codes (expires_at);

-- Challenge sessions are sealed into their token; a row here says that one has been used.
create table spent_challenge_sessions (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    id           uuid        not null,
    expires_at   timestamptz not null,
    primary key (user_pool_id, id)
);
create index spent_challenge_sessions_by_expiry on spent_challenge_sessions (expires_at);

-- One sign-in and all the tokens that come of it. The id is the tokens' origin_jti and event_id.
create table user_sessions (
    user_pool_id     text        not null,
    id               uuid        not null,
    user_id          uuid        not null,
    client_id        text        not null,
    refresh_digest   bytea       not null,
    scopes           text[]      not null,
    epoch            integer     not null,
    authenticated_at timestamptz not null,
    expires_at       timestamptz not null,
    revoked_at       timestamptz,
    primary key (user_pool_id, id),
    constraint user_sessions_refresh_digest_unique unique (user_pool_id, refresh_digest),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade,
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
create index user_sessions_by_user on user_sessions (user_pool_id, user_id);
create index user_sessions_by_client on user_sessions (user_pool_id, client_id);
create index user_sessions_by_expiry on user_sessions (expires_at);

-- The outbox. A row is written in the transaction of its cause; a worker leases it by moving next_attempt_at.
create table messages (
    user_pool_id    text        not null references user_pools (id) on delete cascade,
    id              uuid        not null,
    body            bytea,
    state           text        not null default 'pending' check (state in ('pending', 'sent', 'dead')),
    failures        integer     not null default 0,
    last_error      text,
    next_attempt_at timestamptz not null,
    expires_at      timestamptz not null,
    created_at      timestamptz not null,
    primary key (user_pool_id, id)
);
create index messages_pending on messages (next_attempt_at) where state = 'pending';
create index messages_by_creation on messages (created_at);
