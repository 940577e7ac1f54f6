//! How pools and clients answer to risk, and where their logs go.

use aws_sdk_cognitoidentityprovider::types::{
    AccountTakeoverActionType, AccountTakeoverActionsType, AccountTakeoverEventActionType,
    AccountTakeoverRiskConfigurationType, AdvancedSecurityModeType, AuthEventType,
    CloudWatchLogsConfigurationType, CompromisedCredentialsActionsType,
    CompromisedCredentialsEventActionType, CompromisedCredentialsRiskConfigurationType, EventFilterType,
    EventSourceName, FirehoseConfigurationType, LogConfigurationType, LogLevel, NotifyConfigurationType,
    NotifyEmailType, RiskExceptionConfigurationType, S3ConfigurationType, UserPoolAddOnsType,
    VerifiedAttributeType,
};
use aws_sdk_cognitoidentityprovider::types::{RiskConfigurationType, builders::LogConfigurationTypeBuilder};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, Setup, TestPool, TestServer, attribute, email_of, said};

fn leaked(action: CompromisedCredentialsEventActionType) -> CompromisedCredentialsRiskConfigurationType {
    let actions = CompromisedCredentialsActionsType::builder().event_action(action).build().unwrap();
    CompromisedCredentialsRiskConfigurationType::builder().actions(actions).build()
}

fn takeover(from: &str) -> AccountTakeoverRiskConfigurationType {
    let action = AccountTakeoverActionType::builder().notify(true);
    let action = action.event_action(AccountTakeoverEventActionType::MfaRequired).build().unwrap();
    let email = NotifyEmailType::builder().subject("Was it you?").text_body("Somebody signed in").build();
    let notify = NotifyConfigurationType::builder()
        .from(from)
        .source_arn("arn:aws:ses:us-east-1:123456789012:identity/tenant.example")
        .block_email(email.unwrap())
        .build()
        .unwrap();
    AccountTakeoverRiskConfigurationType::builder()
        .actions(AccountTakeoverActionsType::builder().high_action(action).build())
        .notify_configuration(notify)
        .build()
}

fn networks(blocked: &[&str]) -> RiskExceptionConfigurationType {
    let blocked = blocked.iter().map(|network| (*network).to_owned()).collect();
    RiskExceptionConfigurationType::builder().set_blocked_ip_range_list(Some(blocked)).build()
}

impl TestPool<'_> {
    async fn watches(&self) {
        let mode = UserPoolAddOnsType::builder().advanced_security_mode(AdvancedSecurityModeType::Audit);
        let update = self.server.aws.update_user_pool().user_pool_id(&self.id);
        update.user_pool_add_ons(mode.build().unwrap()).send().await.unwrap();
    }

    async fn risk(&self, client: Option<&str>) -> RiskConfigurationType {
        let describe = self.server.aws.describe_risk_configuration().user_pool_id(&self.id);
        let described = describe.set_client_id(client.map(str::to_owned)).send().await.unwrap();
        described.risk_configuration.unwrap()
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_answers_to_risk_as_its_pool_until_it_is_told_otherwise(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let set = || server.aws.set_risk_configuration().user_pool_id(&pool.id);
        let describe = server.aws.describe_risk_configuration().user_pool_id(&pool.id);
        for off in [said(set().send().await.unwrap_err()), said(describe.send().await.unwrap_err())] {
            assert_eq!(off.0, "UserPoolAddOnNotEnabledException");
        }
        pool.watches().await;
        let nothing = pool.risk(None).await;
        assert_eq!((nothing.user_pool_id(), nothing.last_modified_date()), (Some(&*pool.id), None));
        let given = set()
            .compromised_credentials_risk_configuration(leaked(CompromisedCredentialsEventActionType::Block))
            .account_takeover_risk_configuration(takeover("Us <no-reply@tenant.example>"))
            .risk_exception_configuration(networks(&["10.0.0.0/8", "2001:DB8::/32"]));
        let answered = given.send().await.unwrap().risk_configuration.unwrap();
        let of_pool = pool.risk(None).await;
        assert_eq!(of_pool, answered);
        let filter =
            of_pool.compromised_credentials_risk_configuration.clone().unwrap().event_filter.unwrap();
        let all = [EventFilterType::SignIn, EventFilterType::PasswordChange, EventFilterType::SignUp];
        assert_eq!(filter, all);
        let kept = of_pool.account_takeover_risk_configuration.clone();
        assert_eq!(kept, Some(takeover("Us <no-reply@tenant.example>")));
        assert_eq!(of_pool.risk_exception_configuration, Some(networks(&["10.0.0.0/8", "2001:DB8::/32"])));
        assert_eq!(pool.risk(Some(&pool.client)).await, of_pool);

        let own = leaked(CompromisedCredentialsEventActionType::NoAction);
        let own = set().client_id(&pool.client).compromised_credentials_risk_configuration(own);
        let own = own.send().await.unwrap().risk_configuration.unwrap();
        assert_eq!(own.client_id(), Some(&*pool.client));
        assert_eq!(pool.risk(Some(&pool.client)).await, own);
        assert_eq!(pool.risk(None).await, of_pool);

        // Neither is lost when the pool or the client is updated.
        pool.watches().await;
        let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
        update.send().await.unwrap();
        assert_eq!(pool.risk(None).await, of_pool);
        assert_eq!(pool.risk(Some(&pool.client)).await, own);

        set().client_id(&pool.client).send().await.unwrap();
        assert_eq!(pool.risk(Some(&pool.client)).await, of_pool);
        set().send().await.unwrap();
        assert_eq!(pool.risk(None).await, nothing);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn networks_and_senders_are_checked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.watches().await;
        let set = || server.aws.set_risk_configuration().user_pool_id(&pool.id);
        for bad in ["10.0.0.1", "10.0.0.0/33", "10.0.0/8", "2001:db8::/129", "everywhere", ""] {
            let refused =
                said(set().risk_exception_configuration(networks(&[bad])).send().await.unwrap_err());
            assert_eq!(refused.0, "InvalidParameterException", "{bad}");
        }
        let many = vec!["10.0.0.0/8"; 201];
        let refused = said(set().risk_exception_configuration(networks(&many)).send().await.unwrap_err());
        assert_eq!(refused.0, "InvalidParameterException");
        for sender in ["no-reply@elsewhere.example", "nobody"] {
            let given = set().account_takeover_risk_configuration(takeover(sender));
            assert_eq!(said(given.send().await.unwrap_err()).0, "InvalidParameterException", "{sender}");
        }
        let nobody = "0".repeat(26);
        let missing = format!("User pool client {nobody} does not exist.");
        assert_eq!(said(set().client_id(&nobody).send().await.unwrap_err()).1, missing);
        let describe = server.aws.describe_risk_configuration().user_pool_id(&pool.id).client_id(&nobody);
        assert_eq!(said(describe.send().await.unwrap_err()).1, missing);
        assert_eq!(pool.risk(None).await.last_modified_date(), None);
    })
    .await;
}

fn log(source: EventSourceName, level: LogLevel) -> LogConfigurationTypeBuilder {
    LogConfigurationType::builder().event_source(source).log_level(level)
}

fn cloud_watch(arn: &str) -> CloudWatchLogsConfigurationType {
    CloudWatchLogsConfigurationType::builder().log_group_arn(arn).build()
}

const LOG_GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/cognito";

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn log_destinations_are_kept_and_checked(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let set = |logs: Vec<LogConfigurationType>| {
            let set = server.aws.set_log_delivery_configuration().user_pool_id(&pool.id);
            set.set_log_configurations(Some(logs)).send()
        };
        let get = async || {
            let get =
                server.aws.get_log_delivery_configuration().user_pool_id(&pool.id).send().await.unwrap();
            get.log_delivery_configuration.unwrap().log_configurations
        };
        assert!(get().await.is_empty());
        let (errors, events) = (EventSourceName::UserNotification, EventSourceName::UserAuthEvents);
        let error = || log(errors.clone(), LogLevel::Error);
        let event = || log(events.clone(), LogLevel::Info);
        let to_group = error().cloud_watch_logs_configuration(cloud_watch(LOG_GROUP)).build().unwrap();
        let bucket = S3ConfigurationType::builder().bucket_arn("arn:aws:s3:::bucket").build();
        let to_bucket = event().s3_configuration(bucket.clone()).build().unwrap();
        let answered = set(vec![to_bucket.clone(), to_group.clone()]).await.unwrap();
        let answered = answered.log_delivery_configuration.unwrap();
        assert_eq!(answered.log_configurations, [to_bucket.clone(), to_group.clone()]);
        assert_eq!(get().await, answered.log_configurations);
        server.aws.update_user_pool().user_pool_id(&pool.id).send().await.unwrap();
        assert_eq!(get().await, answered.log_configurations);

        let stream = "arn:aws:firehose:us-east-1:123456789012:deliverystream/logs";
        let stream = FirehoseConfigurationType::builder().stream_arn(stream).build();
        for bad in [
            vec![error().build().unwrap()],
            vec![error().s3_configuration(bucket.clone()).build().unwrap()],
            vec![
                error()
                    .cloud_watch_logs_configuration(CloudWatchLogsConfigurationType::builder().build())
                    .build()
                    .unwrap(),
            ],
            vec![
                event()
                    .cloud_watch_logs_configuration(cloud_watch("arn:aws:sns:us-east-1:123456789012:topic"))
                    .build()
                    .unwrap(),
            ],
            vec![
                event()
                    .s3_configuration(bucket.clone())
                    .firehose_configuration(stream.clone())
                    .build()
                    .unwrap(),
            ],
            vec![
                log(errors.clone(), LogLevel::Info)
                    .cloud_watch_logs_configuration(cloud_watch(LOG_GROUP))
                    .build()
                    .unwrap(),
            ],
            vec![
                log(events.clone(), LogLevel::Error)
                    .cloud_watch_logs_configuration(cloud_watch(LOG_GROUP))
                    .build()
                    .unwrap(),
            ],
            vec![to_bucket.clone(), to_bucket.clone()],
            vec![to_bucket.clone(), to_group.clone(), to_bucket.clone()],
        ] {
            let refused = said(set(bad.clone()).await.unwrap_err());
            assert_eq!(refused.0, "InvalidParameterException", "{bad:?}");
        }
        assert_eq!(get().await, answered.log_configurations);
        let to_stream = event().firehose_configuration(stream).build().unwrap();
        set(vec![to_stream.clone()]).await.unwrap();
        assert_eq!(get().await, [to_stream]);
        set(vec![]).await.unwrap();
        assert!(get().await.is_empty());
    })
    .await;
}

/// What is in the list is refused where the pool says so: to who wants it, and to who signs in with it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn leaked_passwords_are_refused_where_the_pool_says_so(_: PgPoolOptions, db: PgConnectOptions) {
    let folder = std::env::temp_dir().join(format!("cognate-leaked-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    let hash = hex::encode_upper(openssl::sha::sha1(PASSWORD.as_bytes()));
    std::fs::write(folder.join(&hash[..5]), format!("{}:3\r\n", &hash[5..])).unwrap();
    let setup = Setup { leaked_passwords: Some(folder.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        // Nothing is refused before the pool says so.
        pool.confirmed_user("ada").await;
        pool.confirmed_user("grace").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let mode = UserPoolAddOnsType::builder().advanced_security_mode(AdvancedSecurityModeType::Enforced);
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        let update = update.user_pool_add_ons(mode.build().unwrap());
        update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
        let set = server.aws.set_risk_configuration().user_pool_id(&pool.id);
        let block = leaked(CompromisedCredentialsEventActionType::Block);
        set.compromised_credentials_risk_configuration(block).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;

        let refused = (
            "InvalidPasswordException".to_owned(),
            "Provided password cannot be used for security reasons.".to_owned(),
        );
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("eve").password(PASSWORD);
        let sign_up = sign_up.user_attributes(attribute("email", &email_of("eve"))).send();
        assert_eq!(said(sign_up.await.unwrap_err()), refused);
        let change = server.aws.change_password().access_token(tokens.access_token().unwrap());
        let change = change.previous_password(PASSWORD).proposed_password(PASSWORD);
        assert_eq!(said(change.send().await.unwrap_err()), refused);

        // A wrong password is a wrong password; a right one that has leaked ends all sessions and must be replaced.
        let wrong = pool.password_auth("ada", OTHER_PASSWORD).send().await.unwrap_err();
        assert_eq!(said(wrong).1, "Incorrect username or password.");
        for _ in 0..2 {
            let sign_in = pool.password_auth("ada", PASSWORD).send().await.unwrap_err();
            assert_eq!(said(sign_in).0, "PasswordResetRequiredException");
        }
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        let list = server.aws.admin_list_user_auth_events().user_pool_id(&pool.id).username("ada");
        let events = list.send().await.unwrap().auth_events.unwrap();
        let had_leaked = |event: &&AuthEventType| {
            event.event_risk.as_ref().unwrap().compromised_credentials_detected == Some(true)
        };
        assert_eq!(events.iter().filter(had_leaked).count(), 2);
        let over = pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(over).1, "Refresh Token has been revoked");
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let confirm = |password: &str| {
            let confirm = server.aws.confirm_forgot_password().client_id(&pool.client).username("ada");
            confirm.confirmation_code(&code).password(password).send()
        };
        assert_eq!(said(confirm(PASSWORD).await.unwrap_err()), refused);
        confirm(OTHER_PASSWORD).await.unwrap();
        pool.sign_in("ada", OTHER_PASSWORD).await;

        // A client that answers in its own way.
        let set = server.aws.set_risk_configuration().user_pool_id(&pool.id).client_id(&pool.client);
        let nothing = leaked(CompromisedCredentialsEventActionType::NoAction);
        set.compromised_credentials_risk_configuration(nothing).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(800)).await;
        pool.sign_in("grace", PASSWORD).await;
    })
    .await;
    std::fs::remove_dir_all(folder).unwrap();
}
