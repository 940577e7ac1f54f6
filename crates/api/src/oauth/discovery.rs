//! The discovery document (OpenID Connect Discovery 1.0, section 4) and the key set (RFC 7517).

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpResponse, HttpResponseBuilder};
use cognate_core::app_client::registration;
use cognate_core::auth::acr;
use cognate_core::authorization::device;
use cognate_core::dpop::ALGORITHMS;
use cognate_core::token::IDENTITY_SCOPES;
use cognate_core::{Error, options, site, user_pool};
use cognate_store::UserPoolId;
use serde::Serialize;

use super::resource;
use super::token::TOKEN_EXCHANGE;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{pool}/.well-known/jwks.json", web::get().to(keys))
        .route("/{pool}/.well-known/openid-configuration", web::get().to(document))
        // RFC 8414, section 3.1: the pool's path behind the well-known part.
        .route("/.well-known/openid-configuration/{pool}", web::get().to(document))
        .route("/.well-known/oauth-authorization-server/{pool}", web::get().to(document));
}

/// What is built, and nothing else.
#[derive(Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    acr_values_supported: Vec<String>,
    authorization_endpoint: String,
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_session_supported: bool,
    backchannel_logout_supported: bool,
    claims_parameter_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id_metadata_document_supported: Option<bool>,
    claims_supported: Vec<&'static str>,
    code_challenge_methods_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop_signing_alg_values_supported: Option<[&'static str; 6]>,
    end_session_endpoint: String,
    grant_types_supported: Vec<&'static str>,
    id_token_signing_alg_values_supported: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    introspection_endpoint_auth_methods_supported: Option<[&'static str; 2]>,
    issuer: String,
    jwks_uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    protected_resources: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed_authorization_request_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    require_pushed_authorization_requests: Option<bool>,
    response_modes_supported: [&'static str; 2],
    response_types_supported: [&'static str; 4],
    revocation_endpoint: String,
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    scopes_supported: [&'static str; 4],
    subject_types_supported: [&'static str; 1],
    token_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    userinfo_endpoint: String,
}

/// How clients get tokens.
const GRANTS: [&str; 5] =
    ["authorization_code", "implicit", "client_credentials", "refresh_token", TOKEN_EXCHANGE];

/// What ID tokens say beside Cognito's own claims.
const CLAIMS: [&str; 28] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "at_hash",
    "sid",
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "email",
    "email_verified",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "phone_number",
    "phone_number_verified",
    "updated_at",
];

const AUTH_METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];

async fn document(pool: Path<String>, server: Data<Server>) -> HttpResponse {
    let pool = match user_pool::published(&server.app, &UserPoolId::new(pool.into_inner())).await {
        Ok(pool) => pool,
        Err(error) => return refused(&error),
    };
    let site = match site::of_pool(&server.app, &pool).await {
        Ok(site) => site,
        Err(error) => return refused(&error),
    };
    let described = options::describes_resources(&pool).then(|| {
        let beneath_issuer = server.app.place.site(&pool.id);
        let mut described = vec![resource::identifier(&site)];
        described.extend((beneath_issuer != site).then(|| resource::identifier(&beneath_issuer)));
        described
    });
    let site = site.url;
    let issuer = server.app.place.issuer(&pool.id);
    let introspects = options::offers_introspection(&pool);
    let (may_push, must_push) = options::takes_pushed(&pool);
    let serves_devices = options::offers_devices(&pool);
    let levels = acr::names(&pool);
    let of_levels = ["acr", "amr"].into_iter().filter(|_| !levels.is_empty());
    published(HttpResponse::Ok()).json(Document {
        authorization_endpoint: format!("{site}/oauth2/authorize"),
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_session_supported: true,
        backchannel_logout_supported: true,
        claims_parameter_supported: false,
        client_id_metadata_document_supported: options::reads_documents(&pool).then_some(true),
        claims_supported: CLAIMS.into_iter().chain(of_levels).collect(),
        acr_values_supported: levels,
        code_challenge_methods_supported: ["S256"],
        device_authorization_endpoint: serves_devices.then(|| format!("{site}/oauth2/device_authorization")),
        dpop_signing_alg_values_supported: options::binds_tokens(&pool).0.then_some(ALGORITHMS),
        end_session_endpoint: format!("{site}/logout"),
        grant_types_supported: GRANTS
            .into_iter()
            .chain(serves_devices.then_some(device::GRANT_TYPE))
            .collect(),
        id_token_signing_alg_values_supported: ["RS256"],
        introspection_endpoint: introspects.then(|| format!("{site}/oauth2/introspect")),
        introspection_endpoint_auth_methods_supported: introspects
            .then_some(["client_secret_basic", "client_secret_post"]),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        protected_resources: described,
        pushed_authorization_request_endpoint: may_push.then(|| format!("{site}/oauth2/par")),
        registration_endpoint: registration::is_offered(&pool).then(|| format!("{site}/oauth2/register")),
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        require_pushed_authorization_requests: must_push.then_some(true),
        response_modes_supported: ["query", "fragment"],
        response_types_supported: ["code", "token", "id_token", "id_token token"],
        revocation_endpoint: format!("{site}/oauth2/revoke"),
        revocation_endpoint_auth_methods_supported: AUTH_METHODS,
        scopes_supported: IDENTITY_SCOPES,
        subject_types_supported: ["public"],
        token_endpoint: format!("{site}/oauth2/token"),
        token_endpoint_auth_methods_supported: AUTH_METHODS,
        userinfo_endpoint: format!("{site}/oauth2/userInfo"),
        issuer,
    })
}

async fn keys(pool: Path<String>, server: Data<Server>) -> HttpResponse {
    let id = UserPoolId::new(pool.into_inner());
    let keys = match user_pool::published(&server.app, &id).await {
        Ok(pool) => user_pool::jwks(&server.app, &pool).await,
        Err(error) => Err(error),
    };
    match keys {
        Ok(keys) => published(HttpResponse::Ok()).content_type(JSON).body(keys),
        Err(error) => refused(&error),
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Public and worth keeping for a while: new keys are published long before they sign.
pub(super) fn published(mut response: HttpResponseBuilder) -> HttpResponseBuilder {
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")));
    response
}

/// Says that there is no such document.
pub(super) fn not_here() -> HttpResponse {
    let mut response = HttpResponse::NotFound();
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    response.finish()
}

pub(super) fn refused(error: &Error) -> HttpResponse {
    let mut response = match error {
        Error::UserPoolNotFound(_) => HttpResponse::NotFound(),
        Error::Busy => HttpResponse::ServiceUnavailable(),
        other => {
            tracing::error!(error = other as &dyn std::error::Error, "discovery failed");
            HttpResponse::InternalServerError()
        }
    };
    response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")));
    response.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    let message = if matches!(error, Error::UserPoolNotFound(_)) {
        error.to_string()
    } else {
        "unavailable".to_owned()
    };
    response.json(serde_json::json!({ "message": message }))
}
