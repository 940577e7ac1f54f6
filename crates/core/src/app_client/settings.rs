//! Whether a client's settings make sense, and what they allow.

use chrono::Duration;
use cognate_store::{AppClientSettings, UserPool};

use crate::auth::Flow;
use crate::token::issue;
use crate::user::attribute;
use crate::{Error, Result};

/// Checks a client's settings against each other and its pool. `doing` is `creating` or `updating`, for the message.
///
/// # Errors
/// [`Error::InvalidParameter`] in Cognito's words.
pub fn check(pool: &UserPool, settings: &AppClientSettings, doing: &str) -> Result<()> {
    check_validity(settings)?;
    if let Some(flows) = &settings.explicit_auth_flows {
        let modern = flows.iter().filter(|flow| flow.starts_with("ALLOW_")).count();
        if modern != 0 && modern != flows.len() {
            return Err(Error::invalid(
                "Cannot use both legacy and ALLOW_ prefixed values in ExplicitAuthFlows.",
            ));
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

fn check_validity(settings: &AppClientSettings) -> Result<()> {
    let refresh = issue::refresh_lifetime(settings);
    let short = |lifetime: Duration| {
        lifetime >= Duration::minutes(5) && lifetime <= Duration::days(1) && lifetime <= refresh
    };
    let long = refresh >= Duration::minutes(60) && refresh <= Duration::days(3650);
    if long && short(issue::access_lifetime(settings)) && short(issue::id_lifetime(settings)) {
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
        Flow::UserPassword => has("ALLOW_USER_PASSWORD_AUTH") || has("USER_PASSWORD_AUTH"),
        Flow::AdminUserPassword => has("ALLOW_ADMIN_USER_PASSWORD_AUTH") || has("ADMIN_NO_SRP_AUTH"),
        Flow::RefreshToken => has("ALLOW_REFRESH_TOKEN_AUTH") || !modern,
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
    }
}
