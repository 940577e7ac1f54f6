//! What the server publishes beside its API: discovery, health, and pages for people.

use aws_sdk_cognitoidentityprovider::types::DeliveryMediumType;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::Browser;
use crate::security::signing::Answer;
use crate::server::{PASSWORD, Setup, TestServer, attribute, email_of, said};

const SCRIPT: &str = "\"><script>alert(1)</script>";

async fn get(server: &TestServer, path: &str) -> Answer {
    Answer::of(server.http.get(format!("{}{path}", server.url)).send().await.unwrap()).await
}

/// HUI-4, case 22.
fn assert_page_headers(page: &Answer) {
    let policy = page.header("content-security-policy");
    for part in ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert!(!policy.contains("script-src") || policy.contains("script-src 'self';"), "{policy}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("cache-control").contains("no-store"));
    assert!(page.header("strict-transport-security").starts_with("max-age="));
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_pool_publishes_who_it_is_and_its_keys(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let id = server.user_pool().await.id;
        let issuer = format!("{}/{id}", server.url);
        let ways = ["client_secret_basic", "client_secret_post", "none"];
        let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
        let expected = json!({
            "authorization_endpoint": format!("{issuer}/oauth2/authorize"),
            "authorization_response_iss_parameter_supported": true,
            "backchannel_logout_session_supported": true,
            "backchannel_logout_supported": true,
            "claims_parameter_supported": false,
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "jti", "auth_time", "nonce", "at_hash", "sid", "name", "family_name",
                "given_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website",
                "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number",
                "phone_number_verified",
                "updated_at",
            ],
            "code_challenge_methods_supported": ["S256"],
            "end_session_endpoint": format!("{issuer}/logout"),
            "grant_types_supported":
                ["authorization_code", "implicit", "client_credentials", "refresh_token", exchange],
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "response_modes_supported": ["query", "fragment"],
            "response_types_supported": ["code", "token", "id_token", "id_token token"],
            "revocation_endpoint": format!("{issuer}/oauth2/revoke"),
            "revocation_endpoint_auth_methods_supported": ways,
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint": format!("{issuer}/oauth2/token"),
            "token_endpoint_auth_methods_supported": ways,
            "userinfo_endpoint": format!("{issuer}/oauth2/userInfo"),
        });
        for path in [
            format!("/{id}/.well-known/openid-configuration"),
            // RFC 8414, section 3.1.
            format!("/.well-known/openid-configuration/{id}"),
            format!("/.well-known/oauth-authorization-server/{id}"),
        ] {
            let document = get(server, &path).await;
            assert_eq!(document.status, 200, "{path}");
            assert_eq!(document.json(), expected, "{path}");
            assert_published(&document);
        }

        let keys = get(server, &format!("/{id}/.well-known/jwks.json")).await;
        assert_eq!(keys.status, 200);
        assert_published(&keys);
        let keys = keys.json()["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), 2);
        assert_ne!(keys[0]["kid"], keys[1]["kid"]);
        for key in &keys {
            let members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
            let text = |member: &str| key[member].as_str().unwrap();
            assert_eq!([text("alg"), text("e"), text("kty"), text("use")], ["RS256", "AQAB", "RSA", "sig"]);
            // 2048 bits (KEY-6).
            assert_eq!(text("n").len(), 342);
        }

        for path in ["/{}/.well-known/openid-configuration", "/{}/.well-known/jwks.json"] {
            for nowhere in ["us-east-1_000000000", "nonsense", "%00", "us-east-1_%ff", "..%2f.."] {
                let missing = get(server, &path.replace("{}", nowhere)).await;
                assert_eq!(missing.status, 404, "{path} {nowhere}");
                assert_ne!(missing.header("cache-control"), "public, max-age=300");
            }
        }
        let missing = get(server, "/us-east-1_000000000/.well-known/jwks.json").await;
        assert_eq!(missing.header("access-control-allow-origin"), "*");
        assert_eq!(missing.header("cache-control"), "no-store");
    })
    .await;
}

fn assert_published(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
}

/// OPS-2, OPS-4.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn health_is_told_and_nothing_else_is_there(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        for (path, status) in [("live", "live"), ("ready", "ready")] {
            let answer = get(server, &format!("/_cognate/health/{path}")).await;
            assert_eq!((answer.status, answer.json()), (200, json!({ "status": status })));
        }
        for path in [
            "/nothing",
            "/_cognate",
            "/_cognate/",
            "/_cognate/inbox",
            "/_cognate/inbox.json",
            "/metrics",
            "/_cognate/metrics",
            "/debug",
            "/.well-known/jwks.json",
            "/../etc/passwd",
            "//",
        ] {
            assert_eq!(get(server, path).await.status, 404, "{path}");
        }
        server.clock.advance(chrono::Duration::seconds(6));
        let skewed = get(server, "/_cognate/health/ready").await;
        assert_eq!(skewed.status, 503, "{}", skewed.body);
        assert_eq!(get(server, "/_cognate/health/live").await.status, 200);
    })
    .await;
}

/// HUI-5, case 23.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_inbox_shows_messages_as_text_alone(_: PgPoolOptions, db: PgConnectOptions) {
    let setup = Setup { development: true, ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let pool = server.user_pool().await;
        let sign_up = server.aws.sign_up().client_id(&pool.client).username(SCRIPT).password(PASSWORD);
        sign_up.user_attributes(attribute("email", "ada@example.com")).send().await.unwrap();
        // An invitation has the name in its words.
        let invite = server.aws.admin_create_user().user_pool_id(&pool.id).username(format!("{SCRIPT}2"));
        let invite = invite.user_attributes(attribute("email", "bob@example.com"));
        invite.desired_delivery_mediums(DeliveryMediumType::Email).send().await.unwrap();

        let page = get(server, "/_cognate/inbox").await;
        assert_eq!(page.status, 200);
        assert_page_headers(&page);
        assert!(page.body.contains("ada@example.com") && page.body.contains("bob@example.com"));
        assert!(!page.body.contains("<script"), "{}", page.body);
        assert!(page.body.contains("&#60;script&#62;alert(1)"), "{}", page.body);

        let list = get(server, "/_cognate/inbox.json").await;
        assert_eq!(list.header("content-type"), "application/json");
        assert_eq!(list.header("cache-control"), "no-store");
        let list = list.json();
        let messages = list["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2);
        let of = |to: &str| messages.iter().find(|message| message["to"] == to).unwrap();
        assert_eq!(of("ada@example.com")["username"], SCRIPT);
        let code = of("ada@example.com")["code"].as_str().unwrap();
        assert_eq!(code, server.code_to("ada@example.com").await);

        let style = get(server, "/_cognate/style.css").await;
        assert_eq!((style.status, style.header("content-type")), (200, "text/css; charset=utf-8"));
        // A page names the version that it is made for; whoever has another page gets what there is, for the moment.
        let page = get(server, "/_cognate/inbox").await;
        let versioned = page.body.split('"').find(|it| it.starts_with("/_cognate/style.css?v=")).unwrap();
        for (url, keep) in [
            (versioned, "public, max-age=3600"),
            ("/_cognate/style.css?v=0123456789abcdef", "public, max-age=60"),
        ] {
            let style = get(server, url).await;
            assert_eq!((style.status, style.header("cache-control")), (200, keep), "{url}");
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn opening_a_confirmation_link_changes_nothing_and_its_button_confirms(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let (pool, other) = (server.user_pool().await, server.user_pool().await);
        pool.sign_up("ada").await;
        let code = server.code_to(&email_of("ada")).await;
        let fields = |user: &str, code: &str| {
            vec![
                ("client_id", pool.client.clone()),
                ("user_name", user.to_owned()),
                ("confirmation_code", code.to_owned()),
            ]
        };
        let url = |pool: &str| format!("{}/{pool}/confirmUser", server.url);
        let open = async |user: &str| {
            let request = server.http.get(url(&pool.id)).query(&fields(user, &code));
            Answer::of(request.send().await.unwrap()).await
        };
        let press = async |pool: &str, fields: &[(&str, String)]| {
            let mut browser = Browser::new(&other);
            let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            let (action, shown) = browser.get(&format!("{}?{query}", url(pool))).await.form();
            let cookie = format!("XSRF-TOKEN={}", browser.cookies["XSRF-TOKEN"]);
            let post = browser.request(&action).header("origin", &server.url).header("cookie", cookie);
            Answer::of(post.form(&shown).send().await.unwrap()).await
        };
        // A mail scanner follows links.
        for _ in 0..20 {
            let page = open("ada").await;
            assert_eq!(page.status, 200);
            assert_page_headers(&page);
            assert!(page.body.contains("<form method=\"post\""), "{}", page.body);
        }
        assert!(!open(SCRIPT).await.body.contains("<script"));
        assert_eq!(
            said(pool.password_auth("ada", PASSWORD).send().await.unwrap_err()).0,
            "UserNotConfirmedException"
        );

        for (pool, fields) in [
            (&other.id, fields("ada", &code)),
            (&pool.id, fields("ada", "wrong")),
            (&pool.id, fields("nobody", &code)),
        ] {
            let refused = press(pool, &fields).await;
            assert_eq!(refused.status, 400, "{pool}");
            assert_page_headers(&refused);
            assert!(refused.body.contains("This link no longer works"), "{}", refused.body);
        }
        let nonsense = get(server, "/nonsense/confirmUser?client_id=x&user_name=x&confirmation_code=x").await;
        let incomplete = get(server, &format!("/{}/confirmUser?client_id=x", pool.id)).await;
        let twice = get(server, &format!("/{}/confirmUser?client_id=x&client_id=y", pool.id)).await;
        let unsure = get(server, &format!("/{}/feedback?token=x&value=perhaps", pool.id)).await;
        let empty =
            Answer::of(server.http.post(url(&pool.id)).form(&[("a", "b")]).send().await.unwrap()).await;
        for page in [nonsense, incomplete, twice, unsure, empty] {
            assert_eq!(page.status, 400);
            assert_page_headers(&page);
        }
        // HUI-3: a form that somebody else made up is asked about like the link.
        let post = server.http.post(url(&pool.id)).form(&fields("ada", &code));
        let foreign = Answer::of(post.send().await.unwrap()).await;
        assert!(foreign.status == 200 && foreign.body.contains("Confirm your address"), "{}", foreign.body);

        let confirmed = press(&pool.id, &fields("ada", &code)).await;
        assert_eq!(confirmed.status, 200);
        assert_page_headers(&confirmed);
        assert!(confirmed.body.contains("Your account is ready"), "{}", confirmed.body);
        pool.sign_in("ada", PASSWORD).await;
        let again = press(&pool.id, &fields("ada", &code)).await;
        assert_eq!(again.status, 400);
        assert!(again.body.contains("It may have been used already"), "{}", again.body);
    })
    .await;
}
