//! What messages say where neither the pool nor its client has templates for them: what the catalogue of pages says, of those that
//! somebody asks for at one, and what an owner has in its place, of all.

use std::pin::Pin;

use askama::filters::{Escaper as _, Html};
use cognate_core::App;
use cognate_core::origin::Wording;
use cognate_core::wording::OwnersWording;
use cognate_store::message::{CustomWords, Medium, MessageBody, Occasion};
use cognate_store::{AppClientId, UserPool};

use super::own_words::OwnWords;
use super::words::Words;

/// The placeholder of a code.
const CODE: &str = "{####}";

/// The words of a page, for messages.
pub(super) struct MessageWords(pub(super) Words);

impl std::fmt::Debug for MessageWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MessageWords").field(&self.0.tag()).finish()
    }
}

/// The text of such a message; invitations and notices have none.
fn text(occasion: Occasion, is_by_link: bool) -> Option<&'static str> {
    match occasion {
        Occasion::Invitation | Occasion::SignInNotice => None,
        Occasion::SignIn | Occasion::SecondFactor => Some("message-sign-in"),
        _ if is_by_link => Some("message-link"),
        _ => Some("message-code"),
    }
}

impl OwnersWording for OwnWords {
    fn words<'a>(
        &'a self,
        app: &'a App,
        pool: &'a UserPool,
        client: Option<&'a AppClientId>,
        message: &'a MessageBody,
    ) -> Pin<Box<dyn Future<Output = Option<CustomWords>> + Send + 'a>> {
        Box::pin(async move {
            let (occasion, is_by_link) = (message.occasion, message.is_by_link(&pool.settings));
            let id = text(occasion, is_by_link)?;
            let words = self.over(app, pool, client, Words::of_first(&message.languages)).await;
            // Where the owner has none, the API's messages are in Cognito's words, and not in the pages'.
            let words = Some(words).filter(|words| words.are_own(id))?;
            MessageWords(words).words(occasion, message.medium, is_by_link)
        })
    }
}

impl Wording for MessageWords {
    fn words(&self, occasion: Occasion, medium: Medium, is_by_link: bool) -> Option<CustomWords> {
        let words = &self.0;
        let id = text(occasion, is_by_link)?;
        let link = format!("{{##{}##}}", words.of("message-link-text").replace("##", ""));
        let said = words.with(id, &[("code", CODE), ("link", &link)]);
        // An owner's words that leave out what matters are of no use.
        if !said.contains(if is_by_link { &*link } else { CODE }) {
            return None;
        }
        let subject = (medium == Medium::Email).then(|| words.of(&format!("{id}-subject")));
        let body = match medium {
            Medium::Sms => said,
            Medium::Email => escaped(&said),
        };
        Some(CustomWords { subject, body: Some(body), by_link: is_by_link })
    }
}

/// A text as HTML.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // Writing to a string does not fail.
    let _ = Html.write_escaped_str(&mut html, text);
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_what_its_reader_needs() {
        let words = MessageWords(Words::of_first(&["de".into()]));
        let said = |occasion, medium, by_link| words.words(occasion, medium, by_link).unwrap();
        let code = said(Occasion::ForgotPassword, Medium::Sms, false);
        assert_eq!((code.subject, code.body.as_deref()), (None, Some("Dein Code ist {####}.")));
        let link = said(Occasion::SignUp, Medium::Email, true);
        assert!(link.by_link && link.body.unwrap().ends_with("{##Adresse bestätigen##}"));
        let sign_in = said(Occasion::SignIn, Medium::Email, false);
        assert_eq!(sign_in.subject.as_deref(), Some("Dein Code zum Anmelden"));
        assert!(words.words(Occasion::Invitation, Medium::Email, false).is_none());
    }
}
