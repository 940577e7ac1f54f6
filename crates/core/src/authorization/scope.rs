//! The scopes that a request asks for (RFC 6749, section 3.3).

use cognate_store::app_client::Registration;

use super::refusal::Refusal;
use crate::app_client::{ClientContext, settings};
use crate::token::IDENTITY_SCOPES;
use crate::{App, Error};

/// Why the scopes of a request cannot be taken.
pub(super) enum Wrong {
    Refused(Refusal),
    Failed(Error),
}

impl From<Refusal> for Wrong {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The scopes that are asked for, which the client must be allowed, or all of its own where none is; those that their resource
/// server no longer has are left out.
pub(super) async fn wanted(
    app: &App,
    context: &ClientContext,
    asked: Option<&str>,
) -> std::result::Result<Vec<String>, Wrong> {
    let allowed = &context.client.settings.oauth.scopes;
    let mut wanted: Vec<String> = Vec::new();
    for scope in asked.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty()) {
        if !allowed.iter().any(|it| it == scope) {
            return Err(Refusal::of("invalid_scope", "The client may not ask for that scope").into());
        }
        if !wanted.iter().any(|it| it == scope) {
            wanted.push(scope.to_owned());
        }
    }
    if wanted.is_empty() {
        wanted.clone_from(allowed);
        // What its document says may change while its user looks at a page.
        if context.client.settings.registration == Some(Registration::Described) {
            wanted.retain(|scope| IDENTITY_SCOPES.contains(&scope.as_str()));
        }
    }
    let wanted = settings::existing_scopes(app, &context.pool, wanted).await?;
    match wanted.is_empty() {
        true => Err(Refusal::of("invalid_scope", "None of the scopes exists").into()),
        false => Ok(wanted),
    }
}

/// Those of these scopes that entitle a client to more than to know who the user is.
pub(super) fn beyond_identity(scopes: &[String]) -> Vec<&str> {
    let scopes = scopes.iter().map(String::as_str);
    scopes.filter(|scope| !IDENTITY_SCOPES.contains(scope)).collect()
}
