//! What is logged, down to the finest level, holds no secret (LOG-1).

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider::types::{
    ChallengeNameType, SoftwareTokenMfaConfigType, UserPoolMfaType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tracing_subscriber::filter::{LevelFilter, dynamic_filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};

use super::signing::Key;
use crate::server::{TestServer, attribute, client};

/// Whether this test is under way: the subscriber is the process's, so it hears the other tests too.
static LISTENING: AtomicBool = AtomicBool::new(false);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Listens to the server and what it is built on, but not to the SDK, which is a client's.
fn listen() -> Log {
    let log = Log::default();
    let writer = log.clone();
    let ours = |target: &str| ["cognate", "actix", "sqlx", "lettre"].iter().any(|it| target.starts_with(it));
    let filter =
        dynamic_filter_fn(move |metadata, _| LISTENING.load(Ordering::Relaxed) && ours(metadata.target()));
    let filter = filter.with_max_level_hint(LevelFilter::TRACE);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer.with_filter(filter)))
        .unwrap();
    LISTENING.store(true, Ordering::Relaxed);
    log
}

/// Case 70, in small.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn no_secret_is_logged(_: PgPoolOptions, db: PgConnectOptions) {
    let log = listen();
    TestServer::run(db, async |server| {
        let (first, temporary, chosen) = ("First-Unlogged-1", "Temporary-Unlogged-2", "Chosen-Unlogged-3");
        let (wrong, code) = ("Wrong-Unlogged-4", "unlogged-code");
        let key = Key::new(server).await;
        let aws = client(&server.url, &key.id, &key.secret);
        let pool = server.user_pool().await;
        let sign_up = aws.sign_up().client_id(&pool.client).username("ada").password(first);
        sign_up.user_attributes(attribute("email", "ada@example.com")).send().await.unwrap();
        let confirm = aws.confirm_sign_up().client_id(&pool.client).username("ada").confirmation_code(code);
        confirm.send().await.unwrap_err();
        pool.password_auth("ada", wrong).send().await.unwrap_err();
        pool.set_password("ada", temporary, false).await;
        let session = pool.password_auth("ada", temporary).send().await.unwrap().session.unwrap();
        let answer = aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
        let answer = answer.challenge_name(ChallengeNameType::NewPasswordRequired);
        let answer =
            answer.challenge_responses("USERNAME", "ada").challenge_responses("NEW_PASSWORD", chosen);
        let tokens = answer.send().await.unwrap().authentication_result.unwrap();
        let (access, refresh) = (tokens.access_token.unwrap(), tokens.refresh_token.unwrap());
        aws.get_user().access_token(&access).send().await.unwrap();
        aws.get_user().access_token(format!("{access}x")).send().await.unwrap_err();
        pool.refresh(&refresh).send().await.unwrap();
        let create = aws.create_user_pool_client().user_pool_id(&pool.id).client_name("confidential");
        let made = create.generate_secret(true).send().await.unwrap().user_pool_client.unwrap();
        server.call("SignUp", format!(r#"{{"Password":"{wrong}","#)).await;
        server.call("SignUp", format!(r#"{{"Password":["{wrong}"]}}"#)).await;
        let app = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        let offer =
            aws.set_user_pool_mfa_config().user_pool_id(&pool.id).software_token_mfa_configuration(app);
        offer.mfa_configuration(UserPoolMfaType::Optional).send().await.unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let associated = aws.associate_software_token().access_token(&access).send().await.unwrap();
        let app_secret = associated.secret_code.unwrap();
        let exchange = aws.get_tokens_from_refresh_token().client_id(&pool.client).refresh_token(&refresh);
        exchange.send().await.unwrap();
        LISTENING.store(false, Ordering::Relaxed);

        let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(
            logged.contains("RespondToAuthChallenge") && logged.contains("user::by_login"),
            "not listening"
        );
        let (id, secret) = (tokens.id_token.unwrap(), made.client_secret.unwrap());
        for unlogged in [
            first,
            temporary,
            chosen,
            wrong,
            code,
            &session,
            &access,
            &refresh,
            &id,
            &secret,
            &key.secret,
            &app_secret,
        ] {
            let line = logged.lines().find(|line| line.contains(unlogged));
            assert!(line.is_none(), "{line:?}");
        }
    })
    .await;
}
