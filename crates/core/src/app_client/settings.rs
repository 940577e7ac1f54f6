//! Whether a client's settings make sense, and what they allow.

use chrono::Duration;
use cognate_store::app_client::OauthSettings;
use cognate_store::user_pool::OauthFlow;
use cognate_store::{AppClient, AppClientSettings, UserPool};

use super::{redirect_url, registration};
use crate::auth::Flow;
use crate::token::{IDENTITY_SCOPES, USER_ADMIN_SCOPE, lifetime};
use crate::user::attribute;
use crate::{App, Error, Result, identity_provider, resource_server};

/// Checks a client's settings against each other and its pool. `doing` is `creating` or `updating`, for the message.
///
/// # Errors
/// [`Error::InvalidParameter`] and [`Error::InvalidOauthFlow`], in Cognito's words.
pub(super) fn check(
    pool: &UserPool,
    settings: &AppClientSettings,
    confidential: bool,
    doing: &str,
) -> Result<()> {
    check_validity(settings)?;
    check_oauth(&settings.oauth, confidential)?;
    if settings.propagates_user_context && !confidential {
        return Err(Error::invalid("EnablePropagateAdditionalUserContextData needs a client with a secret."));
    }
    if let Some(flows) = &settings.explicit_auth_flows {
        let modern = flows.iter().filter(|flow| flow.starts_with("ALLOW_")).count();
        if modern != 0 && modern != flows.len() {
            return Err(Error::invalid(
                "Cannot use both legacy and ALLOW_ prefixed values in ExplicitAuthFlows.",
            ));
        }
        if flows.iter().any(|flow| flow == CLIENT_TOKEN_AUTH) {
            if flows.iter().any(|flow| flow != CLIENT_TOKEN_AUTH) {
                return Err(Error::invalid(
                    "ALLOW_CLIENT_TOKEN_AUTH cannot be used with other values in ExplicitAuthFlows.",
                ));
            }
            if !confidential {
                return Err(Error::invalid("ALLOW_CLIENT_TOKEN_AUTH needs a client with a secret."));
            }
        }
    }
    let known = |name: &String| pool.settings.attribute(name).is_some();
    if settings.read_attributes.as_ref().is_some_and(|names| !names.iter().all(known)) {
        return Err(Error::invalid(format!("Invalid read attributes specified while {doing} a client")));
    }
    if let Some(names) = &settings.write_attributes {
        let mut required =
            pool.settings.schema.iter().filter(|attribute| attribute.required && attribute.name != "sub");
        let writable = names.iter().all(|name| known(name) && !attribute::only_administrators_write(name));
        if !writable || !required.all(|attribute| names.contains(&attribute.name)) {
            return Err(Error::invalid(format!("Invalid write attributes specified while {doing} a client")));
        }
    }
    Ok(())
}

/// Checks that the scopes and identity providers that a client names are there.
///
/// # Errors
/// [`Error::ScopeNotFound`], [`Error::InvalidParameter`].
pub(super) async fn check_references(app: &App, pool: &UserPool, settings: &AppClientSettings) -> Result<()> {
    let scopes = &settings.oauth.scopes;
    let existing = resource_server::existing(app, pool, scopes).await?;
    let is_known = |scope: &String| {
        is_standard_scope(scope) || existing.contains(scope) || registration::has_scope(pool, scope)
    };
    if let Some(scope) = scopes.iter().find(|scope| !is_known(scope)) {
        return Err(Error::ScopeNotFound(scope.clone()));
    }
    for provider in settings.identity_providers.iter().filter(|name| *name != identity_provider::OWN_USERS) {
        if !identity_provider::exists(app, pool, provider).await? {
            let message = format!("The provider {provider} does not exist for User Pool {}.", pool.id);
            return Err(Error::invalid(message));
        }
    }
    Ok(())
}

/// The flow of machines, which shares its client with no other.
const CLIENT_TOKEN_AUTH: &str = "ALLOW_CLIENT_TOKEN_AUTH";

/// Whether a scope is one that every pool has.
pub(crate) fn is_standard_scope(scope: &str) -> bool {
    scope == USER_ADMIN_SCOPE || IDENTITY_SCOPES.contains(&scope)
}

/// Those of these scopes that every pool has, or that a resource server of this one has now.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn existing_scopes(app: &App, pool: &UserPool, scopes: Vec<String>) -> Result<Vec<String>> {
    let of_servers: Vec<_> = scopes.iter().filter(|scope| !is_standard_scope(scope)).cloned().collect();
    let existing = resource_server::existing(app, pool, &of_servers).await?;
    Ok(scopes.into_iter().filter(|scope| is_standard_scope(scope) || existing.contains(scope)).collect())
}

/// What is left of scopes that a client was granted: those that it may still ask for, and that their resource server has (TOK-6).
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn scopes_left(
    app: &App,
    pool: &UserPool,
    client: &AppClient,
    granted: &[String],
) -> Result<Vec<String>> {
    let allowed = |scope: &&String| {
        client.settings.oauth.scopes.contains(scope) && registration::still_offers(pool, client, scope)
    };
    existing_scopes(app, pool, granted.iter().filter(allowed).cloned().collect()).await
}

/// The scopes that a client may ask for and every pool has.
pub(crate) fn standard_scopes(pool: &UserPool, client: &AppClient) -> Vec<String> {
    let allowed =
        |scope: &&String| is_standard_scope(scope) && registration::still_offers(pool, client, scope);
    client.settings.oauth.scopes.iter().filter(allowed).cloned().collect()
}

/// The most scopes of a client.
const MOST_SCOPES: usize = 50;

fn check_oauth(oauth: &OauthSettings, confidential: bool) -> Result<()> {
    let has = |flow| oauth.flows.contains(&flow);
    if has(OauthFlow::ClientCredentials) {
        if has(OauthFlow::Code) || has(OauthFlow::Implicit) {
            return Err(Error::InvalidOauthFlow(
                "client_credentials flow can not be selected along with code flow or implicit flow.",
            ));
        }
        if !confidential {
            return Err(Error::InvalidOauthFlow(
                "client_credentials flow can not be selected if client does not have a client secret.",
            ));
        }
    }
    if oauth.enabled && (oauth.flows.is_empty() || oauth.scopes.is_empty()) {
        return Err(Error::invalid(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ));
    }
    if oauth.scopes.len() > MOST_SCOPES {
        return Err(Error::invalid(format!("A client can have at most {MOST_SCOPES} scopes.")));
    }
    for url in oauth.callback_urls.iter().chain(&oauth.logout_urls) {
        redirect_url::check(url)?;
    }
    match &oauth.default_redirect_uri {
        Some(default) if !oauth.callback_urls.contains(default) => {
            Err(Error::invalid("DefaultRedirectURI must be one of CallbackURLs."))
        }
        _ => Ok(()),
    }
}

fn check_validity(settings: &AppClientSettings) -> Result<()> {
    let refresh = lifetime::refresh(settings);
    let short = |lifetime: Duration| {
        lifetime >= Duration::minutes(5) && lifetime <= Duration::days(1) && lifetime <= refresh
    };
    let long = refresh >= Duration::minutes(60) && refresh <= Duration::days(3650);
    if long && short(lifetime::access(settings)) && short(lifetime::id(settings)) {
        Ok(())
    } else {
        Err(Error::invalid("Invalid range for token validity."))
    }
}

/// Whether a client may use a flow. Without a list it is Cognito's default: refresh, SRP and custom challenges; the
/// same three come with the legacy names.
pub fn allows(settings: &AppClientSettings, flow: Flow) -> bool {
    let has = |name: &str| settings.explicit_auth_flows.iter().flatten().any(|allowed| allowed == name);
    let modern = settings.explicit_auth_flows.iter().flatten().any(|name| name.starts_with("ALLOW_"));
    match flow {
        // What there is to sign in with at the pages is decided by the client's identity providers.
        Flow::Page => true,
        Flow::UserPassword => has("ALLOW_USER_PASSWORD_AUTH") || has("USER_PASSWORD_AUTH"),
        Flow::AdminUserPassword => has("ALLOW_ADMIN_USER_PASSWORD_AUTH") || has("ADMIN_NO_SRP_AUTH"),
        Flow::UserSrp => has("ALLOW_USER_SRP_AUTH") || !modern && !has("CUSTOM_AUTH_FLOW_ONLY"),
        Flow::Custom => has("ALLOW_CUSTOM_AUTH") || !modern,
        Flow::UserAuth => has("ALLOW_USER_AUTH"),
        // Where refresh tokens change with each use, this flow has no way to hand out the next one.
        Flow::RefreshToken if settings.rotation.is_some_and(|rotation| rotation.enabled) => false,
        Flow::RefreshToken => has("ALLOW_REFRESH_TOKEN_AUTH") || !modern,
        Flow::ClientToken => has(CLIENT_TOKEN_AUTH),
        Flow::Impersonation => has("ALLOW_TOKEN_EXCHANGE_IMPERSONATION"),
        Flow::Delegation => has("ALLOW_TOKEN_EXCHANGE_DELEGATION"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(flows: &[&str]) -> AppClientSettings {
        let flows = flows.iter().map(|flow| (*flow).to_owned()).collect();
        AppClientSettings { explicit_auth_flows: Some(flows), ..AppClientSettings::default() }
    }

    #[test]
    fn flows_are_allowed_by_either_name_and_refresh_by_default() {
        assert!(allows(&with(&["ALLOW_USER_PASSWORD_AUTH"]), Flow::UserPassword));
        assert!(allows(&with(&["USER_PASSWORD_AUTH"]), Flow::UserPassword));
        assert!(!allows(&AppClientSettings::default(), Flow::UserPassword));
        assert!(allows(&AppClientSettings::default(), Flow::RefreshToken));
        assert!(allows(&with(&["USER_PASSWORD_AUTH"]), Flow::RefreshToken));
        assert!(!allows(&with(&["ALLOW_USER_PASSWORD_AUTH"]), Flow::RefreshToken));
        assert!(allows(&with(&["ADMIN_NO_SRP_AUTH"]), Flow::AdminUserPassword));
        assert!(allows(&AppClientSettings::default(), Flow::UserSrp));
        assert!(allows(&with(&["ALLOW_USER_SRP_AUTH"]), Flow::UserSrp));
        assert!(!allows(&with(&["ALLOW_USER_PASSWORD_AUTH"]), Flow::UserSrp));
        assert!(!allows(&with(&["CUSTOM_AUTH_FLOW_ONLY"]), Flow::UserSrp));
        assert!(!allows(&AppClientSettings::default(), Flow::ClientToken));
        for flow in [Flow::UserPassword, Flow::UserSrp, Flow::UserAuth, Flow::RefreshToken] {
            assert!(!allows(&with(&[CLIENT_TOKEN_AUTH]), flow), "{flow:?}");
        }
    }
}
