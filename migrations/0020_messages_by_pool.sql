-- What is due is looked for pool by pool, so that the messages of one never stand in front of another's; and those that functions
-- of pools send apart from those that gateways do.
alter table messages add column by_function boolean not null default false;
drop index messages_pending;
create index messages_pending on messages (by_function, user_pool_id, next_attempt_at) where state = 'pending';
