//! The second factor at sign-in: choosing it, answering it, and setting it up on the way.

use cognate_store::second_factor::{self, SecondFactor};
use cognate_store::user_pool::Contact;
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, Answer, Step};
use super::demand::{self, Demand};
use super::next;
use super::one_time_code::{self, CodeKind};
use super::{Method, SignIn, guess};
use crate::app_client::ClientContext;
use crate::auth_event::{self, Failed};
use crate::user::attribute;
use crate::{App, Error, Result, software_token};

/// What the count of guesses at an authenticator app's codes goes by.
pub(crate) const SOFTWARE_TOKEN: &str = "software_token";

/// Takes a code of the user's authenticator app and signs them in.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::WrongMfaCode`] and
/// [`Error::UsedMfaCode`], which leave the session usable; [`Error::PasswordLocked`] after too many of the former.
pub async fn software_token(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    code: SecretString,
) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::SoftwareToken);
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    let (pool, now) = (&context.pool, app.clock.now());
    let factors = second_factor::get(&app.db, pool, user.id).await?;
    // Whoever lost the app meanwhile begins again.
    let token = factors.software_token.ok_or(Error::InvalidSession)?;
    let subject = user.id.as_uuid();
    let step = guess::counted_code(app, pool, subject, SOFTWARE_TOKEN, now, async {
        software_token::step(&token.secret, code.expose_secret(), now)
    })
    .await?;
    let Some(step) = step else {
        auth_event::failed(app, context, user.id, session.proven.judgement.as_ref(), Failed::SecondFactor);
        return Err(Error::WrongMfaCode);
    };
    if step <= token.last_step {
        return Err(Error::UsedMfaCode);
    }
    next::finish(app, context, &session, &user, Method::SoftwareToken, Some((&token, Some(step)))).await
}

/// Asks for the second factor that the user chose.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::InvalidParameter`] for one that
/// was not offered; [`Error::Busy`] when too many codes were sent.
pub async fn select(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    factor: Option<SecondFactor>,
) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::SecondFactor(_));
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    let factors = second_factor::get(&app.db, &context.pool, user.id).await?;
    let Step::SecondFactor(offered) = &session.step else { return Err(Error::InvalidSession) };
    // What the user lost meanwhile cannot be given any more.
    let offered = demand::usable(app, &context.pool, &user, &factors, offered);
    let chosen = factor.filter(|factor| offered.contains(factor));
    let chosen = chosen.ok_or_else(|| Error::invalid("Invalid MFA type given as ANSWER."))?;
    next::ask(app, context, &user, &session, Demand::Give(chosen), &factors).await
}

/// Signs a user in who has set an authenticator app up, and proven it, on the way.
///
/// # Errors
/// [`Error::InvalidSession`] when nothing is set up yet; [`Error::ExpiredSession`], [`Error::UsedSession`].
pub async fn set_up(app: &App, context: &ClientContext, answer: Answer) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::MfaSetUp);
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    let factors = second_factor::get(&app.db, &context.pool, user.id).await?;
    // What was set up may have been taken away meanwhile.
    let token = factors.software_token.ok_or(Error::InvalidSession)?;
    next::finish(app, context, &session, &user, Method::SoftwareToken, Some((&token, None))).await
}

/// Sends a code to the email address that is to become the user's, and their second factor.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::InvalidParameter`] for what is no
/// address, or when it was not offered; [`Error::Busy`] when too many codes were sent.
pub async fn set_up_email(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    address: String,
) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::MfaSetup);
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    let offered = demand::still_sets_up(app, &context.pool, &user, SecondFactor::Email).await;
    offered.map_err(|error| match error {
        Error::InvalidSession => Error::invalid("EMAIL_OTP is not a second factor that can be set up here."),
        other => other,
    })?;
    let given = [(Contact::Email.attribute().to_owned(), address)].into();
    let conforming = attribute::conform(&context.pool.settings, given)?;
    let address = conforming.into_values().next().ok_or(Error::InvalidSession)?;
    one_time_code::send(app, context, &user, &session, CodeKind::EmailMfa, Some(address)).await
}
