//! What becomes of the server when there is a lot: a million users, ten thousand pools, half a million users to import.
//!
//! What many users cost is measured beside few, and what many pools cost beside one, in turns on the same server.

mod import;
mod pools;
mod users;

use std::time::Duration;

use anyhow::{Context as _, Result};

pub(crate) use self::import::Import;
use self::users::Filled;
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
    /// Where there is much; the targets hold each against the little.
    pub(crate) much: Vec<Side>,
    /// Where there is little.
    pub(crate) little: Side,
}

/// Where an operation was measured.
pub(crate) struct Side {
    /// What there is much or little of.
    pub(crate) within: String,
    /// How many different users the questions are about.
    pub(crate) asked_for: usize,
    /// What was seen.
    pub(crate) sample: Sample<()>,
}

impl Comparison {
    /// All of them, from much to little.
    pub(crate) fn sides(&self) -> impl Iterator<Item = &Side> + Clone {
        self.much.iter().chain([&self.little])
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

    let compare = |name, within: Vec<(String, usize)>, requests: Vec<Vec<Request>>, window| {
        println!("Comparing {name} ...");
        let samples = load::alternate(server.address, &requests, CONNECTIONS, window, sizes.rounds)?;
        let sides = within.into_iter().zip(samples);
        let sides = sides.map(|((within, asked_for), sample)| Side { within, asked_for, sample });
        let mut much: Vec<_> = sides.collect();
        let little = much.pop().context("there is nothing to compare with")?;
        anyhow::Ok(Comparison { name, much, little })
    };
    // Questions to the large pool about as many users as the small one has, and about a tenth of its own.
    let asked = [(&many, few.users), (&many, many.users / 10), (&few, few.users)];
    let of_users = |name, requests: fn(&Filled, usize) -> Vec<Request>| {
        let within = asked.map(|(pool, asked_for)| (format!("{} users", pool.users), asked_for));
        let requests = asked.map(|(pool, asked_for)| requests(pool, asked_for));
        compare(name, within.into(), requests.into(), sizes.window)
    };
    let users = vec![
        of_users("AdminGetUser", Filled::admin_get_user)?,
        of_users("ListUsers", Filled::list_users)?,
        of_users("ListUsersInGroup", Filled::list_users_in_group)?,
    ];
    let within = vec![(format!("{} pools", sizes.pools), sizes.pools), ("1 pool".to_owned(), sizes.pools)];
    let pools = compare("sign-in", within, sign_ins.into(), sizes.sign_in_window)?;
    Ok(Scale { import, users, pools })
}
