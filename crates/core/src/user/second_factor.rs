//! Second factors: setting them up, choosing among them, and taking them away.

use cognate_store::second_factor::{self, FirstCode, SecondFactor, SecondFactors, Wanted};
use cognate_store::user_pool::{Contact, FirstFactor, MfaRequirement};
use cognate_store::{Constraint, User, UserId, UserPool, user};
use secrecy::SecretString;

use super::{find, look_up};
use crate::app_client::ClientContext;
use crate::auth::challenge::{self, ChallengeSession, Step};
use crate::auth::choice;
use crate::auth::demand;
use crate::auth::guess::counted_code;
use crate::auth::passkey as auth_passkey;
use crate::auth::second_factor::SOFTWARE_TOKEN;
use crate::token::verify::TokenHolder;
use crate::{App, Error, Result, passkey, software_token};

/// A new secret for an authenticator app.
#[derive(Debug)]
pub struct Associated {
    /// The secret, in base32.
    pub secret: SecretString,
    /// The session that goes on, where there is one.
    pub session: Option<SecretString>,
}

/// Begins to set up an authenticator app for the user of an access token. The one they have goes on until the first code.
///
/// # Errors
/// [`Error::SoftwareTokenNotOffered`].
pub async fn associate(app: &App, holder: &TokenHolder) -> Result<Associated> {
    is_offered(&holder.pool)?;
    let secret = software_token::new_secret()?;
    second_factor::put_pending(&app.db, &holder.pool, holder.user.id, &secret).await?;
    Ok(Associated { secret: software_token::written(&secret).into(), session: None })
}

/// The same on the way in, for a user who must have one. Nothing is stored yet: the secret is sealed into the session.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`], [`Error::SoftwareTokenNotOffered`].
pub async fn associate_at_sign_in(app: &App, session: &SecretString) -> Result<Associated> {
    let now = app.clock.now();
    let accepts = |step: &Step| matches!(step, Step::MfaSetup | Step::MfaEnrolment(_));
    let (context, session) = challenge::open_alone(app, session, accepts, now).await?;
    is_offered(&context.pool)?;
    still_sets_up(app, &context, &session).await?;
    let secret = software_token::new_secret()?;
    let step = Step::MfaEnrolment(secret.to_vec());
    let mut next = session.after(&context, step, session.proven.clone(), now);
    if session.step != Step::MfaSetup {
        // Beginning again gains no time.
        next.expires_at = session.expires_at;
    }
    let written = software_token::written(&secret).into();
    Ok(Associated { secret: written, session: Some(next.seal(&context.pool)?) })
}

/// Takes the first code of the authenticator app that waits; it works from now on, in the place of the one before.
///
/// # Errors
/// [`Error::SoftwareTokenNotOffered`] when none waits; [`Error::WrongFirstCode`], [`Error::PasswordLocked`].
pub async fn verify(app: &App, holder: &TokenHolder, code: &str, name: Option<&str>) -> Result<()> {
    let (pool, user, now) = (&holder.pool, holder.user.id, app.clock.now());
    let factors = second_factor::get(&app.db, pool, user).await?;
    let pending = factors.pending.ok_or(Error::SoftwareTokenNotOffered)?;
    let step = counted_code(app, pool, user.as_uuid(), SOFTWARE_TOKEN, now, async {
        software_token::step(&pending.secret, code, now)
    })
    .await?;
    let step = step.ok_or(Error::WrongFirstCode)?;
    let first = FirstCode { app_name: name, step, at: now };
    let adopted = second_factor::adopt_pending(&app.db, &pool.id, user, &pending, first).await;
    adopted.map_err(|error| match error {
        cognate_store::Error::Stale => Error::WrongFirstCode,
        other => other.into(),
    })
}

/// The same on the way in: the app is the user's from now on, and the session that comes back completes the challenge.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`]; [`Error::UsedSession`], also when the user has an app by now, or may
/// no longer sign in with the password that was proven;
/// [`Error::WrongFirstCode`], [`Error::PasswordLocked`].
pub async fn verify_at_sign_in(
    app: &App,
    session: &SecretString,
    code: &str,
    name: Option<&str>,
) -> Result<SecretString> {
    let now = app.clock.now();
    let accepts = |step: &Step| matches!(step, Step::MfaEnrolment(_));
    let (context, session) = challenge::open_alone(app, session, accepts, now).await?;
    let (pool, user) = (&context.pool, UserId::from(session.subject));
    still_sets_up(app, &context, &session).await?;
    let Step::MfaEnrolment(secret) = &session.step else { return Err(Error::InvalidSession) };
    let step = counted_code(app, pool, user.as_uuid(), SOFTWARE_TOKEN, now, async {
        software_token::step(secret, code, now)
    })
    .await?;
    let step = step.ok_or(Error::WrongFirstCode)?;
    let changed_at = session.proven.password_changed_at.ok_or(Error::InvalidSession)?;
    let first = FirstCode { app_name: name, step, at: now };
    let enrolled = second_factor::enrol(&app.db, pool, user, changed_at, secret, first).await;
    enrolled.map_err(|error| match error {
        cognate_store::Error::Stale => Error::UsedSession,
        other => other.into(),
    })?;
    session.after(&context, Step::MfaSetUp, session.proven.clone(), now).seal(pool)
}

/// Refuses to set up what the user has no need of by now, or in a session that ended with all of theirs.
async fn still_sets_up(app: &App, context: &ClientContext, session: &ChallengeSession) -> Result<()> {
    let user = user::get(&app.db, &context.pool.id, session.subject.into()).await?;
    let user = user.filter(|user| session.proven.epoch == Some(user.session_epoch));
    let user = user.ok_or(Error::UsedSession)?;
    match demand::still_sets_up(app, &context.pool, &user, SecondFactor::SoftwareToken).await {
        Err(Error::InvalidSession) => Err(Error::UsedSession),
        other => other,
    }
}

fn is_offered(pool: &UserPool) -> Result<()> {
    if pool.settings.mfa.software_token { Ok(()) } else { Err(Error::SoftwareTokenNotOffered) }
}

/// What is said of one factor, where something is.
#[derive(Debug, Clone, Copy)]
pub struct Preference {
    /// The factor.
    pub factor: SecondFactor,
    /// Whether the user is to be asked for it.
    pub enabled: bool,
    /// Whether it comes first.
    pub preferred: bool,
}

/// Says what a user is to be asked for, and whether a verified passkey stands for two factors; what is not named stays.
///
/// # Errors
/// [`Error::InvalidParameter`] for a factor that the user has not set up, for more than one that comes first, and for the
/// last one where the pool demands one or a passkey stands for two; for a passkey where the pool lets none stand for two.
pub async fn set_preferences(
    app: &App,
    pool: &UserPool,
    user: &User,
    preferences: &[Preference],
    passkey: Option<bool>,
) -> Result<()> {
    if passkey == Some(true) && !passkey::is_multi_factor(pool) {
        return Err(Error::invalid(
            "Passkeys are no MFA in the user pool: FactorConfiguration is not MULTI_FACTOR_WITH_USER_VERIFICATION.",
        ));
    }
    if preferences.iter().filter(|it| it.enabled && it.preferred).count() > 1 {
        return Err(Error::invalid("Only one MFA can be preferred."));
    }
    loop {
        let factors = second_factor::get(&app.db, pool, user.id).await?;
        let wanted = changed(app, pool, user, &factors, preferences, passkey)?;
        let set = second_factor::set_enabled(&app.db, &pool.id, user.id, &factors, &wanted).await;
        return match set {
            // Somebody else changed them meanwhile: what was said holds for what is there now.
            Err(cognate_store::Error::Stale) => continue,
            Err(cognate_store::Error::Refused(Constraint::ParentGone)) => Err(Error::UserNotFound),
            other => Ok(other?),
        };
    }
}

/// What a user is asked for once these were said, and what of it comes first.
fn changed(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
    preferences: &[Preference],
    passkey: Option<bool>,
) -> Result<Wanted> {
    let (mut enabled, mut preferred) = (factors.enabled.clone(), factors.preferred);
    for it in preferences {
        enabled.retain(|factor| *factor != it.factor);
        if it.enabled {
            is_set_up(app, pool, user, factors, it.factor)?;
            enabled.push(it.factor);
        }
        if it.enabled && it.preferred {
            preferred = Some(it.factor);
        } else if preferred == Some(it.factor) {
            preferred = None;
        }
    }
    if pool.settings.mfa.requirement == MfaRequirement::On
        && enabled.is_empty()
        && !factors.enabled.is_empty()
    {
        return Err(Error::invalid("The user pool requires MFA: the last factor cannot be turned off."));
    }
    let passkey = passkey.or(factors.passkey);
    if passkey == Some(true) && enabled.is_empty() {
        return Err(Error::invalid("Passkey MFA needs another MFA beside it."));
    }
    enabled.sort_unstable();
    Ok(Wanted { enabled, preferred, passkey })
}

fn is_set_up(
    app: &App,
    pool: &UserPool,
    user: &User,
    factors: &SecondFactors,
    factor: SecondFactor,
) -> Result<()> {
    if factor == SecondFactor::SoftwareToken {
        is_offered(pool)?;
    }
    if demand::usable(app, pool, user, factors, &[factor]).is_empty() {
        let name = factor.as_str();
        return Err(Error::invalid(format!("User does not have delivery config set to turn on {name}")));
    }
    Ok(())
}

/// Takes a user's authenticator app away.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn delete_software_token(app: &App, pool: &UserPool, username: &str) -> Result<()> {
    let user = find(app, pool, username).await?;
    second_factor::delete_software_token(&app.db, &pool.id, user.id).await?;
    Ok(())
}

/// A second factor that a user may be asked for, and how they stand to it.
#[derive(Debug)]
pub struct Offered {
    /// Which one.
    pub factor: SecondFactor,
    /// What they call their authenticator app.
    pub name: Option<String>,
    /// Whether there is nothing left to set up.
    pub is_set_up: bool,
    /// Whether they are asked for it.
    pub is_on: bool,
    /// Whether it comes first.
    pub is_preferred: bool,
}

/// The second factors that a user may be asked for: an authenticator app where the pool has them, codes where they have an address
/// for them, and whatever they switched on before.
///
/// # Errors
/// When the database does not answer.
pub async fn offered(app: &App, pool: &UserPool, user: &User) -> Result<Vec<Offered>> {
    let mfa = &pool.settings.mfa;
    if mfa.requirement == MfaRequirement::Off {
        return Ok(Vec::new());
    }
    let factors = second_factor::get(&app.db, pool, user.id).await?;
    let usable = demand::usable(app, pool, user, &factors, &SecondFactor::ALL);
    let offered = |factor: SecondFactor| {
        let is_app = factor == SecondFactor::SoftwareToken;
        let is_set_up = usable.contains(&factor) && (mfa.software_token || !is_app);
        let is_on = factors.enabled.contains(&factor);
        (is_set_up || is_on || is_app && mfa.software_token).then(|| Offered {
            factor,
            name: factors.software_token.as_ref().filter(|_| is_app).and_then(|it| it.name.clone()),
            is_set_up,
            is_on,
            is_preferred: factors.preferred == Some(factor),
        })
    };
    Ok(SecondFactor::ALL.into_iter().filter_map(offered).collect())
}

/// Where codes go that a user is asked for at sign-in, by their own word or the pool's.
///
/// # Errors
/// When the database does not answer.
pub async fn contacts(app: &App, pool: &UserPool, user: &User) -> Result<Vec<Contact>> {
    let mut contacts = demand::contacts_of_factors(app, pool, user).await?;
    let offered = offered(app, pool, user).await?;
    contacts.extend(offered.iter().filter(|it| it.is_on).filter_map(|it| it.factor.contact()));
    Ok(contacts)
}

/// Takes the first code of the authenticator app that waits, and has its user asked for it from now on.
///
/// # Errors
/// As [`verify`] and [`set_preferences`].
pub async fn set_up(app: &App, holder: &TokenHolder, code: &str) -> Result<()> {
    verify(app, holder, code, None).await?;
    switch(app, &holder.pool, &holder.user, SecondFactor::SoftwareToken, true).await
}

/// Has a user asked for a factor, or no longer; what comes first stays first as long as they are asked for it.
///
/// # Errors
/// As [`set_preferences`].
pub async fn switch(
    app: &App,
    pool: &UserPool,
    user: &User,
    factor: SecondFactor,
    enabled: bool,
) -> Result<()> {
    let preferred = second_factor::get(&app.db, pool, user.id).await?.preferred;
    let preference = Preference { factor, enabled, preferred: preferred == Some(factor) };
    set_preferences(app, pool, user, &[preference], None).await
}

/// What a user set up. A pool without second factors is not asked.
///
/// # Errors
/// When the database does not answer.
pub async fn of_user(app: &App, pool: &UserPool, user: &User) -> Result<SecondFactors> {
    if pool.settings.mfa.requirement == MfaRequirement::Off {
        return Ok(SecondFactors::default());
    }
    Ok(second_factor::get(&app.db, pool, user.id).await?)
}

/// All that a user can prove themselves by.
pub struct AuthFactors {
    /// The user.
    pub user: User,
    /// What signs them in to begin with.
    pub first: Vec<FirstFactor>,
    /// What comes second.
    pub second: SecondFactors,
}

/// All that a user can prove themselves by.
///
/// # Errors
/// [`Error::UserNotFound`].
pub async fn all_factors(app: &App, pool: &UserPool, username: &str) -> Result<AuthFactors> {
    let (user, kept) = look_up(app, pool, username).await?.ok_or(Error::UserNotFound)?;
    let second = second_factor::get(&app.db, pool, user.id).await?;
    let password = kept.is_some().then_some(FirstFactor::Password);
    let passkey = auth_passkey::of_user(app, pool, &user).await?.map(|_| FirstFactor::WebAuthn);
    let first = password.into_iter().chain(choice::codes_of(app, pool, &user)).chain(passkey).collect();
    Ok(AuthFactors { user, first, second })
}
