//! Words of messages in a language, of a pool or of one of its clients: which a reader gets, and which are refused.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::{
    DeliveryMediumType, VerificationMessageTemplateType, VerifiedAttributeType,
};
use cognate_api::aws::message_template as command;
use cognate_api::ui::own_words;
use cognate_store::{AppClientId, UserPoolId, message_template, user_pool};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::authorization::App;
use crate::browser::Browser;
use crate::messages::Mailbox;
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of};

/// A pool with words of its own.
async fn pool(server: &TestServer) -> TestPool<'_> {
    let template = VerificationMessageTemplateType::builder()
        .email_message("The pool says {####}")
        .email_subject("Of the pool");
    let create = server.aws.create_user_pool().pool_name("mail");
    let create = create.auto_verified_attributes(VerifiedAttributeType::Email);
    let created = create.verification_message_template(template.build()).send().await.unwrap();
    server.with_client(created.user_pool.unwrap().id.unwrap(), false).await
}

async fn set(
    server: &TestServer,
    pool: &str,
    client: Option<&str>,
    language: &str,
    templates: Value,
) -> Result<(), String> {
    let (pool, client) = (UserPoolId::new(pool), client.map(AppClientId::new));
    let set = command::set(&server.app(), &pool, client, language, templates.to_string().as_bytes()).await;
    set.map_err(|error| format!("{error:#}"))
}

fn saying(words: &str) -> Value {
    json!({ "VerificationMessageTemplate": { "EmailMessage": format!("{words} {{####}}") } })
}

/// Signs up as a browser would: without a signature, in a language or none.
async fn sign_up(pool: &TestPool<'_>, name: &str, locale: Option<&str>, accepted: Option<&str>) {
    let email = json!({ "Name": "email", "Value": email_of(name) });
    let locale = locale.map(|locale| json!({ "Name": "locale", "Value": locale }));
    let attributes: Vec<_> = std::iter::once(email).chain(locale).collect();
    let request = pool.server.http.post(&pool.server.url);
    let request = request.header("X-Amz-Target", "AWSCognitoIdentityProviderService.SignUp");
    let request = match accepted {
        Some(languages) => request.header("Accept-Language", languages),
        None => request,
    };
    let body = json!({
        "ClientId": pool.client, "Username": name, "Password": PASSWORD, "UserAttributes": attributes,
    });
    let answer = request.header("Content-Type", "application/x-amz-json-1.1").body(body.to_string());
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_reader_gets_the_words_of_their_language(_: PgPoolOptions, db: PgConnectOptions) {
    let mailbox = Mailbox::start(&[]).await;
    let setup = Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = pool(server).await;
        let client = Some(pool.client.as_str());
        set(server, &pool.id, client, "de", saying("Der Client sagt")).await.unwrap();
        set(server, &pool.id, None, "de", saying("Der Pool sagt")).await.unwrap();
        set(server, &pool.id, None, "fr", saying("Le pool dit")).await.unwrap();
        for (name, locale, accepted, words) in [
            ("anna", Some("de_CH"), None, "Der Client sagt"),
            ("bert", Some("de"), Some("fr"), "Der Client sagt"),
            ("carl", None, Some("fr;q=0.5, de-AT"), "Der Client sagt"),
            ("dora", None, Some("it, fr-CA;q=0.9, de;q=0.1"), "Le pool dit"),
            ("emil", None, None, "The pool says"),
            ("fred", None, Some("it, *"), "The pool says"),
        ] {
            sign_up(&pool, name, locale, accepted).await;
            let mail = mailbox.wait_for(&format!("To: {}", email_of(name))).await;
            assert!(mail.contains(words), "{name}: {mail}");
            // What was left out is the pool's.
            assert!(mail.contains("Subject: Of the pool"), "{name}: {mail}");
            let inbox = server.http.get(format!("{}/_cognate/inbox.json", server.url)).send().await.unwrap();
            let inbox: Value = inbox.json().await.unwrap();
            let shown = inbox["messages"][0]["text"].as_str().unwrap();
            assert!(inbox["messages"][0]["to"] == email_of(name) && shown.starts_with(words), "{inbox}");
        }
    })
    .await;
}

/// What an administrator reads says nothing of who is invited; what the user's attributes say does.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_administrators_language_is_not_the_users(_: PgPoolOptions, db: PgConnectOptions) {
    let mailbox = Mailbox::start(&[]).await;
    let setup = Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = pool(server).await;
        let invitation = json!({ "EmailMessage": "Willkommen, {username}: {####}", "EmailSubject": "Hallo" });
        set(server, &pool.id, None, "de", json!({ "InviteMessageTemplate": invitation })).await.unwrap();
        let invite = async |name: &str, locale: Option<&str>| {
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username(name);
            let create = create.desired_delivery_mediums(DeliveryMediumType::Email);
            let email = attribute("email", &email_of(name));
            let attributes = [email].into_iter().chain(locale.map(|locale| attribute("locale", locale)));
            let create = create.set_user_attributes(Some(attributes.collect()));
            let german = |request: &mut aws_sdk_cognitoidentityprovider::config::http::HttpRequest| {
                request.headers_mut().insert("accept-language", "de");
            };
            create.customize().mutate_request(german).send().await.unwrap();
            mailbox.wait_for(&format!("To: {}", email_of(name))).await
        };
        assert!(invite("ada", None).await.contains("Subject: Your temporary password"));
        let german = invite("bert", Some("de-DE")).await;
        assert!(german.contains("Subject: Hallo") && german.contains("Willkommen, bert"), "{german}");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn templates_are_checked_as_a_pools_own_and_go_with_their_client(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server).await;
        let verification =
            |member: &str, words: &str| json!({ "VerificationMessageTemplate": { member: words } });
        let invitation = |member: &str, words: &str| json!({ "InviteMessageTemplate": { member: words } });
        for (templates, complaint) in [
            (verification("EmailMessage", "no code"), "verificationMessageTemplate.emailMessage"),
            (verification("EmailMessageByLink", "no link"), "emailMessageByLink"),
            (
                verification("SmsMessage", &format!("{{####}}{}", "x".repeat(140))),
                "less than or equal to 140",
            ),
            (verification("DefaultEmailOption", "CONFIRM_WITH_LINK"), "unknown field `DefaultEmailOption`"),
            (invitation("EmailMessage", "{####} for whom?"), "must contain {username} and {####}"),
            (invitation("SmsMessage", "{username} {####}"), "unknown field `SmsMessage`"),
            (json!({ "SmsAuthenticationMessage": "no code" }), "smsAuthenticationMessage"),
            (json!({ "EmailMfaMessage": "no code" }), "emailMfaConfiguration.message"),
            (json!({ "EmailMfaSubject": "" }), "emailMfaConfiguration.subject"),
            (json!({ "Subject": "x" }), "unknown field `Subject`"),
            (json!(["x"]), "cannot be read"),
        ] {
            let refused = set(server, &pool.id, None, "de", templates.clone()).await.expect_err(complaint);
            assert!(refused.contains(complaint), "{templates}: {refused}");
        }
        for language in ["", "german", "de CH", "d", "*", "de-YY"] {
            let refused = set(server, &pool.id, None, language, saying("x")).await.unwrap_err();
            assert!(refused.contains("is not the tag of a language"), "{language}: {refused}");
        }
        let elsewhere = server.user_pool().await;
        let refused = set(server, &pool.id, Some(&elsewhere.client), "de", saying("x")).await.unwrap_err();
        assert!(refused.contains("has no app client"), "{refused}");
        let refused = set(server, "us-east-1_None", None, "de", saying("x")).await.unwrap_err();
        assert!(refused.contains("does not exist"), "{refused}");

        let listed = async || -> Vec<(String, bool)> {
            let list = message_template::list(&server.db, &pool.pool_id()).await.unwrap();
            list.into_iter().map(|it| (it.language, it.client.is_some())).collect()
        };
        assert!(listed().await.is_empty());
        for (client, language) in
            [(None, "de"), (None, "DE_ch"), (Some(pool.client.as_str()), "de"), (None, "de")]
        {
            set(server, &pool.id, client, language, saying("x")).await.unwrap();
        }
        let all = [("de", false), ("de-ch", false), ("de", true)].map(|(tag, own)| (tag.to_owned(), own));
        assert_eq!(listed().await, all);
        command::remove(&server.db, &pool.pool_id(), None, "de-CH").await.unwrap();
        assert!(command::remove(&server.db, &pool.pool_id(), None, "de-CH").await.is_err());
        let delete = server.aws.delete_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        delete.send().await.unwrap();
        assert_eq!(listed().await, [("de".to_owned(), false)]);
        server.aws.delete_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        assert!(listed().await.is_empty());
    })
    .await;
}

/// Where nobody has words for it, a message is in the language of the page that it was asked for at; the API speaks as Cognito does.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_page_writes_in_its_own_language(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let create = server.aws.create_user_pool().pool_name("mail");
        let created = create.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let app = App::public(&pool).await;
        let inbox = async |name: &str| {
            for _ in 0..50 {
                let inbox =
                    server.http.get(format!("{}/_cognate/inbox.json", server.url)).send().await.unwrap();
                let inbox: Value = inbox.json().await.unwrap();
                let mut messages = inbox["messages"].as_array().unwrap().iter();
                if let Some(found) = messages.find(|it| it["to"] == email_of(name)) {
                    return format!(
                        "{}: {}",
                        found["subject"].as_str().unwrap(),
                        found["text"].as_str().unwrap()
                    );
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            panic!("no message to {name}");
        };
        let sign_up_at_page = async |name: &str, lang: &str| {
            let mut browser = Browser::new(&pool);
            let page = browser.get(&app.page("signup", &[("lang", lang)])).await;
            let email = email_of(name);
            let fields = [("username", name), ("password", PASSWORD), ("attribute.email", &*email)];
            let sent = browser.submit(&page, &fields).await;
            assert_eq!(sent.status, 200, "{}", sent.text());
            inbox(name).await
        };
        assert!(sign_up_at_page("anna", "de").await.starts_with("Dein Code: Dein Code ist "));
        assert!(sign_up_at_page("bert", "fr").await.starts_with("Votre code: Votre code est "));
        sign_up(&pool, "carl", None, Some("de")).await;
        assert!(inbox("carl").await.starts_with("Your verification code: Your verification code is "));
        // The owner's come first: those for the pages, and before them those for messages in the page's language.
        let found = user_pool::get(&server.db, &UserPoolId::new(&*pool.id)).await.unwrap().unwrap();
        let own = "message-code = Ihr <Code>: { $code }\n";
        own_words::set(&server.app(), &found, None, "de", own.into()).await.unwrap();
        let without =
            own_words::set(&server.app(), &found, None, "de", "message-code = Ihr Code\n".into()).await;
        assert!(without.is_err(), "a message without its code is of no use");
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert!(sign_up_at_page("dora", "de").await.starts_with("Dein Code: Ihr <Code>: "));
        set(server, &pool.id, None, "de", saying("Der Pool sagt")).await.unwrap();
        assert!(sign_up_at_page("emil", "de").await.starts_with("Dein Code: Der Pool sagt "));
        assert!(sign_up_at_page("fred", "it").await.starts_with("Il tuo codice: "));
    })
    .await;
}
