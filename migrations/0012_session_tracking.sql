-- What pools that track sessions keep of them: when and from where each was last in use.

alter table user_sessions
    add column last_active_at timestamptz,
    add column device         text,
    add column address        text;
