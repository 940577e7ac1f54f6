-- Importing users from CSV files, and passwords that were hashed elsewhere.

create table user_import_jobs (
    user_pool_id       text        not null references user_pools (id) on delete cascade,
    id                 text        not null,
    account_id         text        not null references accounts (id),
    name               text        not null,
    logs_role_arn      text        not null,
    hash_algorithm     text,
    status             text        not null default 'Created' check (status in (
        'Created', 'Pending', 'InProgress', 'Stopping', 'Expired', 'Stopped', 'Failed', 'Succeeded')),
    completion_message text,
    imported           bigint      not null default 0,
    skipped            bigint      not null default 0,
    failed             bigint      not null default 0,
    -- The upload that is under way, and the one that counts.
    uploading          uuid,
    file               uuid,
    -- How far the file has been worked through, in bytes and in lines.
    bytes_done         bigint      not null default 0,
    lines_done         bigint      not null default 0,
    -- The worker that has the job, and until when.
    lease              uuid,
    leased_until       timestamptz,
    created_at         timestamptz not null,
    started_at         timestamptz,
    completed_at       timestamptz,
    primary key (user_pool_id, id)
);
create index user_import_jobs_by_creation on user_import_jobs (user_pool_id, created_at desc, id desc);
-- One job at a time for each account.
create unique index user_import_jobs_active on user_import_jobs (account_id)
    where status in ('Pending', 'InProgress', 'Stopping');
create index user_import_jobs_due on user_import_jobs (leased_until)
    where status in ('Pending', 'InProgress', 'Stopping');
create index user_import_jobs_waiting on user_import_jobs (created_at) where status = 'Created';
create index user_import_jobs_by_completion on user_import_jobs (completed_at);

-- The files, cut into pieces of one size; they go when their job ends.
create table user_import_files (
    user_pool_id text    not null,
    job_id       text    not null,
    upload       uuid    not null,
    number       integer not null,
    content      bytea   not null,
    primary key (user_pool_id, job_id, upload, number),
    foreign key (user_pool_id, job_id) references user_import_jobs (user_pool_id, id) on delete cascade
);
-- Packing them would cost more than the disk they lie on for an hour.
alter table user_import_files alter column content set storage external;

-- What became of each line, a batch of lines to a row.
create table user_import_log (
    user_pool_id text   not null,
    job_id       text   not null,
    first_line   bigint not null,
    entries      text   not null,
    primary key (user_pool_id, job_id, first_line),
    foreign key (user_pool_id, job_id) references user_import_jobs (user_pool_id, id) on delete cascade
);

-- An imported hash has no verifier until its password has been given once.
alter table passwords alter column srp_salt drop not null, alter column srp_verifier drop not null;
alter table passwords add constraint passwords_srp_whole check ((srp_salt is null) = (srp_verifier is null));
