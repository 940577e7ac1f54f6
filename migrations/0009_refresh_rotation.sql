-- Refresh tokens that change with each use: how often a session's has, and when it last did.

alter table user_sessions add column generation integer not null default 0, add column rotated_at timestamptz;
