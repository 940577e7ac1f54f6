-- What a browser's session is called to the clients that its user signs in to, and goes on to be called when the same user signs in anew
-- in it; the sessions of tokens that come of it have it too. Those of before have none: nobody is told of their ends.
alter table user_sessions add column sid uuid;

-- What clients are yet to be told: that such a session is over (OpenID Connect Back-Channel Logout 1.0). Its user may be gone by then.
create table logout_notices (
    user_pool_id    text        not null references user_pools (id) on delete cascade,
    id              uuid        not null,
    client_id       text        not null,
    sid             uuid        not null,
    failures        integer     not null default 0,
    next_attempt_at timestamptz not null,
    expires_at      timestamptz not null,
    primary key (user_pool_id, id),
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
create index logout_notices_by_attempt on logout_notices (user_pool_id, failures, next_attempt_at);
create index logout_notices_by_client on logout_notices (user_pool_id, client_id);
create index logout_notices_by_expiry on logout_notices (expires_at);
