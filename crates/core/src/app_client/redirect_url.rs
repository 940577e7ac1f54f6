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

fn is_local(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
