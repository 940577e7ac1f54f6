//! What the tokens say. Claims and their types are Cognito's.

use cognate_store::user_pool::{DataType, UserPoolSettings};
use cognate_store::{AppClient, User};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::user::attribute;

/// The claims of an access token.
#[derive(Debug, Serialize)]
pub(crate) struct AccessClaims<'a> {
    pub sub: String,
    pub iss: &'a str,
    pub client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_jti: Option<String>,
    pub event_id: String,
    pub token_use: &'static str,
    pub scope: String,
    pub auth_time: i64,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    pub username: &'a str,
}

/// The claims of an ID token.
#[derive(Debug, Serialize)]
pub(crate) struct IdClaims<'a> {
    pub sub: String,
    pub iss: &'a str,
    pub aud: &'a str,
    #[serde(rename = "cognito:username")]
    pub username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_jti: Option<String>,
    pub event_id: String,
    pub token_use: &'static str,
    pub auth_time: i64,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

/// The attributes a client may read, typed as ID tokens have them: booleans, numbers, the address as an object;
/// custom attributes stay text.
pub(crate) fn attributes(settings: &UserPoolSettings, client: &AppClient, user: &User) -> Map<String, Value> {
    let readable = user.attributes.iter().filter(|(name, _)| attribute::is_readable(settings, client, name));
    readable.map(|(name, value)| (name.clone(), typed(settings, name, value))).collect()
}

fn typed(settings: &UserPoolSettings, name: &str, value: &str) -> Value {
    if name.starts_with("custom:") {
        return json!(value);
    }
    let data_type = settings.attribute(name).map_or(DataType::String, |definition| definition.data_type);
    match (name, data_type) {
        ("address", _) => json!({ "formatted": value }),
        (_, DataType::Boolean) => json!(value == "true"),
        (_, DataType::Number) => value.parse::<i64>().map_or_else(|_| json!(value), |number| json!(number)),
        _ => json!(value),
    }
}
