//! The client that a request names, and where its user is.

use cognate_contract::cognito_idp::UserContextDataType;
use cognate_core::app_client::{self, ClientContext};
use cognate_core::{App, Error, Result};
use cognate_store::AppClientId;

use super::access::Public;

/// The client of a request. A client with a secret may say where its user is, where its settings let it
/// (`EnablePropagateAdditionalUserContextData`); of any other that is not believed.
///
/// # Errors
/// [`Error::AppClientNotFound`]; [`Error::InvalidParameter`] for what is no address.
pub(super) async fn of(
    app: &App,
    client: &str,
    caller: Public,
    said: Option<UserContextDataType>,
) -> Result<ClientContext> {
    let mut context = app_client::by_id(app, &AppClientId::new(client), caller.origin).await?;
    let address = said.and_then(|said| said.ip_address).filter(|_| context.is_believed());
    if let Some(address) = address {
        let address = address.parse();
        let address = address.map_err(|_| Error::invalid("Invalid IpAddress in UserContextData."))?;
        context.origin = context.origin.at(address);
    }
    Ok(context)
}
