//! How sign-ins are judged, and what pools do about it.

use super::*;
use crate::browser::Browser;
use crate::receiver::Receiver;
use crate::trigger_events::senders::senders;

fn blocked() -> (String, String) {
    ("NotAuthorizedException".to_owned(), "Unable to login because of security reasons.".to_owned())
}

/// What a pool does at low, medium and high risk.
async fn acts(pool: &TestPool<'_>, low: Action, medium: Action, high: Action) {
    let does =
        |action| AccountTakeoverActionType::builder().notify(true).event_action(action).build().unwrap();
    let actions = AccountTakeoverActionsType::builder()
        .low_action(does(low))
        .medium_action(does(medium))
        .high_action(does(high))
        .build();
    let words = NotifyEmailType::builder()
        .subject("Was it {username}?")
        .text_body(
            "At {ip-address} on {device-name} in {city}: {one-click-link-valid} {one-click-link-invalid} {x}",
        )
        .build()
        .unwrap();
    let notify = NotifyConfigurationType::builder()
        .from("Guard <guard@tenant.example>")
        .source_arn("arn:aws:ses:us-east-1:123456789012:identity/tenant.example")
        .block_email(words)
        .build()
        .unwrap();
    let takeover =
        AccountTakeoverRiskConfigurationType::builder().actions(actions).notify_configuration(notify);
    let set = pool.server.aws.set_risk_configuration().user_pool_id(&pool.id);
    set.account_takeover_risk_configuration(takeover.build()).send().await.unwrap();
    settle().await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_sign_in_that_looks_like_somebody_elses_is_refused_until_its_user_says_otherwise(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server, AdvancedSecurityModeType::Enforced).await;
        levels::user(&pool, "ada").await;
        acts(&pool, Action::NoAction, Action::Block, Action::Block).await;
        passes(&pool, HOME, "ada").await;
        assert!(notice(server).await.is_none());
        // One thing is unusual, and goes on.
        passes(&pool, OFFICE, "ada").await;
        assert_eq!(latest(&pool, "ada").await.2, RiskDecisionType::AccountTakeover);
        let told = notice(server).await.unwrap();
        assert!(told.code.len() > 40);

        for _ in 0..2 {
            assert_eq!(from(&pool, ELSEWHERE, "ada", PASSWORD).await.unwrap_err(), blocked());
        }
        let (_, response, decision, level) = latest(&pool, "ada").await;
        assert_eq!((response, decision), (EventResponseType::Fail, RiskDecisionType::Block));
        assert_eq!(level, Some(RiskLevelType::High), "a third network within the hour, and a new device");
        // It was no wrong guess, and a wrong one is told nothing of it.
        let wrong = from(&pool, ELSEWHERE, "ada", OTHER_PASSWORD).await.unwrap_err();
        assert_eq!(wrong.1, "Incorrect username or password.");
        passes(&pool, HOME, "ada").await;

        // The links of the notice: opening one changes nothing, the button does.
        settle().await;
        let page = blocked_notice(server).await;
        let event = events(&pool, "ada").await.into_iter().find(|event| {
            event.event_risk.as_ref().is_some_and(|risk| risk.risk_decision == Some(RiskDecisionType::Block))
        });
        let event = event.unwrap().event_id.unwrap();
        let feedback_of = async || {
            let mut listed = events(&pool, "ada").await.into_iter();
            listed.find(|it| it.event_id() == Some(&*event)).unwrap().event_feedback
        };
        let url = format!("{}/{}/feedback", server.url, pool.id);
        let query = [("token", page.code.as_str()), ("value", "Valid")];
        let link = format!("{url}?token={}&value=Valid", page.code);
        let mut browser = Browser::new(&pool);
        let asked = browser.get(&link).await;
        assert!(asked.status == 200 && asked.text().contains("It was me"), "{}", asked.text());
        let foreign = server.http.post(&url).form(&query).send().await.unwrap();
        assert!(foreign.text().await.unwrap().contains("It was me"), "it is asked about (HUI-3)");
        assert!(feedback_of().await.is_none());
        assert_eq!(browser.submit(&asked, &[]).await.status, 200);
        let feedback = feedback_of().await.unwrap();
        assert_eq!((feedback.feedback_value, feedback.provider.as_str()), (FeedbackValueType::Valid, "User"));
        // From then on the device and the place are known.
        server.clock.advance(chrono::Duration::hours(2));
        passes(&pool, ELSEWHERE, "ada").await;
        assert_eq!(latest(&pool, "ada").await.2, RiskDecisionType::NoRisk);

        // The same through the API, for who holds the token; and as administrator.
        let judge = |event: &str, name: &str, token: &str| {
            let judge = server.aws.update_auth_event_feedback().user_pool_id(&pool.id).username(name);
            judge.event_id(event).feedback_token(token).feedback_value(FeedbackValueType::Invalid).send()
        };
        let other = "00000000-0000-4000-8000-000000000000";
        for (event, name, token) in [
            (event.as_str(), "ada", "x"),
            (event.as_str(), "nobody", &page.code),
            (other, "ada", &page.code),
            (event.as_str(), "ada", &format!("{}x", page.code)),
        ] {
            let refused = said(judge(event, name, token).await.unwrap_err());
            assert_eq!(refused.0, "NotAuthorizedException", "{event} {name}");
        }
        judge(&event, "ada", &page.code).await.unwrap();
        assert_eq!(feedback_of().await.unwrap().feedback_value, FeedbackValueType::Invalid);
        let admin = |event: &str| {
            let judge = server.aws.admin_update_auth_event_feedback().user_pool_id(&pool.id).username("ada");
            judge.event_id(event).feedback_value(FeedbackValueType::Valid).send()
        };
        admin(&event).await.unwrap();
        // Whose word stands.
        let overruled = said(judge(&event, "ada", &page.code).await.unwrap_err());
        assert_eq!(overruled.0, "NotAuthorizedException");
        let asked = browser.get(&link).await;
        assert_eq!(browser.submit(&asked, &[]).await.status, 400);
        let feedback = feedback_of().await.unwrap();
        assert_eq!(
            (feedback.feedback_value, feedback.provider.as_str()),
            (FeedbackValueType::Valid, "Admin")
        );
        assert_eq!(said(admin(other).await.unwrap_err()).0, "ResourceNotFoundException");
        server.clock.advance(chrono::Duration::days(8));
        let late = said(judge(&event, "ada", &page.code).await.unwrap_err());
        assert_eq!(late.0, "NotAuthorizedException");
        let asked = browser.get(&link).await;
        assert_eq!(browser.submit(&asked, &[]).await.status, 400);
    })
    .await;
}

/// The latest notice in the outbox.
async fn notice(server: &TestServer) -> Option<MessageBody> {
    server.message_to(&email_of("ada")).await.filter(|body| body.notice.is_some())
}

async fn blocked_notice(server: &TestServer) -> MessageBody {
    let body = notice(server).await.unwrap();
    assert_eq!(body.notice.as_ref().unwrap().template.as_ref().unwrap().subject, "Was it {username}?");
    body
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_risk_takes_a_second_factor_where_the_pool_says_so(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server, AdvancedSecurityModeType::Enforced).await;
        acts(&pool, Action::MfaIfConfigured, Action::MfaRequired, Action::Block).await;
        levels::user(&pool, "ada").await;
        let tokens = from(&pool, HOME, "ada", PASSWORD).await.unwrap().authentication_result.unwrap();
        let app = set_up_app(&pool, tokens.access_token().unwrap()).await;
        // Nobody asks for the app at home.
        passes(&pool, HOME, "ada").await;
        // An address that codes could go to is no second factor: a reset of the password goes there.
        let asked = from(&pool, OFFICE, "ada", PASSWORD).await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::SoftwareTokenMfa));
        let mfa = ChallengeNameType::SoftwareTokenMfa;
        let code = app.next_code(server);
        let given = ("SOFTWARE_TOKEN_MFA_CODE", code.as_str());
        let done = answer(&pool, mfa, &asked.session.unwrap(), "ada", given).await.unwrap();
        assert!(done.authentication_result.is_some());
        let (_, response, decision, level) = latest(&pool, "ada").await;
        assert_eq!((response, decision), (EventResponseType::Pass, RiskDecisionType::AccountTakeover));
        assert_eq!(level, Some(RiskLevelType::Low));
        // Then the office is known.
        passes(&pool, OFFICE, "ada").await;

        // Who has none goes on at low risk, and not where one is required.
        pool.admin_user("grace").await;
        passes(&pool, HOME, "grace").await;
        passes(&pool, OFFICE, "grace").await;
        server.clock.advance(chrono::Duration::hours(2));
        assert_eq!(from(&pool, ELSEWHERE, "grace", PASSWORD).await.unwrap_err(), blocked());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn failures_networks_and_modes_count(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool(server, AdvancedSecurityModeType::Enforced).await;
        acts(&pool, Action::Block, Action::Block, Action::Block).await;
        pool.admin_user("ada").await;
        passes(&pool, HOME, "ada").await;
        for _ in 0..3 {
            from(&pool, HOME, "ada", OTHER_PASSWORD).await.unwrap_err();
        }
        // Others' guesses keep nobody from where they usually are.
        passes(&pool, HOME, "ada").await;
        assert_eq!(from(&pool, OFFICE, "ada", PASSWORD).await.unwrap_err(), blocked());
        assert_eq!(latest(&pool, "ada").await.3, Some(RiskLevelType::Medium), "a new network after failures");
        server.clock.advance(chrono::Duration::minutes(61));
        assert_eq!(from(&pool, OFFICE, "ada", PASSWORD).await.unwrap_err(), blocked());
        assert_eq!(latest(&pool, "ada").await.3, Some(RiskLevelType::Low));

        // A temporary password is not used up where its sign-in is refused.
        pool.set_password("ada", OTHER_PASSWORD, false).await;
        assert_eq!(from(&pool, OFFICE, "ada", OTHER_PASSWORD).await.unwrap_err(), blocked());
        let asked = from(&pool, HOME, "ada", OTHER_PASSWORD).await.unwrap();
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::NewPasswordRequired));
        let (new, given) = (ChallengeNameType::NewPasswordRequired, ("NEW_PASSWORD", PASSWORD));
        let done = answer(&pool, new, &asked.session.unwrap(), "ada", given).await.unwrap();
        assert!(done.authentication_result.is_some());
        assert_eq!(latest(&pool, "ada").await.1, EventResponseType::Pass);

        // Networks that nobody signs in from, and ones that are not looked at.
        let networks = |list: &[&str]| Some(list.iter().map(|it| (*it).to_owned()).collect());
        let exceptions = RiskExceptionConfigurationType::builder()
            .set_blocked_ip_range_list(networks(&["203.0.113.0/24"]))
            .set_skipped_ip_range_list(networks(&["198.51.100.0/24"]));
        let set = server.aws.set_risk_configuration().user_pool_id(&pool.id);
        let low =
            AccountTakeoverActionType::builder().notify(false).event_action(Action::Block).build().unwrap();
        let actions = AccountTakeoverActionsType::builder().low_action(low.clone()).high_action(low).build();
        let takeover = AccountTakeoverRiskConfigurationType::builder().actions(actions).build();
        let set = set.account_takeover_risk_configuration(takeover);
        set.risk_exception_configuration(exceptions.build()).send().await.unwrap();
        settle().await;
        passes(&pool, (OFFICE.0, "curl/8.5.0"), "ada").await;
        assert_eq!(latest(&pool, "ada").await.2, RiskDecisionType::NoRisk);
        // Nobody is told whether there is such a user, or what their password is.
        for (name, password) in [("ada", PASSWORD), ("ada", OTHER_PASSWORD), ("nobody", PASSWORD)] {
            assert_eq!(from(&pool, ELSEWHERE, name, password).await.unwrap_err(), blocked());
        }
        // What a public client says of where its user is, is not believed.
        let context = UserContextDataType::builder().ip_address("203.0.113.7").build();
        let direct = pool.password_auth("ada", PASSWORD).user_context_data(context.clone()).send().await;
        assert_eq!(
            said(direct.unwrap_err()),
            blocked(),
            "loopback is a new network, and the SDK a new device"
        );
        server.clock.advance(chrono::Duration::hours(2));
        watch(&pool, AdvancedSecurityModeType::Audit).await;
        pool.password_auth("ada", PASSWORD).user_context_data(context).send().await.unwrap();
        let place = events(&pool, "ada").await.swap_remove(0).event_context_data.unwrap();
        assert_eq!(place.ip_address(), Some("127.0.0.1"));
        // To look on is not to act.
        passes(&pool, ELSEWHERE, "ada").await;
        assert_eq!(latest(&pool, "ada").await.2, RiskDecisionType::AccountTakeover);
    })
    .await;
}

/// Word of such a sign-in leaves through the pool's function, where it sends email. There is no code in it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_function_tells_of_what_looks_like_somebody_elses(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let (receiver, pool) = (Receiver::silent(), pool(server, AdvancedSecurityModeType::Enforced).await);
        let watched =
            UserPoolAddOnsType::builder().advanced_security_mode(AdvancedSecurityModeType::Enforced);
        let update = server.aws.update_user_pool().user_pool_id(&pool.id);
        let update = update.email_configuration(crate::server::own_sender());
        let update = update.lambda_config(senders(&receiver.function("send")));
        update.user_pool_add_ons(watched.build().unwrap()).send().await.unwrap();
        levels::user(&pool, "ada").await;
        acts(&pool, Action::NoAction, Action::NoAction, Action::NoAction).await;
        passes(&pool, HOME, "ada").await;
        passes(&pool, OFFICE, "ada").await;
        settle().await;
        let told = receiver.last("CustomEmailSender_AccountTakeOverNotification");
        assert_eq!(told["userName"], "ada");
        assert_eq!(told["request"]["type"], "customEmailSenderRequestV1");
        assert!(told["request"]["code"].is_null());
    })
    .await;
}
