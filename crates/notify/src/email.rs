//! Email: what a message looks like on the wire, and the SMTP server that takes it.
//!
//! The server is named by a URL: `smtp://host:25` speaks plain text, `smtp://host:587?tls=required` insists on
//! STARTTLS, `?tls=opportunistic` takes it where it is offered, `smtps://host:465` speaks TLS from the start. Name and
//! password stand before the host, percent-encoded; a path is the name given in `EHLO`.

mod server;
mod smtp;

use std::time::SystemTime;

use cognate_store::user_pool::EmailSettings;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message};

pub(crate) use smtp::Smtp;

use crate::Failure;
use crate::delivery::Outgoing;
use crate::template::Rendered;

/// Puts an email together. Its Message-ID and date are the same at every attempt (DUR-4).
pub(crate) fn compose(
    outgoing: &Outgoing<'_>,
    rendered: Rendered,
    default_sender: &Mailbox,
) -> Result<Message, Failure> {
    let settings = &outgoing.settings.email;
    let to: Address =
        outgoing.body.destination.parse().map_err(|_| Failure::lasting("its address cannot be read"))?;
    let notice = outgoing.body.notice.as_deref();
    let own = notice.and_then(|notice| notice.from.as_deref());
    let from = match own.or_else(|| own_sender(settings)) {
        Some(own) => own.parse().map_err(|_| Failure::passing("the pool's sender cannot be read"))?,
        None => default_sender.clone(),
    };
    let message_id = format!("<{}@{}>", outgoing.id, from.email.domain());
    let mut message = Message::builder()
        .message_id(Some(message_id))
        .date(SystemTime::from(outgoing.created_at))
        .from(from)
        .to(Mailbox::new(None, to))
        .subject(rendered.subject)
        // RFC 3834: keeps autoresponders from answering.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    let reply_to = notice.and_then(|notice| notice.reply_to.as_ref());
    if let Some(reply_to) = reply_to.or(settings.reply_to.as_ref()) {
        let reply_to = reply_to.parse();
        message =
            message.reply_to(reply_to.map_err(|_| Failure::passing("the pool's Reply-To cannot be read"))?);
    }
    let message = match rendered.html {
        Some(html) => message.multipart(MultiPart::alternative_plain_html(rendered.text, html)),
        None => message.body(rendered.text),
    };
    message.map_err(|error| Failure::lasting(format!("it cannot be written as an email: {error}")))
}

/// The sender a pool has set; its identity's address where it named no other.
fn own_sender(settings: &EmailSettings) -> Option<&str> {
    if !settings.own_sender && settings.source_arn.is_none() {
        return None;
    }
    let identity = || settings.source_arn.as_deref()?.rsplit('/').next().filter(|name| name.contains('@'));
    settings.from.as_deref().or_else(identity)
}

#[cfg(test)]
mod tests;
