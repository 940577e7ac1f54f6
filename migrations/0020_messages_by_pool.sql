-- What is due is looked for pool by pool, so that the messages of one never stand in front of another's.
drop index messages_pending;
create index messages_pending on messages (user_pool_id, next_attempt_at) where state = 'pending';
