//! Which client asks, and that it is it (RFC 6749, section 2.3): by one way alone for each request (OAU-2).

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_core::App;
use cognate_core::app_client::{self, ClientContext, secret_hash};
use cognate_core::origin::Origin;
use cognate_core::token::TokenType;
use cognate_store::{AppClientId, UserPoolId};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::answer::{Code, Refusal};
use crate::origin;
use crate::parameters::Parameters;
use crate::server::Server;

/// The client of a request, which has proven that it has its secret, if it has one.
///
/// # Errors
/// `invalid_request` for two ways at once, `invalid_client`.
pub(super) async fn authenticated(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    parameters: &Parameters,
) -> Result<ClientContext, Refusal> {
    found(server, pool, request, parameters, app_client::of_pool).await
}

/// The same, of a request by which somebody is to sign in: the client may be one that only describes itself.
///
/// # Errors
/// As [`authenticated`].
pub(super) async fn asking(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    parameters: &Parameters,
) -> Result<ClientContext, Refusal> {
    found(server, pool, request, parameters, app_client::asking).await
}

async fn found(
    server: &Server,
    pool: &UserPoolId,
    request: &HttpRequest,
    parameters: &Parameters,
    find: impl AsyncFn(&App, &UserPoolId, &AppClientId, Origin) -> cognate_core::Result<ClientContext>,
) -> Result<ClientContext, Refusal> {
    let prove = async |id: &str, secret: Option<&SecretString>| {
        let context = find(&server.app, pool, &AppClientId::new(id), origin::of(request)).await?;
        secret_hash::check_secret(&context.client, secret)?;
        Ok::<_, Refusal>(context)
    };
    let named = parameters.get("client_id");
    let Some((user, password)) = basic(request)? else {
        let id = named.ok_or_else(|| Refusal::new(Code::InvalidRequest).because("client_id is missing"))?;
        return prove(id, parameters.secret("client_secret").as_ref()).await;
    };
    if parameters.get("client_secret").is_some() {
        return Err(Refusal::new(Code::InvalidRequest).because("The client authenticates in two ways"));
    }
    let prove_as = async |user: &str, password: &str| match named.is_none_or(|named| named == user) {
        true => prove(user, Some(&SecretString::from(password))).await,
        false => Err(Refusal::new(Code::InvalidClient)),
    };
    let refused = match prove_as(&user, &password).await {
        Ok(context) => return Ok(context),
        Err(refused) => refused,
    };
    // RFC 6749 has both encoded as in a form before they are put together, which many leave out.
    let decoded = |text: &str| {
        let text = percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|it| it.into_owned());
        text.map(Zeroizing::new)
    };
    match (decoded(&user), decoded(&password)) {
        (Some(plain), Some(secret)) if (&plain, &secret) != (&user, &password) => {
            prove_as(&plain, &secret).await
        }
        _ => Err(refused),
    }
}

/// The header is none that shows a token.
pub(super) struct NoToken;

/// The token that a request shows in its header, where it has one, and how it is used (RFC 6750, section 2.1; RFC 9449, section 7.1).
///
/// # Errors
/// For a header that is something else.
pub(super) fn shown(request: &HttpRequest) -> Result<Option<(&str, TokenType)>, NoToken> {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let (scheme, token) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(NoToken)?;
    let mut types = [TokenType::Bearer, TokenType::Dpop].into_iter();
    let token_type = types.find(|it| scheme.eq_ignore_ascii_case(it.as_str())).ok_or(NoToken)?;
    Ok(Some((token.trim(), token_type)))
}

type Text = Zeroizing<String>;

/// User and password of the header.
fn basic(request: &HttpRequest) -> Result<Option<(Text, Text)>, Refusal> {
    let Some(value) = request.headers().get(AUTHORIZATION) else { return Ok(None) };
    let wrong = || Refusal::new(Code::InvalidClient);
    let (scheme, encoded) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(wrong());
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).map_err(|_| wrong())?);
    let text = str::from_utf8(&decoded).map_err(|_| wrong())?;
    let (user, password) = text.split_once(':').ok_or_else(wrong)?;
    Ok(Some((Zeroizing::new(user.to_owned()), Zeroizing::new(password.to_owned()))))
}
