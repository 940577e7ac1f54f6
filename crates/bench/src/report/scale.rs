//! What was found out about scale, as targets and tables.

use std::time::Duration;

use anyhow::Result;

use super::format::{Target, megabytes, seen, table};
use crate::scale::{Comparison, Scale, Side};

/// How many users an import takes in per second, and how much memory it may take for that.
const IMPORT_RATE: f64 = 20_000.0;
const IMPORT_MEMORY: u64 = 16_000_000;

fn comparisons(scale: &Scale) -> impl Iterator<Item = &Comparison> + Clone {
    scale.users.iter().chain([&scale.pools])
}

/// The targets.
pub(super) fn targets(scale: &Scale) -> Vec<Target> {
    let (few, one) = ((1.2, 2.0), (1.2, 1.2));
    let users = scale.users.iter().flat_map(|comparison| ratios(comparison, few));
    let mut targets: Vec<_> = users.chain(ratios(&scale.pools, one)).collect();
    let import = &scale.import;
    targets.push(Target {
        name: "user import".to_owned(),
        measured: format!("{:.0}/s", import.rate()),
        required: format!("≥ {IMPORT_RATE:.0}/s"),
        met: import.rate() >= IMPORT_RATE,
    });
    targets.push(Target {
        name: "memory that an import takes".to_owned(),
        measured: megabytes(import.growth()),
        required: format!("< {:.0} MB", IMPORT_MEMORY as f64 / 1e6),
        met: import.growth() < IMPORT_MEMORY,
    });
    targets
}

fn ratios(
    Comparison { name, much, little }: &Comparison,
    (p50, p99): (f64, f64),
) -> impl Iterator<Item = Target> {
    much.iter().flat_map(move |much| {
        let target = |percentile: &str, of: fn(&Side) -> Duration, most: f64| {
            let ratio = of(much).as_secs_f64() / of(little).as_secs_f64();
            Target {
                name: format!(
                    "{name} of {} in {} / {}, {percentile}",
                    much.asked_for, much.within, little.within
                ),
                measured: format!("{ratio:.2}"),
                required: format!("≤ {most}"),
                met: ratio <= most,
            }
        };
        [target("p50", |side| side.sample.p50, p50), target("p99", |side| side.sample.p99, p99)]
    })
}

/// How many answers were wrong and the first one, comparison by comparison.
pub(super) fn wrong(scale: &Scale) -> impl Iterator<Item = (usize, Option<&str>)> + Clone {
    let samples = comparisons(scale).flat_map(Comparison::sides).map(|side| &side.sample);
    samples.map(|sample| (sample.wrong, sample.first_wrong.as_deref()))
}

/// The tables.
pub(super) fn tables(scale: &Scale) -> Result<String> {
    let rows = comparisons(scale).flat_map(|comparison| {
        comparison.sides().map(|Side { within, asked_for, sample }| {
            let of = [comparison.name.to_owned(), within.clone(), asked_for.to_string()];
            of.into_iter().chain(seen(sample)).collect()
        })
    });
    let header = ["at scale", "in", "asked for", "connections", "requests/s", "p50", "p99", "max", "wrong"];
    let comparisons = table(&header, rows.collect())?;
    let import = &scale.import;
    let rows = [
        ("users", import.users.to_string()),
        ("time from start to end", format!("{:.1} s", import.took.as_secs_f64())),
        ("users/s", format!("{:.0}", import.rate())),
        ("memory before", megabytes(import.before.resident)),
        ("memory at its peak", megabytes(import.after.peak)),
    ];
    let import = table(&["import", ""], rows.map(|(name, value)| vec![name.to_owned(), value]).into())?;
    Ok(format!("{comparisons}\n{import}"))
}

/// How to read them.
pub(super) fn explained(scale: &Scale) -> String {
    format!(
        "What is at scale is compared with itself where there is little, in short windows that take turns: AdminGetUser\n\
         by username, ListUsers by the beginning of an address that 100 users share, and ListUsersInGroup for groups of\n\
         100, 60 to a page. The large pool is asked about as many users as the small one has, and about a tenth of its\n\
         own, from all over it. Sign-in goes to users of whom each has one of {pools}, and to as many who share one.\n\
         The import takes a file of {imported} users without passwords through the API.\n\
         \n\
         A listing reads as many pages of the database in either pool. Those of the small pool stay in the processor's\n\
         caches. In the large one, 60 members of a group lie on 60 pages of the table and as many of its index, which\n\
         come from memory unless somebody asked for that group just before: that is what the wide rows show.\n",
        pools = scale.pools.much.first().map(|side| side.within.as_str()).unwrap_or_default(),
        imported = scale.import.users,
    )
}
