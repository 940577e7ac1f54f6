//! Devices: confirming them, having them prove themselves, and what a remembered one stands for (MFA-5, TOK-5).

mod client;

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, ChallengeNameType, DeviceConfigurationType, DeviceRememberedStatusType,
    DeviceSecretVerifierConfigType, DeviceType, NewDeviceMetadataType, UserPoolMfaType,
};
use cognito_srp::SrpClient;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, Setup, TestPool, TestServer, attribute, email_of, said};
use crate::sign_in_codes::{answer, pool_with};
use client::DeviceClient;

/// Switches tracking on; with `in_place`, a remembered device takes the place of a second factor.
async fn track(pool: &TestPool<'_>, in_place: bool, on_prompt: bool) {
    let devices = DeviceConfigurationType::builder()
        .challenge_required_on_new_device(in_place)
        .device_only_remembered_on_user_prompt(on_prompt);
    let described = pool.server.aws.describe_user_pool().user_pool_id(&pool.id).send().await.unwrap();
    let described = described.user_pool.unwrap();
    let update = pool.server.aws.update_user_pool().user_pool_id(&pool.id);
    let update = update.set_mfa_configuration(described.mfa_configuration);
    let update = update.set_email_configuration(described.email_configuration);
    let update = update.set_auto_verified_attributes(described.auto_verified_attributes);
    update.device_configuration(devices.build()).send().await.unwrap();
    // A server remembers a pool's settings a moment longer.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

/// Confirms the device of a sign-in; says whether the user is to be asked.
async fn confirm(pool: &TestPool<'_>, access: &str, device: &DeviceClient) -> Result<bool, (String, String)> {
    let (verifier, salt) = device.verifier();
    let numbers = DeviceSecretVerifierConfigType::builder().password_verifier(verifier).salt(salt);
    let confirm = pool.server.aws.confirm_device().access_token(access).device_key(&device.key);
    let confirm = confirm.device_name("Laptop").device_secret_verifier_config(numbers.build());
    confirm.send().await.map(|confirmed| confirmed.user_confirmation_necessary).map_err(said)
}

fn device(metadata: Option<&NewDeviceMetadataType>) -> DeviceClient {
    let metadata = metadata.expect("no new device");
    DeviceClient::new(metadata.device_key().unwrap(), metadata.device_group_key().unwrap())
}

/// Signs in and confirms the device.
async fn confirmed(pool: &TestPool<'_>, name: &str) -> DeviceClient {
    let tokens = pool.sign_in(name, PASSWORD).await;
    let device = device(tokens.new_device_metadata());
    confirm(pool, tokens.access_token().unwrap(), &device).await.unwrap();
    device
}

/// What signing in from a device leads to.
async fn begin(
    pool: &TestPool<'_>,
    name: &str,
    device: &DeviceClient,
) -> (Option<ChallengeNameType>, String) {
    let begun = pool.password_auth(name, PASSWORD).auth_parameters("DEVICE_KEY", &device.key);
    let begun = begun.send().await.unwrap();
    assert!(begun.authentication_result.is_none());
    (begun.challenge_name, begun.session.unwrap())
}

/// The handshake of a device: the session and the answer that would sign in.
async fn handshake(
    pool: &TestPool<'_>,
    session: &str,
    device: &DeviceClient,
) -> (String, HashMap<String, String>) {
    let respond = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client).session(session);
    let respond = respond.challenge_name(ChallengeNameType::DeviceSrpAuth);
    let respond = respond.challenge_responses("DEVICE_KEY", &device.key);
    let begun = respond.challenge_responses("SRP_A", device.public()).send().await.unwrap();
    assert_eq!(begun.challenge_name, Some(ChallengeNameType::DevicePasswordVerifier));
    let challenge = begun.challenge_parameters.unwrap();
    assert_eq!(challenge["DEVICE_KEY"], device.key);
    let timestamp = pool.server.clock.now().format("%a %b %-d %H:%M:%S UTC %Y").to_string();
    let answer = HashMap::from([
        ("DEVICE_KEY".to_owned(), device.key.clone()),
        ("PASSWORD_CLAIM_SECRET_BLOCK".to_owned(), challenge["SECRET_BLOCK"].clone()),
        ("PASSWORD_CLAIM_SIGNATURE".to_owned(), device.sign(&challenge, &timestamp)),
        ("TIMESTAMP".to_owned(), timestamp),
    ]);
    (begun.session.unwrap(), answer)
}

async fn prove(
    pool: &TestPool<'_>,
    session: &str,
    answer: HashMap<String, String>,
) -> Result<aws_sdk_cognitoidentityprovider::types::AuthenticationResultType, (String, String)> {
    let respond = pool.server.aws.respond_to_auth_challenge().client_id(&pool.client).session(session);
    let respond = respond.challenge_name(ChallengeNameType::DevicePasswordVerifier);
    let done = respond.set_challenge_responses(Some(answer)).send().await.map_err(said)?;
    Ok(done.authentication_result.unwrap())
}

fn value<'a>(device: &'a DeviceType, name: &str) -> Option<&'a str> {
    device.device_attributes().iter().find(|it| it.name() == name).and_then(|it| it.value())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_confirmed_device_proves_itself_and_is_forgotten(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.admin_user("ada").await;
        let untracked = pool.sign_in("ada", PASSWORD).await;
        assert!(untracked.new_device_metadata().is_none());
        let list = async |access: &str| server.aws.list_devices().access_token(access).send().await;
        // A key from elsewhere means nothing to a pool that tracks none.
        let elsewhere = "us-east-1_00000000-0000-4000-8000-000000000000";
        let keyed = pool.password_auth("ada", PASSWORD).auth_parameters("DEVICE_KEY", elsewhere);
        assert!(keyed.send().await.unwrap().authentication_result.is_some());
        let refused = said(list(untracked.access_token().unwrap()).await.unwrap_err());
        assert_eq!(refused.0, "InvalidUserPoolConfigurationException");

        track(&pool, false, false).await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let (access, device) = (tokens.access_token().unwrap(), device(tokens.new_device_metadata()));
        assert!(device.key.starts_with("us-east-1_") && device.group.len() == 9, "{}", device.group);
        // Until it is confirmed, it is no device, and its refresh token needs no key.
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        let other = DeviceClient::new("us-east-1_00000000-0000-4000-8000-000000000000", &device.group);
        let wrong = ("InvalidParameterException".to_owned(), "Invalid device key given.".to_owned());
        assert_eq!(confirm(&pool, access, &other).await.unwrap_err(), wrong);
        let unknown = pool.password_auth("ada", PASSWORD).auth_parameters("DEVICE_KEY", &device.key);
        let not_found = ("ResourceNotFoundException".to_owned(), "Device does not exist.".to_owned());
        assert_eq!(said(unknown.send().await.unwrap_err()), not_found);
        assert!(!confirm(&pool, access, &device).await.unwrap());
        assert_eq!(confirm(&pool, access, &device).await.unwrap_err().0, "DeviceKeyExistsException");

        let (name, session) = begin(&pool, "ada", &device).await;
        assert_eq!(name, Some(ChallengeNameType::DeviceSrpAuth));
        let (session, answer) = handshake(&pool, &session, &device).await;
        let tokens = prove(&pool, &session, answer.clone()).await.unwrap();
        assert!(tokens.new_device_metadata().is_none());
        let again = prove(&pool, &session, answer).await.unwrap_err();
        assert_eq!(again.1, "Invalid session for the user, session can only be used once.");

        // Its refresh token works with its key alone (TOK-5).
        let refresh = || pool.refresh(tokens.refresh_token().unwrap());
        assert_eq!(said(refresh().send().await.unwrap_err()).1, "Invalid Refresh Token");
        let other = refresh().auth_parameters("DEVICE_KEY", &other.key).send().await.unwrap_err();
        assert_eq!(said(other).1, "Invalid Refresh Token");
        refresh().auth_parameters("DEVICE_KEY", &device.key).send().await.unwrap();

        let access = tokens.access_token().unwrap();
        let listed = list(access).await.unwrap();
        let [shown] = listed.devices() else { panic!("{listed:?}") };
        assert_eq!(value(shown, "device_name"), Some("Laptop"));
        assert_eq!(value(shown, "last_ip_used"), Some("127.0.0.1"));
        let get =
            server.aws.admin_get_device().user_pool_id(&pool.id).username("ada").device_key(&device.key);
        let shown = get.send().await.unwrap().device.unwrap();
        assert_eq!(value(&shown, "dev:device_owner"), Some(&*format!("ada.{}", pool.id)));
        assert_eq!(value(&shown, "dev:device_remembered_status"), Some("remembered"));

        // Nobody else's.
        pool.admin_user("eve").await;
        let eve = pool.sign_in("eve", PASSWORD).await;
        let eve = eve.access_token().unwrap();
        let refused = server.aws.get_device().access_token(eve).device_key(&device.key).send().await;
        assert_eq!(said(refused.unwrap_err()), not_found);
        let forget = || server.aws.forget_device().device_key(&device.key);
        assert_eq!(said(forget().access_token(eve).send().await.unwrap_err()), not_found);

        forget().access_token(access).send().await.unwrap();
        let ended = refresh().auth_parameters("DEVICE_KEY", &device.key).send().await.unwrap_err();
        assert_eq!(said(ended).1, "Refresh Token has expired");
        assert!(
            list(access).await.unwrap().devices.unwrap().is_empty(),
            "who forgets it goes on for the hour"
        );
    })
    .await;
}

/// The key is given, and taken, in a sign-in by SRP as well, whose second step need not repeat it.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_device_signs_in_by_srp(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        track(&pool, false, false).await;
        pool.admin_user("ada").await;
        let sign_in = async |key: Option<&str>| {
            let srp = SrpClient::new("ada", PASSWORD, &pool.id, &pool.client, None);
            let begin =
                server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserSrpAuth);
            let mut parameters = srp.get_auth_params().unwrap();
            parameters.extend(key.map(|key| ("DEVICE_KEY".to_owned(), key.to_owned())));
            let begun = begin.set_auth_parameters(Some(parameters)).send().await.unwrap();
            let proof = srp.process_challenge(begun.challenge_parameters.unwrap()).unwrap();
            let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client);
            let respond = respond.challenge_name(ChallengeNameType::PasswordVerifier);
            respond.set_challenge_responses(Some(proof)).send().await.unwrap()
        };
        let tokens = sign_in(None).await.authentication_result.unwrap();
        let device = device(tokens.new_device_metadata());
        confirm(&pool, tokens.access_token().unwrap(), &device).await.unwrap();
        let asked = sign_in(Some(&device.key)).await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::DeviceSrpAuth));
        let (session, proof) = handshake(&pool, asked.session().unwrap(), &device).await;
        prove(&pool, &session, proof).await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_remembered_device_takes_the_place_of_a_second_factor(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run_as(Setup::development(), db, async |server| {
        let pool = pool_with(server, UserPoolMfaType::On).await;
        track(&pool, true, true).await;
        pool.admin_user("ada").await;
        let update = server.aws.admin_update_user_attributes().user_pool_id(&pool.id).username("ada");
        update.user_attributes(attribute("email", &email_of("ada"))).send().await.unwrap();
        let with_code =
            async |begun: aws_sdk_cognitoidentityprovider::operation::initiate_auth::InitiateAuthOutput| {
                assert_eq!(begun.challenge_name, Some(ChallengeNameType::EmailOtp));
                let code = server.code_to(&email_of("ada")).await;
                let response = ("EMAIL_OTP_CODE", code.as_str());
                answer(&pool, ChallengeNameType::EmailOtp, begun.session().unwrap(), "ada", response)
                    .await
                    .unwrap()
            };
        let first = with_code(pool.password_auth("ada", PASSWORD).send().await.unwrap()).await;
        let tokens = first.authentication_result.unwrap();
        let (access, device) = (tokens.access_token().unwrap(), device(tokens.new_device_metadata()));
        // The user is asked, and has not said so yet: the device is proven, and does not stand for the code.
        assert!(confirm(&pool, access, &device).await.unwrap());
        let known = pool.password_auth("ada", PASSWORD).auth_parameters("DEVICE_KEY", &device.key);
        let begun = known.clone().send().await.unwrap();
        let before = begun.session().unwrap().to_owned();
        let early = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&before);
        let early = early.challenge_name(ChallengeNameType::DeviceSrpAuth);
        let early = early.challenge_responses("USERNAME", "ada").challenge_responses("SRP_A", "ab");
        let early = early.challenge_responses("DEVICE_KEY", &device.key).send().await.unwrap_err();
        assert_eq!(said(early).1, "Invalid session for the user.");
        let asked = with_code(begun).await;
        assert_eq!(asked.challenge_name, Some(ChallengeNameType::DeviceSrpAuth));
        // Some clients go on in the session in which they gave the code.
        for session in [&before, asked.session().unwrap()] {
            handshake(&pool, session, &device).await;
        }
        let (session, proof) = handshake(&pool, &before, &device).await;
        let tokens = prove(&pool, &session, proof).await.unwrap();
        pool.refresh(tokens.refresh_token().unwrap())
            .auth_parameters("DEVICE_KEY", &device.key)
            .send()
            .await
            .unwrap();

        let status = |status| {
            let update = server.aws.update_device_status().access_token(access).device_key(&device.key);
            update.device_remembered_status(status).send()
        };
        status(DeviceRememberedStatusType::Remembered).await.unwrap();
        let (name, session) = begin(&pool, "ada", &device).await;
        assert_eq!(name, Some(ChallengeNameType::DeviceSrpAuth));
        // The challenge is the device's, whatever the answer calls it (case 40).
        let as_code =
            answer(&pool, ChallengeNameType::EmailOtp, &session, "ada", ("EMAIL_OTP_CODE", "000000"));
        assert_eq!(as_code.await.unwrap_err().1, "Invalid session for the user.");
        let (session, proof) = handshake(&pool, &session, &device).await;
        let tokens = prove(&pool, &session, proof).await.unwrap();
        let refresh = pool.refresh(tokens.refresh_token().unwrap());
        refresh.clone().auth_parameters("DEVICE_KEY", &device.key).send().await.unwrap();

        // Where devices no longer count, sessions that rest on one are over.
        track(&pool, false, true).await;
        let over = refresh.auth_parameters("DEVICE_KEY", &device.key).send().await.unwrap_err();
        assert_eq!(said(over).1, "Refresh Token has been revoked");
        assert_eq!(begin(&pool, "ada", &device).await.0, Some(ChallengeNameType::EmailOtp));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_device_is_proven_by_its_own_password_in_its_own_session(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        track(&pool, true, false).await;
        pool.admin_user("ada").await;
        pool.admin_user("eve").await;
        let (of_ada, of_eve) = (confirmed(&pool, "ada").await, confirmed(&pool, "eve").await);
        assert_eq!(of_ada.group, of_eve.group);
        let wrong = ("NotAuthorizedException".to_owned(), "Incorrect username or password.".to_owned());

        // Another device's key does not open the session, and another device is not the user's.
        let (_, session) = begin(&pool, "ada", &of_ada).await;
        let respond = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
        let respond = respond.challenge_name(ChallengeNameType::DeviceSrpAuth);
        let respond = respond.challenge_responses("DEVICE_KEY", &of_eve.key);
        let refused = respond.challenge_responses("SRP_A", of_eve.public()).send().await.unwrap_err();
        assert_eq!(said(refused).1, "Device does not exist.");
        let foreign = pool.password_auth("ada", PASSWORD).auth_parameters("DEVICE_KEY", &of_eve.key);
        assert_eq!(said(foreign.send().await.unwrap_err()).1, "Device does not exist.");

        // The handshake of one sign-in does not serve in another; a wrong proof uses the session up.
        let (later, _) = handshake(&pool, &begin(&pool, "ada", &of_ada).await.1, &of_ada).await;
        let (session, proof) = handshake(&pool, &session, &of_ada).await;
        assert_eq!(prove(&pool, &later, proof.clone()).await.unwrap_err(), wrong);
        let mut forged = proof.clone();
        forged.insert("PASSWORD_CLAIM_SIGNATURE".to_owned(), "AAAA".to_owned());
        assert_eq!(prove(&pool, &session, forged).await.unwrap_err(), wrong);
        let used = prove(&pool, &session, proof).await.unwrap_err();
        assert_eq!(used.1, "Invalid session for the user, session can only be used once.");

        // Numbers that stand for every password are no verifiers.
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let fresh = device(tokens.new_device_metadata());
        for verifier in ["", "AA==", "AQ==", "not base64"] {
            let numbers = DeviceSecretVerifierConfigType::builder().password_verifier(verifier).salt("AQ==");
            let confirm = server.aws.confirm_device().access_token(tokens.access_token().unwrap());
            let confirm = confirm.device_key(&fresh.key).device_secret_verifier_config(numbers.build());
            assert_eq!(said(confirm.send().await.unwrap_err()).0, "InvalidParameterException", "{verifier}");
        }

        // A server that does not say whose device it speaks for has none.
        let admin = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let admin = admin.auth_flow(AuthFlowType::AdminUserPasswordAuth);
        let admin = admin.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD);
        let tokens = admin.send().await.unwrap().authentication_result.unwrap();
        assert!(tokens.new_device_metadata().is_none());
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();

        // Forgotten between the steps, by an administrator.
        let (session, proof) = handshake(&pool, &begin(&pool, "ada", &of_ada).await.1, &of_ada).await;
        let forget = server.aws.admin_forget_device().user_pool_id(&pool.id).username("ada");
        forget.device_key(&of_ada.key).send().await.unwrap();
        assert_eq!(prove(&pool, &session, proof).await.unwrap_err().1, "Device does not exist.");
        let list =
            server.aws.admin_list_devices().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        assert!(list.devices().is_empty());
    })
    .await;
}
