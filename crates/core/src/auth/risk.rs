//! How likely a sign-in is somebody else's, by signals that a person can follow, and what the pool does about it.
//!
//! Each of these counts one: a device that the user has not come from before, a network that they have not, more networks
//! within an hour than somebody travels through, and several failures just before, from where the user does not usually come.
//! One is a low risk, two a medium, more a high one. A first sign-in has nothing to be compared with.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::Duration;
use cognate_store::auth_event::{self, History, RiskLevel};
use cognate_store::message::NoticeOf;
use cognate_store::second_factor::{SecondFactor, SecondFactors};
use cognate_store::user_pool::{RiskAction, RiskExceptions, RiskNotification, RiskResponse, ThreatMode};
use cognate_store::{Timestamp, User};
use ipnet::IpNet;

use super::demand::{self, Demand};
use super::{Method, Proven};
use crate::app_client::ClientContext;
use crate::auth_event::{Failed, Judgement, failed};
use crate::origin::{self, Origin};
use crate::user_pool::risk::{mode, of_client};
use crate::{App, Error, Result, risk_notice};

/// How long somebody's devices and networks are remembered.
const MEMORY: Duration = Duration::days(90);
/// Within how long networks and failures add up.
const LATELY: Duration = Duration::hours(1);
/// From how many networks nobody comes within that time.
const MANY_NETWORKS: usize = 3;
/// How many failures within that time are several.
const SEVERAL_FAILURES: i64 = 3;

/// Refuses whoever comes from a network that the pool, or its client, lets nobody sign in from. Nothing of a user is looked at.
///
/// # Errors
/// [`Error::RiskBlocked`].
pub fn check_network(context: &ClientContext) -> Result<()> {
    let is_blocked = mode(&context.pool, false) == ThreatMode::Enforced && is_in(context, |it| &it.blocked);
    if is_blocked { Err(Error::RiskBlocked) } else { Ok(()) }
}

/// Whether somebody is in one of these networks that their pool, or its client, makes an exception of.
fn is_in(context: &ClientContext, networks: impl FnOnce(&RiskExceptions) -> &Vec<String>) -> bool {
    let exceptions = of_client(&context.pool, &context.client).and_then(|risk| risk.exceptions.as_ref());
    exceptions.is_some_and(|exceptions| contains(networks(exceptions), &context.origin))
}

fn contains(networks: &[String], from: &Origin) -> bool {
    let is_in = |network: &String, address: IpAddr| {
        network.parse::<IpNet>().is_ok_and(|network| network.contains(&address))
    };
    from.address().is_some_and(|address| networks.iter().any(|network| is_in(network, address)))
}

/// What the pool does about the risk of a sign-in, where it does anything.
pub(crate) fn response(context: &ClientContext, judgement: &Judgement) -> Option<RiskResponse> {
    let risk = of_client(&context.pool, &context.client).filter(|_| judgement.is_enforced)?;
    let takeover = risk.takeover.as_ref()?;
    match judgement.level? {
        RiskLevel::Low => takeover.low,
        RiskLevel::Medium => takeover.medium,
        RiskLevel::High => takeover.high,
    }
}

/// Judges a sign-in, where the pool wants that.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn judge(
    app: &App,
    context: &ClientContext,
    user: &User,
    has_device: bool,
    proven: &Proven,
) -> Result<Option<Judgement>> {
    let (pool, is_custom) = (&context.pool, proven.methods.contains(&Method::Custom));
    let mode = mode(pool, is_custom);
    if mode == ThreatMode::Off {
        return Ok(None);
    }
    let level = if is_in(context, |it| &it.skipped) {
        None
    } else {
        let now = app.clock.now();
        let history = auth_event::history(&app.db, &pool.id, user.id, now - MEMORY, now - LATELY).await?;
        level(&history, &context.origin, has_device, now)
    };
    Ok(Some(Judgement::new(level, mode == ThreatMode::Enforced)))
}

/// Judges a sign-in once its first factor is proven, and once only; the judgement goes on in what is proven.
///
/// # Errors
/// [`Error::RiskBlocked`] when it is refused.
pub(super) async fn assess(
    app: &App,
    context: &ClientContext,
    user: &User,
    has_device: bool,
    proven: &mut Proven,
) -> Result<()> {
    if proven.judgement.is_some() {
        return Ok(());
    }
    let Some(mut judgement) = judge(app, context, user, has_device, proven).await? else { return Ok(()) };
    judgement.given = std::mem::take(&mut proven.given);
    // Custom challenges may be guarded where nothing else is.
    let is_refused = judgement.is_enforced && is_in(context, |it| &it.blocked)
        || response(context, &judgement).is_some_and(|it| it.action == RiskAction::Block);
    if is_refused {
        return Err(block(app, context, user, &judgement).await);
    }
    proven.judgement = Some(judgement);
    Ok(())
}

/// Refuses a sign-in for its risk, and tells its user where the pool says so.
async fn block(app: &App, context: &ClientContext, user: &User, judgement: &Judgement) -> Error {
    failed(app, context, user.id, Some(judgement), Failed::Risk);
    risk_notice::queue(app, context, user, judgement, NoticeOf::Blocked).await;
    Error::RiskBlocked
}

/// What is demanded of a user beside what the pool demands of everybody, where the risk asks for it.
///
/// # Errors
/// [`Error::RiskBlocked`] for who has no second factor where the pool demands one.
pub(super) async fn raise(
    app: &App,
    context: &ClientContext,
    user: &User,
    proven: &mut Proven,
    demand: Option<Demand>,
    factors: &SecondFactors,
) -> Result<Option<Demand>> {
    let Some(mut judgement) = proven.judgement.clone() else { return Ok(demand) };
    let Some(response) = response(context, &judgement) else { return Ok(demand) };
    let is_required = match response.action {
        RiskAction::MfaRequired => true,
        RiskAction::MfaIfConfigured => false,
        RiskAction::Block | RiskAction::Nothing => return Ok(demand),
    };
    let has_two = demand::stands_for_two(&context.pool, factors, proven);
    let raised = match demand {
        Some(Demand::Give { .. }) => demand,
        _ if has_two => demand,
        // Whoever takes over an account could set one up: that proves nothing.
        Some(Demand::SetUp(_)) if !is_required => return Ok(demand),
        Some(Demand::SetUp(_)) | None => {
            let mut usable = demand::set_up(app, &context.pool, user, factors);
            let is_other = |factor: &SecondFactor| !proven.methods.contains(&demand::method_of(*factor));
            usable.retain(is_other);
            match Demand::any_of(usable, factors.preferred) {
                None if is_required => return Err(block(app, context, user, &judgement).await),
                None => return Ok(None),
                demand => demand,
            }
        }
    };
    judgement.demanded_second_factor = true;
    proven.judgement = Some(judgement);
    Ok(raised)
}

/// How likely it is somebody else; none where nothing is unusual.
fn level(history: &History, from: &Origin, has_device: bool, now: Timestamp) -> Option<RiskLevel> {
    let visits = &history.visits;
    let network_of = |address: &Option<String>| address.as_deref()?.parse().ok().map(origin::network);
    let (here, device) = (from.address().map(origin::network), from.device());
    let device = device.as_deref().map(origin::without_versions);
    let is_new_device = !has_device
        && !visits.iter().any(|visit| visit.device.as_deref().map(origin::without_versions) == device);
    let is_new_network = !visits.iter().any(|visit| network_of(&visit.address) == here);
    let lately = visits.iter().filter(|visit| visit.at > now - LATELY);
    let networks: BTreeSet<_> = lately.map(|visit| network_of(&visit.address)).chain([here]).collect();
    let signals = [
        !visits.is_empty() && is_new_device,
        !visits.is_empty() && is_new_network,
        networks.len() >= MANY_NETWORKS,
        // Where the user usually comes from, others' guesses say nothing of them.
        history.failures >= SEVERAL_FAILURES && (is_new_device || is_new_network),
    ];
    match signals.into_iter().filter(|is_so| *is_so).count() {
        0 => None,
        1 => Some(RiskLevel::Low),
        2 => Some(RiskLevel::Medium),
        _ => Some(RiskLevel::High),
    }
}

/// How the pool, or its client, tells users, where it says so.
pub(crate) fn notification(context: &ClientContext) -> Option<&RiskNotification> {
    of_client(&context.pool, &context.client)?.takeover.as_ref()?.notification.as_ref()
}

#[cfg(test)]
mod tests {
    use cognate_store::auth_event::Visit;

    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
    const NEWER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";

    fn from(address: &str, user_agent: &str) -> Origin {
        Origin::new(Some(address.parse().unwrap()), Some(user_agent))
    }

    fn visit(from: &Origin, minutes_ago: i64) -> Visit {
        let at = Timestamp::UNIX_EPOCH - Duration::minutes(minutes_ago);
        Visit { address: from.address().map(|it| it.to_string()), device: from.device(), at }
    }

    fn judged(visits: Vec<Visit>, failures: i64, from: &Origin, has_device: bool) -> Option<RiskLevel> {
        level(&History { visits, failures }, from, has_device, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn each_thing_that_is_unusual_counts_one() {
        use RiskLevel::{High, Low, Medium};
        let home = || visit(&from("192.0.2.7", FIREFOX), 3000);
        let known = from("192.0.2.99", NEWER);
        assert_eq!(judged(vec![], 0, &known, false), None);
        assert_eq!(judged(vec![home()], 0, &known, false), None);
        assert_eq!(judged(vec![home()], 2, &known, false), None);
        assert_eq!(judged(vec![home()], 9, &known, false), None);
        assert_eq!(judged(vec![home()], 0, &from("192.0.2.7", "curl/8.5.0"), false), Some(Low));
        assert_eq!(judged(vec![home()], 0, &from("198.51.100.7", FIREFOX), false), Some(Low));
        assert_eq!(judged(vec![home()], 0, &from("198.51.100.7", "curl/8.5.0"), false), Some(Medium));
        assert_eq!(judged(vec![home()], 0, &from("198.51.100.7", "curl/8.5.0"), true), Some(Low));
        assert_eq!(judged(vec![home()], 3, &from("198.51.100.7", FIREFOX), false), Some(Medium));
        assert_eq!(judged(vec![home()], 5, &from("198.51.100.7", "curl/8.5.0"), false), Some(High));
        assert_eq!(judged(vec![home()], 0, &Origin::default(), false), Some(Medium));
        // A first sign-in after several failures.
        assert_eq!(judged(vec![], 3, &known, false), Some(Low));
    }

    #[test]
    fn nobody_comes_from_many_networks_within_an_hour() {
        let (home, office) = (from("192.0.2.7", FIREFOX), from("198.51.100.7", FIREFOX));
        let train = from("2001:db8:1:2::7", FIREFOX);
        let visits = |minutes: i64| vec![visit(&office, minutes), visit(&home, 45), visit(&train, 9000)];
        assert_eq!(judged(visits(70), 0, &train, false), None);
        assert_eq!(judged(visits(30), 0, &train, false), Some(RiskLevel::Low));
        assert_eq!(judged(visits(30), 0, &home, false), None);
        let elsewhere = from("203.0.113.7", FIREFOX);
        assert_eq!(judged(visits(30), 0, &elsewhere, false), Some(RiskLevel::Medium));
    }
}
