//! The real SDK against a server that the test steers and reads.

use std::sync::{Arc, Mutex};

use cognate_store::message::{Medium, MessageBody, Occasion};
use cognate_store::{Timestamp, UserPoolId, UserPoolSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::delivery::Outgoing;
use crate::log::Log;
use crate::{Delivery, Options};

const NUMBER: &str = "+358401234567";

/// An SNS endpoint that gives the same answer every time.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn start(status: u16, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, status, body, kept.clone()));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(mut stream: TcpStream, status: u16, body: &str, asked: Arc<Mutex<Vec<String>>>) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    // A Publish of a short message ends with its text or an attribute, and comes in one piece or two.
    while !String::from_utf8_lossy(&request).contains("Version=2010-03-31") {
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&piece[..length]),
        }
    }
    asked.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n", body.len());
    let _ = stream.write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes()).await;
}

const TAKEN: &str = r#"<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>"#;

fn options(url: &str) -> SmsOptions {
    SmsOptions {
        endpoint_url: url.to_owned(),
        region: "eu-north-1".to_owned(),
        credentials: Some(("AKIDEXAMPLE".to_owned(), "sesame".into())),
        sender_id: None,
        origination_number: None,
    }
}

fn delivery(sms: Option<SmsOptions>, development: bool) -> Delivery {
    let sender = "Cognate <no-reply@id.example.com>".to_owned();
    let public_url = "https://id.example.com".to_owned();
    Delivery::new(Options { smtp_url: None, sms, sender, development, public_url }).unwrap()
}

async fn send(delivery: &Delivery) -> Result<(), Failure> {
    let body = MessageBody {
        occasion: Occasion::SignUp,
        medium: Medium::Sms,
        destination: NUMBER.to_owned(),
        username: "ada".to_owned(),
        code: "123456".to_owned(),
        client: None,
        site: None,
        languages: Vec::new(),
        notice: None,
        words: None,
        page_words: None,
        event: None,
    };
    let (user_pool, settings) = (UserPoolId::new("eu-west-1_abc"), UserPoolSettings::default());
    let (id, created_at) = (uuid::Uuid::from_u128(7), Timestamp::from_timestamp(1_700_000_000, 0).unwrap());
    let outgoing =
        Outgoing { user_pool: &user_pool, settings: &settings, templates: &[], id, created_at, body: &body };
    delivery.send_open(&outgoing).await
}

#[tokio::test]
async fn a_text_message_is_published_as_transactional_and_signed() {
    let endpoint = Endpoint::start(200, TAKEN).await;
    let own = SmsOptions {
        sender_id: Some("Cognate".to_owned()),
        origination_number: Some("+12065550100".to_owned()),
        ..options(&endpoint.url)
    };
    // In development too, where the inbox shows it besides.
    for delivery in [delivery(Some(own.clone()), false), delivery(Some(own), true)] {
        send(&delivery).await.unwrap();
    }
    let asked = endpoint.asked();
    assert_eq!(asked.len(), 2);
    for part in [
        "Action=Publish",
        "PhoneNumber=%2B358401234567",
        "Message=Your%20verification%20code%20is%20123456.",
        "Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.N.Value.DataType=String&MessageAttributes.entry.N.Value.StringValue=Transactional",
        "Name=AWS.SNS.SMS.SenderID&MessageAttributes.entry.N.Value.DataType=String&MessageAttributes.entry.N.Value.StringValue=Cognate",
        "Name=AWS.MM.SMS.OriginationNumber&MessageAttributes.entry.N.Value.DataType=String&MessageAttributes.entry.N.Value.StringValue=%2B12065550100",
        "Credential=AKIDEXAMPLE/",
        "/eu-north-1/sns/aws4_request",
    ] {
        let stands =
            (1..=3).any(|number| asked[0].contains(&part.replace("entry.N", &format!("entry.{number}"))));
        assert!(stands, "{part}\n{}", asked[0]);
    }
    // Nothing is said that nobody set.
    let endpoint = Endpoint::start(200, TAKEN).await;
    send(&delivery(Some(options(&endpoint.url)), false)).await.unwrap();
    assert!(!endpoint.asked()[0].contains("SenderID") && !endpoint.asked()[0].contains("Origination"));
}

/// Each is asked once: the outbox is who tries again.
#[tokio::test]
async fn only_what_is_wrong_with_the_number_lasts() {
    for (status, code, message, lasting) in [
        (
            400,
            "InvalidParameter",
            "Invalid parameter: PhoneNumber Reason: +358401234567 is not valid to publish to",
            true,
        ),
        (400, "OptedOut", "+358401234567 opted out", true),
        (400, "InvalidParameter", "Invalid parameter: Sender ID is not registered", false),
        (400, "Throttling", "Rate exceeded", false),
        (403, "InvalidClientTokenId", "The security token included in the request is invalid.", false),
        (403, "AuthorizationError", "not allowed", false),
        (500, "InternalFailure", "try again", false),
        (503, "+358401234567", "a strange code", false),
    ] {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        let endpoint = Endpoint::start(status, body.leak()).await;
        let refused = send(&delivery(Some(options(&endpoint.url)), false)).await.unwrap_err();
        assert_eq!(refused.lasting, lasting, "{code}: {}", refused.reason);
        assert!(refused.reason.contains(&status.to_string()), "{}", refused.reason);
        for secret in [NUMBER, "123456", "sesame"] {
            assert!(!refused.reason.contains(secret), "{}", refused.reason);
        }
        assert_eq!(endpoint.asked().len(), 1);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_may_come_back() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nobody = delivery(Some(options(&format!("http://{free}"))), false);
    let expected = Failure::passing("the SNS endpoint cannot be reached");
    assert_eq!(send(&nobody).await, Err(expected));
    let unreadable = Endpoint::start(200, "no answer of SNS's").await;
    let garbled = delivery(Some(options(&unreadable.url)), false);
    assert!(!send(&garbled).await.unwrap_err().lasting);
    let unset = Failure::passing("no SNS endpoint is configured (COGNATE_SNS_ENDPOINT_URL)");
    assert_eq!(send(&delivery(None, false)).await, Err(unset));
    send(&delivery(None, true)).await.unwrap();
}

#[tokio::test]
async fn no_text_message_reaches_the_log() {
    let log = Log::start();
    let endpoint = Endpoint::start(200, TAKEN).await;
    send(&delivery(Some(options(&endpoint.url)), false)).await.unwrap();
    log.holds_none_of(&["123456", &NUMBER[1..], "sesame"]);
}
