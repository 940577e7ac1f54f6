-- A pool has one prefix, and any number of host names of its owner's.
alter table domains drop constraint domains_pkey, add primary key (user_pool_id, domain);
create unique index domains_one_prefix on domains (user_pool_id) where kind = 'prefix';
