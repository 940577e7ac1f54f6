-- The secrets that signed calls of a pool's functions are made with are derived from the pool's key and a number, which goes up
-- with each rotation. Until a moment, calls are signed with the one before as well.
alter table user_pools
    add column webhook_generation integer not null default 0,
    add column webhook_overlap_until timestamptz;
