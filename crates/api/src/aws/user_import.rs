//! GetCSVHeader; Create, Describe, List, Start and StopUserImportJob.

use cognate_contract::cognito_idp::{
    CreateUserImportJobRequest, CreateUserImportJobResponse, DescribeUserImportJobRequest,
    DescribeUserImportJobResponse, GetCSVHeaderRequest, GetCSVHeaderResponse, ListUserImportJobsRequest,
    ListUserImportJobsResponse, PasswordHashingAlgorithmType, StartUserImportJobRequest,
    StartUserImportJobResponse, StopUserImportJobRequest, StopUserImportJobResponse, UserImportJobType,
};
use cognate_core::user_import::{self, CreateJob, upload};
use cognate_core::{App, Result, user_pool};
use cognate_store::user_import::{HashAlgorithm, ImportJob};
use cognate_store::{UserPool, UserPoolId};

use super::access::Signed;

pub(super) async fn get_csv_header(
    app: &App,
    caller: Signed,
    input: GetCSVHeaderRequest,
) -> Result<GetCSVHeaderResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    Ok(GetCSVHeaderResponse {
        user_pool_id: Some(pool.id.to_string()),
        csv_header: Some(user_import::header(&pool.settings)),
    })
}

pub(super) async fn create_user_import_job(
    app: &App,
    caller: Signed,
    input: CreateUserImportJobRequest,
) -> Result<CreateUserImportJobResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let request = CreateJob {
        name: input.job_name,
        logs_role_arn: input.cloud_watch_logs_role_arn,
        hash_algorithm: input.password_hashing_algorithm.map(|algorithm| match algorithm {
            PasswordHashingAlgorithmType::Bcrypt => HashAlgorithm::Bcrypt,
            PasswordHashingAlgorithmType::Scrypt => HashAlgorithm::Scrypt,
            PasswordHashingAlgorithmType::Argon2id => HashAlgorithm::Argon2id,
            PasswordHashingAlgorithmType::Pbkdf2Sha256 => HashAlgorithm::Pbkdf2Sha256,
        }),
    };
    let job = user_import::create(app, &pool, request).await?;
    Ok(CreateUserImportJobResponse { user_import_job: Some(describe(app, &pool, job)) })
}

pub(super) async fn describe_user_import_job(
    app: &App,
    caller: Signed,
    input: DescribeUserImportJobRequest,
) -> Result<DescribeUserImportJobResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let job = user_import::get(app, &pool, &input.job_id).await?;
    Ok(DescribeUserImportJobResponse { user_import_job: Some(describe(app, &pool, job)) })
}

pub(super) async fn list_user_import_jobs(
    app: &App,
    caller: Signed,
    input: ListUserImportJobsRequest,
) -> Result<ListUserImportJobsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (jobs, pagination_token) =
        user_import::list(app, &pool, input.max_results, input.pagination_token.as_deref()).await?;
    let jobs = jobs.into_iter().map(|job| describe(app, &pool, job)).collect();
    Ok(ListUserImportJobsResponse { user_import_jobs: Some(jobs), pagination_token })
}

pub(super) async fn start_user_import_job(
    app: &App,
    caller: Signed,
    input: StartUserImportJobRequest,
) -> Result<StartUserImportJobResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let job = user_import::start(app, &pool, &input.job_id).await?;
    Ok(StartUserImportJobResponse { user_import_job: Some(describe(app, &pool, job)) })
}

pub(super) async fn stop_user_import_job(
    app: &App,
    caller: Signed,
    input: StopUserImportJobRequest,
) -> Result<StopUserImportJobResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let job = user_import::stop(app, &pool, &input.job_id).await?;
    Ok(StopUserImportJobResponse { user_import_job: Some(describe(app, &pool, job)) })
}

fn describe(app: &App, pool: &UserPool, job: ImportJob) -> UserImportJobType {
    UserImportJobType {
        pre_signed_url: Some(upload::url(app, pool, &job)),
        job_name: Some(job.name),
        job_id: Some(job.id),
        user_pool_id: Some(pool.id.to_string()),
        creation_date: Some(job.created_at.into()),
        start_date: job.started_at.map(Into::into),
        completion_date: job.completed_at.map(Into::into),
        status: job.status.as_str().parse().ok(),
        cloud_watch_logs_role_arn: Some(job.logs_role_arn),
        imported_users: Some(job.imported),
        skipped_users: Some(job.skipped),
        failed_users: Some(job.failed),
        completion_message: job.completion_message,
        password_hashing_algorithm: job.hash_algorithm.map(|algorithm| match algorithm {
            HashAlgorithm::Bcrypt => PasswordHashingAlgorithmType::Bcrypt,
            HashAlgorithm::Scrypt => PasswordHashingAlgorithmType::Scrypt,
            HashAlgorithm::Argon2id => PasswordHashingAlgorithmType::Argon2id,
            HashAlgorithm::Pbkdf2Sha256 => PasswordHashingAlgorithmType::Pbkdf2Sha256,
        }),
    }
}
