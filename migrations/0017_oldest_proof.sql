-- When the oldest of what a session rests on was proven, where that was before it began.

alter table user_sessions add column proven_since timestamptz;
