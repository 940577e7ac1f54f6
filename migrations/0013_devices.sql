-- Devices that users have confirmed, and the device of each session.

create table devices (
    user_pool_id     text        not null,
    device_key       text        not null,
    user_id          uuid        not null,
    name             text,
    -- What stands for the device's own password in SRP; the verifier is sealed.
    srp_salt         bytea       not null,
    srp_verifier     bytea       not null,
    is_remembered    boolean     not null,
    last_address     text,
    created_at       timestamptz not null,
    updated_at       timestamptz not null,
    authenticated_at timestamptz not null,
    primary key (user_pool_id, device_key),
    foreign key (user_pool_id, user_id) references users (user_pool_id, id) on delete cascade
);
create index devices_by_user on devices (user_pool_id, user_id, device_key);

alter table user_sessions add column device_key text;
