//! Telling users of sign-ins that may not have been theirs, in the pool's words, with links to say whether they were.

use chrono::Duration;
use cognate_store::User;
use cognate_store::message::{self, Medium, MessageBody, NewMessage, Notice, NoticeOf, Occasion};
use cognate_store::user_pool::Contact;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::auth::risk;
use crate::auth_event::{Attempt, feedback_token};
use crate::user::code;
use crate::{App, Error, Result};

/// How long there is a point in telling.
const WORTH_TELLING: Duration = Duration::hours(24);

/// Tells a user of a sign-in, where the pool says so and they have an address that is proven. As many as go to one address are
/// enough: after that nothing is sent.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn queue(
    app: &App,
    context: &ClientContext,
    user: &User,
    attempt: &Attempt,
    of: NoticeOf,
) -> Result<()> {
    let (pool, now, email) = (&context.pool, app.clock.now(), Contact::Email);
    let is_told = risk::response(context, attempt).is_some_and(|response| response.notify);
    let is_proven = user.attributes.get(email.verified_attribute()).is_some_and(|flag| flag == "true");
    let Some(address) = user.attributes.get(email.attribute()).filter(|_| is_told && is_proven) else {
        return Ok(());
    };
    match code::count_message_to(app, pool, address, now).await {
        Err(Error::AttemptLimit) => return Ok(()),
        counted => counted?,
    }
    let notification = risk::notification(context);
    let template = notification.and_then(|notification| match of {
        NoticeOf::Blocked => notification.block.clone(),
        NoticeOf::Passed => notification.nothing.clone(),
        NoticeOf::SecondFactor => notification.mfa.clone(),
    });
    let notice = Notice {
        of,
        template,
        from: notification.and_then(|it| it.from.clone()),
        reply_to: notification.and_then(|it| it.reply_to.clone()),
        at: now,
        device: context.origin.device(),
        address: context.origin.address().map(|address| address.to_string()),
    };
    let body = MessageBody {
        occasion: Occasion::SignInNotice,
        medium: Medium::Email,
        destination: address.clone(),
        username: user.username.clone(),
        code: feedback_token(pool, user.id, attempt.id, now)?.expose_secret().to_owned(),
        client: Some(context.client.id.to_string()),
        notice: Some(Box::new(notice)),
    };
    let message = NewMessage { id: Uuid::now_v7(), body, expires_at: now + WORTH_TELLING };
    message::queue(&app.db, pool, &message, now).await?;
    app.outbox.notify_one();
    Ok(())
}
