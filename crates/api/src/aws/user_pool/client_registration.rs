//! DcrConfiguration to and from the wire: how clients register themselves (RFC 7591).

use cognate_contract::cognito_idp as wire;
use cognate_core::app_client::registration::SCOPE;
use cognate_core::{Error, Result};
use cognate_store::user_pool::{ClientRegistration, OauthFlow};

use crate::aws::wire::{oauth_flow, oauth_flow_to_wire};

/// Registration as given.
pub(super) fn of_wire(given: wire::DcrConfigurationType) -> Result<ClientRegistration> {
    if given.allowed_scopes.iter().flatten().any(|scope| scope == SCOPE) {
        return Err(Error::invalid(format!("{SCOPE} cannot be granted to registered clients.")));
    }
    let flows = |given: Option<Vec<wire::OAuthFlowType>>| {
        given.map(|flows| flows.into_iter().map(oauth_flow).collect::<Vec<OauthFlow>>())
    };
    Ok(ClientRegistration {
        enabled: given.enable_status != Some(wire::StatusType::Disabled),
        open: given.open_dcr_enabled.unwrap_or(false),
        authenticated_grants: flows(given.authenticated_grant_types),
        open_grants: flows(given.open_dcr_grant_types),
        scopes: given.allowed_scopes,
    })
}

/// Registration as describe shows it.
pub(super) fn to_wire(registration: &ClientRegistration) -> wire::DcrConfigurationType {
    let flows = |flows: &Option<Vec<OauthFlow>>, default: &[OauthFlow]| {
        let flows = flows.as_deref().unwrap_or(default);
        Some(flows.iter().copied().map(oauth_flow_to_wire).collect())
    };
    wire::DcrConfigurationType {
        enable_status: Some(match registration.enabled {
            true => wire::StatusType::Enabled,
            false => wire::StatusType::Disabled,
        }),
        open_dcr_enabled: Some(registration.open),
        authenticated_grant_types: flows(
            &registration.authenticated_grants,
            &[OauthFlow::Code, OauthFlow::ClientCredentials],
        ),
        open_dcr_grant_types: flows(&registration.open_grants, &[OauthFlow::Code]),
        allowed_scopes: registration.scopes.clone(),
    }
}
