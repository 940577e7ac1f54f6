-- A code may prove an address that is not the user's yet, and the passwords a user may not use again.

alter table verification_codes add column pending boolean not null default false;

create table password_history (
    user_pool_id text        not null,
    user_id      uuid        not null,
    hash         text        not null,
    changed_at   timestamptz not null,
    primary key (user_pool_id, user_id, changed_at),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
