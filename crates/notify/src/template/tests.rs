use cognate_store::AppClientId;
use cognate_store::message::{CustomWords, Notice, NoticeOf};
use cognate_store::user_pool::NotificationTemplate;

use super::*;

fn body(occasion: Occasion, medium: Medium, username: &str) -> MessageBody {
    let (destination, code, client) = ("ada@example.com".into(), "123456".into(), Some("client1".into()));
    MessageBody {
        occasion,
        medium,
        destination,
        username: username.into(),
        code,
        client,
        site: None,
        languages: Vec::new(),
        notice: None,
        words: None,
        page_words: None,
        event: None,
    }
}

fn rendered(settings: &UserPoolSettings, body: &MessageBody) -> Rendered {
    render_in(settings, &[], body)
}

fn render_in(settings: &UserPoolSettings, templates: &[MessageTemplate], body: &MessageBody) -> Rendered {
    let user_pool = UserPoolId::new("eu-west-1_abc");
    render(
        settings,
        templates,
        body,
        &LinkPlace { public_url: "https://id.example.com", user_pool: &user_pool },
    )
}

fn by_link(message: Option<&str>) -> UserPoolSettings {
    let mut settings = UserPoolSettings::default();
    settings.verification.by_link = true;
    settings.verification.email_message_by_link = message.map(Into::into);
    settings
}

const URL: &str = "https://id.example.com/eu-west-1_abc/confirmUser\
                   ?client_id=client1&user_name=ada&confirmation_code=123456";

#[test]
fn a_pool_without_templates_speaks_as_cognito_does() {
    let settings = UserPoolSettings::default();
    for occasion in [Occasion::SignUp, Occasion::ResendCode, Occasion::ForgotPassword] {
        let email = rendered(&settings, &body(occasion, Medium::Email, "ada"));
        assert_eq!(email.subject, "Your verification code");
        assert_eq!(email.text, "Your verification code is 123456.");
        assert_eq!(email.html.as_deref(), Some("Your verification code is 123456."));
        assert_eq!(email.link, None);

        let sms = rendered(&settings, &body(occasion, Medium::Sms, "ada"));
        assert_eq!((sms.subject.as_str(), sms.text.as_str()), ("", "Your verification code is 123456."));
        assert_eq!(sms.html, None);
    }
    let invitation = rendered(&settings, &body(Occasion::Invitation, Medium::Email, "ada"));
    assert_eq!(invitation.subject, "Your temporary password");
    assert_eq!(invitation.text, "Your username is ada and temporary password is 123456.");
}

#[test]
fn a_pools_templates_are_used_for_their_occasion_and_medium() {
    let mut settings = UserPoolSettings::default();
    settings.verification.sms_message = Some("sms {####}".into());
    settings.verification.email_message = Some("email {####}".into());
    settings.verification.email_subject = Some("subject".into());
    settings.admin_create_user.sms_message = Some("welcome sms {username} {####}".into());
    settings.admin_create_user.email_message = Some("welcome {username} {####}".into());
    settings.admin_create_user.email_subject = Some("Hello {username}".into());
    let text = |occasion, medium| {
        let rendered = rendered(&settings, &body(occasion, medium, "ada"));
        (rendered.subject, rendered.text)
    };
    assert_eq!(text(Occasion::SignUp, Medium::Sms), ("".into(), "sms 123456".into()));
    assert_eq!(text(Occasion::ForgotPassword, Medium::Email), ("subject".into(), "email 123456".into()));
    assert_eq!(text(Occasion::Invitation, Medium::Sms), ("".into(), "welcome sms ada 123456".into()));
    assert_eq!(text(Occasion::Invitation, Medium::Email), ("Hello ada".into(), "welcome ada 123456".into()));
}

#[test]
fn values_are_escaped_in_the_html_part_alone() {
    let email = rendered(
        &UserPoolSettings::default(),
        &body(Occasion::Invitation, Medium::Email, r#"<b>O'Neil & "co"</b>"#),
    );
    let html = "Your username is &lt;b&gt;O&#39;Neil &amp; &quot;co&quot;&lt;/b&gt; and temporary password is 123456.";
    assert_eq!(email.html.as_deref(), Some(html));
    assert_eq!(email.text, r#"Your username is <b>O'Neil & "co"</b> and temporary password is 123456."#);
}

#[test]
fn a_username_that_looks_like_a_placeholder_stays_what_it_is() {
    for name in ["{####}", "{username}", "{##text##}"] {
        let email = rendered(&UserPoolSettings::default(), &body(Occasion::Invitation, Medium::Email, name));
        let expected = format!("Your username is {name} and temporary password is 123456.");
        assert_eq!(email.text, expected);
        assert_eq!(email.html, Some(expected));
    }
}

#[test]
fn braces_that_are_no_placeholder_stay() {
    let mut settings = UserPoolSettings::default();
    settings.verification.sms_message = Some("{ {{####}} {username} {##a##} {### é{".into());
    let sms = rendered(&settings, &body(Occasion::SignUp, Medium::Sms, "ada"));
    assert_eq!(sms.text, "{ {123456} {username} {##a##} {### é{");
}

#[test]
fn a_link_confirms_a_sign_up_in_both_parts() {
    let settings = by_link(None);
    for occasion in [Occasion::SignUp, Occasion::ResendCode] {
        let email = rendered(&settings, &body(occasion, Medium::Email, "ada"));
        assert_eq!(email.subject, "Your verification link");
        let before = "Please click the link below to verify your email address.";
        assert_eq!(email.text, format!("{before} Verify Email: {URL}"));
        let html = format!("{before} <a href=\"{}\">Verify Email</a>", URL.replace('&', "&amp;"));
        assert_eq!(email.html, Some(html));
        assert_eq!(email.link.as_deref(), Some(URL));
    }
}

#[test]
fn a_password_reset_and_a_text_message_carry_a_code_even_where_links_are_sent() {
    let settings = by_link(None);
    for (occasion, medium) in [(Occasion::ForgotPassword, Medium::Email), (Occasion::SignUp, Medium::Sms)] {
        let message = rendered(&settings, &body(occasion, medium, "ada"));
        assert_eq!(message.text, "Your verification code is 123456.");
        assert_eq!(message.link, None);
    }
}

#[test]
fn a_username_cannot_add_to_the_links_query() {
    let email = rendered(&by_link(None), &body(Occasion::SignUp, Medium::Email, "a&client_id=b c/é+#\"><"));
    let link = email.link.unwrap();
    assert!(
        link.contains("&user_name=a%26client_id%3Db%20c%2F%C3%A9%2B%23%22%3E%3C&confirmation_code="),
        "{link}"
    );
}

#[test]
fn a_link_without_text_shows_its_address() {
    let email = rendered(&by_link(Some("Go: {####}")), &body(Occasion::SignUp, Medium::Email, "ada"));
    assert_eq!(email.text, format!("Go: {URL}"));
}

#[test]
fn a_subject_is_one_line() {
    let mut settings = UserPoolSettings::default();
    settings.verification.email_subject = Some("Your\r\nBcc: eve@example.com\u{2028}\0code {####}\n".into());
    let email = rendered(&settings, &body(Occasion::SignUp, Medium::Email, "ada"));
    assert_eq!(email.subject, "Your Bcc: eve@example.com code 123456");
}

#[test]
fn the_plain_part_is_the_text_of_the_html() {
    let html = "<!doctype html><html><HEAD><style>p { color: red }</style></HEAD><body>\n  <!-- <p>no</p> -->\
        <p class=\"a\">Hello,\n   you &amp; yours &lt;3&#33;&nbsp;&unknown; 1 < 2</p><p>Code: <b>{####}</b><br/>\
        <A HREF='https://example.com/?a=1&amp;b=2'>Help</A> <a href=\"https://x.example\">https://x.example</a></p>";
    let text = "Hello, you & yours <3! &unknown; 1 < 2\nCode: {####}\n\
                Help: https://example.com/?a=1&b=2 https://x.example";
    assert_eq!(plain::from_html(html), text);
}

#[test]
fn broken_html_is_read_to_its_end() {
    for html in [
        "<",
        "a <b",
        "<!-- open",
        "<style>x",
        "&",
        "&#xffffffff;",
        "<a href=>x</a>",
        "<é>",
        "</",
        "<a href='",
    ] {
        plain::from_html(html);
    }
    assert_eq!(plain::from_html("a <b"), "a <b");
    assert_eq!(plain::from_html("1 & 2;"), "1 & 2;");
}

fn notice(of: NoticeOf, template: Option<NotificationTemplate>) -> MessageBody {
    let at = "2026-01-06T03:04:05Z".parse().unwrap();
    let (device, address) = (Some("Firefox 128, Linux".into()), Some("192.0.2.7".into()));
    let notice = Notice { of, template, from: None, reply_to: None, at, device, address };
    let mut body = body(Occasion::SignInNotice, Medium::Email, "<ada>");
    body.code = "A-b_9".into();
    body.notice = Some(Box::new(notice));
    body
}

const JUDGE: &str = "https://id.example.com/eu-west-1_abc/feedback?token=A-b_9&value=";

#[test]
fn a_notice_tells_of_a_sign_in_and_asks_who_it_was() {
    for (of, subject, opening) in [
        (NoticeOf::Blocked, "We blocked a sign-in", "Somebody tried to sign in as <ada>"),
        (NoticeOf::SecondFactor, "Was this you?", "with a second factor"),
        (NoticeOf::Passed, "Was this you?", "Somebody signed in as <ada>"),
    ] {
        let email = rendered(&UserPoolSettings::default(), &notice(of, None));
        assert_eq!(email.subject, subject);
        for part in [opening, "2026-01-06 03:04:05 UTC", "Firefox 128, Linux", "192.0.2.7"] {
            assert!(email.text.contains(part), "{part} in {}", email.text);
        }
        assert!(
            email.text.contains(&format!("{JUDGE}Valid")) && email.text.contains(&format!("{JUDGE}Invalid"))
        );
        let html = email.html.unwrap();
        let link = format!("<a href=\"{}Invalid\">", JUDGE.replace('&', "&amp;"));
        assert!(html.contains("as &lt;ada&gt;") && html.contains(&link), "{html}");
    }
}

#[test]
fn a_pools_own_notice_has_its_parts_and_placeholders() {
    let own = |html: Option<&str>, text: Option<&str>| NotificationTemplate {
        subject: "{username} in {city}, {country}: {####}".into(),
        html: html.map(Into::into),
        text: text.map(Into::into),
    };
    let write = |template| rendered(&UserPoolSettings::default(), &notice(NoticeOf::Blocked, Some(template)));
    let both = write(own(Some("<b>{device-name}</b>"), Some("{ip-address} {login-time} {unknown}")));
    assert_eq!(both.subject, "<ada> in unknown, unknown: {####}");
    assert_eq!(both.html.as_deref(), Some("<b>Firefox 128, Linux</b>"));
    assert_eq!(both.text, "192.0.2.7 2026-01-06 03:04:05 UTC {unknown}");
    let text = write(own(None, Some("{one-click-link-valid}")));
    assert_eq!((text.html, text.text), (None, format!("{JUDGE}Valid")));
    let html = write(own(Some("<p>{one-click-link-valid}</p>"), None));
    assert_eq!(html.text, format!("{JUDGE}Valid"));
}

fn template(client: Option<&str>, language: &str, words: TemplateWords) -> MessageTemplate {
    let client = client.map(AppClientId::new);
    MessageTemplate { client, language: language.into(), words, updated_at: chrono::DateTime::UNIX_EPOCH }
}

#[test]
fn the_first_language_with_words_counts_and_the_clients_come_before_the_pools() {
    let words =
        |text: &str| TemplateWords { sms_message: Some(format!("{text} {{####}}")), ..Default::default() };
    let templates = [
        template(None, "de", words("pool de")),
        template(None, "de-ch", words("pool de-ch")),
        template(None, "fr", words("pool fr")),
        template(Some("client1"), "de", words("client de")),
        template(Some("another"), "it", words("another it")),
        // What the pool's own words are in.
        template(None, "en", TemplateWords::default()),
    ];
    for (languages, expected) in [
        (&["de"][..], "client de 123456"),
        (&["de-at"], "client de 123456"),
        (&["de-ch-1996"], "pool de-ch 123456"),
        (&["fr", "de"], "pool fr 123456"),
        (&["it", "es-mx", "fr-ca"], "pool fr 123456"),
        (&["it"], "Your verification code is 123456."),
        (&["en-gb", "de"], "Your verification code is 123456."),
        (&["d", "dex"], "Your verification code is 123456."),
        (&[], "Your verification code is 123456."),
    ] {
        let mut body = body(Occasion::SignUp, Medium::Sms, "ada");
        body.languages = languages.iter().map(|&tag| tag.to_owned()).collect();
        let sms = render_in(&UserPoolSettings::default(), &templates, &body);
        assert_eq!(sms.text, expected, "{languages:?}");
    }
    let mut nobodys = body(Occasion::SignUp, Medium::Sms, "ada");
    (nobodys.client, nobodys.languages) = (None, vec!["de".into()]);
    assert_eq!(render_in(&UserPoolSettings::default(), &templates, &nobodys).text, "pool de 123456");
}

#[test]
fn what_a_template_leaves_out_is_the_pools_and_a_functions_words_come_before_it() {
    let mut settings = by_link(Some("Follow {##this##}"));
    settings.verification.email_subject_by_link = Some("Hello".into());
    let words = TemplateWords {
        email_message: Some("Der Code ist {####}".into()),
        email_subject_by_link: Some("Hallo".into()),
        email_invitation: Some("{username}, {####}".into()),
        email_authentication: Some("Zum Anmelden: {####}".into()),
        ..Default::default()
    };
    let templates = [template(None, "de", words)];
    let german = |occasion| {
        let mut body = body(occasion, Medium::Email, "ada");
        body.languages = vec!["de".into()];
        body
    };
    let said = |body: &MessageBody| {
        let rendered = render_in(&settings, &templates, body);
        (rendered.subject, rendered.text)
    };
    assert_eq!(said(&german(Occasion::SignUp)), ("Hallo".into(), format!("Follow this: {URL}")));
    let code = ("Your verification code".into(), "Der Code ist 123456".into());
    assert_eq!(said(&german(Occasion::ForgotPassword)), code);
    let invitation = ("Your temporary password".into(), "ada, 123456".into());
    assert_eq!(said(&german(Occasion::Invitation)), invitation);
    for occasion in [Occasion::SignIn, Occasion::SecondFactor] {
        let code = ("Your authentication code".into(), "Zum Anmelden: 123456".into());
        assert_eq!(said(&german(occasion)), code);
    }
    let mut worded = german(Occasion::ForgotPassword);
    worded.words = Some(CustomWords { subject: None, body: Some("Own {####}".into()), by_link: false });
    assert_eq!(said(&worded).1, "Own 123456");
}
