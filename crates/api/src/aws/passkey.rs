//! StartWebAuthnRegistration, CompleteWebAuthnRegistration, ListWebAuthnCredentials, DeleteWebAuthnCredential.

use cognate_contract::cognito_idp::{
    CompleteWebAuthnRegistrationRequest, CompleteWebAuthnRegistrationResponse,
    DeleteWebAuthnCredentialRequest, DeleteWebAuthnCredentialResponse, ListWebAuthnCredentialsRequest,
    ListWebAuthnCredentialsResponse, StartWebAuthnRegistrationRequest, StartWebAuthnRegistrationResponse,
    WebAuthnCredentialDescription,
};
use cognate_core::passkey::id_text;
use cognate_core::user::passkey;
use cognate_core::{App, Result};
use cognate_store::passkey::Passkey;

use super::access::TokenHolder;

pub(super) async fn start_web_authn_registration(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: StartWebAuthnRegistrationRequest,
) -> Result<StartWebAuthnRegistrationResponse> {
    let options = passkey::begin(app, &holder).await?;
    Ok(StartWebAuthnRegistrationResponse { credential_creation_options: options })
}

pub(super) async fn complete_web_authn_registration(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: CompleteWebAuthnRegistrationRequest,
) -> Result<CompleteWebAuthnRegistrationResponse> {
    passkey::complete(app, &holder, &input.credential).await?;
    Ok(CompleteWebAuthnRegistrationResponse::default())
}

pub(super) async fn list_web_authn_credentials(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: ListWebAuthnCredentialsRequest,
) -> Result<ListWebAuthnCredentialsResponse> {
    /// As many as a user may have.
    const PAGE: i32 = 20;
    let limit = input.max_results.filter(|limit| *limit > 0).unwrap_or(PAGE);
    let (passkeys, next_token) = passkey::list(app, &holder, limit, input.next_token.as_deref()).await?;
    Ok(ListWebAuthnCredentialsResponse { credentials: passkeys.iter().map(describe).collect(), next_token })
}

pub(super) async fn delete_web_authn_credential(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: DeleteWebAuthnCredentialRequest,
) -> Result<DeleteWebAuthnCredentialResponse> {
    passkey::delete(app, &holder, &input.credential_id).await?;
    Ok(DeleteWebAuthnCredentialResponse::default())
}

fn describe(passkey: &Passkey) -> WebAuthnCredentialDescription {
    let is_platform = passkey.attachment.as_deref() == Some("platform");
    WebAuthnCredentialDescription {
        credential_id: id_text(passkey),
        friendly_credential_name: if is_platform { "Platform passkey" } else { "Roaming passkey" }.to_owned(),
        relying_party_id: passkey.relying_party.clone(),
        authenticator_attachment: passkey.attachment.clone(),
        authenticator_transports: passkey.transports.clone(),
        created_at: passkey.created_at.into(),
    }
}
