//! Functions that send messages in place of the server. That AWS's own library decrypts what they get is tried with the clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_cognitoidentityprovider::types::{
    CustomEmailLambdaVersionConfigType, CustomEmailSenderLambdaVersionType, CustomSmsLambdaVersionConfigType,
    CustomSmsSenderLambdaVersionType, DeliveryMediumType, LambdaConfigType, SmsMfaConfigType,
    SoftwareTokenMfaConfigType, UserPoolMfaType, VerifiedAttributeType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{event, sub_of, user_with_email, without_version};
use crate::functions::put;
use crate::receiver::{Receiver, Reply, raised};
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender, said};
use crate::sign_in_codes::pool_with;

const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/1";

pub(crate) fn senders(url: &str) -> LambdaConfigType {
    let email = CustomEmailLambdaVersionConfigType::builder().lambda_arn(url);
    let email = email.lambda_version(CustomEmailSenderLambdaVersionType::V10).build().unwrap();
    let sms = CustomSmsLambdaVersionConfigType::builder().lambda_arn(url);
    let sms = sms.lambda_version(CustomSmsSenderLambdaVersionType::V10).build().unwrap();
    LambdaConfigType::builder().custom_email_sender(email).custom_sms_sender(sms).kms_key_id(KEY).build()
}

/// The next call of a source, with the code, which is encrypted, taken out.
async fn told(receiver: &Receiver, pool: &TestPool<'_>, source: &str) -> Value {
    let start = Instant::now();
    let mut told = loop {
        let calls = receiver.calls();
        if let Some(call) = calls.iter().find(|call| call.event["triggerSource"] == source) {
            break without_version(call.event.clone());
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{source} was not called");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    receiver.forget(source);
    let code = &mut told["request"]["code"];
    if let Some(sealed) = code.as_str() {
        let message = STANDARD.decode(sealed).unwrap();
        let header = String::from_utf8_lossy(&message);
        // Format 2, with a suite that commits to its key.
        assert_eq!(message[..3], [2, 4, 0x78]);
        for part in ["userpool-id", pool.id.as_str(), "cognate", KEY] {
            assert!(header.contains(part), "{part}");
        }
        *code = json!("a code");
    }
    told
}

fn sends(
    pool: &TestPool<'_>,
    (kind, source, name): (&str, &str, &str),
    attributes: &Value,
    metadata: Value,
) -> Value {
    let request = json!({
        "type": kind, "code": "a code", "clientMetadata": metadata, "userAttributes": attributes,
    });
    event(pool, source, name, request, json!({}))
}

const EMAIL: &str = "customEmailSenderRequestV1";
const SMS: &str = "customSMSSenderRequestV1";

/// Every message is told of, with the code for the function alone, and none is sent by the server.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_function_sends_every_message(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        // A sender's answer is not read.
        receiver.answer_with(|_| Reply::Raw(204, Vec::new()));
        put(&pool, senders(&receiver.function("send"))).await;
        let (aws, ada) = (&server.aws, "ada@example.com");
        let sign_up = aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        let sign_up = sign_up.user_attributes(attribute("email", ada)).client_metadata("page", "join");
        sign_up.send().await.unwrap();
        let mut attributes = json!({
            "sub": sub_of(&pool, "ada").await, "email": ada, "cognito:user_status": "UNCONFIRMED",
        });
        let source = "CustomEmailSender_SignUp";
        let expected = sends(&pool, (EMAIL, source, "ada"), &attributes, json!({ "page": "join" }));
        assert_eq!(told(&receiver, &pool, source).await, expected);

        aws.resend_confirmation_code().client_id(&pool.client).username("ada").send().await.unwrap();
        let source = "CustomEmailSender_ResendCode";
        let expected = sends(&pool, (EMAIL, source, "ada"), &attributes, json!({}));
        assert_eq!(told(&receiver, &pool, source).await, expected);

        // The code that the function got is the one that counts.
        let code = server.code_to(ada).await;
        let confirm = aws.confirm_sign_up().client_id(&pool.client).username("ada").confirmation_code(code);
        confirm.send().await.unwrap();
        attributes["email_verified"] = json!("true");
        attributes["cognito:user_status"] = json!("CONFIRMED");
        aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let source = "CustomEmailSender_ForgotPassword";
        let expected = sends(&pool, (EMAIL, source, "ada"), &attributes, json!({}));
        assert_eq!(told(&receiver, &pool, source).await, expected);

        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let code = aws.get_user_attribute_verification_code().access_token(access).attribute_name("email");
        code.send().await.unwrap();
        let source = "CustomEmailSender_VerifyUserAttribute";
        let expected = sends(&pool, (EMAIL, source, "ada"), &attributes, json!({}));
        assert_eq!(told(&receiver, &pool, source).await, expected);

        let update = aws.update_user_attributes().access_token(access);
        update.user_attributes(attribute("email", "ada@new.example")).send().await.unwrap();
        let source = "CustomEmailSender_UpdateUserAttribute";
        let said = told(&receiver, &pool, source).await;
        assert_eq!(said["request"]["userAttributes"]["email"], "ada@new.example");

        let create = aws.admin_create_user().user_pool_id(&pool.id).username("grace");
        let create = create.user_attributes(attribute("email", &email_of("grace")));
        let create = create.user_attributes(attribute("phone_number", "+12065550100"));
        let create = create.desired_delivery_mediums(DeliveryMediumType::Email);
        create.desired_delivery_mediums(DeliveryMediumType::Sms).send().await.unwrap();
        for (source, kind) in
            [("CustomEmailSender_AdminCreateUser", EMAIL), ("CustomSMSSender_AdminCreateUser", SMS)]
        {
            let said = told(&receiver, &pool, source).await;
            assert_eq!(said["request"]["type"], kind);
            assert_eq!(said["callerContext"]["clientId"], "CLIENT_ID_NOT_APPLICABLE");
            assert_eq!(said["request"]["code"], "a code");
        }
    })
    .await;
}

/// Codes at sign-in.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_function_sends_what_signing_in_sends(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let (receiver, pool) = (Receiver::silent(), pool_with(server, UserPoolMfaType::On).await);
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).email_configuration(own_sender());
        let update = update.lambda_config(senders(&receiver.function("send")));
        update.mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        tokio::time::sleep(Duration::from_millis(800)).await;
        user_with_email(&pool, "ada").await;
        pool.password_auth("ada", PASSWORD).send().await.unwrap();
        let source = "CustomEmailSender_Authentication";
        let attributes = json!({
            "sub": sub_of(&pool, "ada").await,
            "email": "ada@example.com",
            "email_verified": "true",
            "cognito:user_status": "CONFIRMED",
        });
        let expected = sends(&pool, (EMAIL, source, "ada"), &attributes, json!({}));
        assert_eq!(told(&receiver, &pool, source).await, expected);
    })
    .await;
}

/// A pool whose function sends text messages verifies numbers although the installation sends none.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn text_messages_need_no_gateway_of_the_installations(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let receiver = Receiver::silent();
        let create = server.aws.create_user_pool().pool_name("sms");
        let create = create.auto_verified_attributes(VerifiedAttributeType::PhoneNumber);
        let created = create.lambda_config(senders(&receiver.function("send"))).send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        let sign_up = sign_up.user_attributes(attribute("phone_number", "+12065550100")).send().await;
        let delivery = sign_up.unwrap().code_delivery_details.unwrap();
        assert_eq!(delivery.delivery_medium, Some(DeliveryMediumType::Sms));
        let source = "CustomSMSSender_SignUp";
        let said = told(&receiver, &pool, source).await;
        assert_eq!(said["request"]["type"], SMS);
        // KEY-3: what the function has is nowhere else.
        let start = Instant::now();
        while server.message_to("+12065550100").await.is_some() {
            assert!(start.elapsed() < Duration::from_secs(10), "the body of a sent message is still there");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// DUR-4, TRG-3: a function that raises or hangs is asked again later, with the same id, and holds up its own pool alone.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sender_that_fails_is_asked_again_and_delays_nobody(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { trigger_timeout_seconds: 1, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        let asked = Arc::new(AtomicUsize::new(0));
        receiver.answer_with(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
            0 => raised("ada@example.com is away"),
            _ => Reply::Raw(200, b"done".to_vec()),
        });
        put(&pool, senders(&receiver.function("send"))).await;
        pool.sign_up("ada").await;
        let waiting = async |calls: usize| {
            let start = Instant::now();
            while receiver.calls().len() < calls {
                assert!(start.elapsed() < Duration::from_secs(20), "{calls} calls were not made");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        waiting(1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let waits = cognate_store::message::undelivered(&server.db, 10).await.unwrap();
        // LOG-1: what the function says is not written down.
        assert_eq!(waits[0].last_error.as_deref(), Some("CustomEmailSender raised an error"));
        server.clock.advance(chrono::Duration::seconds(6));
        waiting(2).await;
        let calls = receiver.calls();
        assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));

        // An account with many pools whose functions hang, and somebody else's pool.
        let hanging = Receiver::start(|_| Reply::Hang);
        for number in 0..6 {
            let pool = server.user_pool().await;
            put(&pool, senders(&hanging.function(&format!("{number}")))).await;
            let names: Vec<_> = (0..16).map(|number| format!("user-{number}")).collect();
            futures_util::future::join_all(names.iter().map(|name| pool.sign_up(name))).await;
        }
        let (_, aws) = server.other_account().await;
        let quick = Receiver::silent();
        let create =
            aws.create_user_pool().pool_name("other").lambda_config(senders(&quick.function("send")));
        let create = create.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let id = create.user_pool.unwrap().id.unwrap();
        let client = aws.create_user_pool_client().user_pool_id(&id).client_name("web").send().await.unwrap();
        let client = client.user_pool_client.unwrap().client_id.unwrap();
        let start = Instant::now();
        let other = TestPool { server, id, client };
        other.sign_up("grace").await;
        told(&quick, &other, "CustomEmailSender_SignUp").await;
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert!((60..96).contains(&hanging.calls().len()), "{}", hanging.calls().len());
    })
    .await;
}

/// MFA-1: a factor that codes no longer reach is not replaced by whoever knows the password.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_keeps_the_function_that_its_users_sign_in_by(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        put(&pool, senders(&receiver.function("send"))).await;
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let sms = SmsMfaConfigType::builder().sms_authentication_message("Code {####}").build();
        let app = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let set = set.sms_mfa_configuration(sms).software_token_mfa_configuration(app);
        set.mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        let update = || server.aws.update_user_pool().user_pool_id(&pool.id);
        let refused = said(update().mfa_configuration(UserPoolMfaType::On).send().await.unwrap_err());
        assert_eq!(refused.0, "InvalidParameterException");
        assert!(refused.1.contains("CustomSMSSender"), "{}", refused.1);
        update().mfa_configuration(UserPoolMfaType::Off).send().await.unwrap();
    })
    .await;
}
