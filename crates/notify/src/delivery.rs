//! Sends one message by whatever medium it asks for.

use cognate_store::message::{Medium, Message, MessageBody};
use cognate_store::message_template::MessageTemplate;
use cognate_store::{UserPool, UserPoolId, UserPoolSettings};
use lettre::message::Mailbox;
use secrecy::{ExposeSecret as _, SecretString};

use crate::email::{self, Smtp};
use crate::sms::{SmsOptions, Sns};
use crate::template::{self, LinkPlace};
use crate::{Error, Failure};

/// How messages leave.
#[derive(Debug, Clone)]
pub struct Options {
    /// `smtp://user:password@host:port?tls=required`, `?tls=opportunistic`, or `smtps://`; see [`email`].
    pub smtp_url: Option<SecretString>,
    /// Where text messages go.
    pub sms: Option<SmsOptions>,
    /// The `From` of pools without a sender of their own: `Cognate <no-reply@localhost>`.
    pub sender: String,
    /// Whether a message counts as delivered once it is in the outbox, and its body is kept for the inbox.
    pub development: bool,
    /// Where links in messages lead, without a slash at the end.
    pub public_url: String,
}

/// Sends messages.
pub struct Delivery {
    smtp: Option<Smtp>,
    sms: Option<Sns>,
    sender: Mailbox,
    pub(crate) development: bool,
    public_url: String,
}

/// A message on its way out, with what its pool says about it.
pub(crate) struct Outgoing<'a> {
    pub(crate) user_pool: &'a UserPoolId,
    pub(crate) settings: &'a UserPoolSettings,
    pub(crate) templates: &'a [MessageTemplate],
    pub(crate) id: uuid::Uuid,
    pub(crate) created_at: cognate_store::Timestamp,
    pub(crate) body: &'a MessageBody,
}

impl Delivery {
    /// Reads the options; connects to nothing yet.
    ///
    /// # Errors
    /// When the SMTP URL or the sender cannot be read.
    pub fn new(options: Options) -> Result<Self, Error> {
        let smtp = options.smtp_url.as_ref().map(|url| Smtp::new(url.expose_secret())).transpose()?;
        let sender = options.sender.parse();
        let sender = sender.map_err(|source| Error::Sender { sender: options.sender, source })?;
        let sms = options.sms.map(Sns::new);
        Ok(Self { smtp, sms, sender, development: options.development, public_url: options.public_url })
    }

    pub(crate) async fn send(
        &self,
        pool: &UserPool,
        templates: &[MessageTemplate],
        message: &Message,
        body: &MessageBody,
    ) -> Result<(), Failure> {
        let outgoing = Outgoing {
            user_pool: &pool.id,
            settings: &pool.settings,
            templates,
            id: message.id,
            created_at: message.created_at,
            body,
        };
        self.send_open(&outgoing).await
    }

    pub(crate) async fn send_open(&self, outgoing: &Outgoing<'_>) -> Result<(), Failure> {
        let place = LinkPlace { public_url: &self.public_url, user_pool: outgoing.user_pool };
        let rendered = || template::render(outgoing.settings, outgoing.templates, outgoing.body, &place);
        match (outgoing.body.medium, &self.smtp, &self.sms) {
            (Medium::Email, Some(smtp), _) => {
                smtp.send(&email::compose(outgoing, rendered(), &self.sender)?).await
            }
            (Medium::Sms, _, Some(sns)) => sns.send(&outgoing.body.destination, &rendered().text).await,
            _ if self.development => {
                tracing::debug!(user_pool = %outgoing.user_pool, message = %outgoing.id, "kept a message for the inbox");
                Ok(())
            }
            (Medium::Email, None, _) => {
                Err(Failure::passing("no SMTP server is configured (COGNATE_SMTP_URL)"))
            }
            (Medium::Sms, _, None) => {
                Err(Failure::passing("no SNS endpoint is configured (COGNATE_SNS_ENDPOINT_URL)"))
            }
        }
    }
}
