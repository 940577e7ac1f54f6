//! Tokens that are bound to a key (RFC 9449): how they come about, and that without the key they are of no use.

mod abuse;
mod key;

use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, ContextDataType, FeatureType, RefreshTokenRotationType,
};
use reqwest::RequestBuilder;

use self::key::{Key, ath};
use super::*;
use crate::machine_tokens::resource_server;
use crate::server::said;

const ADMIN: &str = "aws.cognito.signin.user.admin";

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap_or_else(|| panic!("no {name}: {tokens}"))
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap_or_default())
}

const NO_PROOF: (u16, &str) = (400, "invalid_dpop_proof");

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_is_bound_to_a_key_is_of_no_use_without_it(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", ADMIN], false).await;
        app.configure("dpop", "on").await;
        let (key, other, mut browser) = (Key::new(), Key::new(), Browser::new(&pool));
        let code = app.code(&mut browser, &[]).await;
        let (status, tokens) = app.exchange_with(&[&key.for_tokens(&app)], &code).await;
        assert_eq!((status, text(&tokens, "token_type")), (200, "DPoP"), "{tokens}");
        let access = text(&tokens, "access_token");
        let (_, claims) = verified(&app.pool, access).await;
        assert_eq!(claims["cnf"], json!({ "jkt": key.thumbprint() }));
        let (_, claims) = verified(&app.pool, text(&tokens, "id_token")).await;
        assert!(claims["cnf"].is_null(), "nobody is let in by an ID token");

        // At userInfo.
        let shown = |token: &str, proof: &str| {
            let header = format!("DPoP {token}");
            let proof = proof.to_owned();
            move |get: RequestBuilder| get.header("authorization", header).header("dpop", proof)
        };
        let proof = key.for_userinfo(&app, access);
        assert_eq!(app.told(shown(access, &proof)).await.0, 200);
        let (status, error_code, challenge) = app.told(shown(access, &proof)).await;
        assert_eq!((status, &*error_code), (401, "invalid_dpop_proof"), "a proof serves once");
        assert!(challenge.starts_with("DPoP error=\"invalid_dpop_proof\"") && challenge.contains("ES256"));
        let (status, _, challenge) = app.told(|get| get.bearer_auth(access)).await;
        assert!(status == 401 && challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
        let proof = key.for_userinfo(&app, access);
        let (status, _, _) = app.told(|get| get.bearer_auth(access).header("dpop", proof)).await;
        assert_eq!(status, 401, "not as what it is not");
        let (status, error_code, _) =
            app.told(|get| get.header("authorization", format!("DPoP {access}"))).await;
        assert_eq!((status, &*error_code), (401, "invalid_token"), "without a proof");
        for (proof, why) in [
            (other.for_userinfo(&app, access), "another key's"),
            (key.for_userinfo(&app, text(&tokens, "id_token")), "for another token"),
            (key.proof(server, &app.endpoint("userInfo"), &json!({ "htm": "GET" })), "for no token"),
            (key.proof(server, &app.endpoint("userInfo"), &json!({ "ath": ath(access) })), "for POST"),
            (key.proof(server, &server.url, &json!({ "htm": "GET", "ath": ath(access) })), "elsewhere"),
        ] {
            let (status, error_code, _) = app.told(shown(access, &proof)).await;
            assert_eq!((status, &*error_code), (401, "invalid_dpop_proof"), "{why}");
        }

        // In the API.
        let get_user = async |proof: Option<String>| {
            let get = server.aws.get_user().access_token(access).customize();
            let get = get.mutate_request(move |request| {
                if let Some(proof) = proof.clone() {
                    request.headers_mut().insert("dpop", proof);
                }
            });
            get.send().await.map(|_| ()).map_err(said)
        };
        let refused = ("NotAuthorizedException".to_owned(), "Invalid Access Token".to_owned());
        assert_eq!(get_user(None).await, Err(refused));
        let wrong = get_user(Some(other.for_call(server, Some(access)))).await.unwrap_err();
        assert_eq!(wrong.0, "NotAuthorizedException");
        get_user(Some(key.for_call(server, Some(access)))).await.unwrap();

        // Its refresh token, at either place.
        let refresh = text(&tokens, "refresh_token");
        assert_eq!(error(&app.refresh_with(&[], refresh).await), NO_PROOF);
        let stolen = app.refresh_with(&[&other.for_tokens(&app)], refresh).await;
        assert_eq!(error(&stolen), (400, "invalid_grant"));
        let (status, again) = app.refresh_with(&[&key.for_tokens(&app)], refresh).await;
        assert_eq!((status, text(&again, "token_type")), (200, "DPoP"), "{again}");
        let refreshed = async |proof: Option<String>| {
            let get = server.aws.get_tokens_from_refresh_token().client_id(&app.pool.client);
            let get = get.refresh_token(refresh).customize().mutate_request(move |request| {
                if let Some(proof) = proof.clone() {
                    request.headers_mut().insert("dpop", proof);
                }
            });
            get.send().await.map(|got| got.authentication_result.unwrap()).map_err(said)
        };
        assert_eq!(refreshed(None).await.unwrap_err().0, "NotAuthorizedException");
        assert!(refreshed(Some(other.for_call(server, None))).await.is_err());
        let got = refreshed(Some(key.for_call(server, None))).await.unwrap();
        assert_eq!(got.token_type(), Some("DPoP"));

        // It stays so where the client may have no more of them.
        app.configure("dpop", "off").await;
        assert_eq!(error(&app.refresh_with(&[&key.for_tokens(&app)], refresh).await), NO_PROOF);
        let proof = key.for_userinfo(&app, access);
        assert_eq!(app.told(shown(access, &proof)).await.0, 200);
        assert_eq!(app.told(|get| get.bearer_auth(access)).await.0, 401);
        // What is not bound is not shown as if it were.
        let code = app.code(&mut browser, &[]).await;
        let (_, plain) = app.exchange_with(&[&key.for_tokens(&app)], &code).await;
        assert_eq!(text(&plain, "token_type"), "Bearer", "as if there were no such thing");
        let plain = text(&plain, "access_token");
        assert_eq!(app.told(shown(plain, &key.for_userinfo(&app, plain))).await.0, 401);
        assert_eq!(app.told(|get| get.bearer_auth(plain)).await.0, 200);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_code_may_be_for_one_key_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        app.configure("dpop", "on").await;
        app.configure("par", "on").await;
        let (key, other, mut browser) = (Key::new(), Key::new(), Browser::new(&pool));
        let jkt = key.thumbprint();
        let more = [("dpop_jkt", &*jkt)];
        for proofs in [vec![], vec![other.for_tokens(&app)]] {
            let code = app.code(&mut browser, &more).await;
            let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
            assert_eq!(error(&app.exchange_with(&proofs, &code).await), (400, "invalid_grant"));
            let late = app.exchange_with(&[&key.for_tokens(&app)], &code).await;
            assert_eq!(error(&late), (400, "invalid_grant"), "a code that somebody else tried is spent");
        }
        let code = app.code(&mut browser, &more).await;
        assert_eq!(app.exchange_with(&[&key.for_tokens(&app)], &code).await.0, 200);
        let sent = browser.get(&app.authorize(&[("dpop_jkt", "short")])).await;
        assert_eq!(sent.sent("error").as_deref(), Some("invalid_request"));

        // What a client pushes with a proof is for that key (RFC 9449, section 10.1).
        let push = async |key: &Key, more: &[(&str, &str)]| {
            let address = app.page("oauth2/par", more);
            let (_, query) = address.split_once('?').unwrap();
            let post = server.http.post(app.endpoint("par")).body(query.to_owned());
            let post = post.header("content-type", "application/x-www-form-urlencoded");
            let post = post.header("dpop", key.proof(server, &app.endpoint("par"), &json!({})));
            let answer = post.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        assert_eq!(error(&push(&other, &more).await), NO_PROOF, "two keys");
        let (status, told) = push(&key, &[]).await;
        assert_eq!(status, 201, "{told}");
        let uri = text(&told, "request_uri");
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", &*app.pool.client), ("request_uri", uri)])
            .finish();
        let pushed = format!("/{}/oauth2/authorize?{query}", pool.id);
        let code = async |browser: &mut Browser| browser.get(&pushed).await.sent("code").unwrap();
        let stolen = app.exchange_with(&[&other.for_tokens(&app)], &code(&mut browser).await).await;
        assert_eq!(error(&stolen), (400, "invalid_grant"));
        let (status, _) = app.exchange_with(&[&key.for_tokens(&app)], &code(&mut browser).await).await;
        assert_eq!(status, 200);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_that_must_gets_nothing_without_a_proof(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let flows = [OAuthFlowType::Code, OAuthFlowType::Implicit];
        let app = App::with(&pool, &flows, &["openid"], false).await;
        app.configure("dpop", "required").await;
        let (key, mut browser) = (Key::new(), Browser::new(&pool));
        let code = app.code(&mut browser, &[]).await;
        assert_eq!(error(&app.exchange_with(&[], &code).await), NO_PROOF);
        assert_eq!(app.exchange_with(&[&key.for_tokens(&app)], &code).await.0, 200, "the code goes on");
        let sent = browser.get(&app.authorize(&[("response_type", "token")])).await;
        assert_eq!(sent.sent("error").as_deref(), Some("unauthorized_client"), "nobody proves it there");

        // Through the API.
        let api =
            App { pool: TestPool { server, id: pool.id.clone(), client: pool.client.clone() }, secret: None };
        api.configure("dpop", "required").await;
        let sign_in = async |proof: Option<String>| {
            let sign_in = pool.password_auth("ada", PASSWORD).customize();
            let sign_in = sign_in.mutate_request(move |request| {
                if let Some(proof) = proof.clone() {
                    request.headers_mut().insert("dpop", proof);
                }
            });
            sign_in.send().await.map(|got| got.authentication_result.unwrap()).map_err(said)
        };
        let (code, why) = sign_in(None).await.unwrap_err();
        assert_eq!((&*code, &*why), ("NotAuthorizedException", "Invalid DPoP proof: there must be one"));
        let (code, why) = server
            .aws
            .initiate_auth()
            .client_id(&pool.client)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", "ada")
            .auth_parameters("PASSWORD", "wrong")
            .send()
            .await
            .map_err(said)
            .unwrap_err();
        assert_eq!(
            (&*code, &*why),
            ("NotAuthorizedException", "Invalid DPoP proof: there must be one"),
            "guessed"
        );
        let got = sign_in(Some(key.for_call(server, None))).await.unwrap();
        assert_eq!(got.token_type(), Some("DPoP"));
        let (_, claims) = verified(&pool, got.access_token().unwrap()).await;
        assert_eq!(claims["cnf"]["jkt"], json!(key.thumbprint()));

        // An administrator's server that says where the user is goes on to prove what it proves.
        let proof = key.for_call(server, None);
        let place = ContextDataType::builder().ip_address("192.0.2.7").server_name("app").server_path("/");
        let place = place.set_http_headers(Some(Vec::new())).build().unwrap();
        let administrators = server.aws.admin_initiate_auth().user_pool_id(&pool.id).client_id(&pool.client);
        let administrators = administrators
            .auth_flow(AuthFlowType::AdminUserPasswordAuth)
            .auth_parameters("USERNAME", "ada")
            .auth_parameters("PASSWORD", PASSWORD)
            .context_data(place)
            .customize()
            .mutate_request(move |request| {
                request.headers_mut().insert("dpop", proof.clone());
            });
        let got = administrators.send().await.unwrap().authentication_result.unwrap();
        assert_eq!(got.token_type(), Some("DPoP"));

        // Machines, and who asks about their tokens.
        resource_server(&pool, "orders", &["read"]).await;
        let machine = App::with(&pool, &[OAuthFlowType::ClientCredentials], &["orders/read"], true).await;
        machine.configure("dpop", "required").await;
        machine.configure("introspection", "on").await;
        let form = [("grant_type", "client_credentials")];
        assert_eq!(error(&machine.token_with(&[], &form).await), NO_PROOF);
        let (status, told) = machine.token_with(&[&key.for_tokens(&machine)], &form).await;
        assert_eq!((status, text(&told, "token_type")), (200, "DPoP"), "{told}");
        let ask = server.http.post(machine.endpoint("introspect"));
        let ask = ask.header("authorization", machine.basic(machine.secret.as_ref().unwrap()));
        let told: Value =
            ask.form(&[("token", text(&told, "access_token"))]).send().await.unwrap().json().await.unwrap();
        let expected = (json!(true), json!("DPoP"), json!({ "jkt": key.thumbprint() }));
        assert_eq!((told["active"].clone(), told["token_type"].clone(), told["cnf"].clone()), expected);
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_client_with_a_secret_may_take_another_key(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid"], true).await;
        let public = App::public(&pool).await;
        for app in [&app, &public] {
            app.configure("dpop", "on").await;
        }
        let (key, other, mut browser) = (Key::new(), Key::new(), Browser::new(&pool));
        let code = app.code(&mut browser, &[]).await;
        let (_, tokens) = app.exchange_with(&[&key.for_tokens(&app)], &code).await;
        let refresh = text(&tokens, "refresh_token");
        for (proofs, token_type) in [(vec![other.for_tokens(&app)], "DPoP"), (vec![], "Bearer")] {
            let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
            let (status, again) = app.refresh_with(&proofs, refresh).await;
            assert_eq!((status, text(&again, "token_type")), (200, token_type), "{again}");
        }
        // One without comes to be bound when it first shows a key.
        let code = public.code(&mut browser, &[]).await;
        let (_, tokens) = public.exchange_with(&[], &code).await;
        let refresh = text(&tokens, "refresh_token");
        assert_eq!(text(&public.refresh_with(&[], refresh).await.1, "token_type"), "Bearer");
        let (_, bound) = public.refresh_with(&[&key.for_tokens(&public)], refresh).await;
        assert_eq!(text(&bound, "token_type"), "DPoP");
        assert_eq!(error(&public.refresh_with(&[], refresh).await), NO_PROOF);
        let stolen = public.refresh_with(&[&other.for_tokens(&public)], refresh).await;
        assert_eq!(error(&stolen), (400, "invalid_grant"));
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_proof_names_the_place_that_its_request_goes_to(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        resource_server(&pool, "orders", &["read"]).await;
        let machine = App::with(&pool, &[OAuthFlowType::ClientCredentials], &["orders/read"], true).await;
        pool.on_prefix("keys").await;
        machine.configure("dpop", "required").await;
        let site =
            format!("http://keys.pools.test:{}", url::Url::parse(&server.url).unwrap().port().unwrap());
        let (key, here) = (Key::new(), format!("{site}/oauth2/token"));
        let ask = async |proof: String| {
            let browser = Browser::at(&site, server);
            let post = browser.request("/oauth2/token").form(&[("grant_type", "client_credentials")]);
            let basic = machine.basic(machine.secret.as_ref().unwrap());
            post.header("authorization", basic).header("dpop", proof).send().await.unwrap().status().as_u16()
        };
        assert_eq!(ask(key.proof(server, &here, &json!({}))).await, 200);
        assert_eq!(ask(key.for_tokens(&machine)).await, 400, "it was for the pool's path");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn refresh_tokens_that_rotate_stay_bound(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::public(&pool).await;
        let rotation = RefreshTokenRotationType::builder().feature(FeatureType::Enabled);
        let rotation = rotation.retry_grace_period_seconds(30).build().unwrap();
        app.update(&["openid"]).refresh_token_rotation(rotation).send().await.unwrap();
        app.configure("dpop", "on").await;
        let key = Key::new();
        let code = app.code(&mut Browser::new(&pool), &[("scope", "openid")]).await;
        let (_, tokens) = app.exchange_with(&[], &code).await;
        let first = text(&tokens, "refresh_token");
        let (_, tokens) = app.refresh_with(&[&key.for_tokens(&app)], first).await;
        assert_eq!(text(&tokens, "token_type"), "DPoP");
        let next = text(&tokens, "refresh_token");
        // Within its time of grace the one before is good for the key alone, too.
        for token in [first, next] {
            assert_eq!(error(&app.refresh_with(&[], token).await), NO_PROOF);
            let stolen = app.refresh_with(&[&Key::new().for_tokens(&app)], token).await;
            assert_eq!(error(&stolen), (400, "invalid_grant"));
            let (status, again) = app.refresh_with(&[&key.for_tokens(&app)], token).await;
            assert_eq!((status, text(&again, "token_type")), (200, "DPoP"), "{again}");
        }
    })
    .await;
}
