//! GetClientToken.
//!
//! The model has it signed, but its documentation says that no signature authorises it: the client's secret does.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    ClientAuthenticationResultType, GetClientTokenRequest, GetClientTokenResponse,
};
use cognate_core::token::machine;
use cognate_core::{App, Result, app_client};
use cognate_store::AppClientId;
use secrecy::ExposeSecret as _;

use super::access::Public;
use super::wire;

pub(super) async fn get_client_token(
    app: &App,
    caller: Public,
    input: GetClientTokenRequest,
) -> Result<GetClientTokenResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let (secret, scopes) = (wire::secret(input.secret), input.scopes.unwrap_or_default());
    let token = machine::issue(app, &context, &secret, &scopes).await?;
    let result = ClientAuthenticationResultType {
        access_token: Some(SensitiveString::from(token.access.expose_secret())),
        expires_in: i32::try_from(token.expires_in).ok(),
        token_type: Some("Bearer".to_owned()),
    };
    Ok(GetClientTokenResponse { client_authentication_result: Some(result) })
}
