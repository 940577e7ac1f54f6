//! The second factor that is demanded of a user, of those that they have or could set up.

use cognate_store::second_factor::{self, SecondFactor, SecondFactors};
use cognate_store::user_pool::{Contact, MfaRequirement};
use cognate_store::user_session::UserSession;
use cognate_store::{User, UserPool};

use super::{Method, Proven, device};
use crate::app_client::{ClientContext, Door};
use crate::user::attribute;
use crate::{App, Error, Result, passkey};

/// The second factor that a user has to give.
#[derive(Debug)]
pub(crate) enum Demand {
    /// One of these; the first is asked for right away, where there is one.
    Give { first: Option<SecondFactor>, of: Vec<SecondFactor> },
    /// One that is still to be set up, of these.
    SetUp(Vec<SecondFactor>),
}

impl Demand {
    /// One of these factors, of which the preferred one comes first.
    pub(super) fn any_of(of: Vec<SecondFactor>, preferred: Option<SecondFactor>) -> Option<Self> {
        let only = match of.as_slice() {
            [] => return None,
            [only] => Some(*only),
            _ => None,
        };
        let first = preferred.filter(|it| of.contains(it)).or(only);
        Some(Self::Give { first, of })
    }

    /// What of it can be met through a client.
    ///
    /// # Errors
    /// [`Error::MfaRequired`] when nothing can.
    pub(super) fn through(self, context: &ClientContext) -> Result<Self> {
        match self {
            Self::SetUp(mut factors) => {
                factors.retain(|factor| may_set_up(context, *factor));
                if factors.is_empty() { Err(Error::MfaRequired) } else { Ok(Self::SetUp(factors)) }
            }
            demand => Ok(demand),
        }
    }
}

/// The method that a second factor is proven by.
pub(super) fn method_of(factor: SecondFactor) -> Method {
    match factor {
        SecondFactor::Sms => Method::Sms,
        SecondFactor::SoftwareToken => Method::SoftwareToken,
        SecondFactor::Email => Method::EmailOtp,
    }
}

/// What a pool demands of a user, if anything. Who wants to be asked for something is asked for it where the pool has second
/// factors at all, and everybody for something where it demands one. There an app that works counts even while it is switched
/// off, so that nobody sets up another in its place (MFA-2).
///
/// # Errors
/// [`Error::MfaRequired`] when one is demanded that cannot be given.
pub(super) fn of(app: &App, pool: &UserPool, user: &User, factors: &SecondFactors) -> Result<Option<Demand>> {
    let mfa = &pool.settings.mfa;
    if mfa.requirement == MfaRequirement::Off {
        return Ok(None);
    }
    let mut asked = usable(app, pool, user, factors, &factors.enabled);
    if asked.is_empty() && mfa.requirement == MfaRequirement::On {
        asked = usable(app, pool, user, factors, &STRONGEST_FIRST);
        asked.truncate(1);
    }
    match Demand::any_of(asked, factors.preferred) {
        None => without_any(app, pool, user, factors),
        demand => Ok(demand),
    }
}

/// The second factors, those first that are the hardest to come by.
const STRONGEST_FIRST: [SecondFactor; 3] =
    [SecondFactor::SoftwareToken, SecondFactor::Sms, SecondFactor::Email];

/// The second factors that a user has set up, whether or not they want to be asked for them: an app that works, and the codes
/// that they switched on. An address alone is none: their password may be reset by a code to it (MFA-1).
pub(super) fn set_up(app: &App, pool: &UserPool, user: &User, factors: &SecondFactors) -> Vec<SecondFactor> {
    if pool.settings.mfa.requirement == MfaRequirement::Off {
        return Vec::new();
    }
    let is_set_up =
        |factor: &SecondFactor| *factor == SecondFactor::SoftwareToken || factors.enabled.contains(factor);
    let set_up: Vec<_> = STRONGEST_FIRST.into_iter().filter(is_set_up).collect();
    usable(app, pool, user, factors, &set_up)
}

/// Whether a client's users may set a factor up on the way in: an address is theirs to say only where it can change and the client
/// has them write it (COD-4), and a telephone at the pages alone, as in Cognito.
pub(super) fn may_set_up(context: &ClientContext, factor: SecondFactor) -> bool {
    let Some(contact) = factor.contact() else { return true };
    let (settings, name) = (&context.pool.settings, contact.attribute());
    let may_write = settings.attribute(name).is_some_and(|it| it.mutable)
        && attribute::is_writable(settings, &context.client, name);
    may_write && (contact == Contact::Email || context.door == Door::Pages)
}

/// What is demanded of a user who can give none of the factors they are to be asked for.
fn without_any(app: &App, pool: &UserPool, user: &User, factors: &SecondFactors) -> Result<Option<Demand>> {
    let mfa = &pool.settings.mfa;
    if mfa.requirement == MfaRequirement::On {
        // Theirs is a factor that no code reaches for now. Another one would be whoever's who knows the password (MFA-1).
        let has_phone_number = user.attributes.contains_key(Contact::PhoneNumber.attribute());
        if mfa.sms && (has_phone_number || factors.enabled.contains(&SecondFactor::Sms)) {
            return Err(Error::MfaRequired);
        }
        let has_email = user.attributes.contains_key(Contact::Email.attribute());
        let can_set_up = [
            (SecondFactor::SoftwareToken, mfa.software_token),
            (SecondFactor::Sms, mfa.sms && app.reaches(pool, Contact::PhoneNumber)),
            (SecondFactor::Email, mfa.email.is_some() && !has_email),
        ];
        let can_set_up: Vec<_> =
            can_set_up.into_iter().filter_map(|(factor, can)| can.then_some(factor)).collect();
        return if can_set_up.is_empty() {
            Err(Error::MfaRequired)
        } else {
            Ok(Some(Demand::SetUp(can_set_up)))
        };
    }
    // What the pool offers no longer is not asked for; an address that is gone does not switch a factor off.
    let is_offered = |factor: &SecondFactor| match factor {
        SecondFactor::Sms => mfa.sms,
        SecondFactor::Email => mfa.email.is_some(),
        SecondFactor::SoftwareToken => false,
    };
    if factors.enabled.iter().any(is_offered) { Err(Error::MfaRequired) } else { Ok(None) }
}

/// Those of these factors that a user can give.
pub(crate) fn usable(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
    of: &[SecondFactor],
) -> Vec<SecondFactor> {
    let mfa = &pool.settings.mfa;
    let has =
        |contact: Contact| app.reaches(pool, contact) && user.attributes.contains_key(contact.attribute());
    let can_give = |factor: &SecondFactor| match factor {
        SecondFactor::SoftwareToken => factors.software_token.is_some(),
        SecondFactor::Sms => mfa.sms && has(Contact::PhoneNumber),
        SecondFactor::Email => mfa.email.is_some() && has(Contact::Email),
    };
    of.iter().copied().filter(can_give).collect()
}

/// Those of these factors that a user can still give. Where they can give some that they are to be asked for, it is one of these, or an
/// app that works: what was switched off since it was offered is not taken.
pub(super) fn still_usable(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
    offered: &[SecondFactor],
) -> Vec<SecondFactor> {
    let wanted = usable(app, pool, user, factors, &factors.enabled);
    let mut usable = usable(app, pool, user, factors, offered);
    if !wanted.is_empty() {
        usable.retain(|it| *it == SecondFactor::SoftwareToken || wanted.contains(it));
    }
    usable
}

/// What a user set up: nothing is read where the pool has no second factors.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn factors_of(app: &App, pool: &UserPool, user: &User) -> Result<SecondFactors> {
    match pool.settings.mfa.requirement {
        MfaRequirement::Off => Ok(SecondFactors::default()),
        _ => Ok(second_factor::get(&app.db, pool, user.id).await?),
    }
}

/// As [`of`], with what the user set up read.
///
/// # Errors
/// As [`of`].
async fn of_user(app: &App, pool: &UserPool, user: &User) -> Result<Option<Demand>> {
    of(app, pool, user, &factors_of(app, pool, user).await?)
}

/// Where codes for a user's second factor go, as it is demanded of them.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn contacts_of_factors(app: &App, pool: &UserPool, user: &User) -> Result<Vec<Contact>> {
    let demanded = match of_user(app, pool, user).await {
        Ok(Some(Demand::Give { first: Some(first), .. })) => vec![first],
        Ok(Some(Demand::Give { of, .. })) => of,
        Ok(_) | Err(Error::MfaRequired) => Vec::new(),
        Err(other) => return Err(other),
    };
    Ok(demanded.into_iter().filter_map(SecondFactor::contact).collect())
}

/// Refuses to go on setting a factor up for a user who has one by now, or of whom none is demanded any more (MFA-2).
///
/// # Errors
/// [`Error::InvalidSession`].
pub(crate) async fn still_sets_up(
    app: &App,
    pool: &UserPool,
    user: &User,
    factor: SecondFactor,
) -> Result<()> {
    match of_user(app, pool, user).await? {
        Some(Demand::SetUp(offered)) if offered.contains(&factor) => Ok(()),
        _ => Err(Error::InvalidSession),
    }
}

/// Whether a passkey was proven whose authenticator verified its user, where that stands for two factors.
pub(super) fn stands_for_two(pool: &UserPool, factors: &SecondFactors, proven: &Proven) -> bool {
    passkey_counts(pool, factors) && proven.methods.contains(&Method::UserVerification)
}

/// Whether a passkey whose authenticator verified its user is two factors for who set these up: where the pool says so, unless
/// the user does not want it.
pub(super) fn passkey_counts(pool: &UserPool, factors: &SecondFactors) -> bool {
    passkey::is_multi_factor(pool) && factors.passkey != Some(false)
}

/// Whether a session may be refreshed where the pool demands a second factor.
pub(crate) fn suffices(pool: &UserPool, session: &UserSession) -> bool {
    let has = |method: Method| session.methods.iter().any(|it| it == method.as_str());
    let second = [Method::SoftwareToken, Method::Sms, Method::EmailOtp];
    let is_second = |method: &String| second.iter().any(|it| it.as_str() == method);
    pool.settings.mfa.requirement != MfaRequirement::On
        || session.methods.iter().skip(1).any(is_second)
        || has(Method::UserVerification) && passkey::is_multi_factor(pool)
        || has(Method::Device) && device::counts(pool)
}
