//! The `openidconnect` crate, unchanged, as the client.

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _,
};

use super::*;

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn the_crate_signs_a_user_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let app = App::with(&pool, &[OAuthFlowType::Code], &["openid", "email"], true).await;
        let http = async |request: openidconnect::HttpRequest| {
            let answer = server.http.execute(request.try_into().unwrap()).await?;
            let mut response = http::Response::builder().status(answer.status());
            for (name, value) in answer.headers() {
                response = response.header(name, value);
            }
            Ok::<_, reqwest::Error>(response.body(answer.bytes().await?.to_vec()).unwrap())
        };

        let issuer = IssuerUrl::new(format!("{}/{}", server.url, pool.id)).unwrap();
        let metadata = CoreProviderMetadata::discover_async(issuer, &http).await.unwrap();
        let secret = app.secret.clone().map(ClientSecret::new);
        let client =
            CoreClient::from_provider_metadata(metadata, ClientId::new(app.pool.client.clone()), secret);
        let client = client.set_redirect_uri(RedirectUrl::new(CALLBACK.to_owned()).unwrap());

        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (address, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let mut browser = Browser::new(&pool);
        let sent = browser.get(address.as_str()).await;
        let page = browser.get(sent.location()).await;
        let sent = browser.submit(&page, &[("username", "ada"), ("password", PASSWORD)]).await;
        assert_eq!(sent.sent("state").as_ref(), Some(state.secret()));

        let code = AuthorizationCode::new(sent.sent("code").unwrap());
        let exchange = client.exchange_code(code).unwrap().set_pkce_verifier(verifier);
        let tokens = exchange.request_async(&http).await.unwrap();
        let id_verifier = client.id_token_verifier();
        let id_token = tokens.id_token().unwrap();
        let claims = id_token.claims(&id_verifier, &nonce).unwrap();
        let hash = AccessTokenHash::from_token(
            tokens.access_token(),
            id_token.signing_alg().unwrap(),
            id_token.signing_key(&id_verifier).unwrap(),
        );
        assert_eq!(claims.access_token_hash(), Some(&hash.unwrap()));
        assert_eq!(claims.email().map(|email| email.as_str()), Some("ada@example.com"));
        assert_eq!(claims.email_verified(), Some(true));

        // Cognito's userInfo gives texts where the standard has booleans, which this crate refuses to read.
        let subject = claims.subject().clone();
        let shown = client.user_info(tokens.access_token().clone(), Some(subject)).unwrap();
        let shown: Result<CoreUserInfoClaims, _> = shown.request_async(&http).await;
        assert!(shown.is_err(), "{shown:?}");

        let refresh = client.exchange_refresh_token(tokens.refresh_token().unwrap()).unwrap();
        let renewed = refresh.request_async(&http).await.unwrap();
        assert!(renewed.id_token().is_some());
    })
    .await;
}
