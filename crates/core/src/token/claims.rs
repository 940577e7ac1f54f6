//! What the tokens say. Claims and their types are Cognito's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognate_store::group::Membership;
use cognate_store::user_pool::{DataType, UserPoolSettings};
use cognate_store::{AppClient, User};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::auth::acr::AuthenticationContext;
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_key: Option<&'a str>,
    #[serde(rename = "cognito:groups", skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<&'a str>>,
    #[serde(flatten)]
    pub context: Option<AuthenticationContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<&'a str>,
    /// The format of the claims, as Cognito numbers it where its OAuth endpoints issue them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u8>,
    /// The client of the session, where the token was derived by another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

/// The key that a token is bound to (RFC 7800; RFC 9449, section 6.1).
#[derive(Debug, Serialize)]
pub(crate) struct Confirmation {
    /// Its SHA-256 thumbprint.
    pub jkt: String,
}

impl Confirmation {
    /// Of a key, where there is one.
    pub(crate) fn of(key: Option<&str>) -> Option<Self> {
        key.map(|jkt| Self { jkt: jkt.to_owned() })
    }
}

/// Who acts for a token's user (RFC 8693, section 4.1); within, who acted before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Actor {
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

/// The claims of a client's own access token. There is no user, and so nothing that a user's token is known by.
#[derive(Debug, Serialize)]
pub(crate) struct MachineClaims<'a> {
    pub sub: &'a str,
    pub iss: &'a str,
    pub client_id: &'a str,
    pub token_use: &'static str,
    pub scope: String,
    pub auth_time: i64,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    pub version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
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
    #[serde(rename = "cognito:groups", skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<&'a str>>,
    #[serde(rename = "cognito:roles", skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<&'a str>>,
    #[serde(rename = "cognito:preferred_role", skip_serializing_if = "Option::is_none")]
    pub preferred_role: Option<&'a str>,
    #[serde(flatten)]
    pub context: Option<AuthenticationContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The browser's session that it comes of, for a client that is told of its end (OpenID Connect Back-Channel Logout 1.0).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The client of the session, where the token was derived by another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin_client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    #[serde(flatten)]
    pub attributes: Map<String, Value>,
}

/// The names of the groups, if there are any.
pub(crate) fn groups(groups: &[Membership]) -> Option<Vec<&str>> {
    (!groups.is_empty()).then(|| groups.iter().map(|group| group.name.as_str()).collect())
}

/// The roles of the groups, each once, if there are any.
pub(crate) fn roles(groups: &[Membership]) -> Option<Vec<&str>> {
    let mut roles: Vec<&str> = Vec::new();
    for role in groups.iter().filter_map(|group| group.role_arn.as_deref()) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    (!roles.is_empty()).then_some(roles)
}

/// The role of the group that comes first; nobody's where groups of the same precedence have different ones.
pub(crate) fn preferred_role(groups: &[Membership]) -> Option<&str> {
    let rank = |group: &Membership| group.precedence.unwrap_or(i32::MAX);
    let with_role = groups.iter().filter(|group| group.role_arn.is_some());
    let first = with_role.clone().min_by_key(|group| rank(group))?;
    let mut tied = with_role.filter(|group| rank(group) == rank(first));
    tied.all(|group| group.role_arn == first.role_arn).then_some(first.role_arn.as_deref()?)
}

/// The digest of an access token that the ID token beside it carries (OpenID Connect Core 1.0, section 3.1.3.6).
pub(crate) fn at_hash(access: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access.expose_secret())[..16])
}

/// The attributes that a client may read and these scopes show, typed as ID tokens have them: booleans, numbers, the address as
/// an object; custom attributes stay text. The API's tokens show all of them.
pub(crate) fn attributes(
    settings: &UserPoolSettings,
    client: &AppClient,
    user: &User,
    scopes: Option<Scopes<'_>>,
) -> Map<String, Value> {
    let shown = shown(settings, client, user, scopes);
    shown.map(|(name, value)| (name.to_owned(), typed(settings, name, value))).collect()
}

/// The same, as they are stored.
pub(crate) fn shown<'a>(
    settings: &'a UserPoolSettings,
    client: &'a AppClient,
    user: &'a User,
    scopes: Option<Scopes<'a>>,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_shown = move |name: &str| {
        attribute::is_readable(settings, client, name) && scopes.is_none_or(|scopes| scopes.show(name))
    };
    let all = user.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(move |(name, _)| is_shown(name))
}

/// The scopes that stand for some of the attributes.
const NARROWING: [&str; 3] = ["profile", "email", "phone"];

/// The scopes of a token, and those that its user granted: fewer of them never show more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scopes<'a> {
    pub token: &'a [String],
    pub granted: &'a [String],
}

impl Scopes<'_> {
    /// Whether they show an attribute (OpenID Connect Core 1.0, section 5.4). Without one that stands for some, all are.
    fn show(self, name: &str) -> bool {
        let is_narrowed =
            self.granted.iter().chain(self.token).any(|scope| NARROWING.contains(&scope.as_str()));
        !is_narrowed || scope_of(name).is_some_and(|scope| self.token.iter().any(|it| it == scope))
    }
}

/// The scope that stands for an attribute, if one does.
fn scope_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "email" | "email_verified" => "email",
        "phone_number" | "phone_number_verified" => "phone",
        "name" | "family_name" | "given_name" | "middle_name" | "nickname" | "preferred_username"
        | "profile" | "picture" | "website" | "gender" | "birthdate" | "zoneinfo" | "locale"
        | "updated_at" => "profile",
        custom if custom.starts_with("custom:") => "profile",
        _ => return None,
    })
}

/// An attribute as ID tokens have it.
pub(crate) fn typed(settings: &UserPoolSettings, name: &str, value: &str) -> Value {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_show_what_they_stand_for_and_fewer_never_more() {
        let list = |scopes: &[&str]| scopes.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        for (token, granted, shown) in [
            (&["openid"][..], &["openid"][..], &["email", "phone_number", "name", "custom:x", "address"][..]),
            (&["openid", "email"], &["openid", "email"], &["email"]),
            (&["openid", "profile"], &["openid", "profile"], &["name", "custom:x"]),
            (&["openid"], &["openid", "email"], &[]),
            (&["email"], &["openid", "email", "phone"], &["email"]),
        ] {
            let (token, granted) = (list(token), list(granted));
            let scopes = Scopes { token: &token, granted: &granted };
            for name in ["email", "phone_number", "name", "custom:x", "address"] {
                assert_eq!(scopes.show(name), shown.contains(&name), "{token:?} {granted:?} {name}");
            }
        }
    }

    fn group(name: &str, role: Option<&str>, precedence: Option<i32>) -> Membership {
        Membership { name: name.into(), role_arn: role.map(Into::into), precedence }
    }

    #[test]
    fn the_preferred_role_is_the_lowest_precedences_unless_two_differ() {
        let (editor, admin) = (Some("arn:editor"), Some("arn:admin"));
        for (groups, expected) in [
            (vec![], None),
            (vec![group("plain", None, Some(0))], None),
            (vec![group("only", editor, None)], editor),
            (
                vec![group("plain", None, Some(0)), group("b", editor, Some(5)), group("c", admin, None)],
                editor,
            ),
            (vec![group("a", admin, Some(1)), group("b", editor, Some(1))], None),
            (
                vec![group("a", admin, Some(1)), group("b", admin, Some(1)), group("c", editor, Some(2))],
                admin,
            ),
        ] {
            assert_eq!(preferred_role(&groups), expected, "{groups:?}");
        }
        let doubled = [group("a", admin, Some(1)), group("b", admin, None), group("c", editor, None)];
        assert_eq!(roles(&doubled), Some(vec!["arn:admin", "arn:editor"]));
    }
}
