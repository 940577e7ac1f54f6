-- Fills a user pool with so many users (:users), each with their name, a password and a place in a group of a hundred.

-- The foreign keys hold by the way the rows are made.
set session_replication_role = replica;
set work_mem = '256MB';

-- 48271 is a prime, so every address occurs once, in an order that has nothing to do with that of the rows.
create temporary table made as
select n, gen_random_uuid() as id, 'user-' || lpad(n::text, 7, '0') as username,
       'u' || lpad((n * 48271 % :users)::text, 7, '0') || '@example.com' as email
from generate_series(0, :users - 1::bigint) as n;

insert into users (user_pool_id, id, username, status, attributes, created_at, updated_at)
select :'pool', id, username, 'CONFIRMED',
       jsonb_build_object('email', email, 'email_verified', 'true', 'name', 'User Number ' || n), now(), now()
from made;

insert into login_names (user_pool_id, name, kind, user_id)
select :'pool', username, 'username', id from made;

-- Nobody signs in here, but the rows are as wide as real ones.
insert into passwords (user_pool_id, user_id, hash, srp_salt, srp_verifier, changed_at)
select :'pool', id, repeat('x', 97), decode(repeat('00', 16), 'hex'), decode(repeat('00', 412), 'hex'), now()
from made;

insert into groups (user_pool_id, name, created_at, updated_at)
select :'pool', 'group-' || lpad(g::text, 5, '0'), now(), now() from generate_series(0, :users / 100 - 1) as g;

insert into group_members (user_pool_id, group_name, user_id, created_at)
select :'pool', 'group-' || lpad((n % (:users / 100))::text, 5, '0'), id, now() from made
order by n % (:users / 100), id;
