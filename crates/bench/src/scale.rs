//! What becomes of the server when there is a lot: a million users, ten thousand pools, half a million users to import.
//!
//! What many users cost is measured beside few, and what many pools cost beside one, in turns on the same server.

mod import;
mod pools;
mod users;

use std::time::Duration;

use anyhow::Result;

pub(crate) use self::import::Import;
use crate::client::Request;
use crate::load::{self, Sample};
use crate::server::{Launcher, Postgres, Server};

/// How many callers there are at once.
const CONNECTIONS: usize = 8;

/// How much of everything there is, and how long it is measured.
pub(crate) struct Sizes {
    many_users: usize,
    few_users: usize,
    pools: usize,
    imported: usize,
    rounds: usize,
    window: Duration,
    sign_in_window: Duration,
}

impl Sizes {
    /// What the targets are about.
    pub(crate) fn full() -> Sizes {
        Sizes {
            many_users: 1_000_000,
            few_users: 1_000,
            pools: 10_000,
            imported: 500_000,
            rounds: 6,
            window: Duration::from_secs(1),
            // A sign-in takes long, and a hundredth of few is a guess.
            sign_in_window: Duration::from_secs(3),
        }
    }

    /// Enough to prove that it works.
    pub(crate) fn quick() -> Sizes {
        Sizes {
            many_users: 20_000,
            pools: 100,
            imported: 5_000,
            rounds: 2,
            window: Duration::from_millis(500),
            sign_in_window: Duration::from_millis(500),
            ..Sizes::full()
        }
    }
}

/// One operation where there is much, and where there is little.
pub(crate) struct Comparison {
    /// What a reader calls the operation.
    pub(crate) name: &'static str,
    /// What there is much and little of.
    pub(crate) sides: [String; 2],
    /// What was seen on either side.
    pub(crate) samples: [Sample<()>; 2],
}

impl Comparison {
    /// How many times as long it takes where there is much, by a percentile.
    pub(crate) fn ratio(&self, percentile: impl Fn(&Sample<()>) -> Duration) -> f64 {
        let [much, little] = &self.samples;
        percentile(much).as_secs_f64() / percentile(little).as_secs_f64()
    }
}

/// Everything that was found out about scale.
pub(crate) struct Scale {
    /// The import.
    pub(crate) import: Import,
    /// Operations in a large and in a small pool.
    pub(crate) users: Vec<Comparison>,
    /// Sign-in in many pools and in one.
    pub(crate) pools: Comparison,
}

/// Fills the database and measures what it makes of that.
pub(crate) fn measure(
    launcher: &Launcher,
    postgres: &Postgres,
    server: &Server,
    sizes: &Sizes,
) -> Result<Scale> {
    println!("Importing {} users ...", sizes.imported);
    let import = import::measure(server, sizes.imported)?;

    println!("Filling a pool with {} users ...", sizes.many_users);
    let many = users::fill(server.address, postgres, sizes.many_users)?;
    let few = users::fill(server.address, postgres, sizes.few_users)?;
    println!("Filling {} pools ...", sizes.pools);
    let sign_ins = pools::fill(launcher, server, sizes.pools)?;
    // Otherwise Postgres would do it in the middle of a window.
    postgres.run("vacuum analyze; checkpoint;", &[])?;

    let compare = |name, sides: [String; 2], requests: [Vec<Request>; 2], window| {
        println!("Comparing {name} ...");
        let requests = requests.each_ref().map(Vec::as_slice);
        let samples = load::alternate(server.address, requests, CONNECTIONS, window, sizes.rounds)?;
        anyhow::Ok(Comparison { name, sides, samples })
    };
    let users = [
        ("AdminGetUser", [many.admin_get_user(), few.admin_get_user()]),
        ("ListUsers", [many.list_users(), few.list_users()]),
        ("ListUsersInGroup", [many.list_users_in_group(), few.list_users_in_group()]),
    ];
    let sides = [&many, &few].map(|pool| format!("{} users", pool.users));
    let users =
        users.into_iter().map(|(name, requests)| compare(name, sides.clone(), requests, sizes.window));
    let users = users.collect::<Result<_>>()?;
    let sides = [format!("{} pools", sizes.pools), "1 pool".to_owned()];
    let pools = compare("sign-in", sides, sign_ins, sizes.sign_in_window)?;
    Ok(Scale { import, users, pools })
}
