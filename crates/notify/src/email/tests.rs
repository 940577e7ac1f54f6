//! Sending against an SMTP server that the test steers and reads.

mod server;

use std::time::Duration;

use cognate_store::message::{Medium, MessageBody, Occasion};
use cognate_store::{Timestamp, UserPoolId, UserPoolSettings};
use tokio::net::TcpListener;
use tokio::time::timeout;

use server::{Mood, Server};

use crate::delivery::Outgoing;
use crate::log::Log;
use crate::{Delivery, Failure, Options};

fn delivery(smtp_url: Option<String>, development: bool) -> Result<Delivery, crate::Error> {
    Delivery::new(Options {
        smtp_url: smtp_url.map(Into::into),
        sms: None,
        sender: "Cognate <no-reply@id.example.com>".into(),
        development,
        public_url: "https://id.example.com".into(),
    })
}

fn to(server: &Server) -> Delivery {
    delivery(Some(format!("smtp://127.0.0.1:{}", server.port)), false).unwrap()
}

fn email_to(destination: &str) -> MessageBody {
    MessageBody {
        occasion: Occasion::SignUp,
        medium: Medium::Email,
        destination: destination.into(),
        username: "ada".into(),
        code: "123456".into(),
        client: None,
        site: None,
        languages: Vec::new(),
        notice: None,
        words: None,
        page_words: None,
        event: None,
    }
}

async fn send(delivery: &Delivery, settings: &UserPoolSettings, body: &MessageBody) -> Result<(), Failure> {
    let user_pool = UserPoolId::new("eu-west-1_abc");
    let (id, created_at) = (uuid::Uuid::from_u128(7), Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
    let outgoing = Outgoing { user_pool: &user_pool, settings, templates: &[], id, created_at, body };
    timeout(Duration::from_secs(10), delivery.send_open(&outgoing)).await.expect("an answer in time")
}

async fn send_to_ada(delivery: &Delivery) -> Result<(), Failure> {
    send(delivery, &UserPoolSettings::default(), &email_to("ada@example.com")).await
}

#[tokio::test]
async fn an_email_has_two_parts_and_the_same_headers_at_every_attempt() {
    let server = Server::start().await;
    let delivery = to(&server);
    send_to_ada(&delivery).await.unwrap();
    send_to_ada(&delivery).await.unwrap();
    assert!(server.commands().contains(&"MAIL FROM:<no-reply@id.example.com>".to_owned()));
    assert!(server.commands().contains(&"RCPT TO:<ada@example.com>".to_owned()));
    for message in server.messages() {
        for line in [
            "Message-ID: <00000000-0000-0000-0000-000000000007@id.example.com>",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000",
            "From: Cognate <no-reply@id.example.com>",
            "To: ada@example.com",
            "Subject: Your verification code",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Your verification code is 123456.",
        ] {
            assert!(message.contains(&format!("{line}\r\n")), "{line} in {message}");
        }
        assert!(message.contains("Content-Type: multipart/alternative;"), "{message}");
    }
}

#[tokio::test]
async fn a_connection_serves_one_message_after_another() {
    let server = Server::start().await;
    let delivery = to(&server);
    send_to_ada(&delivery).await.unwrap();
    send_to_ada(&delivery).await.unwrap();
    assert_eq!((server.messages().len(), server.connections()), (2, 1));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let server = Server::start().await;
    server.set(Mood::HangUp);
    let delivery = to(&server);
    send_to_ada(&delivery).await.unwrap();
    send_to_ada(&delivery).await.unwrap();
    assert_eq!((server.messages().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_refusal_is_a_passing_failure_that_does_not_repeat_the_address() {
    let server = Server::start().await;
    server.set(Mood::Refuse);
    let delivery = to(&server);
    assert_eq!(send_to_ada(&delivery).await, Err(Failure::passing("the SMTP server refused it (451)")));
    server.set(Mood::Accept);
    send_to_ada(&delivery).await.unwrap();
    assert_eq!(server.messages().len(), 1);
}

#[tokio::test]
async fn a_conversation_that_was_cut_off_is_not_continued() {
    let server = Server::start().await;
    let delivery = to(&server);
    send_to_ada(&delivery).await.unwrap();
    server.set(Mood::Hang);
    let cut_off = timeout(Duration::from_millis(300), send_to_ada(&delivery)).await;
    assert!(cut_off.is_err());
    server.set(Mood::Accept);
    send_to_ada(&delivery).await.unwrap();
    assert_eq!((server.messages().len(), server.connections()), (2, 2));
}

#[tokio::test]
async fn a_server_out_of_reach_is_a_passing_failure() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let delivery = delivery(Some(format!("smtp://127.0.0.1:{port}")), false).unwrap();
    let failure = send_to_ada(&delivery).await.unwrap_err();
    assert!(!failure.lasting && failure.reason.contains("refused"), "{failure:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    let server = Server::start().await;
    let url = format!("smtp://ada:secret@127.0.0.1:{}?tls=required", server.port);
    let failure = send_to_ada(&delivery(Some(url), false).unwrap()).await.unwrap_err();
    assert!(!failure.lasting && failure.reason.contains("STARTTLS"), "{failure:?}");
    assert!(!server.commands().iter().any(|command| command.starts_with("AUTH")));
}

#[tokio::test]
async fn the_url_carries_a_name_a_password_and_a_greeting() {
    let server = Server::start().await;
    let url = format!("smtp://a%40b:p%3Aw@127.0.0.1:{}/mail.example.com", server.port);
    send_to_ada(&delivery(Some(url), false).unwrap()).await.unwrap();
    let commands = server.commands();
    assert_eq!(commands[..2], ["EHLO mail.example.com", "AUTH PLAIN AGFAYgBwOnc="]);
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_given_up_at_once() {
    let server = Server::start().await;
    let delivery = to(&server);
    for address in [
        "",
        "ada",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\r\nx",
        "a b@c",
    ] {
        let failure = send(&delivery, &UserPoolSettings::default(), &email_to(address)).await.unwrap_err();
        assert_eq!(failure, Failure::lasting("its address cannot be read"), "{address:?}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_pools_own_sender_is_used_where_it_says_so() {
    let server = Server::start().await;
    let delivery = to(&server);
    let mut settings = UserPoolSettings::default();
    let email = &mut settings.email;
    email.from = Some("Tenant <hello@tenant.example>".into());
    email.reply_to = Some("help@tenant.example".into());
    let ada = email_to("ada@example.com");
    send(&delivery, &settings, &ada).await.unwrap();
    settings.email.source_arn = Some("arn:aws:ses:eu-west-1:1:identity/post@tenant.example".into());
    send(&delivery, &settings, &ada).await.unwrap();
    settings.email.from = None;
    send(&delivery, &settings, &ada).await.unwrap();
    settings.email.source_arn = Some("arn:aws:ses:eu-west-1:1:identity/tenant.example".into());
    send(&delivery, &settings, &ada).await.unwrap();

    let messages = server.messages();
    let from = |message: &str| message.lines().find_map(|line| Some(line.strip_prefix("From: ")?.to_owned()));
    let senders: Vec<String> = messages.iter().filter_map(|message| from(message)).collect();
    let (house, named) = ("Cognate <no-reply@id.example.com>", "Tenant <hello@tenant.example>");
    assert_eq!(senders, [house, named, "post@tenant.example", house]);
    assert!(messages[1].contains("-000000000007@tenant.example>"), "{}", messages[1]);
    assert!(messages.iter().all(|message| message.contains("Reply-To: help@tenant.example\r\n")));
}

#[tokio::test]
async fn a_sender_that_cannot_be_read_waits_for_its_owner() {
    let server = Server::start().await;
    let mut settings = UserPoolSettings::default();
    settings.email.own_sender = true;
    settings.email.from = Some("nobody".into());
    let failure = send(&to(&server), &settings, &email_to("ada@example.com")).await.unwrap_err();
    assert_eq!(failure, Failure::passing("the pool's sender cannot be read"));
}

#[tokio::test]
async fn without_a_transport_only_development_takes_a_message() {
    let (email, settings) = (email_to("ada@example.com"), UserPoolSettings::default());
    send(&delivery(None, true).unwrap(), &settings, &email).await.unwrap();
    let production = delivery(None, false).unwrap();
    let no_server = Failure::passing("no SMTP server is configured (COGNATE_SMTP_URL)");
    assert_eq!(send(&production, &settings, &email).await, Err(no_server));
}

#[test]
fn options_that_cannot_be_read_are_refused_without_repeating_the_password() {
    for url in
        ["", "host", "http://host", "smtp://", "smtp://u:hunter2@host?tls=maybe", "imap://u:hunter2@host"]
    {
        let error = delivery(Some(url.into()), false).err().expect(url);
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
    for url in ["smtp://host", "smtp://[::1]:25", "smtps://u:p@host", "smtp://host?tls=opportunistic"] {
        assert!(delivery(Some(url.into()), false).is_ok(), "{url}");
    }
    let options = Options {
        smtp_url: None,
        sms: None,
        sender: "nobody".into(),
        development: true,
        public_url: String::new(),
    };
    assert!(matches!(Delivery::new(options), Err(crate::Error::Sender { .. })));
}

#[tokio::test]
async fn no_conversation_reaches_the_log() {
    let log = Log::start();
    let server = Server::start().await;
    let url = format!("smtp://ada:secret@127.0.0.1:{}", server.port);
    send_to_ada(&delivery(Some(url), false).unwrap()).await.unwrap();
    log.holds_none_of(&["123456", "ada@example.com", "AUTH"]);
}
