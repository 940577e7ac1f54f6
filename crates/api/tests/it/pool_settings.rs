//! What a pool's owner sets: what comes back, what an update resets, and what a setting does.

use aws_sdk_cognitoidentityprovider::operation::create_user_pool::builders::CreateUserPoolFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    AccountRecoverySettingType, AcrLevelConfigType, AdminCreateUserConfigType, AdvancedSecurityModeType,
    AuthFactorType, ChallengeNameType, CustomEmailLambdaVersionConfigType,
    CustomEmailSenderLambdaVersionType, DeviceConfigurationType, EmailConfigurationType, EmailMfaConfigType,
    EmailSendingAccountType, EncryptionKeyType, IssuerConfigurationType, IssuerType, KeyConfigurationType,
    LambdaConfigType, PasswordPolicyType, RecoveryOptionNameType, RecoveryOptionType, SignInPolicyType,
    SmsConfigurationType, SmsMfaConfigType, SoftwareTokenMfaConfigType, UserAttributeUpdateSettingsType,
    UserPoolAddOnsType, UserPoolMfaType, UserPoolPolicyType, UserPoolType, UserVerificationType,
    VerifiedAttributeType, WebAuthnConfigurationType,
};
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::security::signing::{Key, call};
use crate::server::{PASSWORD, Setup, TestServer, said};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const ROLE: &str = "arn:aws:iam::123456789012:role/sns";

fn sms() -> SmsConfigurationType {
    SmsConfigurationType::builder().sns_caller_arn(ROLE).external_id("x").sns_region("us-east-1").build()
}

async fn describe(server: &TestServer, id: &str) -> UserPoolType {
    server.aws.describe_user_pool().user_pool_id(id).send().await.unwrap().user_pool.unwrap()
}

/// A pool with everything that waits for a later capability.
fn rich(server: &TestServer) -> CreateUserPoolFluentBuilder {
    let protection = UserPoolAddOnsType::builder()
        .advanced_security_mode(AdvancedSecurityModeType::Audit)
        .build()
        .unwrap();
    let factors = SignInPolicyType::builder()
        .allowed_first_auth_factors(AuthFactorType::Password)
        .allowed_first_auth_factors(AuthFactorType::EmailOtp);
    let proof = UserAttributeUpdateSettingsType::builder()
        .attributes_require_verification_before_update(VerifiedAttributeType::Email);
    server
        .aws
        .create_user_pool()
        .pool_name("rich")
        .auto_verified_attributes(VerifiedAttributeType::Email)
        .user_attribute_update_settings(proof.build())
        .policies(
            UserPoolPolicyType::builder()
                .password_policy(
                    PasswordPolicyType::builder().minimum_length(10).password_history_size(5).build(),
                )
                .sign_in_policy(factors.build())
                .build(),
        )
        .mfa_configuration(UserPoolMfaType::Optional)
        .sms_authentication_message("Code {####}")
        .sms_configuration(sms())
        .device_configuration(
            DeviceConfigurationType::builder().challenge_required_on_new_device(true).build(),
        )
        .user_pool_add_ons(protection)
        .lambda_config(LambdaConfigType::builder().pre_token_generation(FUNCTION).build())
        .email_configuration(EmailConfigurationType::builder().configuration_set("set").build())
        .acr_configuration("Level4", AcrLevelConfigType::builder().acr_value("gold").build().unwrap())
        .issuer_configuration(IssuerConfigurationType::builder().r#type(IssuerType::Updated).build())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_set_comes_back_and_an_update_resets_what_cognito_resets(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let created = rich(server).send().await.unwrap().user_pool.unwrap();
        let id = created.id().unwrap();
        let pool = describe(server, id).await;
        assert_eq!(created, pool);
        assert_eq!(pool.mfa_configuration(), Some(&UserPoolMfaType::Optional));
        assert_eq!(pool.sms_authentication_message(), Some("Code {####}"));
        assert_eq!(pool.sms_configuration(), Some(&sms()));
        let proof = pool.user_attribute_update_settings().unwrap();
        assert_eq!(proof.attributes_require_verification_before_update(), [VerifiedAttributeType::Email]);
        let devices = pool.device_configuration().unwrap();
        assert!(
            devices.challenge_required_on_new_device() && !devices.device_only_remembered_on_user_prompt()
        );
        let mode = pool.user_pool_add_ons().unwrap().advanced_security_mode();
        assert_eq!(mode, &AdvancedSecurityModeType::Audit);
        let lambda = pool.lambda_config().unwrap();
        assert_eq!(lambda.pre_token_generation(), Some(FUNCTION));
        assert_eq!(lambda.pre_token_generation_config().unwrap().lambda_arn(), FUNCTION);
        assert_eq!(pool.email_configuration().unwrap().configuration_set(), Some("set"));
        let acr = pool.acr_configuration().unwrap();
        assert_eq!((acr.len(), acr["Level1"].acr_value()), (4, "urn:cognito:loa:1"));
        assert_eq!(acr["Level4"].acr_value(), "gold");
        assert_eq!(pool.issuer_configuration().unwrap().r#type(), Some(&IssuerType::Updated));
        let policies = pool.policies().unwrap();
        assert_eq!(policies.password_policy().unwrap().password_history_size(), Some(5));
        let factors = policies.sign_in_policy().unwrap().allowed_first_auth_factors();
        assert_eq!(factors, [AuthFactorType::Password, AuthFactorType::EmailOtp]);
        let listed = server.aws.list_user_pools().max_results(5).send().await.unwrap().user_pools.unwrap();
        assert_eq!(listed[0].lambda_config().unwrap().pre_token_generation(), Some(FUNCTION));

        server.aws.update_user_pool().user_pool_id(id).send().await.unwrap();
        let reset = describe(server, id).await;
        assert_eq!(reset.user_attribute_update_settings(), None);
        assert_eq!(reset.device_configuration(), None);
        assert_eq!(reset.user_pool_add_ons(), None);
        assert_eq!(reset.sms_configuration(), None);
        assert_eq!(reset.acr_configuration(), None);
        assert_eq!(reset.lambda_config(), Some(&LambdaConfigType::builder().build()));
        // What Cognito keeps.
        assert_eq!(reset.policies(), pool.policies());
        assert_eq!(reset.mfa_configuration(), pool.mfa_configuration());
        assert_eq!(reset.issuer_configuration(), pool.issuer_configuration());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn settings_that_cannot_be_are_refused_and_change_nothing(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let create = || server.aws.create_user_pool().pool_name("x");
        let refused = |error| said(error).1;
        let required = create().mfa_configuration(UserPoolMfaType::On).send().await.unwrap_err();
        assert_eq!(
            refused(required),
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
        );
        // No text message leaves this server.
        let sms = create().mfa_configuration(UserPoolMfaType::On).sms_configuration(sms()).send().await;
        assert!(refused(sms.unwrap_err()).contains("not supported by this server yet"));
        let proof = UserAttributeUpdateSettingsType::builder()
            .attributes_require_verification_before_update(VerifiedAttributeType::Email);
        let proof = create().user_attribute_update_settings(proof.build()).send().await.unwrap_err();
        assert!(refused(proof).contains("must be in AutoVerifiedAttributes too"));
        let key = KeyConfigurationType::builder().key_type(EncryptionKeyType::CustomerManagedKey);
        let key = create().key_configuration(key.kms_key_arn("arn:aws:kms:us-east-1:1:key/a").build());
        assert!(refused(key.send().await.unwrap_err()).contains("AWS_OWNED_KEY"));
        let two = LambdaConfigType::builder().custom_email_sender(
            CustomEmailLambdaVersionConfigType::builder()
                .lambda_arn(FUNCTION)
                .lambda_version(CustomEmailSenderLambdaVersionType::V10)
                .build()
                .unwrap(),
        );
        let two = create().lambda_config(two.build()).send().await.unwrap_err();
        assert!(refused(two).contains("KMSKeyID"));
        let same = AcrLevelConfigType::builder().acr_value("urn:cognito:loa:2").build().unwrap();
        let same = create().acr_configuration("Level1", same).send().await.unwrap_err();
        assert!(refused(same).contains("another AcrValue"));
        let factors = SignInPolicyType::builder().allowed_first_auth_factors(AuthFactorType::WebAuthn);
        let factors = UserPoolPolicyType::builder().sign_in_policy(factors.build()).build();
        let factors = create().policies(factors).send().await.unwrap_err();
        assert!(refused(factors).contains("must contain PASSWORD"));
        let pools = server.aws.list_user_pools().max_results(5).send().await.unwrap();
        assert!(pools.user_pools().is_empty());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn second_factors_are_replaced_whole(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let sender = EmailConfigurationType::builder()
            .email_sending_account(EmailSendingAccountType::Developer)
            .source_arn("arn:aws:ses:us-east-1:123456789012:identity/a@tenant.example")
            .build();
        let create = server.aws.create_user_pool().pool_name("x").email_configuration(sender);
        let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
        let get = || async { server.aws.get_user_pool_mfa_config().user_pool_id(&id).send().await.unwrap() };
        let unset = get().await;
        assert_eq!(unset.mfa_configuration(), Some(&UserPoolMfaType::Off));
        assert!(
            unset.sms_mfa_configuration().is_none() && unset.software_token_mfa_configuration().is_none()
        );

        let set = || server.aws.set_user_pool_mfa_config().user_pool_id(&id);
        let token = || SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let passkeys = WebAuthnConfigurationType::builder()
            .relying_party_id("login.example.com")
            .user_verification(UserVerificationType::Required)
            .build();
        let all = set()
            .mfa_configuration(UserPoolMfaType::Optional)
            .software_token_mfa_configuration(token())
            .email_mfa_configuration(EmailMfaConfigType::builder().message("{####}").subject("Code").build())
            .sms_mfa_configuration(
                SmsMfaConfigType::builder()
                    .sms_authentication_message("Code {####}")
                    .sms_configuration(sms())
                    .build(),
            )
            .web_authn_configuration(passkeys.clone());
        all.send().await.unwrap();
        let got = get().await;
        assert_eq!(got.mfa_configuration(), Some(&UserPoolMfaType::Optional));
        assert_eq!(got.sms_mfa_configuration().unwrap().sms_configuration(), Some(&sms()));
        assert_eq!(got.email_mfa_configuration().unwrap().subject(), Some("Code"));
        assert_eq!(got.software_token_mfa_configuration(), Some(&token()));
        assert_eq!(got.web_authn_configuration(), Some(&passkeys));
        // An update of the pool leaves them alone.
        server.aws.update_user_pool().user_pool_id(&id).send().await.unwrap();
        assert_eq!(get().await.software_token_mfa_configuration(), Some(&token()));

        set()
            .mfa_configuration(UserPoolMfaType::On)
            .software_token_mfa_configuration(token())
            .send()
            .await
            .unwrap();
        assert!(get().await.email_mfa_configuration().is_none());
        let nothing = set().mfa_configuration(UserPoolMfaType::On).send().await.unwrap_err();
        assert!(said(nothing).1.starts_with("Invalid MFA Configuration given."));
        let both = set().mfa_configuration(UserPoolMfaType::Off).software_token_mfa_configuration(token());
        assert!(
            said(both.send().await.unwrap_err())
                .1
                .starts_with("Invalid MFA configuration given, can't turn off")
        );
        set().web_authn_configuration(passkeys).send().await.unwrap();
        let off = get().await;
        assert_eq!(off.mfa_configuration(), Some(&UserPoolMfaType::Off));
        assert!(off.software_token_mfa_configuration().is_none() && off.web_authn_configuration().is_some());
    })
    .await;
}

/// What published code for Cognito sends, and Cognito takes.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn older_and_half_given_settings_are_taken_as_cognito_takes_them(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let create = || server.aws.create_user_pool().pool_name("x");
        let unused =
            |days: i32| AdminCreateUserConfigType::builder().unused_account_validity_days(days).build();
        let pool = create().admin_create_user_config(unused(14)).send().await.unwrap().user_pool.unwrap();
        let policy = pool.policies().unwrap().password_policy().unwrap();
        assert_eq!((policy.temporary_password_validity_days(), policy.minimum_length()), (14, Some(8)));
        let policy =
            PasswordPolicyType::builder().minimum_length(8).temporary_password_validity_days(3).build();
        let policies = UserPoolPolicyType::builder().password_policy(policy).build();
        let both = create().policies(policies).admin_create_user_config(unused(14)).send().await;
        assert!(
            said(both.unwrap_err())
                .1
                .starts_with("Please use TemporaryPasswordValidityDays in PasswordPolicy")
        );

        // The sender of an account that is Cognito's own, too.
        let sender = EmailConfigurationType::builder()
            .email_sending_account(EmailSendingAccountType::CognitoDefault)
            .source_arn("arn:aws:ses:us-east-1:123456789012:identity/a@tenant.example");
        let pool =
            create().email_configuration(sender.clone().build()).send().await.unwrap().user_pool.unwrap();
        let email = pool.email_configuration().unwrap();
        assert_eq!(email.email_sending_account(), Some(&EmailSendingAccountType::CognitoDefault));
        let foreign = sender.source_arn("arn:aws:ses:us-east-1:123456789012:identity/a@other.example");
        let refused = create().email_configuration(foreign.build()).send().await.unwrap_err();
        assert!(said(refused).1.contains("other.example"));

        // A priority comes back as it was given.
        let recovery = |priorities: &[i32]| {
            let names = [RecoveryOptionNameType::VerifiedEmail, RecoveryOptionNameType::VerifiedPhoneNumber];
            let options = priorities.iter().zip(names).map(|(priority, name)| {
                RecoveryOptionType::builder().priority(*priority).name(name).build().unwrap()
            });
            AccountRecoverySettingType::builder().set_recovery_mechanisms(Some(options.collect())).build()
        };
        let second =
            create().account_recovery_setting(recovery(&[2])).send().await.unwrap().user_pool.unwrap();
        assert_eq!(second.account_recovery_setting(), Some(&recovery(&[2])));
        let equal = create().account_recovery_setting(recovery(&[1, 1])).send().await.unwrap_err();
        assert_eq!(said(equal).0, "InvalidParameterException");

        let tags = (0..51).map(|number| (format!("t{number}"), String::new())).collect();
        let many = create().set_user_pool_tags(Some(tags)).send().await.unwrap_err();
        assert_eq!(said(many).1, "A user pool can have at most 50 tags.");
    })
    .await;
}

/// COD-3: verification before update goes off when it is switched off, not when it is forgotten.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn addresses_go_on_waiting_for_their_proof_until_told_otherwise(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let id = rich(server).send().await.unwrap().user_pool.unwrap().id.unwrap();
        let update = || {
            let update = server.aws.update_user_pool().user_pool_id(&id);
            update.auto_verified_attributes(VerifiedAttributeType::Email)
        };
        update().send().await.unwrap();
        assert!(describe(server, &id).await.user_attribute_update_settings().is_some());
        let none = UserAttributeUpdateSettingsType::builder()
            .set_attributes_require_verification_before_update(Some(Vec::new()));
        update().user_attribute_update_settings(none.build()).send().await.unwrap();
        assert!(describe(server, &id).await.user_attribute_update_settings().is_none());
    })
    .await;
}

/// A pool that demands a second factor signs nobody in with the first alone.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn required_second_factors_are_never_passed_over(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let token = pool.sign_in("ada", PASSWORD).await.refresh_token.unwrap();
        // A factor that the user has not set up.
        let own = EmailConfigurationType::builder()
            .email_sending_account(EmailSendingAccountType::Developer)
            .from("no-reply@tenant.example")
            .source_arn("arn:aws:ses:us-east-1:123456789012:identity/tenant.example");
        let update = server.aws.update_user_pool().user_pool_id(&pool.id).email_configuration(own.build());
        update.send().await.unwrap();
        let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
        let set = set.mfa_configuration(UserPoolMfaType::On);
        set.email_mfa_configuration(EmailMfaConfigType::builder().build()).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let challenge = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::MfaSetup));
        assert!(challenge.authentication_result.is_none());
        let refused = pool.refresh(&token).send().await.unwrap_err();
        assert_eq!(said(refused).1, "Refresh Token has been revoked");
        let wrong = pool.password_auth("ada", "Wrong-Horse-7").send().await.unwrap_err();
        assert_eq!(said(wrong).1, "Incorrect username or password.");
    })
    .await;
}

/// The SDK does not know this member yet; the contract does.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn registration_of_clients_is_kept_unless_it_is_named(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let key = Key::new(server).await;
        let send = async |operation: &str, body: Value| {
            let answer = call(server, operation, body).send(server, &key).await;
            (answer.status, serde_json::from_str::<Value>(&answer.body).unwrap_or_default())
        };
        let create = json!({ "PoolName": "x", "DcrConfiguration": { "OpenDcrEnabled": true } });
        let (_, created) = send("CreateUserPool", create).await;
        let expected = json!({
            "EnableStatus": "Enabled", "OpenDcrEnabled": true, "OpenDcrGrantTypes": ["code"],
            "AuthenticatedGrantTypes": ["code", "client_credentials"],
        });
        assert_eq!(created["UserPool"]["DcrConfiguration"], expected);
        let id = created["UserPool"]["Id"].as_str().unwrap();
        send("UpdateUserPool", json!({ "UserPoolId": id })).await;
        let (_, kept) = send("DescribeUserPool", json!({ "UserPoolId": id })).await;
        assert_eq!(kept["UserPool"]["DcrConfiguration"], expected);
        let update = json!({ "UserPoolId": id, "DcrConfiguration": { "EnableStatus": "Disabled" } });
        send("UpdateUserPool", update).await;
        let (_, replaced) = send("DescribeUserPool", json!({ "UserPoolId": id })).await;
        let registration = &replaced["UserPool"]["DcrConfiguration"];
        assert_eq!(
            (&registration["EnableStatus"], &registration["OpenDcrEnabled"]),
            (&json!("Disabled"), &json!(false))
        );
        let none = json!({ "UserPoolId": id, "DcrConfiguration": { "AuthenticatedGrantTypes": [] } });
        assert_eq!(send("UpdateUserPool", none).await.0, 200, "nobody registers with a token");
        let (_, replaced) = send("DescribeUserPool", json!({ "UserPoolId": id })).await;
        assert_eq!(replaced["UserPool"]["DcrConfiguration"]["AuthenticatedGrantTypes"], json!([]));
    })
    .await;
}
