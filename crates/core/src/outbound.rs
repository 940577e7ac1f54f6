//! URLs that tenants give: the ones that this server will fetch, and the ones that browsers are sent to.

mod client;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) use client::{Answer, ChosenBy, Failure, LARGEST_ANSWER, Wanted};
pub use client::{Outbound, Policy};
use url::{Host, Url};

/// Checks a URL that this server will fetch, as far as the URL alone tells (SSR-1): `https` on its usual port or on 80,
/// nobody's password, and no host that is certain to be inside. What the name resolves to is checked at the call.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_fetched(text: &str) -> Result<(), &'static str> {
    let url = secure(text)?;
    if !matches!(url.port_or_known_default(), Some(443 | 80)) {
        return Err("must use port 443 or 80");
    }
    let public = match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        None => false,
    };
    if public { Ok(()) } else { Err("must be on a public host") }
}

/// Checks a URL that a user's browser will be sent to.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check_visited(text: &str) -> Result<(), &'static str> {
    secure(text).map(|_| ())
}

fn secure(text: &str) -> Result<Url, &'static str> {
    let url = parsed(text)?;
    if url.scheme() == "https" { Ok(url) } else { Err("must be an https URL") }
}

fn parsed(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "must be a URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password");
    }
    if url.fragment().is_some() {
        return Err("must not hold a fragment");
    }
    Ok(url)
}

/// Whether an address is global unicast: not loopback, private, shared, link-local, reserved, or one of these in IPv6
/// clothes.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let reserved = a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !(reserved
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is given out; of that, these are documentation (2001:db8::/32, 3fff::/20), tunnels and benchmarks
    // (2001::/23), and IPv4 in disguise (2002::/16).
    let reserved = (a == 0x2001 && (b == 0xdb8 || b < 0x200)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    (a & 0xe000) == 0x2000 && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_https_urls_are_fetched() {
        for good in [
            "https://idp.example.com",
            "https://idp.example.com:443/a?b=c",
            "https://idp.example.com:80/",
            "https://93.184.215.14/",
            "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        ] {
            assert_eq!(check_fetched(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "idp.example.com",
            "http://idp.example.com",
            "ftp://idp.example.com",
            "file:///etc/passwd",
            "https://user@idp.example.com",
            "https://user:secret@idp.example.com",
            "https://idp.example.com/#x",
            "https://idp.example.com:8443",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://idp.localhost/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.0.1/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::a00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
        ] {
            assert!(check_fetched(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn browsers_may_be_sent_inside() {
        assert_eq!(check_visited("https://idp.internal:8443/sso"), Ok(()));
        assert!(check_visited("http://idp.example.com/sso").is_err());
        assert!(check_visited("javascript:alert(1)").is_err());
    }
}
