-- A browser's session is a sign-in at the pool's own pages: its cookie's digest stands where others have a refresh token's. The
-- sessions of tokens that come of it name it.
alter table user_sessions
    add column kind text not null default 'tokens' check (kind in ('tokens', 'browser')),
    add column opened_by uuid,
    add column resource text;

-- What an authorization code stands for (RFC 6749, section 4.1). That it was exchanged stands in spent_challenge_sessions.
create table authorization_codes (
    user_pool_id      text        not null references user_pools (id) on delete cascade,
    digest            bytea       not null,
    client_id         text        not null,
    session_id        uuid        not null,
    redirect_uri      text        not null,
    names_redirect    boolean     not null,
    scopes            text[]      not null,
    nonce             text,
    code_challenge    text,
    resource          text,
    expires_at        timestamptz not null,
    primary key (user_pool_id, digest),
    foreign key (user_pool_id, session_id) references user_sessions (user_pool_id, id) on delete cascade,
    foreign key (user_pool_id, client_id) references app_clients (user_pool_id, id) on delete cascade
);
create index authorization_codes_by_session on authorization_codes (user_pool_id, session_id);
create index authorization_codes_by_client on authorization_codes (user_pool_id, client_id);
create index authorization_codes_by_expiry on authorization_codes (expires_at);
