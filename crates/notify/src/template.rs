//! The words of a message: Cognito's, the pool's own, or those in its reader's language.
//!
//! Email bodies are HTML, as they are in Cognito; every email has a plain part beside it. Values are put in once, so
//! a username that looks like a placeholder stays what it is, and escaped for the part they stand in (COD-5).

mod language;
mod notice;
mod placeholder;
mod plain;

use cognate_store::message::{Medium, MessageBody, Occasion};
use cognate_store::message_template::{MessageTemplate, TemplateWords};
use cognate_store::{UserPoolId, UserPoolSettings};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use placeholder::{Form, Values};

const CODE: &str = "Your verification code is {####}.";
const CODE_SUBJECT: &str = "Your verification code";
const LINK: &str = "Please click the link below to verify your email address. {##Verify Email##}";
const LINK_SUBJECT: &str = "Your verification link";
const SIGN_IN: &str = "Your authentication code is {####}.";
const SIGN_IN_SUBJECT: &str = "Your authentication code";
const INVITATION: &str = "Your username is {username} and temporary password is {####}.";
const INVITATION_SUBJECT: &str = "Your temporary password";

/// All but RFC 3986's unreserved characters.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a link in a message leads.
#[derive(Debug, Clone, Copy)]
pub struct LinkPlace<'a> {
    /// The installation's URL, without a slash at the end.
    pub public_url: &'a str,
    /// The pool that will be asked to confirm.
    pub user_pool: &'a UserPoolId,
}

impl LinkPlace<'_> {
    /// The site that a message's links lead to; the pool's path where it says none.
    fn site(&self, body: &MessageBody) -> String {
        let path = || format!("{}/{}", self.public_url, self.user_pool);
        body.site.clone().unwrap_or_else(path)
    }
}

/// A message in words. It holds a code, so it does not print.
pub struct Rendered {
    /// The subject, without control characters; empty for a text message.
    pub subject: String,
    /// The text message, or the plain part of the email.
    pub text: String,
    /// The HTML part of an email.
    pub html: Option<String>,
    /// The link that confirms a sign-up, where the message has one.
    pub link: Option<String>,
}

/// A template as it was chosen for a message.
struct Words<'a> {
    subject: &'a str,
    body: &'a str,
    form: Form,
}

/// Writes a message; the templates are its pool's and its clients' in languages.
pub fn render(
    settings: &UserPoolSettings,
    templates: &[MessageTemplate],
    body: &MessageBody,
    place: &LinkPlace<'_>,
) -> Rendered {
    if let Some(notice) = &body.notice {
        return notice::render(notice, body, place);
    }
    let words = words(settings, templates, body);
    let url = (words.form == Form::Link).then(|| confirmation_url(body, place));
    let values = Values {
        code: &body.code,
        username: &body.username,
        url: url.as_deref().unwrap_or_default(),
        told: &[],
    };
    match body.medium {
        Medium::Sms => Rendered {
            subject: String::new(),
            text: values.plain(words.body, words.form),
            html: None,
            link: None,
        },
        Medium::Email => Rendered {
            subject: values.subject(words.subject, words.form),
            text: values.plain(&plain::from_html(words.body), words.form),
            html: Some(values.html(words.body, words.form)),
            link: url,
        },
    }
}

/// The words of the pool's function, where it gave any, or else of templates.
fn words<'a>(
    settings: &'a UserPoolSettings,
    templates: &'a [MessageTemplate],
    body: &'a MessageBody,
) -> Words<'a> {
    let template = of_templates(settings, language::fitting(templates, body), body);
    let Some(own) = &body.words else { return template };
    let form = match (&own.body, template.form) {
        (None, form) | (Some(_), form @ Form::Invitation) => form,
        (Some(_), _) => {
            if own.by_link {
                Form::Link
            } else {
                Form::Code
            }
        }
    };
    Words {
        subject: own.subject.as_deref().unwrap_or(template.subject),
        body: own.body.as_deref().unwrap_or(template.body),
        form,
    }
}

/// Subject and body of a message that nobody has words for but the page that it was asked for at, or Cognito.
fn unless_said(body: &MessageBody, by_link: bool) -> (&str, &str) {
    let (subject, text) = match body.occasion {
        Occasion::Invitation => (INVITATION_SUBJECT, INVITATION),
        Occasion::SignIn | Occasion::SecondFactor => (SIGN_IN_SUBJECT, SIGN_IN),
        _ if by_link => (LINK_SUBJECT, LINK),
        _ => (CODE_SUBJECT, CODE),
    };
    // A pool may have changed its mind about links since.
    match body.page_words.as_ref().filter(|words| words.by_link == by_link) {
        Some(words) => (words.subject.as_deref().unwrap_or(subject), words.body.as_deref().unwrap_or(text)),
        None => (subject, text),
    }
}

/// The words in the reader's language, where there are any; what those leave out is the pool's, the page's or Cognito's.
fn of_templates<'a>(
    settings: &'a UserPoolSettings,
    translated: Option<&'a TemplateWords>,
    body: &'a MessageBody,
) -> Words<'a> {
    let choose = |translated_of: fn(&TemplateWords) -> &Option<String>, own: Option<&'a str>, default| {
        translated.and_then(|words| translated_of(words).as_deref()).or(own).unwrap_or(default)
    };
    let by_link = body.is_by_link(settings);
    let (subject, text) = unless_said(body, by_link);
    let (verification, invitation) = (&settings.verification, &settings.admin_create_user);
    let email_mfa = settings.mfa.email.as_ref().filter(|_| body.occasion == Occasion::SecondFactor);
    match (body.occasion, body.medium) {
        (Occasion::Invitation, Medium::Email) => Words {
            subject: choose(|it| &it.email_invitation_subject, invitation.email_subject.as_deref(), subject),
            body: choose(|it| &it.email_invitation, invitation.email_message.as_deref(), text),
            form: Form::Invitation,
        },
        (Occasion::Invitation, Medium::Sms) => Words {
            subject: "",
            body: choose(|it| &it.sms_invitation, invitation.sms_message.as_deref(), text),
            form: Form::Invitation,
        },
        (Occasion::SignIn | Occasion::SecondFactor, Medium::Email) => Words {
            subject: choose(
                |it| &it.email_authentication_subject,
                email_mfa.and_then(|it| it.subject.as_deref()),
                subject,
            ),
            body: choose(|it| &it.email_authentication, email_mfa.and_then(|it| it.message.as_deref()), text),
            form: Form::Code,
        },
        (Occasion::SignIn | Occasion::SecondFactor, Medium::Sms) => Words {
            subject: "",
            body: choose(|it| &it.sms_authentication, settings.mfa.sms_message.as_deref(), text),
            form: Form::Code,
        },
        (_, Medium::Sms) => Words {
            subject: "",
            body: choose(|it| &it.sms_message, verification.sms_message.as_deref(), text),
            form: Form::Code,
        },
        (_, Medium::Email) if by_link => Words {
            subject: choose(
                |it| &it.email_subject_by_link,
                verification.email_subject_by_link.as_deref(),
                subject,
            ),
            body: choose(|it| &it.email_message_by_link, verification.email_message_by_link.as_deref(), text),
            form: Form::Link,
        },
        (_, Medium::Email) => Words {
            subject: choose(|it| &it.email_subject, verification.email_subject.as_deref(), subject),
            body: choose(|it| &it.email_message, verification.email_message.as_deref(), text),
            form: Form::Code,
        },
    }
}

fn confirmation_url(body: &MessageBody, place: &LinkPlace<'_>) -> String {
    let encode = |value| utf8_percent_encode(value, QUERY);
    let client = encode(body.client.as_deref().unwrap_or_default());
    let (user, code) = (encode(&body.username), encode(&body.code));
    let site = place.site(body);
    format!("{site}/confirmUser?client_id={client}&user_name={user}&confirmation_code={code}")
}

#[cfg(test)]
mod tests;
