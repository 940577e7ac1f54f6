//! What it costs a sign-in that its pool has functions called before and after it.

use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use serde_json::json;

use crate::client::{Caller, Connection};
use crate::load::{self, Sample};
use crate::raw::Bare;
use crate::seed::{self, Seeded};
use crate::server::Server;

/// How many callers there are: few, and more than the hashing queue needs to be always full.
const CONNECTIONS: [usize; 2] = [8, 32];
/// How many windows of each side take turns.
const ROUNDS: usize = 4;
/// How long the server may still know a pool's settings of before.
const SETTLES: Duration = Duration::from_secs(2);

/// Sign-ins of a pool without functions and of one with two.
pub(crate) struct Triggers {
    pub(crate) without: Vec<Sample<()>>,
    pub(crate) with: Vec<Sample<()>>,
}

impl Triggers {
    /// The best rate with functions over the best without.
    pub(crate) fn share(&self) -> f64 {
        let best = |samples: &[Sample<()>]| samples.iter().map(|sample| sample.rate).fold(0.0, f64::max);
        best(&self.with) / best(&self.without)
    }
}

/// Makes a second pool with as many users as there are, or a few hundred, and drives both in turns.
pub(crate) fn measure(server: &Server, plain: &Seeded, users: usize, window: Duration) -> Result<Triggers> {
    println!("Measuring sign-in with two triggers ...");
    let other = seed::fill(server.address, users.min(400))?;
    // It lets everybody pass at once: the event comes back as it is.
    let receiver = Bare::start(|event| event)?;
    let function = format!("http://{}/", receiver.address);
    let functions = json!({
        "UserPoolId": other.pool(),
        "LambdaConfig": { "PreAuthentication": function, "PostAuthentication": function },
    });
    Connection::open(server.address)?.call("UpdateUserPool", Caller::Signed, &functions)?;
    thread::sleep(SETTLES);
    let requests = other.sign_in();
    let sides = [plain.sign_in().into_iter().take(requests.len()).collect(), requests];
    let window = window.div_f64(2.0);
    let mut triggers = Triggers { without: Vec::new(), with: Vec::new() };
    for connections in CONNECTIONS {
        let samples = load::alternate(server.address, &sides, connections, window, ROUNDS)?;
        let [without, with] = <[_; 2]>::try_from(samples).map_err(|_| anyhow!("there are two sides"))?;
        triggers.without.push(without);
        triggers.with.push(with);
    }
    receiver.stop()?;
    Ok(triggers)
}
