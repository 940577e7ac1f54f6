//! Where providers answer.

use cognate_store::record::identity_provider::{Dialect, Endpoints, Method, OAuth};

/// Where a provider's endpoints are: what the owner said, and what is known of the dialect. An endpoint that is neither
/// is in the issuer's discovery document.
pub fn endpoints(oauth: &OAuth) -> Endpoints {
    let known = known(oauth);
    let said = oauth.endpoints.clone();
    Endpoints {
        issuer: said.issuer.or(known.issuer),
        authorize_url: said.authorize_url.or(known.authorize_url),
        token_url: said.token_url.or(known.token_url),
        token_request_method: said.token_request_method.or(known.token_request_method),
        attributes_url: said.attributes_url.or(known.attributes_url),
        attributes_url_add_attributes: said
            .attributes_url_add_attributes
            .or(known.attributes_url_add_attributes),
        jwks_url: said.jwks_url,
    }
}

fn known(oauth: &OAuth) -> Endpoints {
    let text = |url: &str| Some(url.to_owned());
    let with = |method, adds| Endpoints {
        token_request_method: Some(method),
        attributes_url_add_attributes: Some(adds),
        ..Endpoints::default()
    };
    match oauth.dialect {
        Dialect::Oidc => Endpoints { attributes_url_add_attributes: Some(false), ..Endpoints::default() },
        Dialect::Google => Endpoints {
            issuer: text("https://accounts.google.com"),
            authorize_url: text("https://accounts.google.com/o/oauth2/v2/auth"),
            token_url: text("https://www.googleapis.com/oauth2/v4/token"),
            attributes_url: text("https://people.googleapis.com/v1/people/me?personFields="),
            ..with(Method::Post, true)
        },
        Dialect::Facebook => {
            // Without a version, Facebook takes the oldest one that the application may use.
            let version = oauth.api_version.as_ref().map(|version| format!("/{version}")).unwrap_or_default();
            Endpoints {
                authorize_url: Some(format!("https://www.facebook.com{version}/dialog/oauth")),
                token_url: Some(format!("https://graph.facebook.com{version}/oauth/access_token")),
                attributes_url: Some(format!("https://graph.facebook.com{version}/me?fields=")),
                ..with(Method::Get, true)
            }
        }
        Dialect::Amazon => Endpoints {
            authorize_url: text("https://www.amazon.com/ap/oa"),
            token_url: text("https://api.amazon.com/auth/o2/token"),
            attributes_url: text("https://api.amazon.com/user/profile"),
            ..with(Method::Post, false)
        },
        Dialect::Apple => Endpoints {
            issuer: text("https://appleid.apple.com"),
            authorize_url: text("https://appleid.apple.com/auth/authorize"),
            token_url: text("https://appleid.apple.com/auth/token"),
            ..with(Method::Post, false)
        },
    }
}
