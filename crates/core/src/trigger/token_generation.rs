//! What a pool's function changes about tokens before they are signed.

use cognate_store::group::Membership;
use cognate_store::signing_key::TokenUse;
use cognate_store::user_pool::Trigger;
use cognate_store::{AppClient, AppClientId, User};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::{Caller, Subject, call, event, has};
use crate::app_client::ClientContext;
use crate::token::claims;
use crate::token::signing_key::PoolKeys;
use crate::{App, Error, Result};

/// Why tokens are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Generation {
    Authentication,
    NewPasswordChallenge,
    AuthenticateDevice,
    /// What a browser's session opens, at the OAuth endpoints.
    HostedAuth,
    RefreshTokens,
    ClientCredentials,
    /// A token from a token. What AWS calls it is not known: functions know the new tokens of an old sign-in.
    Exchange,
}

impl Generation {
    fn source(self) -> &'static str {
        match self {
            Self::Authentication => "TokenGeneration_Authentication",
            Self::NewPasswordChallenge => "TokenGeneration_NewPasswordChallenge",
            Self::AuthenticateDevice => "TokenGeneration_AuthenticateDevice",
            Self::HostedAuth => "TokenGeneration_HostedAuth",
            Self::RefreshTokens | Self::Exchange => "TokenGeneration_RefreshTokens",
            Self::ClientCredentials => "TokenGeneration_ClientCredentials",
        }
    }
}

/// What is different about the tokens.
#[derive(Debug, Default)]
pub(crate) struct Overrides {
    id: ClaimChanges,
    access: ClaimChanges,
    groups: Option<Groups>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ClaimChanges {
    #[serde(deserialize_with = "or_default")]
    claims_to_add_or_override: Map<String, Value>,
    #[serde(deserialize_with = "or_default")]
    claims_to_suppress: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    scopes_to_add: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    scopes_to_suppress: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Groups {
    #[serde(deserialize_with = "or_default")]
    groups_to_override: Vec<String>,
    #[serde(deserialize_with = "or_default")]
    iam_roles_to_override: Vec<String>,
    preferred_role: Option<String>,
}

/// The answer of the first version, which changes the ID token alone, and its groups in both.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct First {
    #[serde(flatten)]
    claims: ClaimChanges,
    #[serde(deserialize_with = "if_given")]
    group_override_details: Option<Groups>,
}

/// The answer of the later versions.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Later {
    #[serde(deserialize_with = "or_default")]
    id_token_generation: ClaimChanges,
    #[serde(deserialize_with = "or_default")]
    access_token_generation: ClaimChanges,
    #[serde(deserialize_with = "if_given")]
    group_override_details: Option<Groups>,
}

fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> std::result::Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Nothing in it takes all groups away, unlike a member that is not there.
fn if_given<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Groups>, D::Error> {
    or_default(deserializer).map(Some)
}

/// The most bytes of changes: tokens travel in headers.
const LARGEST: usize = 32 * 1024;

/// Claims that no function changes: what the token is, whose, and for how long.
const FIXED: [&str; 22] = [
    "acr",
    "act",
    "amr",
    "at_hash",
    "auth_time",
    "azp",
    "client_id",
    "cognito:username",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "identities",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_client_id",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
];
/// Claims that are fixed in one kind of token.
const FIXED_IN_ID: [&str; 1] = ["aud"];
const FIXED_IN_ACCESS: [&str; 2] = ["username", "version"];

/// Asks what is different about a user's tokens; nothing where the pool has no such function.
///
/// # Errors
/// As [`call`].
pub(crate) async fn for_user(
    app: &App,
    context: &ClientContext,
    why: Generation,
    user: &User,
    groups: &[Membership],
    scopes: &[String],
) -> Result<Option<Overrides>> {
    let pool = &context.pool;
    if !has(pool, Trigger::PreTokenGeneration) {
        return Ok(None);
    }
    let subject = Subject::from(user);
    let request = json!({
        "userAttributes": subject.attributes(pool),
        "groupConfiguration": {
            "groupsToOverride": claims::groups(groups).unwrap_or_default(),
            "iamRolesToOverride": claims::roles(groups).unwrap_or_default(),
            "preferredRole": claims::preferred_role(groups),
        },
        "clientMetadata": context.metadata.client,
    });
    ask(app, context, why, &user.username, request, scopes).await.map(Some)
}

/// Asks what is different about a client's own token, where the pool's function is of the version that is called for those.
///
/// # Errors
/// As [`call`].
pub(crate) async fn for_client(
    app: &App,
    context: &ClientContext,
    scopes: &[String],
) -> Result<Option<Overrides>> {
    let function = context.pool.settings.triggers.functions.get(&Trigger::PreTokenGeneration);
    if function.and_then(|it| it.version.as_deref()) != Some("V3_0") {
        return Ok(None);
    }
    let metadata = &context.metadata.client;
    let request = json!({ "userAttributes": null, "groupConfiguration": null, "clientMetadata": metadata });
    ask(app, context, Generation::ClientCredentials, "ClientCredentials", request, scopes).await.map(Some)
}

async fn ask(
    app: &App,
    context: &ClientContext,
    why: Generation,
    name: &str,
    mut request: Value,
    scopes: &[String],
) -> Result<Overrides> {
    let (pool, trigger) = (&context.pool, Trigger::PreTokenGeneration);
    let unreadable = || Error::TriggerAnswer(trigger);
    let version = pool.settings.triggers.functions.get(&trigger).and_then(|it| it.version.as_deref());
    let (version, member) = match version {
        Some("V2_0") => ("2", "claimsAndScopeOverrideDetails"),
        Some("V3_0") => ("3", "claimsAndScopeOverrideDetails"),
        _ => ("1", "claimsOverrideDetails"),
    };
    if version != "1" {
        request["scopes"] = json!(scopes);
    }
    let response = json!({ member: null });
    let event = event(app, pool, &Caller::of(context), (version, why.source()), name, request, response);
    let said = call(app, pool, trigger, event).await?;
    let details = &said[member];
    if details.is_null() {
        return Ok(Overrides::default());
    }
    if details.to_string().len() > LARGEST {
        return Err(unreadable());
    }
    let overrides = if version == "1" {
        let First { claims, group_override_details } =
            First::deserialize(details).map_err(|_| unreadable())?;
        if claims.claims_to_add_or_override.values().any(|value| !value.is_string()) {
            return Err(unreadable());
        }
        Overrides { id: claims, access: ClaimChanges::default(), groups: group_override_details }
    } else {
        let later = Later::deserialize(details).map_err(|_| unreadable())?;
        Overrides {
            id: later.id_token_generation,
            access: later.access_token_generation,
            groups: later.group_override_details,
        }
    };
    // RFC 6749, section 3.3.
    let is_scope = |scope: &String| {
        !scope.is_empty() && scope.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    if overrides.access.scopes_to_add.iter().all(is_scope) { Ok(overrides) } else { Err(unreadable()) }
}

/// Signs a token with what is different about its claims, where something is.
///
/// # Errors
/// [`Error::Internal`] when they cannot be written or signed.
pub(crate) fn sign(
    keys: &PoolKeys,
    token_use: TokenUse,
    client: &AppClient,
    claims: &impl Serialize,
    overrides: Option<&Overrides>,
) -> Result<SecretString> {
    match overrides {
        Some(overrides) => keys.sign(token_use, &overrides.apply(token_use, &client.id, claims)?),
        None => keys.sign(token_use, claims),
    }
}

/// The scopes that an access token has in the end.
pub(crate) fn scopes(overrides: Option<&Overrides>, granted: Vec<String>) -> Vec<String> {
    match overrides {
        Some(overrides) => {
            let scopes = overrides.scopes(granted.iter().map(String::as_str));
            scopes.into_iter().map(str::to_owned).collect()
        }
        None => granted,
    }
}

impl Overrides {
    /// The claims of a token with what is different about them.
    fn apply(
        &self,
        token_use: TokenUse,
        client: &AppClientId,
        claims: &impl Serialize,
    ) -> Result<Map<String, Value>> {
        let Value::Object(mut claims) = serde_json::to_value(claims).map_err(Error::internal)? else {
            return Err(Error::internal("claims that are no object"));
        };
        let (changes, also_fixed) = match token_use {
            TokenUse::Id => (&self.id, FIXED_IN_ID.as_slice()),
            TokenUse::Access => (&self.access, FIXED_IN_ACCESS.as_slice()),
        };
        // Whom a token was derived for stays, the session that it names and the key that it is bound to.
        let stays = ["aud", "cnf", "sid"].map(|name| claims.contains_key(name).then_some(name));
        let is_fixed =
            |name: &str| FIXED.contains(&name) || also_fixed.contains(&name) || stays.contains(&Some(name));
        if let Some(groups) = &self.groups {
            set(&mut claims, "cognito:groups", &groups.groups_to_override);
            if token_use == TokenUse::Id {
                set(&mut claims, "cognito:roles", &groups.iam_roles_to_override);
                match &groups.preferred_role {
                    Some(role) => claims.insert("cognito:preferred_role".to_owned(), json!(role)),
                    None => claims.remove("cognito:preferred_role"),
                };
            }
        }
        for (name, value) in &changes.claims_to_add_or_override {
            let is_reserved = name.starts_with("cognito:") || name.starts_with("dev:");
            // An access token's audience is its client, or nobody.
            let is_foreign = name == "aud" && value != client.as_str();
            // Which key a token is bound to this server says alone.
            let binds = name == "cnf" && value.get("jkt").is_some();
            if !is_fixed(name) && !is_reserved && !is_foreign && !binds {
                claims.insert(name.clone(), value.clone());
            }
        }
        for name in changes.claims_to_suppress.iter().filter(|name| !is_fixed(name)) {
            claims.remove(name);
        }
        if let Some(Value::String(scope)) = claims.get_mut("scope") {
            *scope = self.scopes(scope.split(' ')).join(" ");
        }
        Ok(claims)
    }

    fn scopes<'a>(&'a self, granted: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let changes = &self.access;
        let mut scopes: Vec<&str> = Vec::new();
        for scope in granted.chain(changes.scopes_to_add.iter().map(String::as_str)) {
            let is_kept = !scope.is_empty() && !changes.scopes_to_suppress.iter().any(|it| it == scope);
            if is_kept && !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        scopes
    }
}

fn set(claims: &mut Map<String, Value>, name: &str, values: &[String]) {
    match values {
        [] => claims.remove(name),
        values => claims.insert(name.to_owned(), json!(values)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_token_is_and_whose_is_not_changed() {
        let mut overrides = Overrides::default();
        for name in FIXED.iter().chain(&["cognito:groups", "dev:x", "aud", "username", "version", "fine"]) {
            overrides.access.claims_to_add_or_override.insert((*name).to_owned(), json!("evil"));
            overrides.access.claims_to_suppress.push((*name).to_owned());
        }
        overrides.access.claims_to_suppress.retain(|name| name != "fine");
        let (client, claims) = (AppClientId::new("web"), json!({ "sub": "1", "exp": 7, "username": "ada" }));
        let applied = overrides.apply(TokenUse::Access, &client, &claims).unwrap();
        let expected = json!({ "sub": "1", "exp": 7, "username": "ada", "fine": "evil" });
        assert_eq!(Value::Object(applied), expected);
    }

    #[test]
    fn groups_stay_unless_something_is_said_of_them() {
        let client = AppClientId::new("web");
        let claims =
            json!({ "cognito:groups": ["a"], "cognito:roles": ["r"], "cognito:preferred_role": "r" });
        for (said, groups) in [
            (json!({ "claimsToSuppress": null }), json!(["a"])),
            (json!({ "groupOverrideDetails": null }), Value::Null),
            (json!({ "groupOverrideDetails": {} }), Value::Null),
            (json!({ "groupOverrideDetails": { "groupsToOverride": ["b"] } }), json!(["b"])),
        ] {
            let First { claims: id, group_override_details } = First::deserialize(&said).unwrap();
            let overrides = Overrides { id, access: ClaimChanges::default(), groups: group_override_details };
            let applied = Value::Object(overrides.apply(TokenUse::Id, &client, &claims).unwrap());
            assert_eq!(applied["cognito:groups"], groups, "{said}");
        }
    }
}
