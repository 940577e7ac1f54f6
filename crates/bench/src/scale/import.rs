//! An import as an administrator runs it: a job, its file, and the wait for its end.

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::client::{self, Caller, Connection};
use crate::seed::{self, text};
use crate::server::{Memory, Server};

const POLL: Duration = Duration::from_millis(500);

/// How long an import may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// What came of an import.
pub(crate) struct Import {
    /// How many users the file held.
    pub(crate) users: usize,
    /// From the start of the job to its end, as the job tells.
    pub(crate) took: Duration,
    /// The server's memory before the upload.
    pub(crate) before: Memory,
    /// The server's memory at the end of the job.
    pub(crate) after: Memory,
}

impl Import {
    /// Users per second.
    pub(crate) fn rate(&self) -> f64 {
        self.users as f64 / self.took.as_secs_f64()
    }

    /// How much more memory the upload and the job took at most.
    pub(crate) fn growth(&self) -> u64 {
        self.after.peak.saturating_sub(self.before.resident)
    }
}

/// Imports so many users without hashes into a pool of their own.
pub(super) fn measure(server: &Server, users: usize) -> Result<Import> {
    let mut connection = Connection::open(server.address)?;
    let settings = json!({ "PoolName": "import", "AutoVerifiedAttributes": ["email"] });
    let pool = seed::user_pool(&mut connection, settings)?;
    let file = file(users)?;

    server.forget_peak()?;
    let before = server.memory()?;
    let role = "arn:aws:iam::000000000000:role/unused";
    let job = json!({ "UserPoolId": pool, "JobName": "bench", "CloudWatchLogsRoleArn": role });
    let job = connection.call("CreateUserImportJob", Caller::Signed, &job)?;
    upload(server, &text(&job, "/UserImportJob/PreSignedUrl")?, file.as_bytes())?;
    let job = json!({ "UserPoolId": pool, "JobId": text(&job, "/UserImportJob/JobId")? });
    connection.call("StartUserImportJob", Caller::Signed, &job)?;
    let ended = wait(&mut connection, &job)?;

    let imported = ended.get("ImportedUsers").and_then(Value::as_u64);
    ensure!(imported == Some(u64::try_from(users)?), "not everybody was imported: {ended}");
    let time = |name| ended.get(name).and_then(Value::as_f64).with_context(|| format!("{name} is missing"));
    let took = Duration::try_from_secs_f64(time("CompletionDate")? - time("StartDate")?)?;
    Ok(Import { users, took, before, after: server.memory()? })
}

/// The file: names and addresses in no order.
fn file(users: usize) -> Result<String> {
    let mut file = "cognito:username,cognito:mfa_enabled,email,email_verified,name\n".to_owned();
    for number in 0..users {
        // A prime, so that each number occurs once.
        let name = number * 48_271 % users;
        writeln!(file, "import-{name:06},false,import-{name:06}@example.com,true,User Number {number}")?;
    }
    Ok(file)
}

fn upload(server: &Server, url: &str, file: &[u8]) -> Result<()> {
    let path = url.strip_prefix(&format!("http://{}", server.address)).context("the URL leads elsewhere")?;
    let request = client::put(server.address, path, file);
    let (status, body) =
        Connection::open(server.address)?.exchange(&request).map(|(status, body)| (status, body.to_vec()))?;
    ensure!(status == 200, "the upload answered {status}: {}", String::from_utf8_lossy(&body));
    Ok(())
}

/// Asks until the job has ended, as it should.
fn wait(connection: &mut Connection, job: &Value) -> Result<Value> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        sleep(POLL);
        let described = connection.call("DescribeUserImportJob", Caller::Signed, job)?;
        let described = described.get("UserImportJob").cloned().unwrap_or_default();
        match described.get("Status").and_then(Value::as_str) {
            Some("Pending" | "InProgress") => {}
            Some("Succeeded") => return Ok(described),
            _ => bail!("the import did not succeed: {described}"),
        }
    }
    bail!("the import did not end")
}
