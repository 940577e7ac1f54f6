//! Codes that are sent at sign-in, after the password: by email and text message, chosen among several, and set up on the
//! way (MFA-1, LCK-2, COD-1).

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput;
use aws_sdk_cognitoidentityprovider::operation::respond_to_auth_challenge::RespondToAuthChallengeOutput;
use aws_sdk_cognitoidentityprovider::operation::set_user_pool_mfa_config::builders::SetUserPoolMfaConfigFluentBuilder;
use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, DeliveryMediumType, EmailMfaConfigType, EmailMfaSettingsType, MfaOptionType,
    SmsMfaConfigType, SmsMfaSettingsType, SoftwareTokenMfaConfigType, UserPoolMfaType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, own_sender, said};

const PHONE: &str = "+15551234567";

/// A pool with every second factor, which development mode delivers.
pub(crate) async fn pool_with<'a>(server: &'a TestServer, requirement: UserPoolMfaType) -> TestPool<'a> {
    let create = server.aws.create_user_pool().pool_name("test").email_configuration(own_sender());
    let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let pool = server.with_client(id, true).await;
    require(&pool, requirement).await;
    pool
}

/// What a pool demands, of every second factor; to be sent.
pub(crate) fn demanding(
    pool: &TestPool<'_>,
    requirement: UserPoolMfaType,
) -> SetUserPoolMfaConfigFluentBuilder {
    let set = pool.server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
    set.sms_mfa_configuration(SmsMfaConfigType::builder().sms_authentication_message("Code {####}").build())
        .email_mfa_configuration(EmailMfaConfigType::builder().message("Yours: {####}").build())
        .software_token_mfa_configuration(SoftwareTokenMfaConfigType::builder().enabled(true).build())
        .mfa_configuration(requirement)
}

/// Sets what a pool demands.
pub(crate) async fn require(pool: &TestPool<'_>, requirement: UserPoolMfaType) {
    demanding(pool, requirement).send().await.unwrap();
    // A server remembers a pool's settings a moment longer.
    tokio::time::sleep(Duration::from_millis(800)).await;
}

/// A user with both kinds of address, of which only the email address is proven.
async fn user(pool: &TestPool<'_>, name: &str) {
    pool.admin_user(name).await;
    let update = pool.server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username(name);
    let update = update.user_attributes(attribute("email", &email_of(name)));
    let update = update.user_attributes(attribute("email_verified", "true"));
    update.user_attributes(attribute("phone_number", PHONE)).send().await.unwrap();
}

/// Says what a user is to be asked for; `true` is what comes first.
async fn prefer(pool: &TestPool<'_>, name: &str, email: Option<bool>, sms: Option<bool>) {
    let set = pool.server.aws.admin_set_user_mfa_preference().user_pool_id(&pool.id).username(name);
    let email_settings = EmailMfaSettingsType::builder().enabled(email.is_some());
    let sms_settings = SmsMfaSettingsType::builder().enabled(sms.is_some());
    let set = set.email_mfa_settings(email_settings.preferred_mfa(email == Some(true)).build());
    let set = set.sms_mfa_settings(sms_settings.preferred_mfa(sms == Some(true)).build());
    set.send().await.unwrap();
}

async fn challenge(pool: &TestPool<'_>, name: &str) -> InitiateAuthOutput {
    let challenge = pool.password_auth(name, PASSWORD).send().await.unwrap();
    assert!(challenge.authentication_result.is_none());
    challenge
}

/// Answers a challenge, with one response beside the username.
pub(crate) async fn answer(
    pool: &TestPool<'_>,
    challenge: ChallengeNameType,
    session: &str,
    name: &str,
    response: (&str, &str),
) -> Result<RespondToAuthChallengeOutput, (String, String)> {
    let respond = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client);
    let respond = respond.challenge_name(challenge).session(session);
    let respond = respond.challenge_responses("USERNAME", name).challenge_responses(response.0, response.1);
    respond.send().await.map_err(said)
}

fn wrong() -> (String, String) {
    ("CodeMismatchException".to_owned(), "Invalid code or auth state for the user.".to_owned())
}

fn not_authorized(message: &str) -> (String, String) {
    ("NotAuthorizedException".to_owned(), message.to_owned())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_by_email_or_text_message_is_asked_for_after_the_password(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        // Nobody is asked before they said so.
        pool.sign_in("ada", PASSWORD).await;

        prefer(&pool, "ada", Some(false), None).await;
        let asked = challenge(&pool, "ada").await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::EmailOtp));
        let parameters = asked.challenge_parameters.unwrap();
        assert_eq!(parameters["CODE_DELIVERY_DELIVERY_MEDIUM"], "EMAIL");
        assert_eq!(parameters["CODE_DELIVERY_DESTINATION"], "a***@e***");
        assert_eq!(parameters["USER_ID_FOR_SRP"], "ada");
        let code = server.code_to(&email_of("ada")).await;
        assert_eq!(code.len(), 6);
        let session = asked.session.unwrap();
        let respond = |code: &str| {
            let code = code.to_owned();
            let (pool, session) = (&pool, session.clone());
            async move {
                answer(pool, ChallengeNameType::EmailOtp, &session, "ada", ("EMAIL_OTP_CODE", &code)).await
            }
        };
        assert_eq!(respond("000000").await.unwrap_err(), wrong());
        // The answer's name does not make it another challenge (case 40).
        let as_sms = answer(&pool, ChallengeNameType::SmsMfa, &session, "ada", ("SMS_MFA_CODE", &code)).await;
        assert_eq!(as_sms.unwrap_err(), not_authorized("Invalid session for the user."));
        let done = respond(&code).await.unwrap();
        assert!(done.authentication_result.unwrap().refresh_token.is_some());
        let again = respond(&code).await.unwrap_err();
        assert_eq!(again, not_authorized("Invalid session for the user, session can only be used once."));

        prefer(&pool, "ada", None, Some(true)).await;
        let asked = challenge(&pool, "ada").await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::SmsMfa));
        assert_eq!(asked.challenge_parameters.unwrap()["CODE_DELIVERY_DESTINATION"], "+*******4567");
        let (session, code) = (asked.session.unwrap(), server.code_to(PHONE).await);
        let done = answer(&pool, ChallengeNameType::SmsMfa, &session, "ada", ("SMS_MFA_CODE", &code)).await;
        let access = done.unwrap().authentication_result.unwrap().access_token.unwrap();
        // The code proved the number as well.
        let user = server.aws.get_user().access_token(access).send().await.unwrap();
        let proven = |it: &&aws_sdk_cognitoidentityprovider::types::AttributeType| {
            it.name() == "phone_number_verified" && it.value() == Some("true")
        };
        assert_eq!(user.user_attributes().iter().filter(proven).count(), 1);
        assert_eq!(user.user_mfa_setting_list(), ["SMS_MFA"]);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_legacy_switch_is_that_of_codes_by_text_message(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        pool.admin_user("bob").await;
        let sms = || {
            let option = MfaOptionType::builder().delivery_medium(DeliveryMediumType::Sms);
            Some(vec![option.attribute_name("phone_number").build()])
        };
        let set_for = |name: &str, options| {
            let set = server.aws.admin_set_user_settings().user_pool_id(&pool.id).username(name);
            set.set_mfa_options(options).send()
        };
        let access = pool.sign_in("ada", PASSWORD).await.access_token.unwrap();
        let set =
            |options| server.aws.set_user_settings().access_token(&access).set_mfa_options(options).send();
        set(sms()).await.unwrap();
        assert_eq!(challenge(&pool, "ada").await.challenge_name, Some(ChallengeNameType::SmsMfa));
        set(Some(vec![])).await.unwrap();
        pool.sign_in("ada", PASSWORD).await;
        set_for("ada", sms()).await.unwrap();
        assert_eq!(challenge(&pool, "ada").await.challenge_name, Some(ChallengeNameType::SmsMfa));
        // Who has no number is told so, rather than believe that they will be asked.
        assert_eq!(said(set_for("bob", sms()).await.unwrap_err()).0, "InvalidParameterException");
        pool.sign_in("bob", PASSWORD).await;
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn who_has_several_factors_chooses_unless_one_is_preferred(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        prefer(&pool, "ada", Some(true), Some(false)).await;
        assert_eq!(challenge(&pool, "ada").await.challenge_name, Some(ChallengeNameType::EmailOtp));

        prefer(&pool, "ada", Some(false), Some(false)).await;
        let asked = challenge(&pool, "ada").await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::SelectMfaType));
        let parameters = asked.challenge_parameters.unwrap();
        assert_eq!(parameters["MFAS_CAN_CHOOSE"], r#"["SMS_MFA","EMAIL_OTP"]"#);
        let session = asked.session.unwrap();
        let choose = async |answered: &str| {
            answer(&pool, ChallengeNameType::SelectMfaType, &session, "ada", ("ANSWER", answered)).await
        };
        // What the user has not set up is no choice.
        assert_eq!(choose("SOFTWARE_TOKEN_MFA").await.unwrap_err().0, "InvalidParameterException");
        let chosen = choose("EMAIL_OTP").await.unwrap();
        assert_eq!(chosen.challenge_name, Some(ChallengeNameType::EmailOtp));
        let (session, code) = (chosen.session.unwrap(), server.code_to(&email_of("ada")).await);
        // Choosing is not proving: the first session does not take the code.
        let response = ("EMAIL_OTP_CODE", code.as_str());
        let unanswered = challenge(&pool, "ada").await.session.unwrap();
        let early = answer(&pool, ChallengeNameType::EmailOtp, &unanswered, "ada", response).await;
        assert_eq!(early.unwrap_err(), not_authorized("Invalid session for the user."));
        let done = answer(&pool, ChallengeNameType::EmailOtp, &session, "ada", response).await.unwrap();
        assert!(done.authentication_result.is_some());
        // All sessions of a sign-in are spent together.
        let replayed = choose("SMS_MFA").await.unwrap_err();
        assert_eq!(replayed, not_authorized("Invalid session for the user, session can only be used once."));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn where_a_pool_demands_a_factor_an_address_serves_or_is_set_up(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        // A number that is there is asked at once (case 42: no tokens before it).
        user(&pool, "ada").await;
        assert_eq!(challenge(&pool, "ada").await.challenge_name, Some(ChallengeNameType::SmsMfa));

        // Who has none sets an address up.
        pool.admin_user("grace").await;
        let asked = challenge(&pool, "grace").await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::MfaSetup));
        let parameters = asked.challenge_parameters.unwrap();
        assert_eq!(parameters["MFAS_CAN_SETUP"], r#"["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]"#);
        let session = asked.session.unwrap();
        let set_up = async |address: &str| {
            answer(&pool, ChallengeNameType::MfaSetup, &session, "grace", ("EMAIL", address)).await
        };
        assert_eq!(set_up("not an address").await.unwrap_err().0, "InvalidParameterException");
        let sent = set_up("grace@example.com").await.unwrap();
        assert_eq!(sent.challenge_name, Some(ChallengeNameType::EmailOtp));
        let (session, code) = (sent.session.unwrap(), server.code_to("grace@example.com").await);
        let response = ("EMAIL_OTP_CODE", code.as_str());
        let done = answer(&pool, ChallengeNameType::EmailOtp, &session, "grace", response).await.unwrap();
        let tokens = done.authentication_result.unwrap();
        let user = server.aws.get_user().access_token(tokens.access_token().unwrap()).send().await.unwrap();
        assert_eq!(user.user_mfa_setting_list(), ["EMAIL_OTP"]);
        let value =
            |name: &str| user.user_attributes().iter().find(|it| it.name() == name).and_then(|it| it.value());
        assert_eq!((value("email"), value("email_verified")), (Some("grace@example.com"), Some("true")));
        // The session holds both proofs, so it goes on.
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        assert_eq!(challenge(&pool, "grace").await.challenge_name, Some(ChallengeNameType::EmailOtp));
    })
    .await;
}

/// A code by email is no second factor to a password that a code by email sets.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_password_is_not_reset_where_the_second_factor_goes(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        let forgot = async || {
            let plain = server.with_client(pool.id.clone(), false).await;
            server.aws.forgot_password().client_id(&plain.client).username("ada").send().await
        };
        assert!(forgot().await.is_ok());
        prefer(&pool, "ada", Some(true), None).await;
        let refused = said(forgot().await.unwrap_err());
        assert!(refused.1.starts_with("Cannot reset password"), "{}", refused.1);
        prefer(&pool, "ada", None, Some(true)).await;
        assert!(forgot().await.is_ok());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_factor_is_not_set_up_for_who_has_one_by_now(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        for name in ["ada", "grace"] {
            pool.admin_user(name).await;
        }
        let to_set_up = challenge(&pool, "ada").await.session.unwrap();
        let sent =
            answer(&pool, ChallengeNameType::MfaSetup, &to_set_up, "ada", ("EMAIL", "eve@example.com"));
        let sent = sent.await.unwrap().session.unwrap();
        let code = server.code_to("eve@example.com").await;
        // Meanwhile an administrator notes her phone number: that is her second factor (MFA-2).
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        update.user_attributes(attribute("phone_number", PHONE)).send().await.unwrap();
        let response = ("EMAIL_OTP_CODE", code.as_str());
        let late = answer(&pool, ChallengeNameType::EmailOtp, &sent, "ada", response).await.unwrap_err();
        assert_eq!(late, not_authorized("Invalid session for the user."));
        let app = server.aws.associate_software_token().session(&to_set_up).send().await.unwrap_err();
        assert_eq!(said(app).1, "Invalid session for the user, session can only be used once.");
        let ada = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert!(ada.user_attributes().iter().all(|it| it.name() != "email"));

        // Another password ends what was on the way with the old one, and changes nothing.
        let to_set_up = challenge(&pool, "grace").await.session.unwrap();
        let sent =
            answer(&pool, ChallengeNameType::MfaSetup, &to_set_up, "grace", ("EMAIL", "eve@example.com"));
        let sent = sent.await.unwrap().session.unwrap();
        let code = server.code_to("eve@example.com").await;
        pool.set_password("grace", "Another-Horse-9", true).await;
        let response = ("EMAIL_OTP_CODE", code.as_str());
        let late = answer(&pool, ChallengeNameType::EmailOtp, &sent, "grace", response).await.unwrap_err();
        assert_eq!(late, not_authorized("Invalid session for the user, session can only be used once."));
        let grace =
            server.aws.admin_get_user().user_pool_id(&pool.id).username("grace").send().await.unwrap();
        assert!(grace.user_attributes().iter().all(|it| it.name() != "email"));
        assert!(grace.user_mfa_setting_list().is_empty());
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn guesses_at_a_code_end_and_codes_are_bound(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        user(&pool, "eve").await;
        prefer(&pool, "ada", Some(true), None).await;
        prefer(&pool, "eve", Some(true), None).await;
        let session = challenge(&pool, "ada").await.session.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let respond = async |session: &str, name: &str, code: &str| {
            let answered =
                answer(&pool, ChallengeNameType::EmailOtp, session, name, ("EMAIL_OTP_CODE", code)).await;
            answered.map(drop)
        };
        // The code of one user, and of one session, is no other's (case 41, COD-1).
        let of_eve = challenge(&pool, "eve").await.session.unwrap();
        assert_eq!(respond(&of_eve, "eve", &code).await.unwrap_err(), wrong());
        assert_eq!(
            respond(&session, "eve", &code).await.unwrap_err(),
            not_authorized("Invalid session for the user.")
        );
        let later = challenge(&pool, "ada").await.session.unwrap();
        assert_eq!(respond(&later, "ada", &code).await.unwrap_err(), wrong());

        // A change of the address voids the code that went to the old one.
        let change = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        let change = change.user_attributes(attribute("email", "other@example.com"));
        change.send().await.unwrap();
        assert_eq!(respond(&session, "ada", &code).await.unwrap_err(), wrong());

        // Ten guesses an hour, whatever session they are made in; a new code does not refill them.
        for _ in 0..8 {
            assert_eq!(respond(&later, "ada", "00000000").await.unwrap_err(), wrong());
        }
        let session = challenge(&pool, "ada").await.session.unwrap();
        let code = server.code_to("other@example.com").await;
        let locked = not_authorized("Password attempts exceeded");
        assert_eq!(respond(&session, "ada", &code).await.unwrap_err(), locked);
        server.clock.advance(chrono::Duration::minutes(61));
        let expired = respond(&session, "ada", &code).await.unwrap_err();
        assert_eq!(expired, not_authorized("Invalid session for the user, session is expired."));
        let session = challenge(&pool, "ada").await.session.unwrap();
        let code = server.code_to("other@example.com").await;
        respond(&session, "ada", &code).await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn of_twenty_answers_over_two_servers_one_signs_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::Optional).await;
        user(&pool, "ada").await;
        prefer(&pool, "ada", Some(true), None).await;
        let session = challenge(&pool, "ada").await.session.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        let replica = server.replica().await;
        let other = crate::server::client(&replica.url, "none", "none");
        let mut answers = tokio::task::JoinSet::new();
        for number in 0..20 {
            let aws = if number % 2 == 0 { server.aws.clone() } else { other.clone() };
            let respond = aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
            let respond = respond.challenge_name(ChallengeNameType::EmailOtp);
            let respond = respond.challenge_responses("USERNAME", "ada");
            let respond = respond.challenge_responses("EMAIL_OTP_CODE", &code);
            answers.spawn(respond.send());
        }
        let answers = answers.join_all().await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for refused in answers.into_iter().filter_map(Result::err) {
            let (kind, _) = said(refused);
            assert!(
                ["NotAuthorizedException", "TooManyRequestsException"].contains(&kind.as_str()),
                "{kind}"
            );
        }
        replica.stop().await;
    })
    .await;
}
