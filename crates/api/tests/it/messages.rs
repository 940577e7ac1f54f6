//! The outbox: what is queued is delivered, by a real SMTP conversation, whatever happens in between (DUR-4).

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, DefaultEmailOptionType, DeliveryMediumType, UserPoolMfaType,
    VerificationMessageTemplateType, VerifiedAttributeType,
};
use cognate_store::message;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::browser::Browser;
use crate::server::{PASSWORD, Setup, TestServer, attribute, email_of, said};
use crate::sign_in_codes::pool_with;

/// What goes wrong with a message.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// It is refused for now as it is announced.
    Refuse,
    /// It is refused once it was sent whole.
    FailLate,
    /// The connection ends in the middle of it.
    Drop,
    /// Nothing is answered to it.
    Hang,
}

/// An SMTP server that keeps what it is given, once so many connections have gone wrong.
pub(crate) struct Mailbox {
    pub(crate) url: String,
    /// Whether it hangs up on whoever calls.
    is_down: Arc<AtomicBool>,
    received: Arc<Mutex<Vec<String>>>,
    hangs: Arc<Notify>,
}

impl Mailbox {
    pub(crate) async fn start(faults: &[Fault]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let (kept, is_down) = (received.clone(), Arc::new(AtomicBool::new(false)));
        let (hangs_up, faults) = (is_down.clone(), faults.to_vec());
        let mut faults = faults.into_iter();
        let hangs = Arc::new(Notify::new());
        let told = hangs.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if hangs_up.load(Ordering::Relaxed) {
                    continue;
                }
                tokio::spawn(converse(stream, faults.next(), kept.clone(), told.clone()));
            }
        });
        Self { url, is_down, received, hangs }
    }

    /// Waits until somebody waits for an answer.
    pub(crate) async fn wait_for_a_hang(&self) {
        self.hangs.notified().await;
    }

    /// Waits until a message with these words has come.
    pub(crate) async fn wait_for(&self, words: &str) -> String {
        for _ in 0..200 {
            if let Some(found) = self.received.lock().unwrap().iter().find(|text| text.contains(words)) {
                return found.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no message with {words}");
    }
}

async fn converse(
    stream: TcpStream,
    fault: Option<Fault>,
    kept: Arc<Mutex<Vec<String>>>,
    hangs: Arc<Notify>,
) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut data, mut text) = (false, String::new());
    write.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let answer: &[u8] = match (line.as_str(), fault) {
            (".", Some(Fault::FailLate)) if data => {
                data = false;
                b"451 not after all\r\n"
            }
            (".", _) if data => {
                data = false;
                kept.lock().unwrap().push(std::mem::take(&mut text));
                b"250 kept\r\n"
            }
            (_, Some(Fault::Drop)) if data => return,
            _ if data => {
                text.push_str(&line);
                text.push('\n');
                continue;
            }
            ("DATA", Some(Fault::Hang)) => {
                hangs.notify_one();
                std::future::pending().await
            }
            ("DATA", _) => {
                data = true;
                b"354 go on\r\n"
            }
            (line, Some(Fault::Refuse)) if line.starts_with("MAIL") => b"451 later\r\n",
            _ => b"250 ok\r\n",
        };
        if write.write_all(answer).await.is_err() {
            return;
        }
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_is_mailed_in_the_pools_words_and_its_body_is_not_kept(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let mailbox = Mailbox::start(&[]).await;
    TestServer::run_as(
        Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::default() },
        db,
        async |server| {
            let template = VerificationMessageTemplateType::builder()
                .email_message("Hi, {####} it is")
                .email_subject("Greetings");
            let create = server
                .aws
                .create_user_pool()
                .pool_name("mail")
                .auto_verified_attributes(VerifiedAttributeType::Email);
            let created = create.verification_message_template(template.build()).send().await.unwrap();
            let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
            pool.sign_up("ada").await;
            let mail = mailbox.wait_for("Subject: Greetings").await;
            assert!(mail.contains("To: ada@example.com"), "{mail}");
            let code: String = mail.split("Hi, ").nth(1).unwrap().chars().take(6).collect();
            let confirm =
                server.aws.confirm_sign_up().client_id(&pool.client).username("ada").confirmation_code(code);
            confirm.send().await.unwrap();
            // KEY-3: once it has left, the code is nowhere.
            for _ in 0..50 {
                if server.message_to(&email_of("ada")).await.is_none() {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            panic!("the body of a sent message is still there");
        },
    )
    .await;
}

/// Case 68, in small: whatever the mail server does, sign-up works, and the message arrives afterwards, once, as the same.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_message_outlives_whatever_the_mail_server_does(_: PgPoolOptions, db: PgConnectOptions) {
    let faults = [Fault::Refuse, Fault::FailLate, Fault::Drop, Fault::Hang];
    let mailbox = Mailbox::start(&faults).await;
    let setup = Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let id = message::undelivered(&server.db, 1).await.unwrap()[0].id;
        for failures in 1..=faults.len() {
            // A server that hangs is given half a minute.
            for _ in 0..800 {
                let waiting = message::undelivered(&server.db, 1).await.unwrap();
                if waiting[0].failures as usize == failures {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            // The backoff goes by the service's clock.
            server.clock.advance(chrono::Duration::minutes(2));
        }
        let mail = mailbox.wait_for("Your verification code is").await;
        assert!(mail.contains(&format!("Message-ID: <{id}@")), "{mail}");
        assert_eq!(mailbox.received.lock().unwrap().len(), 1);
    })
    .await;
}

/// Case 68: the mail gateway is down for ten minutes; nobody who signs up meanwhile notices, and every code arrives, each once.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_gateway_that_is_down_loses_no_message(_: PgPoolOptions, db: PgConnectOptions) {
    const SIGN_UPS: usize = 1000;
    let mailbox = Mailbox::start(&[]).await;
    mailbox.is_down.store(true, Ordering::Relaxed);
    let setup = Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        let names: Vec<_> = (0..SIGN_UPS).map(|number| format!("user{number}")).collect();
        let mut done = 0;
        for some in names.chunks(20) {
            futures_util::future::join_all(some.iter().map(|name| pool.sign_up(name))).await;
            done += some.len();
            if done % 100 == 0 {
                server.clock.advance(chrono::Duration::minutes(1));
            }
        }
        assert!(mailbox.received.lock().unwrap().is_empty());
        mailbox.is_down.store(false, Ordering::Relaxed);
        for _ in 0..600 {
            if mailbox.received.lock().unwrap().len() >= SIGN_UPS {
                break;
            }
            server.clock.advance(chrono::Duration::seconds(10));
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let received = mailbox.received.lock().unwrap();
        let of = |start: &str| -> HashSet<String> {
            let line = |text: &String| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
            received.iter().filter_map(line).collect()
        };
        assert_eq!(
            (received.len(), of("To: ").len(), of("Message-ID: ").len()),
            (SIGN_UPS, SIGN_UPS, SIGN_UPS)
        );
    })
    .await;
}

/// What was given up leaves when its operator says so, unless it has expired.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_message_that_was_given_up_can_be_sent_again(_: PgPoolOptions, db: PgConnectOptions) {
    let mailbox = Mailbox::start(&[Fault::Refuse]).await;
    let setup = Setup { smtp_url: Some(mailbox.url.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        pool.sign_up("ada").await;
        let given_up = async || {
            for _ in 0..100 {
                let waiting = message::undelivered(&server.db, 10).await.unwrap();
                if let Some(it) = waiting.into_iter().find(|it| it.failures > 0) {
                    return it;
                }
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            panic!("nothing failed");
        };
        let failed = given_up().await;
        message::failed(&server.db, &pool.pool_id(), failed.id, "the key was wrong", None).await.unwrap();
        let dead = given_up().await;
        assert_eq!((dead.state.as_str(), dead.last_error.as_deref()), ("dead", Some("the key was wrong")));
        let late = server.clock.now() + chrono::Duration::days(2);
        assert_eq!(message::retry(&server.db, Some(dead.id), late).await.unwrap(), 0);
        assert_eq!(message::retry(&server.db, None, server.clock.now()).await.unwrap(), 1);
        mailbox.wait_for("Your verification code is").await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_inbox_shows_codes_and_links_in_development(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup { development: true, ..Setup::default() }, db, async |server| {
        let by_link = VerificationMessageTemplateType::builder()
            .default_email_option(DefaultEmailOptionType::ConfirmWithLink);
        let create = server
            .aws
            .create_user_pool()
            .pool_name("links")
            .auto_verified_attributes(VerifiedAttributeType::Email);
        let created = create.verification_message_template(by_link.build()).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let request = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        request.user_attributes(attribute("email", "ada@example.com")).send().await.unwrap();
        let inbox = server.http.get(format!("{}/_cognate/inbox.json", server.url)).send().await.unwrap();
        let inbox: serde_json::Value = inbox.json().await.unwrap();
        let message = &inbox["messages"][0];
        assert_eq!(
            (message["to"].as_str(), message["medium"].as_str()),
            (Some("ada@example.com"), Some("EMAIL"))
        );
        let link = message["link"].as_str().unwrap();
        assert!(link.starts_with(&format!("{}/{}/confirmUser?", server.url, pool.id)), "{link}");

        // Opening the link changes nothing; its button confirms.
        let mut browser = Browser::new(&pool);
        let page = browser.get(link).await;
        assert!(page.body.contains("Confirm account</button>"), "{}", page.body);
        let before = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert_eq!(before.user_status.unwrap().as_str(), "UNCONFIRMED");
        assert_eq!(browser.submit(&page, &[]).await.status, 200);
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

/// LCK-4: many names, one mailbox.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn an_address_gets_only_so_many_messages_whoever_asks(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let sign_up = async |number: usize| {
            let request = server.aws.sign_up().client_id(&pool.client).username(format!("user{number}"));
            let request =
                request.password(PASSWORD).user_attributes(attribute("email", "victim@example.com"));
            request.send().await.map(|_| ()).map_err(said)
        };
        for number in 0..15 {
            sign_up(number).await.unwrap();
        }
        assert_eq!(sign_up(15).await.unwrap_err().0, "LimitExceededException");
        // Nothing half-done: the name is free, and works an hour later.
        server.clock.advance(chrono::Duration::minutes(61));
        sign_up(15).await.unwrap();
    })
    .await;
}

/// LCK-4: a pool has a budget, whatever the names and addresses, and what is kept of it is for who is known.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_sends_only_so_many_messages(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { messages_per_pool: Some(4), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        let hiding = server.with_client(pool.id.clone(), true).await;
        pool.confirmed_user("ada").await;
        let token = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        for name in ["bert", "carl"] {
            pool.sign_up(name).await;
        }
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("dora").password(PASSWORD);
        let sign_up = sign_up.user_attributes(attribute("email", &email_of("dora")));
        assert_eq!(said(sign_up.clone().send().await.unwrap_err()).0, "LimitExceededException");
        // ENU-1: a name that nobody has is refused alike.
        let mut refusals = HashSet::new();
        for name in ["ada", "bert", "nobody"] {
            let forgot = server.aws.forgot_password().client_id(&hiding.client).username(name);
            refusals.insert(said(forgot.send().await.unwrap_err()));
            let resend = server.aws.resend_confirmation_code().client_id(&hiding.client).username(name);
            refusals.insert(said(resend.send().await.unwrap_err()));
        }
        assert_eq!(refusals.len(), 1, "{refusals:?}");
        assert_eq!(refusals.iter().next().unwrap().0, "LimitExceededException");

        // Who holds a token made the account themselves.
        let verify = server.aws.get_user_attribute_verification_code().access_token(&token);
        let refused = verify.attribute_name("email").send().await.unwrap_err();
        assert_eq!(said(refused).0, "LimitExceededException");
        // Administrators invite as many as they like, and another pool has its own budget.
        let invite = server.aws.admin_create_user().user_pool_id(&pool.id).username("emil");
        let invite = invite.desired_delivery_mediums(DeliveryMediumType::Email);
        invite.user_attributes(attribute("email", &email_of("emil"))).send().await.unwrap();
        other.sign_up("ada").await;
        server.clock.advance(chrono::Duration::minutes(61));
        sign_up.send().await.unwrap();
    })
    .await;
}

/// LCK-4: whoever asks for messages in the names of others keeps nobody from their second factor.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_quarter_of_a_pools_messages_is_for_second_factors(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { messages_per_pool: Some(4), ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        pool.admin_user("ada").await;
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        let update = update.user_attributes(attribute("email", &email_of("ada")));
        update.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
        let forgot = |name: &str| server.aws.forgot_password().client_id(&pool.client).username(name).send();
        for name in ["one", "two", "three"] {
            forgot(name).await.unwrap();
        }
        assert_eq!(said(forgot("four").await.unwrap_err()).0, "LimitExceededException");
        let challenge = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::EmailOtp));
        let second = pool.password_auth("ada", PASSWORD).send().await.unwrap_err();
        assert_eq!(said(second).0, "TooManyRequestsException");
    })
    .await;
}
