//! GetClientToken, GetDerivedToken.
//!
//! The model has both signed, but their documentation has them authorised by what they hold: the secret of a client that has
//! one. A signature is not looked at, and does not take the secret's place.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    ClientAuthenticationResultType, GetClientTokenRequest, GetClientTokenResponse, GetDerivedTokenRequest,
    GetDerivedTokenResponse, IssuedTokenTypeIdentifierType, OAuthTokenTypeType, TokenTypeIdentifierType,
};
use cognate_core::token::exchange::{self, Exchange, Presented, Target};
use cognate_core::token::machine;
use cognate_core::trigger::Metadata;
use cognate_core::{App, Error, Result, app_client};
use cognate_store::AppClientId;
use cognate_store::signing_key::TokenUse;
use secrecy::ExposeSecret as _;

use super::access::Public;
use super::wire;

pub(super) async fn get_client_token(
    app: &App,
    caller: Public,
    input: GetClientTokenRequest,
) -> Result<GetClientTokenResponse> {
    let mut context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    context.metadata = Metadata::of_client(input.client_metadata);
    let (secret, scopes) = (wire::secret(input.secret), input.scopes.unwrap_or_default());
    let token = machine::issue(app, &context, &secret, &scopes).await?;
    let result = ClientAuthenticationResultType {
        access_token: Some(SensitiveString::from(token.access.expose_secret())),
        expires_in: i32::try_from(token.expires_in).ok(),
        token_type: Some(token.token_type.as_str().to_owned()),
    };
    Ok(GetClientTokenResponse { client_authentication_result: Some(result) })
}

pub(super) async fn get_derived_token(
    app: &App,
    caller: Public,
    input: GetDerivedTokenRequest,
) -> Result<GetDerivedTokenResponse> {
    wire::refuse_unbuilt(&[
        ("SubjectTokenProviderName", input.subject_token_provider_name.is_some()),
        ("ActorTokenProviderName", input.actor_token_provider_name.is_some()),
    ])?;
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let secret = input.client_secret.map(wire::secret);
    let actor = match (input.actor_token, input.actor_token_type) {
        (Some(token), Some(kind)) => Some(presented(token, kind)?),
        (None, None) => None,
        _ => return Err(Error::invalid("ActorToken and ActorTokenType must be given together.")),
    };
    let (audience, resource) = (first(input.audiences), first(input.resources));
    let target = match (audience, resource) {
        (None, None) => None,
        (Some(audience), None) => Some(Target::Audience(audience)),
        (None, Some(resource)) => Some(Target::Resource(resource)),
        (Some(_), Some(_)) => return Err(Error::invalid("Audiences and Resources cannot be used together.")),
    };
    let requested = match input.requested_token_type {
        Some(IssuedTokenTypeIdentifierType::IdToken) => TokenUse::Id,
        Some(IssuedTokenTypeIdentifierType::AccessToken) | None => TokenUse::Access,
    };
    let subject = presented(input.subject_token, input.subject_token_type)?;
    let request = Exchange { subject, actor, scopes: input.scopes.unwrap_or_default(), target, requested };
    let derived = exchange::exchange(app, &context, secret.as_ref(), request).await?;
    let (issued_token_type, token_type) = match derived.token_use {
        TokenUse::Access => (IssuedTokenTypeIdentifierType::AccessToken, OAuthTokenTypeType::Bearer),
        // RFC 8693, section 2.2.1: for what is no access token.
        TokenUse::Id => (IssuedTokenTypeIdentifierType::IdToken, OAuthTokenTypeType::NA),
    };
    Ok(GetDerivedTokenResponse {
        issued_token: SensitiveString::from(derived.token.expose_secret()),
        issued_token_type,
        token_type,
        expires_in: i32::try_from(derived.expires_in).ok(),
        scopes: (derived.token_use == TokenUse::Access).then_some(derived.scopes),
    })
}

/// A token of the pool's own, as it is presented.
fn presented(token: SensitiveString, kind: TokenTypeIdentifierType) -> Result<Presented> {
    let token_use = match kind {
        TokenTypeIdentifierType::AccessToken => TokenUse::Access,
        TokenTypeIdentifierType::IdToken => TokenUse::Id,
        TokenTypeIdentifierType::Saml2 => {
            return Err(Error::invalid("SAML2 is not supported by this server yet."));
        }
    };
    Ok(Presented { token: wire::secret(token), token_use })
}

/// The one entry of a list that holds at most one.
fn first(list: Option<Vec<String>>) -> Option<String> {
    list.and_then(|list| list.into_iter().next())
}
