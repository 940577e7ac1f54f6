//! Where browsers may be sent: a client's callback and sign-out URLs.

use url::Url;

use crate::{Error, Result};

/// Schemes that a browser runs or opens by itself, so that sending somebody there does something else.
const DANGEROUS: [&str; 8] =
    ["about", "blob", "data", "file", "filesystem", "javascript", "vbscript", "view-source"];

/// Checks a URL: `https`, `http` on this very machine, or an app's own scheme; no fragment (RFC 6749, section 3.1.2).
///
/// # Errors
/// [`Error::InvalidParameter`].
pub(super) fn check(text: &str) -> Result<()> {
    let url = Url::parse(text).map_err(|_| Error::invalid(format!("{text} is not a URL.")))?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid(format!("{text} must be written in ASCII, without blanks.")));
    }
    if text.contains('#') {
        return Err(Error::invalid(format!("{text} cannot contain a fragment.")));
    }
    match url.scheme() {
        "http" if !is_local(&url) => Err(Error::invalid(format!("{text} cannot use the HTTP protocol."))),
        scheme if DANGEROUS.contains(&scheme) => {
            Err(Error::invalid(format!("{text} cannot use the scheme {scheme}.")))
        }
        _ => Ok(()),
    }
}

/// Whether a URL has a scheme of the web, or of an app that is named by a domain (RFC 8252, section 7.1): other ones may be what
/// a system opens by itself.
pub(super) fn is_web_or_reversed(text: &str) -> bool {
    let url = Url::parse(text);
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") || url.scheme().contains('.'))
}

/// Whether two URLs lead to the user's own machine, and are the same but for the port.
pub(crate) fn differs_in_port(one: &str, other: &str) -> bool {
    let (one, other) = (without_port(one), without_port(other));
    one.is_some() && one == other
}

/// Host and path of a URL on the user's own machine.
fn without_port(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix("http://")?;
    let local = ["localhost", "127.0.0.1", "[::1]"].into_iter();
    let (host, rest) = local.filter_map(|host| Some((host, text.strip_prefix(host)?))).next()?;
    let path = match rest.strip_prefix(':') {
        Some(rest) => {
            let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let is_port = port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
            if is_port { path } else { return None }
        }
        None => rest,
    };
    path.starts_with('/').then_some((host, path))
}

/// Whether a URL leads to the user's own machine.
pub(crate) fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_on_this_machine_alone() {
        let registered = "http://127.0.0.1/callback";
        for same in ["http://127.0.0.1:49152/callback", "http://127.0.0.1/callback"] {
            assert!(differs_in_port(registered, same), "{same}");
        }
        for other in [
            "http://127.0.0.1:49152/callback/",
            "http://127.0.0.1:49152/Callback",
            "http://localhost:49152/callback",
            "https://127.0.0.1:49152/callback",
            "http://127.0.0.1:65536/callback",
            "http://127.0.0.1:+80/callback",
            "http://127.0.0.1:/callback",
            "http://127.0.0.1:80@evil.example/callback",
            "http://127.0.0.1.evil.example/callback",
            "http://127.0.0.1@evil.example/callback",
            "http://127.0.0.1:49152?/callback",
        ] {
            assert!(!differs_in_port(registered, other), "{other}");
        }
        assert!(!differs_in_port("https://app.example.com/cb", "https://app.example.com:8443/cb"));
        assert!(differs_in_port("http://[::1]:1/", "http://[::1]:2/"));
    }

    #[test]
    fn https_this_machine_and_apps_are_fine() {
        for good in [
            "https://app.example.com/callback?x=1",
            "http://localhost:3000",
            "http://127.0.0.1/cb",
            "http://[::1]:8080/cb",
            "myapp://callback",
            "com.example.app:/cb",
        ] {
            check(good).unwrap();
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "http://app.example.com",
            "http://localhost.example.com",
            "https://app.example.com/#top",
            "/callback",
            "app.example.com",
            "javascript:alert(1)",
            "JavaScript://x",
            "data:text/html,x",
            "https://",
            "",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
