//! The words of a notice about a sign-in: the pool's, or ours.

use cognate_store::message::{MessageBody, Notice, NoticeOf};
use percent_encoding::utf8_percent_encode;

use super::placeholder::{Form, Values};
use super::{LinkPlace, QUERY, Rendered, plain};

const TIME: &str = "login-time";
const DEVICE: &str = "device-name";
const ADDRESS: &str = "ip-address";
const CITY: &str = "city";
const COUNTRY: &str = "country";
const VALID: &str = "one-click-link-valid";
const INVALID: &str = "one-click-link-invalid";

/// What a notice tells, beside the username.
pub(super) const NAMES: [&str; 7] = [TIME, DEVICE, ADDRESS, CITY, COUNTRY, VALID, INVALID];

/// What stands for something that is not known.
const UNKNOWN: &str = "unknown";

const SUBJECT: &str = "Was this you?";
const SUBJECT_BLOCKED: &str = "We blocked a sign-in";

const DETAILS: &str = "<p>Time: {login-time}<br>Device: {device-name}<br>Address: {ip-address}</p>\
    <p>Was this you? <a href=\"{one-click-link-valid}\">Yes, it was me</a> or \
    <a href=\"{one-click-link-invalid}\">No, it was not me</a>. \
    If it was not, change your password.</p>";

fn opening(of: NoticeOf) -> &'static str {
    match of {
        NoticeOf::Blocked => {
            "<p>Somebody tried to sign in as {username} from where you usually do not. We did not let them in.</p>"
        }
        NoticeOf::SecondFactor => {
            "<p>Somebody signed in as {username} from where you usually do not, with a second factor.</p>"
        }
        NoticeOf::Passed => "<p>Somebody signed in as {username} from where you usually do not.</p>",
    }
}

/// Writes a notice.
pub(super) fn render(notice: &Notice, body: &MessageBody, place: &LinkPlace<'_>) -> Rendered {
    let link = |said: &str| {
        let (site, token) = (place.site(body), utf8_percent_encode(&body.code, QUERY));
        format!("{site}/feedback?token={token}&value={said}")
    };
    let or_unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| UNKNOWN.to_owned());
    let told = [
        (TIME, notice.at.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        (DEVICE, or_unknown(&notice.device)),
        (ADDRESS, or_unknown(&notice.address)),
        (CITY, UNKNOWN.to_owned()),
        (COUNTRY, UNKNOWN.to_owned()),
        (VALID, link("Valid")),
        (INVALID, link("Invalid")),
    ];
    let values = Values { code: "", username: &body.username, url: "", told: &told };
    let own = notice.template.as_ref();
    let subject = match notice.of {
        NoticeOf::Blocked => SUBJECT_BLOCKED,
        NoticeOf::SecondFactor | NoticeOf::Passed => SUBJECT,
    };
    let subject = own.map_or(subject, |own| &own.subject);
    let (html, text) = match own.map(|own| (own.html.clone(), own.text.clone())) {
        Some((None, Some(text))) => (None, text),
        Some((Some(html), Some(text))) => (Some(html), text),
        Some((Some(html), None)) => (Some(html.clone()), plain::from_html(&html)),
        Some((None, None)) | None => {
            let html = format!("{}{DETAILS}", opening(notice.of));
            (Some(html.clone()), plain::from_html(&html))
        }
    };
    Rendered {
        subject: values.subject(subject, Form::Notice),
        text: values.plain(&text, Form::Notice),
        html: html.map(|html| values.html(&html, Form::Notice)),
        link: None,
    }
}
