-- Second factors of users, and by which methods a session's user proved who they are.

create table second_factors (
    user_pool_id           text   not null,
    user_id                uuid   not null,
    -- An authenticator app's secret, sealed; one that waits for its first code does not replace one that works.
    software_token         bytea,
    software_token_name    text,
    -- The last time step that a code was taken from: each is good for one.
    software_token_step    bigint not null default -1,
    pending_software_token bytea,
    enabled                text[] not null default '{}',
    preferred              text,
    primary key (user_pool_id, user_id),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);

alter table user_sessions add column methods text[] not null default '{pwd}';
