-- The import jobs of an account that wait for their start are counted when another is created.
create index user_import_jobs_waiting_by_account on user_import_jobs (account_id) where status = 'Created';
