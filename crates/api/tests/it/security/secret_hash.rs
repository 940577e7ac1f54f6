//! Clients with a secret prove that they have it, in every call.

use aws_sdk_cognitoidentityprovider::types::{AuthFlowType, ChallengeNameType, ExplicitAuthFlowsType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{OTHER_PASSWORD, PASSWORD, TestPool, TestServer, attribute, email_of, said};

/// A client with a secret.
struct Confidential<'a> {
    pool: TestPool<'a>,
    secret: String,
}

impl<'a> Confidential<'a> {
    async fn new(server: &'a TestServer) -> Self {
        let id = server.user_pool().await.id;
        let create = server.aws.create_user_pool_client().user_pool_id(&id).client_name("confidential");
        let create = create
            .generate_secret(true)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowAdminUserPasswordAuth)
            .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth);
        let made = create.send().await.unwrap().user_pool_client.unwrap();
        let pool = TestPool { server, id, client: made.client_id.unwrap() };
        Self { pool, secret: made.client_secret.unwrap() }
    }

    fn hash(&self, username: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(username.as_bytes());
        mac.update(self.pool.client.as_bytes());
        STANDARD.encode(mac.finalize().into_bytes())
    }

    /// No hash, and some that are wrong: of another name, cut short, no base64, of nothing.
    fn wrong(&self, username: &str) -> Vec<Option<String>> {
        let hash = self.hash(username);
        vec![
            None,
            Some(self.hash(&format!("{username}x"))),
            Some(hash[..40].to_owned()),
            Some(hash.trim_end_matches('=').to_owned()),
            Some(self.secret.clone()),
            Some("=".to_owned()),
        ]
    }

    fn unable(&self) -> (String, String) {
        let text = format!("Unable to verify secret hash for client {}", self.pool.client);
        ("NotAuthorizedException".to_owned(), text)
    }

    /// What sign-in and challenges say of a hash.
    fn refusal(&self, hash: &Option<String>) -> (String, String) {
        let client = &self.pool.client;
        match hash {
            Some(_) => self.unable(),
            None => (
                "NotAuthorizedException".to_owned(),
                format!("Client {client} is configured with secret but SECRET_HASH was not received"),
            ),
        }
    }
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn signing_up_and_recovering_need_the_secret_hash(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let confidential = Confidential::new(server).await;
        let (client, unable) = (&confidential.pool.client, confidential.unable());
        let right = confidential.hash("ada");
        let sign_up = |hash: Option<String>| {
            let request = server.aws.sign_up().client_id(client).username("ada").password(PASSWORD);
            request.user_attributes(attribute("email", &email_of("ada"))).set_secret_hash(hash).send()
        };
        let resend = |hash: Option<String>| {
            server
                .aws
                .resend_confirmation_code()
                .client_id(client)
                .username("ada")
                .set_secret_hash(hash)
                .send()
        };
        let confirm = |code: String, hash: Option<String>| {
            let request = server.aws.confirm_sign_up().client_id(client).username("ada");
            request.confirmation_code(code).set_secret_hash(hash).send()
        };
        let forgot = |hash: Option<String>| {
            server.aws.forgot_password().client_id(client).username("ada").set_secret_hash(hash).send()
        };
        let reset = |code: String, hash: Option<String>| {
            let request = server.aws.confirm_forgot_password().client_id(client).username("ada");
            let request = request.confirmation_code(code).password(OTHER_PASSWORD);
            request.set_secret_hash(hash).send()
        };

        for hash in confidential.wrong("ada") {
            assert_eq!(said(sign_up(hash).await.unwrap_err()), unable);
        }
        sign_up(Some(right.clone())).await.unwrap();
        for hash in confidential.wrong("ada") {
            assert_eq!(said(resend(hash).await.unwrap_err()), unable);
        }
        resend(Some(right.clone())).await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        for hash in confidential.wrong("ada") {
            assert_eq!(said(confirm(code.clone(), hash).await.unwrap_err()), unable);
        }
        confirm(code, Some(right.clone())).await.unwrap();
        for hash in confidential.wrong("ada") {
            assert_eq!(said(forgot(hash).await.unwrap_err()), unable);
        }
        forgot(Some(right.clone())).await.unwrap();
        let code = server.code_to(&email_of("ada")).await;
        for hash in confidential.wrong("ada") {
            assert_eq!(said(reset(code.clone(), hash).await.unwrap_err()), unable);
        }
        reset(code, Some(right)).await.unwrap();
    })
    .await;
}

/// Case 16, as far as it concerns the API.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn signing_in_and_refreshing_need_the_secret_hash(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let confidential = Confidential::new(server).await;
        let pool = &confidential.pool;
        pool.admin_user("ada").await;
        pool.set_password("ada", PASSWORD, false).await;
        let auth = |hash: Option<String>| {
            let request = pool.password_auth("ada", PASSWORD);
            match hash {
                Some(hash) => request.auth_parameters("SECRET_HASH", hash).send(),
                None => request.send(),
            }
        };
        let admin_auth = |hash: Option<String>| {
            let request = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
            let request = request.auth_flow(AuthFlowType::AdminUserPasswordAuth);
            let request = request.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD);
            match hash {
                Some(hash) => request.auth_parameters("SECRET_HASH", hash).send(),
                None => request.send(),
            }
        };
        for hash in confidential.wrong("ada") {
            let refusal = confidential.refusal(&hash);
            assert_eq!(said(auth(hash.clone()).await.unwrap_err()), refusal);
            assert_eq!(said(admin_auth(hash).await.unwrap_err()), refusal);
        }
        let right = confidential.hash("ada");
        admin_auth(Some(right.clone())).await.unwrap();
        let session = auth(Some(right.clone())).await.unwrap().session.unwrap();

        let answer = |hash: Option<String>| {
            let request = server.aws.respond_to_auth_challenge().client_id(&pool.client).session(&session);
            let request = request.challenge_name(ChallengeNameType::NewPasswordRequired);
            let request = request.challenge_responses("USERNAME", "ada");
            let request = request.challenge_responses("NEW_PASSWORD", OTHER_PASSWORD);
            match hash {
                Some(hash) => request.challenge_responses("SECRET_HASH", hash).send(),
                None => request.send(),
            }
        };
        for hash in confidential.wrong("ada") {
            let refusal = confidential.refusal(&hash);
            assert_eq!(said(answer(hash).await.unwrap_err()), refusal);
        }
        let tokens = answer(Some(right.clone())).await.unwrap().authentication_result.unwrap();

        let refresh = |hash: Option<String>| {
            let request = pool.refresh(tokens.refresh_token().unwrap());
            match hash {
                Some(hash) => request.auth_parameters("SECRET_HASH", hash).send(),
                None => request.send(),
            }
        };
        for hash in confidential.wrong("ada") {
            let refusal = confidential.refusal(&hash);
            assert_eq!(said(refresh(hash).await.unwrap_err()), refusal);
        }
        // A refresh names nobody: the hash is over the username, or the subject.
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        let sub = user.user_attributes().iter().find(|it| it.name() == "sub").unwrap().value().unwrap();
        refresh(Some(right)).await.unwrap();
        refresh(Some(confidential.hash(sub))).await.unwrap();
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn revoking_takes_the_secret_itself(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let confidential = Confidential::new(server).await;
        let pool = &confidential.pool;
        pool.admin_user("ada").await;
        let signed_in =
            pool.password_auth("ada", PASSWORD).auth_parameters("SECRET_HASH", confidential.hash("ada"));
        let tokens = signed_in.send().await.unwrap().authentication_result.unwrap();
        let refresh = tokens.refresh_token().unwrap();
        let revoke = |secret: Option<&str>| {
            let request = server.aws.revoke_token().client_id(&pool.client).token(refresh);
            request.set_client_secret(secret.map(str::to_owned)).send()
        };
        let (other, longer) = ("nonsense".repeat(4), format!("{}x", confidential.secret));
        let hash = confidential.hash("ada").replace(['/', '=', '+'], "a");
        for wrong in [None, Some(other.as_str()), Some(longer.as_str()), Some(hash.as_str())] {
            let refused = said(revoke(wrong).await.unwrap_err());
            assert_eq!(refused, ("UnauthorizedException".into(), "Invalid client secret".into()));
        }
        let get_user = || server.aws.get_user().access_token(tokens.access_token().unwrap()).send();
        get_user().await.unwrap();
        revoke(Some(&confidential.secret)).await.unwrap();
        assert_eq!(said(get_user().await.unwrap_err()).1, "Access Token has been revoked");
        // A client without a secret takes none.
        let public = server.with_client(pool.id.clone(), false).await;
        let request = server.aws.revoke_token().client_id(&public.client).token(refresh);
        let refused = said(request.client_secret(other).send().await.unwrap_err());
        assert_eq!(refused.0, "UnauthorizedException");
        let hashed =
            public.password_auth("ada", PASSWORD).auth_parameters("SECRET_HASH", confidential.hash("ada"));
        let refused = said(hashed.send().await.unwrap_err());
        assert_eq!(refused.1, format!("Unable to verify secret hash for client {}", public.client));
    })
    .await;
}
