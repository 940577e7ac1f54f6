//! What each function of a pool is told, and what its answer changes.

pub(crate) mod senders;
mod tokens;

use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, DeliveryMediumType, LambdaConfigType, MessageActionType, UserPoolMfaType,
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::functions::put;
use crate::receiver::{Receiver, Reply, raised};
use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender, said};
use crate::sign_in_codes::pool_with;

/// What every event of a pool's client tells, with what is particular to one.
fn event(pool: &TestPool<'_>, source: &str, name: &str, request: Value, response: Value) -> Value {
    json!({
        "version": "1",
        "triggerSource": source,
        "region": "us-east-1",
        "userPoolId": pool.id,
        "userName": name,
        "callerContext": { "awsSdkVersion": SDK, "clientId": pool.client },
        "request": request,
        "response": response,
    })
}

/// The SDK of these tests, as functions are told of it, whichever version it has.
const SDK: &str = "aws-sdk-rust-*";

/// The event with the SDK's version, which is not ours, taken out.
fn without_version(mut event: Value) -> Value {
    let version = event["callerContext"]["awsSdkVersion"].as_str().unwrap();
    assert!(version.starts_with("aws-sdk-rust-"), "{version}");
    event["callerContext"]["awsSdkVersion"] = json!(SDK);
    event
}

async fn sub_of(pool: &TestPool<'_>, name: &str) -> String {
    let user = pool.server.aws.admin_get_user().user_pool_id(&pool.id).username(name).send().await.unwrap();
    user.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap().to_owned()
}

async fn get(pool: &TestPool<'_>, name: &str, attribute: &str) -> Option<String> {
    let user = pool.server.aws.admin_get_user().user_pool_id(&pool.id).username(name).send().await.unwrap();
    let found = user.user_attributes().iter().find(|it| it.name() == attribute);
    found.and_then(|it| it.value()).map(str::to_owned)
}

/// A user with a proven address.
async fn user_with_email(pool: &TestPool<'_>, name: &str) {
    pool.admin_user(name).await;
    let update = pool.server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username(name);
    let update = update.user_attributes(attribute("email", &email_of(name)));
    update.user_attributes(attribute("email_verified", "true")).send().await.unwrap();
}

/// PreSignUp confirms and verifies, or refuses; PostConfirmation is told.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sign_up_is_judged_and_told_of(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        let url = receiver.function("sign-up");
        put(&pool, LambdaConfigType::builder().pre_sign_up(&url).post_confirmation(&url).build()).await;
        let sign_up = |name: &str| {
            let sign_up = server.aws.sign_up().client_id(&pool.client).username(name).password(PASSWORD);
            let sign_up = sign_up.user_attributes(attribute("email", &email_of(name)));
            sign_up.validation_data(attribute("invitation", "7")).client_metadata("page", "join").send()
        };
        // Nothing said: a code, as ever.
        assert!(!sign_up("ada").await.unwrap().user_confirmed);
        let request = json!({
            "userAttributes": { "email": "ada@example.com" },
            "validationData": { "invitation": "7" },
            "clientMetadata": { "page": "join" },
        });
        let response =
            json!({ "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false });
        let told = without_version(receiver.last("PreSignUp_SignUp"));
        assert_eq!(told, event(&pool, "PreSignUp_SignUp", "ada", request, response));
        let code = server.code_to("ada@example.com").await;
        let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username("ada");
        confirm.confirmation_code(code).client_metadata("page", "code").send().await.unwrap();
        let request = json!({
            "userAttributes": {
                "sub": sub_of(&pool, "ada").await,
                "email": "ada@example.com",
                "email_verified": "true",
                "cognito:user_status": "CONFIRMED",
            },
            "clientMetadata": { "page": "code" },
        });
        let source = "PostConfirmation_ConfirmSignUp";
        let told = without_version(receiver.last(source));
        assert_eq!(told, event(&pool, source, "ada", request, json!({})));

        receiver.sources();
        receiver
            .answer_with(|_| Reply::Response(json!({ "autoConfirmUser": true, "autoVerifyEmail": true })));
        let done = sign_up("grace").await.unwrap();
        assert!(done.user_confirmed && done.code_delivery_details.is_none());
        assert_eq!(receiver.sources(), ["PreSignUp_SignUp", source]);
        assert_eq!(get(&pool, "grace", "email_verified").await.unwrap(), "true");
        assert!(server.message_to("grace@example.com").await.is_none());
        pool.sign_in("grace", PASSWORD).await;

        receiver.answer_with(|_| raised("Not here"));
        let refused =
            ("UserLambdaValidationException".to_owned(), "PreSignUp failed with error Not here.".to_owned());
        assert_eq!(said(sign_up("eve").await.unwrap_err()), refused);
        let create = || {
            let create = server.aws.admin_create_user().user_pool_id(&pool.id).username("eve");
            create.message_action(MessageActionType::Suppress)
        };
        assert_eq!(said(create().send().await.unwrap_err()), refused);
        receiver.answer_with(|_| Reply::Response(json!({ "autoConfirmUser": true })));
        create().client_metadata("by", "hand").send().await.unwrap();
        let told = receiver.last("PreSignUp_AdminCreateUser");
        assert_eq!(told["callerContext"]["clientId"], "CLIENT_ID_NOT_APPLICABLE");
        assert_eq!(told["request"]["clientMetadata"], json!({ "by": "hand" }));

        // What was done is done, whatever is said after it.
        receiver.answer_with(|event| match event["triggerSource"].as_str() {
            Some("PreSignUp_SignUp") => Reply::Response(json!({})),
            _ => raised("Too late"),
        });
        sign_up("mary").await.unwrap();
        let confirm = server.aws.admin_confirm_sign_up().user_pool_id(&pool.id).username("mary");
        let late = said(confirm.send().await.unwrap_err());
        assert_eq!(late.1, "PostConfirmation failed with error Too late.");
        pool.sign_in("mary", PASSWORD).await;
    })
    .await;
}

/// A function that does not let somebody in is obeyed, at whichever end of the sign-in it stands.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sign_in_is_judged_before_and_told_of_after(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        let pool = server.with_client(pool.id, true).await;
        pool.confirmed_user("ada").await;
        let url = receiver.function("sign-in");
        put(&pool, LambdaConfigType::builder().pre_authentication(&url).post_authentication(&url).build()).await;
        let first = pool.password_auth("ada", PASSWORD).client_metadata("page", "login").send().await.unwrap();
        let (before, after) = ("PreAuthentication_Authentication", "PostAuthentication_Authentication");
        let attributes = json!({
            "sub": sub_of(&pool, "ada").await,
            "email": "ada@example.com",
            "email_verified": "true",
            "cognito:user_status": "CONFIRMED",
        });
        let request =
            json!({ "userAttributes": attributes, "validationData": { "page": "login" }, "userNotFound": false });
        let told = without_version(receiver.last(before));
        assert_eq!(told, event(&pool, before, "ada", request, json!({})));
        let request = json!({ "userAttributes": attributes, "newDeviceUsed": false, "clientMetadata": {} });
        let told = without_version(receiver.last(after));
        assert_eq!(told, event(&pool, after, "ada", request, json!({})));
        assert_eq!(receiver.sources(), [before, after]);

        // Not on a refresh; before a wrong password; about nobody as well, where the client hides that (ENU-1).
        let refresh = first.authentication_result.unwrap().refresh_token.unwrap();
        pool.refresh(&refresh).send().await.unwrap();
        pool.password_auth("ada", "wrong").send().await.unwrap_err();
        assert_eq!(receiver.sources(), [before]);
        pool.password_auth("nobody", PASSWORD).send().await.unwrap_err();
        assert_eq!(receiver.last(before)["request"]["userNotFound"], true);

        let refuse_at = |source: &'static str| {
            receiver.answer_with(move |event| match event["triggerSource"] == source {
                true => raised("Closed"),
                false => Reply::Response(json!({})),
            });
        };
        for (source, trigger) in [(before, "PreAuthentication"), (after, "PostAuthentication")] {
            refuse_at(source);
            let refused = said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err());
            let expected = format!("{trigger} failed with error Closed.");
            assert_eq!(refused, ("UserLambdaValidationException".to_owned(), expected));
        }
        refuse_at("nothing");
        pool.sign_in("ada", PASSWORD).await;
    })
    .await;
}

/// CustomMessage words messages; without the code in them they are none.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn messages_are_in_the_functions_words(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        let url = receiver.function("words");
        put(&pool, LambdaConfigType::builder().custom_message(&url).build()).await;
        receiver.answer_with(|event| {
            let name = event["request"]["usernameParameter"].as_str().unwrap_or_default();
            let source = event["triggerSource"].as_str().unwrap();
            Reply::Response(json!({
                "emailSubject": format!("{source}!"), "emailMessage": format!("{name} <b>{{####}}</b>"),
            }))
        });
        let words = async |address: &str| {
            let body = server.message_to(address).await.unwrap();
            let words = body.words.clone().unwrap();
            (words.subject.unwrap(), words.body.unwrap())
        };
        let ada = "ada@example.com";
        pool.sign_up("ada").await;
        assert_eq!(words(ada).await, ("CustomMessage_SignUp!".into(), " <b>{####}</b>".into()));
        let told = without_version(receiver.last("CustomMessage_SignUp"));
        let request = json!({
            "userAttributes": {
                "sub": sub_of(&pool, "ada").await, "email": ada, "cognito:user_status": "UNCONFIRMED",
            },
            "codeParameter": "{####}",
            "linkParameter": "{##Click Here##}",
            "usernameParameter": null,
            "clientMetadata": {},
        });
        let response = json!({ "smsMessage": null, "emailMessage": null, "emailSubject": null });
        assert_eq!(told, event(&pool, "CustomMessage_SignUp", "ada", request, response));

        let aws = &server.aws;
        aws.resend_confirmation_code().client_id(&pool.client).username("ada").send().await.unwrap();
        assert_eq!(words(ada).await.0, "CustomMessage_ResendCode!");
        let code = server.code_to(ada).await;
        let confirm = aws.confirm_sign_up().client_id(&pool.client).username("ada").confirmation_code(code);
        confirm.send().await.unwrap();
        let forgot = aws.forgot_password().client_id(&pool.client).username("ada");
        forgot.client_metadata("page", "lost").send().await.unwrap();
        assert_eq!(words(ada).await.0, "CustomMessage_ForgotPassword!");
        let told = receiver.last("CustomMessage_ForgotPassword");
        assert_eq!(told["request"]["clientMetadata"], json!({ "page": "lost" }));
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let code = aws.get_user_attribute_verification_code().access_token(access).attribute_name("email");
        code.send().await.unwrap();
        assert_eq!(words(ada).await.0, "CustomMessage_VerifyUserAttribute!");
        let update = aws.update_user_attributes().access_token(access);
        update.user_attributes(attribute("email", "ada@new.example")).send().await.unwrap();
        assert_eq!(words("ada@new.example").await.0, "CustomMessage_UpdateUserAttribute!");
        // They are told of the address that is to be proven.
        let told = receiver.last("CustomMessage_UpdateUserAttribute");
        assert_eq!(told["request"]["userAttributes"]["email"], "ada@new.example");
        let create = || {
            let create = aws.admin_create_user().user_pool_id(&pool.id).username("grace");
            let create = create.user_attributes(attribute("email", &email_of("grace")));
            create.desired_delivery_mediums(DeliveryMediumType::Email).send()
        };
        create().await.unwrap();
        let invitation = ("CustomMessage_AdminCreateUser!".into(), "{username} <b>{####}</b>".into());
        assert_eq!(words("grace@example.com").await, invitation);

        // A code after the password as well.
        let mfa = pool_with(server, UserPoolMfaType::On).await;
        let functions = LambdaConfigType::builder().custom_message(&url).build();
        let update = aws.update_user_pool().user_pool_id(&mfa.id).email_configuration(own_sender());
        update.lambda_config(functions).mfa_configuration(UserPoolMfaType::On).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        user_with_email(&mfa, "mary").await;
        mfa.password_auth("mary", PASSWORD).send().await.unwrap();
        assert_eq!(words(&email_of("mary")).await.0, "CustomMessage_Authentication!");

        // Where the client hides who exists, what it says of a user is answered as for nobody (ENU-1).
        receiver.answer_with(|_| raised("No mail today"));
        let hiding = server.with_client(pool.id.clone(), true).await;
        for name in ["ada", "nobody"] {
            aws.forgot_password().client_id(&hiding.client).username(name).send().await.unwrap();
            let confirm = aws.confirm_forgot_password().client_id(&hiding.client).username(name);
            let wrong = confirm.confirmation_code("000000").password(PASSWORD).send().await.unwrap_err();
            assert_eq!(said(wrong).0, "CodeMismatchException", "{name}");
        }

        for bad in [
            json!({ "emailMessage": "no code" }),
            json!({ "emailMessage": 7 }),
            json!({ "emailSubject": "x".repeat(141) }),
        ] {
            let said_so = bad.clone();
            receiver.answer_with(move |_| Reply::Response(said_so.clone()));
            let sign_up = aws.sign_up().client_id(&pool.client).username("eve").password(PASSWORD);
            let refused = sign_up.user_attributes(attribute("email", &email_of("eve"))).send().await;
            assert_eq!(said(refused.unwrap_err()).0, "InvalidLambdaResponseException", "{bad}");
        }
    })
    .await;
}

/// UserMigration brings users over with the password they have, or to a new one.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn users_are_brought_over_as_they_come(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let (receiver, pool) = (Receiver::silent(), server.user_pool().await);
        put(&pool, LambdaConfigType::builder().user_migration(receiver.function("users")).build()).await;
        receiver.answer_with(|event| {
            let (name, request) = (event["userName"].as_str().unwrap(), &event["request"]);
            let attributes = json!({ "email": email_of(name), "email_verified": "true" });
            match event["triggerSource"].as_str().unwrap() {
                _ if name == "nobody" => Reply::Response(json!({})),
                _ if name == "eve" => Reply::Raw(401, b"no".to_vec()),
                "UserMigration_Authentication" if name == "joan" => {
                    Reply::Response(json!({ "userAttributes": attributes }))
                }
                "UserMigration_ForgotPassword" => Reply::Response(json!({ "userAttributes": attributes })),
                _ if request["password"] != "old" => raised("Bad password"),
                _ => Reply::Response(json!({
                    "userAttributes": attributes, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS",
                })),
            }
        });
        let wrong = pool.password_auth("ada", "guess").client_metadata("page", "login").send().await;
        let expected = "UserMigration failed with error Bad password.".to_owned();
        assert_eq!(said(wrong.unwrap_err()), ("UserLambdaValidationException".to_owned(), expected));
        let source = "UserMigration_Authentication";
        let request =
            json!({ "password": "guess", "validationData": { "page": "login" }, "clientMetadata": {} });
        let response = json!({
            "userAttributes": null, "finalUserStatus": null, "messageAction": null,
            "desiredDeliveryMediums": null, "forceAliasCreation": null, "enableSMSMFA": null,
        });
        let told = without_version(receiver.last(source));
        assert_eq!(told, event(&pool, source, "ada", request, response));
        // No policy is asked about the password that they have.
        pool.sign_in("ada", "old").await;
        receiver.sources();
        pool.sign_in("ada", "old").await;
        assert!(receiver.sources().is_empty());
        assert_eq!(get(&pool, "ada", "email").await.unwrap(), "ada@example.com");

        let unknown = said(pool.password_auth("nobody", "old").send().await.unwrap_err());
        assert_eq!(unknown.0, "UserNotFoundException");
        server.aws.forgot_password().client_id(&pool.client).username("grace").send().await.unwrap();
        let code = server.code_to("grace@example.com").await;
        let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("grace");
        confirm.confirmation_code(code).password(PASSWORD).send().await.unwrap();
        pool.sign_in("grace", PASSWORD).await;

        // The password was right where she comes from, and is not to be hers here.
        let reset = said(pool.password_auth("joan", "old").send().await.unwrap_err());
        assert_eq!(reset.0, "PasswordResetRequiredException");

        // Guesses at passwords elsewhere are counted here, however they are refused there (LCK-1).
        for _ in 0..5 {
            pool.password_auth("eve", "guess").send().await.unwrap_err();
        }
        let locked = said(pool.password_auth("eve", "guess").send().await.unwrap_err());
        assert_eq!(locked.1, "Password attempts exceeded");
        // Where the client hides who exists, the function's words would tell.
        let hiding = server.with_client(pool.id.clone(), true).await;
        let hidden = said(hiding.password_auth("mary", "guess").send().await.unwrap_err());
        assert_eq!(hidden.1, "Incorrect username or password.");
        let srp = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let srp = srp.auth_flow(AuthFlowType::AdminUserPasswordAuth).auth_parameters("USERNAME", "mary");
        srp.auth_parameters("PASSWORD", "old").send().await.unwrap().authentication_result.unwrap();
    })
    .await;
}
