-- A sign-in at a device without a browser, which somebody allows on another (RFC 8628): what the device asks for, and the answer. Of
-- both codes a digest is kept. That the tokens were issued stands in spent_challenge_sessions.
create table device_grants (
    user_pool_id      text        not null references user_pools (id) on delete cascade,
    device_code       bytea       not null,
    user_code         bytea       not null,
    client_id         text        not null,
    scopes            text[]      not null,
    resource          text,
    pause_seconds     integer     not null,
    polled_at         timestamptz,
    session_id        uuid,
    is_refused        boolean     not null default false,
    expires_at        timestamptz not null,
    primary key (user_pool_id, device_code),
    unique (user_pool_id, user_code),
    foreign key (user_pool_id, session_id) references user_sessions (user_pool_id, id) on delete cascade,
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
create index device_grants_by_session on device_grants (user_pool_id, session_id);
create index device_grants_by_client on device_grants (user_pool_id, client_id);
create index device_grants_by_expiry on device_grants (expires_at);
