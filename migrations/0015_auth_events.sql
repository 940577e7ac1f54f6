-- What happened at the door, in pools with threat protection: who came from where, and what it was taken for.

create table auth_events (
    user_pool_id      text        not null,
    id                uuid        not null,
    user_id           uuid        not null,
    kind              text        not null,
    response          text        not null,
    risk_level        text,
    blocked           boolean     not null,
    leaked_password   boolean     not null,
    -- What was asked for, in this order: [{"factor": "Password", "passed": true}]
    challenges        jsonb       not null,
    address           text,
    device            text,
    created_at        timestamptz not null,
    feedback          text,
    feedback_provider text,
    feedback_at       timestamptz,
    primary key (user_pool_id, id),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index auth_events_by_user on auth_events (user_pool_id, user_id, created_at desc, id desc);
create index auth_events_by_age on auth_events (created_at);
