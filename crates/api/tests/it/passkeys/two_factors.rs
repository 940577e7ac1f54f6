//! Passkeys that stand for two factors, where the pool and the user say so (MFA-1).

use super::*;

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_verified_passkey_stands_for_two_factors_where_the_pool_says_so(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        configure(&pool, UserPoolMfaType::Off, false).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let mut browser = register(&pool, tokens.access_token().unwrap(), true).await;
        let (session, options) = asked(&pool, "ada").await;
        let early = give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap();

        // Demanded, a passkey alone is no choice, and a session that rests on one ends.
        configure(&pool, UserPoolMfaType::On, false).await;
        let begin = server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserAuth);
        let offered = begin.auth_parameters("USERNAME", "ada").send().await.unwrap();
        assert!(!offered.available_challenges().contains(&ChallengeNameType::WebAuthn));
        pool.refresh(early.refresh_token().unwrap()).send().await.unwrap_err();

        configure(&pool, UserPoolMfaType::On, true).await;
        let (session, options) = asked(&pool, "ada").await;
        assert_eq!(options["userVerification"], "required");
        let tokens = give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        // A password still needs a second factor.
        let challenge = pool.password_auth("ada", PASSWORD).send().await.unwrap();
        assert_eq!(challenge.challenge_name, Some(ChallengeNameType::MfaSetup));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_user_says_whether_their_passkey_stands_for_two_factors(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        configure(&pool, UserPoolMfaType::Optional, false).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let mut browser = register(&pool, access, true).await;
        let prefer = async |app: Option<bool>, passkey: Option<bool>| {
            let set = server.aws.set_user_mfa_preference().access_token(access);
            let app = app.map(|on| SoftwareTokenMfaSettingsType::builder().enabled(on).build());
            let passkey = passkey.map(|on| WebAuthnMfaSettingsType::builder().enabled(on).build());
            let set = set.set_software_token_mfa_settings(app).set_web_authn_mfa_settings(passkey);
            set.send().await.map(drop).map_err(|error| said(error).0)
        };
        let refused = || Err("InvalidParameterException".to_owned());
        let offered = async || {
            let begin = server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserAuth);
            let offered = begin.auth_parameters("USERNAME", "ada").send().await.unwrap();
            offered.available_challenges().contains(&ChallengeNameType::WebAuthn)
        };
        assert_eq!(prefer(None, Some(true)).await, refused(), "the pool has passkeys for one factor");
        configure(&pool, UserPoolMfaType::Optional, true).await;
        assert_eq!(prefer(None, Some(true)).await, refused(), "there is nothing to fall back on");
        crate::levels::set_up_app(&pool, access).await;
        prefer(Some(true), None).await.unwrap();
        assert!(offered().await, "the pool says so");
        prefer(None, Some(false)).await.unwrap();
        assert!(!offered().await, "the user says not");
        prefer(None, Some(true)).await.unwrap();
        let (session, options) = asked(&pool, "ada").await;
        give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap();
        assert_eq!(prefer(Some(false), None).await, refused(), "the passkey needs it beside it");
        prefer(Some(false), Some(false)).await.unwrap();

        // What was offered before the user said not leads no further than the second factor.
        prefer(Some(true), None).await.unwrap();
        prefer(None, Some(true)).await.unwrap();
        let (session, options) = asked(&pool, "ada").await;
        prefer(None, Some(false)).await.unwrap();
        let given = browser.get(&options).await;
        let credential = ("CREDENTIAL", &*given.to_string());
        let answer = answer(&pool, ChallengeNameType::WebAuthn, &session, "ada", credential).await.unwrap();
        assert_eq!(answer.challenge_name, Some(ChallengeNameType::SoftwareTokenMfa));
    })
    .await;
}
