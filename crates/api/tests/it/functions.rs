//! How functions of pools are reached: signed, within bounds, and with an error of AWS's for whatever goes wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_cognitoidentityprovider::types::{LambdaConfigType, VerifiedAttributeType};
use chrono::Duration;
use cognate_core::trigger::secrets;
use cognate_store::user_pool;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use standardwebhooks::Webhook;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::receiver::{Call, Receiver, Reply, raised};
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, said};
use crate::tokens::verified;

/// The receiver that the guide shows.
#[path = "../../examples/webhook_receiver.rs"]
#[expect(dead_code, reason = "it runs within the test")]
mod webhook_receiver;

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pre-sign-up";

/// Puts functions where a pool says, and waits until no server remembers others.
pub(crate) async fn put(pool: &TestPool<'_>, config: LambdaConfigType) {
    let update = pool.server.aws.update_user_pool().user_pool_id(&pool.id).lambda_config(config);
    update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

async fn put_pre_sign_up(pool: &TestPool<'_>, function: &str) {
    put(pool, LambdaConfigType::builder().pre_sign_up(function).build()).await;
}

async fn sign_up(pool: &TestPool<'_>, name: &str) -> Result<bool, (String, String)> {
    let sign_up = pool.server.aws.sign_up().client_id(&pool.client).username(name).password(PASSWORD);
    let sign_up = sign_up.user_attributes(attribute("email", &email_of(name)));
    sign_up.send().await.map(|done| done.user_confirmed).map_err(said)
}

fn unexpected(why: &str) -> (String, String) {
    ("UnexpectedLambdaException".to_owned(), format!("PreSignUp invocation failed due to {why}."))
}

fn unreadable() -> (String, String) {
    ("InvalidLambdaResponseException".to_owned(), "Unrecognizable lambda output".to_owned())
}

/// TRG-1: signed with the pool's secret over time, id and body; the id stays the same over attempts.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn calls_are_signed_with_the_pools_secret(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let receiver = Receiver::start(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
            0 | 1 => Reply::Raw(503, Vec::new()),
            _ => Reply::Response(json!({})),
        });
        let pool = server.user_pool().await;
        put_pre_sign_up(&pool, &receiver.function("hook")).await;
        sign_up(&pool, "ada").await.unwrap();
        let calls = receiver.calls();
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.header("webhook-id") == calls[0].header("webhook-id")));
        assert_eq!(calls[0].path, "/functions/hook");
        let check = |call: &Call, secret: &str| {
            let webhook = Webhook::new(secret).unwrap();
            let mut headers = http::HeaderMap::new();
            for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
                headers.insert(name, call.header(name).parse().unwrap());
            }
            webhook.verify(&call.body, &headers)
        };
        let stored = async || user_pool::get(&server.db, &pool.pool_id()).await.unwrap().unwrap();
        let now = server.clock.now();
        let first = secrets(&stored().await, now);
        check(&calls[2], first[0].expose_secret()).unwrap();
        let other = server.user_pool().await;
        let foreign = user_pool::get(&server.db, &other.pool_id()).await.unwrap().unwrap();
        check(&calls[2], secrets(&foreign, now)[0].expose_secret()).unwrap_err();

        // For a while after a rotation either secret will do.
        let until = now + Duration::hours(1);
        user_pool::rotate_webhook_secret(&server.db, &stored().await, until).await.unwrap().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        sign_up(&pool, "grace").await.unwrap();
        let (last, now_known) = (receiver.calls().pop().unwrap(), secrets(&stored().await, now));
        assert_eq!(now_known.len(), 2);
        check(&last, first[0].expose_secret()).unwrap();
        check(&last, now_known[0].expose_secret()).unwrap();
        server.clock.advance(Duration::hours(2));
        assert_eq!(secrets(&stored().await, server.clock.now()).len(), 1);
    })
    .await;
}

/// Cases 59 and 60, and every other way not to answer: an error, and nobody signs up.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn whatever_is_no_answer_lets_nobody_pass(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { trigger_timeout_seconds: 1, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let receiver = Receiver::silent();
        let elsewhere = Receiver::silent();
        let raised_late =
            ("UserLambdaValidationException", "PreSignUp failed with error Invalid email domain.");
        let refused = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        let service = unexpected("error ServiceException");
        let timeout = unexpected("error Socket timeout while invoking Lambda function");
        type Case = (&'static str, fn(String) -> Reply, (String, String), usize);
        let cases: Vec<Case> = vec![
            ("a redirection", Reply::Redirect, service.clone(), 1),
            ("an error of its server", |_| Reply::Raw(500, b"oops".to_vec()), service.clone(), 3),
            ("no such page", |_| Reply::Raw(404, Vec::new()), service.clone(), 1),
            ("ten megabytes", |_| Reply::Raw(200, vec![b' '; 10 << 20]), unreadable(), 1),
            ("no JSON", |_| Reply::Raw(200, b"fine".to_vec()), unreadable(), 1),
            ("no event", |_| Reply::Raw(200, b"{}".to_vec()), unreadable(), 1),
            ("a text for a flag", |_| Reply::Response(json!({ "autoConfirmUser": "true" })), unreadable(), 1),
            (
                "a verified address that is not there",
                |_| Reply::Response(json!({ "autoVerifyPhone": true })),
                unreadable(),
                1,
            ),
            ("an error of its own", |_| raised("Invalid email domain"), refused(raised_late), 1),
            (
                "the same from Lambda's emulator",
                |_| Reply::Raw(200, br#"{"errorMessage":"Invalid email domain","errorType":"E"}"#.to_vec()),
                refused(raised_late),
                1,
            ),
            ("nothing at all", |_| Reply::Hang, timeout, 3),
        ];
        for (number, (what, reply, expected, calls)) in cases.into_iter().enumerate() {
            // Each in a pool of its own: one that did not answer is left alone for a while.
            let pool = server.user_pool().await;
            put_pre_sign_up(&pool, &receiver.function("hook")).await;
            let to = elsewhere.url.clone();
            receiver.answer_with(move |_| reply(to.clone()));
            let name = format!("ada{number}");
            assert_eq!(sign_up(&pool, &name).await.unwrap_err(), expected, "{what}");
            let sources = receiver.sources();
            assert_eq!(sources, vec!["PreSignUp_SignUp"; calls], "{what}");
            receiver.answer_with(|_| Reply::Response(json!({})));
            sign_up(&pool, &name).await.unwrap();
            receiver.sources();
        }
        assert!(elsewhere.calls().is_empty());

        // Half an answer, and nobody there.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let half = tokio::spawn(async move {
            for _ in 0..3 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 64 * 1024];
                let _ = stream.read(&mut request).await.unwrap();
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"response\":";
                stream.write_all(answer).await.unwrap();
            }
        });
        let pool = server.user_pool().await;
        put_pre_sign_up(&pool, &format!("http://{address}/half")).await;
        assert_eq!(sign_up(&pool, "ada").await.unwrap_err(), service);
        half.await.unwrap();
        let pool = server.user_pool().await;
        put_pre_sign_up(&pool, &format!("http://{address}/nobody")).await;
        assert_eq!(sign_up(&pool, "ada").await.unwrap_err(), service);
    })
    .await;
}

/// TRG-3: while one tenant's function hangs, others sign up; and after a few attempts it is not asked again for a while.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_function_that_hangs_is_its_own_pools_matter(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (hanging, quick) = (Receiver::start(|_| Reply::Hang), Receiver::silent());
        let (slow, other) = (server.user_pool().await, server.user_pool().await);
        put_pre_sign_up(&slow, &hanging.function("hook")).await;
        put_pre_sign_up(&other, &quick.function("hook")).await;
        let waiting = async {
            let names: Vec<_> = (0..20).map(|number| format!("ada{number}")).collect();
            futures_util::future::join_all(names.iter().map(|name| sign_up(&slow, name))).await
        };
        let mut waiting = std::pin::pin!(waiting);
        let others = async {
            for name in ["ada", "grace", "eve"] {
                sign_up(&other, name).await.unwrap();
            }
        };
        tokio::select! {
            biased;
            () = others => {}
            _ = &mut waiting => panic!("others waited for the one that hangs"),
        }
        assert!(waiting.await.iter().all(Result::is_err));
        let asked = hanging.calls().len();
        assert_eq!(sign_up(&slow, "late").await.unwrap_err(), unexpected("error TooManyRequestsException"));
        assert_eq!(hanging.calls().len(), asked);
    })
    .await;
}

/// Case 58: what leads inside is refused when it is saved. An ARN is saved wherever it leads.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn only_what_may_be_called_is_saved(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { outbound_networks: None, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let create = |function: &str| {
            let config = LambdaConfigType::builder().pre_sign_up(function).build();
            server.aws.create_user_pool().pool_name("test").lambda_config(config).send()
        };
        for bad in [
            "https://127.0.0.1/function",
            "https://localhost/function",
            "https://10.0.0.7/function",
            "http://169.254.169.254/latest/meta-data",
            "https://[::1]/function-of-a-pool",
            "https://user:word@hooks.example.com/f",
            "https://93.184.215.14:8443/function",
            "ftp://hooks.example.com/function",
        ] {
            assert_eq!(said(create(bad).await.unwrap_err()).0, "InvalidParameterException", "{bad}");
        }
        for good in ["https://93.184.215.14/function", ARN] {
            let made = create(good).await.unwrap().user_pool.unwrap();
            let shown = server.aws.describe_user_pool().user_pool_id(made.id.unwrap()).send().await.unwrap();
            let shown = shown.user_pool.unwrap().lambda_config.unwrap();
            assert_eq!(shown.pre_sign_up.unwrap(), good);
        }
    })
    .await;
}

/// An ARN leads where the operator says, as long as it is one of the pool's own account.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn arns_lead_where_the_operator_says(_: PgPoolOptions, db: PgConnectOptions) {
    let receiver = Receiver::silent();
    let urls = format!("*:function:pre-*={}/mapped/{{function}}", receiver.url);
    let setup = Setup { lambda_urls: Some(urls), outbound_networks: None, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        let arn = |account: &str, name: &str| format!("arn:aws:lambda:us-east-1:{account}:function:{name}");
        put_pre_sign_up(&pool, &arn(server.account.as_str(), "pre-check")).await;
        sign_up(&pool, "ada").await.unwrap();
        assert_eq!(receiver.calls()[0].path, "/mapped/pre-check");
        for nowhere in [arn(server.account.as_str(), "other"), arn("123456789012", "pre-check")] {
            put_pre_sign_up(&pool, &nowhere).await;
            assert_eq!(sign_up(&pool, "eve").await.unwrap_err(), unexpected("configuration"), "{nowhere}");
        }
        assert_eq!(receiver.calls().len(), 1);
    })
    .await;
}

/// Other ARNs are invoked as Lambda's are, signed.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn functions_are_invoked_by_lambdas_protocol(_: PgPoolOptions, db: PgConnectOptions) {
    let receiver = Receiver::silent();
    let endpoint = Some(receiver.url.clone());
    let setup = Setup { lambda_endpoint_url: endpoint, ..Setup::development() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        put_pre_sign_up(&pool, ARN).await;
        receiver.answer_with(|_| Reply::Response(json!({ "autoConfirmUser": true })));
        assert!(sign_up(&pool, "ada").await.unwrap());
        let call = receiver.calls().pop().unwrap();
        let path = call.path.replace("%3A", ":");
        assert_eq!(path, format!("/2015-03-31/functions/{ARN}/invocations"));
        let authorization = call.header("authorization");
        assert!(authorization.contains("/us-east-1/lambda/aws4_request"), "{authorization}");
        receiver.answer_with(|_| Reply::Raw(403, br#"{"Message":"no"}"#.to_vec()));
        assert_eq!(sign_up(&pool, "eve").await.unwrap_err(), unexpected("error AccessDeniedException"));
    })
    .await;
}

/// TRG-2: a function may call the API back about the user whom it is called for.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_function_may_call_back(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { connections: 2, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let create = server.aws.create_group().user_pool_id(&pool.id).group_name("members");
        create.send().await.unwrap();
        let (aws, id) = (server.aws.clone(), pool.id.clone());
        let receiver = Receiver::start(move |event: &Value| {
            let (aws, id) = (aws.clone(), id.clone());
            let name = event["userName"].as_str().unwrap().to_owned();
            let add = move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                let add = aws.admin_add_user_to_group().user_pool_id(id).username(name).group_name("members");
                runtime.block_on(add.send()).unwrap();
            };
            std::thread::spawn(add).join().unwrap();
            Reply::Response(json!({}))
        });
        let config = LambdaConfigType::builder().post_authentication(receiver.function("join"));
        put(&pool, config.build()).await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (_, claims) = verified(&pool, tokens.id_token().unwrap()).await;
        assert_eq!(claims["cognito:groups"], json!(["members"]));
    })
    .await;
}

/// The guide's receiver in Rust is the example, and it receives.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_guides_receiver_lets_in_whom_it_knows(_: PgPoolOptions, db: PgConnectOptions) {
    let example = include_str!("../../examples/webhook_receiver.rs");
    let (_, code) = example.split_once("\n\n").unwrap();
    assert!(include_str!("../../../../docs/guides/triggers.md").contains(&format!("```rust\n{code}```")));
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let stored = user_pool::get(&server.db, &pool.pool_id()).await.unwrap().unwrap();
        let secret = secrets(&stored, server.clock.now()).remove(0);
        let webhook = Webhook::new(secret.expose_secret()).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/sign-up", listener.local_addr().unwrap());
        let serving = tokio::spawn(axum::serve(listener, webhook_receiver::receiver(webhook)).into_future());
        put_pre_sign_up(&pool, &url).await;
        assert!(sign_up(&pool, "ada").await.unwrap());
        let stranger = server.aws.sign_up().client_id(&pool.client).username("eve").password(PASSWORD);
        let refused = stranger.user_attributes(attribute("email", "eve@example.org")).send().await;
        assert_eq!(said(refused.unwrap_err()).1, "PreSignUp failed with error Not one of us.");
        serving.abort();
    })
    .await;
}
