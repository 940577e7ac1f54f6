-- Groups and who is in them.

create table groups (
    user_pool_id text        not null references user_pools (id) on delete cascade,
    name         text        collate "C" not null,
    description  text,
    role_arn     text,
    precedence   integer,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    primary key (user_pool_id, name)
);

create table group_members (
    user_pool_id text        not null,
    group_name   text        collate "C" not null,
    user_id      uuid        not null,
    created_at   timestamptz not null,
    primary key (user_pool_id, group_name, user_id),
    foreign key (user_pool_id, group_name) references groups (user_pool_id, name) on delete cascade,
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index group_members_by_user on group_members (user_pool_id, user_id, group_name);
