//! Telling users of sign-ins that may not have been theirs, in the pool's words, with links to say whether they were.

use chrono::Duration;
use cognate_store::User;
use cognate_store::message::{self, Medium, MessageBody, NewMessage, Notice, NoticeOf, Occasion};
use cognate_store::user_pool::Contact;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use crate::app_client::ClientContext;
use crate::auth::risk;
use crate::auth_event::{Judgement, feedback};
use crate::trigger::Caller;
use crate::user::code;
use crate::{App, Error, Result, site, trigger};

/// How long there is a point in telling.
const WORTH_TELLING: Duration = Duration::hours(24);

/// Tells a user of a sign-in, where the pool says so and they have an address that is proven. A few in an hour are enough: after
/// that nothing is sent. What goes wrong is logged: the sign-in is decided.
pub(crate) async fn queue(
    app: &App,
    context: &ClientContext,
    user: &User,
    judgement: &Judgement,
    of: NoticeOf,
) {
    if let Err(error) = try_queue(app, context, user, judgement, of).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a user was not told of a sign-in");
    }
}

async fn try_queue(
    app: &App,
    context: &ClientContext,
    user: &User,
    judgement: &Judgement,
    of: NoticeOf,
) -> Result<()> {
    let (pool, now, email) = (&context.pool, app.clock.now(), Contact::Email);
    let is_told = risk::response(context, judgement).is_some_and(|response| response.notify);
    let address = user.attributes.get(email.attribute()).filter(|_| user.is_verified(email));
    let Some(address) = address.filter(|_| is_told) else {
        return Ok(());
    };
    match code::count_notice(app, pool, user.id.as_uuid(), now).await {
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
        code: feedback::token(pool, user.id, judgement.id, now)?.expose_secret().to_owned(),
        client: Some(context.client.id.to_string()),
        site: Some(site::of_pool(app, pool).await?.url),
        // The words of notices are the risk configuration's.
        languages: Vec::new(),
        notice: Some(Box::new(notice)),
        words: None,
        page_words: None,
        event: None,
    };
    let mut message = NewMessage { id: Uuid::now_v7(), body, expires_at: now + WORTH_TELLING };
    trigger::see_to(app, pool, &Caller::of(context), user.into(), &mut message).await?;
    message::queue(&app.db, pool, &message, now).await?;
    app.outbox.notify_one();
    Ok(())
}
