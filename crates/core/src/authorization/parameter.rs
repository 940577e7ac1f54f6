//! What single parameters of a request for authorization may say.

use url::Url;

use crate::app_client::redirect_url::is_local;

use super::refusal::Refusal;

/// What a browser goes back with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Response {
    pub code: bool,
    pub token: bool,
    pub id_token: bool,
}

/// How a user is to be met (OpenID Connect Core 1.0, section 3.1.2.1). `consent` asks for nothing more: a pool's clients are its
/// owner's, and those that are not are shown to the user anyway.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prompts {
    /// Not at all.
    pub none: bool,
    /// They prove anew who they are.
    pub login: bool,
    /// They say who they want to be.
    pub select_account: bool,
}

impl Response {
    pub(super) fn in_fragment(self) -> bool {
        self.token || self.id_token
    }

    pub(super) fn mode(self) -> &'static str {
        if self.in_fragment() { "fragment" } else { "query" }
    }
}

/// What a `response_type` asks for; none for what is not supported, such as hybrids.
pub(super) fn response(text: &str) -> Option<Response> {
    let mut asked = Response::default();
    for word in text.split(' ') {
        let part = match word {
            "code" => &mut asked.code,
            "token" => &mut asked.token,
            "id_token" => &mut asked.id_token,
            _ => return None,
        };
        if std::mem::replace(part, true) {
            return None;
        }
    }
    (asked.code != (asked.token || asked.id_token)).then_some(asked)
}

/// RFC 7636, section 4.3; `plain` is none of it (OAU-2).
pub(super) fn check_pkce(challenge: Option<&str>, method: Option<&str>) -> std::result::Result<(), Refusal> {
    let is_digest = |text: &str| {
        text.len() == 43 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    match (challenge, method) {
        (None, None) => Ok(()),
        (Some(challenge), Some("S256")) if is_digest(challenge) => Ok(()),
        (Some(_), Some("S256")) => Err(Refusal::invalid("code_challenge is no SHA-256")),
        _ => Err(Refusal::invalid("A code_challenge needs the code_challenge_method S256")),
    }
}

pub(super) fn prompts(text: &str) -> std::result::Result<Prompts, Refusal> {
    let mut prompts = Prompts::default();
    let mut words = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        words += 1;
        match word {
            "none" => prompts.none = true,
            "login" => prompts.login = true,
            "select_account" => prompts.select_account = true,
            "consent" => {}
            _ => return Err(Refusal::invalid("That prompt is not supported")),
        }
    }
    if prompts.none && words > 1 { Err(Refusal::invalid("prompt none stands alone")) } else { Ok(prompts) }
}

/// RFC 8707, section 2, with Cognito's limits.
pub(super) fn is_resource(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    text.len() <= 1024
        && url.fragment().is_none()
        && match url.scheme() {
            "https" => url.has_host(),
            "http" => is_local(&url),
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_a_code_or_tokens_in_any_order() {
        let asked = |code, token, id_token| Some(Response { code, token, id_token });
        assert_eq!(response("code"), asked(true, false, false));
        assert_eq!(response("token"), asked(false, true, false));
        assert_eq!(response("id_token token"), asked(false, true, true));
        assert_eq!(response("token id_token"), asked(false, true, true));
        for bad in ["", "none", "code token", "code id_token", "code code", "Code", "code ", " code"] {
            assert_eq!(response(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn only_s256_is_a_code_challenge() {
        let digest = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(check_pkce(None, None).is_ok() && check_pkce(Some(digest), Some("S256")).is_ok());
        for (challenge, method) in [
            (Some(digest), None),
            (Some(digest), Some("plain")),
            (None, Some("S256")),
            (Some(&digest[1..]), Some("S256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"), Some("S256")),
        ] {
            assert!(check_pkce(challenge, method).is_err(), "{challenge:?} {method:?}");
        }
    }

    #[test]
    fn nobody_is_met_by_none_alone() {
        assert!(prompts("none").is_ok_and(|it| it.none));
        assert!(prompts("login consent").is_ok_and(|it| it.login && !it.none));
        assert!(prompts("none login").is_err() && prompts("create").is_err());
    }

    #[test]
    fn a_resource_is_a_url() {
        for good in [
            "https://api.example.com/",
            "http://localhost:8080/x",
            "http://127.0.0.1/",
            "my-app:service",
            "urn:example:api",
        ] {
            assert!(is_resource(good), "{good}");
        }
        for bad in ["api", "http://api.example.com/", "https://api.example.com/#x", "/x"] {
            assert!(!is_resource(bad), "{bad}");
        }
    }
}
