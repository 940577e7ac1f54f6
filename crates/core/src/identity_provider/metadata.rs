//! What a SAML identity provider says of itself (SAML 2.0 metadata).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cognate_store::Timestamp;
use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use roxmltree::{Document, Node};

use crate::outbound;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

/// The longest certificate, in characters of base64.
const LONGEST_CERTIFICATE: usize = 4096;

/// Where a provider's users are sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    /// To sign in.
    pub(super) sign_in: String,
    /// To sign out, if the provider can.
    pub(super) sign_out: Option<String>,
}

/// Reads a metadata document. A document type, and with it every entity of its own, is refused unread.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(xml: &str, now: Timestamp) -> Result<Endpoints, &'static str> {
    let document = Document::parse(xml).map_err(|_| "The metadata is not well-formed XML.")?;
    let entity = document.root_element();
    if !entity.has_tag_name((METADATA, "EntityDescriptor")) {
        return Err("The metadata is no SAML 2.0 EntityDescriptor.");
    }
    if entity.attribute("entityID").is_none_or(str::is_empty) {
        return Err("The metadata names no entityID.");
    }
    let speaks_saml = |role: &Node<'_, '_>| {
        let protocols = role.attribute("protocolSupportEnumeration").unwrap_or_default();
        protocols.split_ascii_whitespace().any(|protocol| protocol == PROTOCOL)
    };
    let mut roles = children(entity, METADATA, "IDPSSODescriptor").filter(speaks_saml);
    let provider = roles.next().ok_or("The metadata describes no SAML 2.0 identity provider.")?;
    check_certificates(provider, now)?;
    let sign_in = redirect_location(provider, "SingleSignOnService")?;
    Ok(Endpoints {
        sign_in: sign_in
            .ok_or("The metadata names no SingleSignOnService with the HTTP-Redirect binding.")?,
        sign_out: redirect_location(provider, "SingleLogoutService")?,
    })
}

fn children<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(move |child| child.has_tag_name((namespace, name)))
}

/// Where a service is, for the binding that we speak.
fn redirect_location(provider: Node<'_, '_>, service: &'static str) -> Result<Option<String>, &'static str> {
    let mut services = children(provider, METADATA, service);
    let Some(service) = services.find(|service| service.attribute("Binding") == Some(REDIRECT)) else {
        return Ok(None);
    };
    let location = service.attribute("Location").unwrap_or_default();
    outbound::check_visited(location).map_err(|_| "A Location in the metadata is no https URL.")?;
    Ok(Some(location.to_owned()))
}

/// There must be a certificate to sign with that can be read and has not expired.
fn check_certificates(provider: Node<'_, '_>, now: Timestamp) -> Result<(), &'static str> {
    let for_signing = |key: &Node<'_, '_>| key.attribute("use").is_none_or(|purpose| purpose == "signing");
    let keys = children(provider, METADATA, "KeyDescriptor").filter(for_signing);
    let texts = keys
        .flat_map(|key| key.descendants())
        .filter(|node| node.has_tag_name((SIGNATURE, "X509Certificate")))
        .map(|node| node.text().unwrap_or_default());
    let now = Asn1Time::from_unix(now.timestamp()).map_err(|_| "The metadata cannot be checked.")?;
    let (mut any, mut valid) = (false, false);
    for text in texts {
        let certificate = certificate(text).ok_or("A certificate in the metadata cannot be read.")?;
        any = true;
        valid |= certificate.not_after() > now;
    }
    match (any, valid) {
        (false, _) => Err("The metadata holds no signing certificate."),
        (true, false) => Err("Signing certificates are expired"),
        (true, true) => Ok(()),
    }
}

fn certificate(text: &str) -> Option<X509> {
    let base64: String = text.split_ascii_whitespace().collect();
    if base64.len() > LONGEST_CERTIFICATE {
        return None;
    }
    X509::from_der(&STANDARD.decode(base64).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};
    use cognate_store::UserPoolId;
    use rcgen::KeyUsagePurpose;

    use super::*;
    use crate::signing_certificate;

    fn now() -> Timestamp {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    /// A certificate that expires ten years after it was made.
    fn certificate(made: Timestamp) -> String {
        let key = openssl::rsa::Rsa::generate(2048).unwrap();
        let key = openssl::pkey::PKey::from_rsa(key).unwrap().private_key_to_pkcs8().unwrap();
        let usage = KeyUsagePurpose::DigitalSignature;
        let pool = UserPoolId::new("eu_a");
        STANDARD.encode(signing_certificate::certificate(&pool, &key, usage, made).unwrap())
    }

    fn metadata(certificate: &str, services: &str) -> String {
        format!(
            r#"<?xml version="1.0"?>
            <md:EntityDescriptor xmlns:md="{METADATA}" xmlns:ds="{SIGNATURE}" entityID="https://idp.example.com">
              <md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">
                <md:KeyDescriptor use="signing">
                  <ds:KeyInfo><ds:X509Data><ds:X509Certificate>
                    {certificate}
                  </ds:X509Certificate></ds:X509Data></ds:KeyInfo>
                </md:KeyDescriptor>
                {services}
              </md:IDPSSODescriptor>
            </md:EntityDescriptor>"#
        )
    }

    const SIGN_IN: &str = r#"<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        Location="https://idp.example.com/post"/><md:SingleSignOnService
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/redirect"/>"#;

    #[test]
    fn endpoints_are_read() {
        let certificate = certificate(now());
        let endpoints = read(&metadata(&certificate, SIGN_IN), now()).unwrap();
        assert_eq!(endpoints.sign_in, "https://idp.example.com/redirect");
        assert_eq!(endpoints.sign_out, None);
        let sign_out = r#"<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
            Location="https://idp.example.com/out"/>"#;
        let both = read(&metadata(&certificate, &format!("{sign_out}{SIGN_IN}")), now()).unwrap();
        assert_eq!(both.sign_out.as_deref(), Some("https://idp.example.com/out"));
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        let certificate = certificate(now());
        let good = metadata(&certificate, SIGN_IN);
        let dtd =
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{}", good.trim_start_matches("<?xml version=\"1.0\"?>"));
        let deep = "<a>".repeat(40_000);
        for bad in [
            "",
            "not XML",
            "<html/>",
            &deep,
            &dtd,
            &good.replace(METADATA, "urn:example"),
            &good.replace("entityID", "id"),
            &good.replace("IDPSSODescriptor", "SPSSODescriptor"),
            &good.replace(PROTOCOL, "urn:oasis:names:tc:SAML:1.1:protocol"),
            &good.replace("use=\"signing\"", "use=\"encryption\""),
            &good.replace("https://idp.example.com/redirect", "http://idp.example.com/redirect"),
            &metadata(&certificate, ""),
            &metadata("bm9uc2Vuc2U=", SIGN_IN),
            &metadata(&"A".repeat(5000), SIGN_IN),
        ] {
            assert!(read(bad, now()).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_signing_certificate_must_be_in_force() {
        let old = certificate(now() - Duration::days(3653));
        assert_eq!(read(&metadata(&old, SIGN_IN), now()), Err("Signing certificates are expired"));
    }
}
