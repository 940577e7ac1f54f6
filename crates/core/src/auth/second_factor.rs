//! The second factor at sign-in: choosing it, answering it, and setting it up on the way.

use cognate_store::User;
use cognate_store::second_factor::{self, SecondFactor};
use secrecy::{ExposeSecret as _, SecretString};

use super::challenge::{self, Answer, ChallengeSession, Step};
use super::demand::{self, Demand};
use super::next;
use super::one_time_code::{self, CodeKind};
use super::{Method, SignIn, guess};
use crate::app_client::{ClientContext, Door};
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

/// Asks for the second factor that the user chose. At the pages they may choose another one than they were asked for, or another
/// code of it.
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
    let at_pages = context.door == Door::Pages;
    let accepts = |step: &Step| match step {
        Step::SecondFactor(_) => true,
        Step::SoftwareToken => at_pages,
        Step::Code(sent) => at_pages && !sent.is_first_factor(),
        _ => false,
    };
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    let offered = match &session.step {
        Step::SecondFactor(offered) => offered,
        Step::Code(sent) => {
            if let Some((factor, address)) = factor.and_then(|it| Some((it, sent.sets_up(it)?))) {
                return send_to(app, context, &user, &session, factor, address.to_owned()).await;
            }
            &session.factors
        }
        _ => &session.factors,
    };
    let factors = second_factor::get(&app.db, &context.pool, user.id).await?;
    // What the user lost or switched off meanwhile cannot be given any more.
    let offered = demand::still_usable(app, &context.pool, &user, &factors, offered);
    // An app has no other code to send, and the sign-in gains no time by asking.
    let is_asked =
        |it: &SecondFactor| *it == SecondFactor::SoftwareToken && matches!(session.step, Step::SoftwareToken);
    let chosen = factor.filter(|factor| offered.contains(factor) && !is_asked(factor));
    let chosen = chosen.ok_or_else(|| Error::invalid("Invalid MFA type given as ANSWER."))?;
    let demand = Demand::Give { first: Some(chosen), of: offered };
    next::ask(app, context, &user, &session, demand, &factors).await
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

/// Sends a code to the address that is to become the user's, and that factor their second one.
///
/// # Errors
/// [`Error::InvalidSession`], [`Error::ExpiredSession`], [`Error::UsedSession`]; [`Error::InvalidParameter`] for what is no
/// address, or when it was not offered; [`Error::Busy`] when too many codes were sent.
pub async fn set_up_with(
    app: &App,
    context: &ClientContext,
    answer: Answer,
    factor: SecondFactor,
    address: String,
) -> Result<SignIn> {
    let accepts = |step: &Step| matches!(step, Step::MfaSetup);
    let (session, user) = challenge::answered(app, context, &answer, accepts).await?;
    send_to(app, context, &user, &session, factor, address).await
}

async fn send_to(
    app: &App,
    context: &ClientContext,
    user: &User,
    session: &ChallengeSession,
    factor: SecondFactor,
    address: String,
) -> Result<SignIn> {
    let name = factor.as_str();
    let unfit = || Error::invalid(format!("{name} is not a second factor that can be set up here."));
    let kind =
        CodeKind::of_second(factor).filter(|_| demand::may_set_up(context, factor)).ok_or_else(unfit)?;
    let offered = demand::still_sets_up(app, &context.pool, user, factor).await;
    offered.map_err(|error| if let Error::InvalidSession = error { unfit() } else { error })?;
    let given = [(kind.contact().attribute().to_owned(), address)].into();
    let conforming = attribute::conform(&context.pool.settings, given)?;
    let address = conforming.into_values().next().ok_or(Error::InvalidSession)?;
    one_time_code::send(app, context, user, session, kind, Some(address)).await
}
