//! AWS Signature Version 4, header form: did the holder of this access key send this request?
//! Pure. Whose key it is and whether a session token is alive are the caller's to find out.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
const TIMESTAMP: &str = "%Y%m%dT%H%M%SZ";
const WINDOW: TimeDelta = TimeDelta::minutes(5);
const MISMATCH: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

/// What of an HTTP request the signature covers.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    /// As received, still percent-encoded.
    pub(crate) path: &'a str,
    /// As received, without the question mark.
    pub(crate) query: &'a str,
    /// Lower-cased names with their values, in the order received.
    pub(crate) headers: &'a [(&'a str, &'a [u8])],
    /// The bytes received.
    pub(crate) body: &'a [u8],
}

impl<'a> Request<'a> {
    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(n, _)| *n == name)
    }

    /// The text of a header that must be there once.
    fn only(&self, name: &str) -> Result<&'a str, Error> {
        let mut values = self.headers.iter().filter(|(n, _)| *n == name);
        let value = match (values.next(), values.next()) {
            (Some((_, value)), None) => std::str::from_utf8(value).ok(),
            _ => None,
        };
        value.ok_or_else(|| invalid(format!("'{name}' must be sent exactly once, in UTF-8.")))
    }
}

/// The parsed `Authorization` header: who claims to have signed, and over what.
pub(crate) struct Authorization {
    /// The access key whose secret is to be looked up.
    pub(crate) access_key_id: String,
    /// The session token of temporary credentials: signed for, but not yet known to be valid.
    pub(crate) security_token: Option<String>,
    /// Day, region, service and terminator.
    scope: [String; 4],
    signed_headers: Vec<String>,
    signature: String,
    timestamp: DateTime<Utc>,
}

impl Authorization {
    /// Reads the header and refuses all that can be refused without the secret.
    pub(crate) fn parse(request: &Request<'_>) -> Result<Self, Error> {
        if !request.has("authorization") {
            return Err(Error::MissingAuthenticationToken); // a signed query string counts as none
        }
        let [credential, signature, signed] = components(request.only("authorization")?)?;
        let elements: Vec<String> = credential.split('/').map(str::to_owned).collect();
        let sound = elements.iter().all(|element| (1..=128).contains(&element.len()));
        let elements = <[String; 5]>::try_from(elements).ok();
        let Some([access_key_id, scope @ ..]) = elements.filter(|_| sound) else {
            let text = "Credential must have exactly 5 slash-delimited elements";
            return Err(incomplete(text.to_owned() + ", e.g. keyid/date/region/service/term"));
        };
        let token = Some("x-amz-security-token").filter(|name| request.has(name));
        Ok(Self {
            access_key_id,
            security_token: token.map(|name| request.only(name)).transpose()?.map(str::to_owned),
            scope,
            signed_headers: signed_headers(request, signed)?,
            signature: signature.to_owned(),
            timestamp: timestamp(request)?,
        })
    }

    /// Checks clock, scope, body and signature of the request this was parsed from.
    pub(crate) fn verify(
        &self,
        request: &Request<'_>,
        secret: &[u8],
        region: &str,
        service: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Error> {
        self.check_clock(now)?;
        self.check_scope(region, service)?;

        // The hash is of the bytes received; UNSIGNED-PAYLOAD and STREAMING-* do not equal it.
        let body = hex::encode(Sha256::digest(request.body));
        let mut claims = request.headers.iter().filter(|(n, _)| *n == "x-amz-content-sha256");
        if claims.any(|(_, claim)| *claim != body.as_bytes()) {
            return Err(invalid("'X-Amz-Content-SHA256' is not the SHA-256 of the body."));
        }
        let canonical = self.canonical_request(request, &body)?;
        let message = format!(
            "{ALGORITHM}\n{}\n{}\n{}",
            self.timestamp.format(TIMESTAMP),
            self.scope.join("/"),
            hex::encode(Sha256::digest(canonical)),
        );
        let key = signing_key(secret, self.scope.each_ref().map(String::as_str))?;
        let expected = hex::encode(hmac(&key, message.as_bytes())?);
        // As text, so that nothing but 64 lower-case hexadecimal digits can be equal.
        let equal = expected.as_bytes().ct_eq(self.signature.as_bytes());
        if bool::from(equal) { Ok(()) } else { Err(invalid(MISMATCH)) }
    }

    fn check_clock(&self, now: DateTime<Utc>) -> Result<(), Error> {
        let show = |at: DateTime<Utc>| at.format(TIMESTAMP);
        let (signed, first, last) = (self.timestamp, now - WINDOW, now + WINDOW);
        let (at, now) = (show(signed), show(now));
        let text = if signed < first {
            let first = show(first);
            format!("Signature expired: {at} is now earlier than {first} ({now} - 5 min.)")
        } else if signed > last {
            let last = show(last);
            format!("Signature not yet current: {at} is still later than {last} ({now} + 5 min.)")
        } else {
            return Ok(());
        };
        Err(invalid(text))
    }

    fn check_scope(&self, region: &str, service: &str) -> Result<(), Error> {
        let [day, its_region, its_service, terminator] = &self.scope;
        Err(invalid(if *day != self.timestamp.format("%Y%m%d").to_string() {
            "Date in Credential scope does not match YYYYMMDD of the request's date.".to_owned()
        } else if its_region != region {
            "Credential should be scoped to a valid region. ".to_owned()
        } else if its_service != service {
            format!("Credential should be scoped to correct service: '{service}'. ")
        } else if terminator != TERMINATOR {
            format!("Credential should be scoped with a valid terminator: '{TERMINATOR}'. ")
        } else {
            return Ok(());
        }))
    }

    fn canonical_request(&self, request: &Request<'_>, body: &str) -> Result<String, Error> {
        // The path is encoded as sent, `%20` to `%2520`, as signers do for all services but S3.
        let path = encode(if request.path.is_empty() { "/" } else { request.path });
        let mut text = format!("{}\n{path}\n{}\n", request.method, query(request.query));
        for name in &self.signed_headers {
            let words = request.only(name)?.split([' ', '\t']).filter(|word| !word.is_empty());
            text.extend([name, ":", &words.collect::<Vec<_>>().join(" "), "\n"]);
        }
        Ok(text + "\n" + &self.signed_headers.join(";") + "\n" + body)
    }
}

/// Why a signature is not accepted, in AWS's words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Error {
    /// No `Authorization` header.
    MissingAuthenticationToken,
    /// An `Authorization` header or date that cannot be read.
    IncompleteSignature(String),
    /// A signature that is stale, out of scope, does not cover what it must, or is wrong.
    InvalidSignature(String),
}

impl Error {
    /// The name AWS gives this error on the wire.
    pub(crate) fn aws_type(&self) -> &'static str {
        match self {
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature(_) => "IncompleteSignatureException",
            Self::InvalidSignature(_) => "InvalidSignatureException",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingAuthenticationToken => "Missing Authentication Token",
            Self::IncompleteSignature(text) | Self::InvalidSignature(text) => text,
        })
    }
}

impl std::error::Error for Error {}

fn incomplete(text: impl Into<String>) -> Error {
    Error::IncompleteSignature(text.into())
}

fn invalid(text: impl Into<String>) -> Error {
    Error::InvalidSignature(text.into())
}

/// Credential, signature and signed headers: named in any order, each exactly once.
fn components(header: &str) -> Result<[&str; 3], Error> {
    const NAMES: [&str; 3] = ["Credential", "Signature", "SignedHeaders"];
    let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if algorithm != ALGORITHM {
        return Err(incomplete("Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now). "));
    }
    let mut found = [None; 3];
    for part in rest.split(',').map(str::trim) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        match NAMES.iter().zip(&mut found).find(|(known, _)| **known == name) {
            Some((_, slot @ None)) if !value.is_empty() => *slot = Some(value),
            _ => return Err(incomplete("Authorization header holds an invalid key=value pair.")),
        }
    }
    let missing = NAMES.iter().zip(found).filter(|(_, value)| value.is_none());
    let text = missing.map(|(n, _)| format!("Authorization header requires '{n}' parameter. "));
    match found {
        [Some(credential), Some(signature), Some(signed)] => Ok([credential, signature, signed]),
        _ => Err(incomplete(text.collect::<String>() + "Authorization=" + ALGORITHM)),
    }
}

/// The names signed for: sorted, each sent exactly once, and none left out that must be there.
fn signed_headers(request: &Request<'_>, list: &str) -> Result<Vec<String>, Error> {
    let names: Vec<&str> = list.split(';').collect();
    let plain = |b: u8| b.is_ascii_graphic() && !b.is_ascii_uppercase() && b != b':';
    let well_formed = names.iter().all(|name| !name.is_empty() && name.bytes().all(plain));
    if !well_formed || !names.is_sorted_by(|a, b| a < b) {
        return Err(incomplete("SignedHeaders must be lower-case, sorted, and without repeats."));
    }
    let date = if request.has("x-amz-date") { "x-amz-date" } else { "date" };
    for name in ["host", date, "x-amz-target", "x-amz-security-token"] {
        if (name == "host" || request.has(name)) && !names.contains(&name) {
            let shown = if name == "host" { "Host' or ':authority" } else { name };
            let rest = "must be a 'SignedHeader' in the AWS Authorization.";
            return Err(invalid(format!("'{shown}' {rest}")));
        }
    }
    names.into_iter().map(|name| request.only(name).map(|_| name.to_owned())).collect()
}

/// When the request says it was signed: `X-Amz-Date`, or else `Date`, also in HTTP's own form.
fn timestamp(request: &Request<'_>) -> Result<DateTime<Utc>, Error> {
    let Some(name) = ["x-amz-date", "date"].into_iter().find(|name| request.has(name)) else {
        return Err(incomplete("Authorization header requires a 'X-Amz-Date' or 'Date' header."));
    };
    let text = request.only(name)?.trim();
    let basic = NaiveDateTime::parse_from_str(text, TIMESTAMP).ok().filter(|_| text.len() == 16);
    let http = DateTime::parse_from_rfc2822(text).ok().filter(|_| name == "date");
    let at = basic.map(|at| at.and_utc()).or_else(|| http.map(|at| at.to_utc()));
    at.ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))
}

/// The query sorted by name, then value, each encoded as sent: signers encode before they sign.
fn query(raw: &str) -> String {
    let pairs = raw.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
    pairs.sort_unstable();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// RFC 3986: all but slashes and unreserved characters becomes `%XX`.
fn encode(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
    let encode = |b: u8| if plain(b) { char::from(b).into() } else { format!("%{b:02X}") };
    path.bytes().map(encode).collect()
}

fn hmac(key: &[u8], message: &[u8]) -> Result<[u8; 32], Error> {
    // A key of any length will do, so this never fails.
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| invalid(MISMATCH))?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

fn signing_key(secret: &[u8], scope: [&str; 4]) -> Result<Vec<u8>, Error> {
    let key = [b"AWS4", secret].concat();
    scope.iter().try_fold(key, |key, part| hmac(&key, part.as_bytes()).map(Vec::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const SCOPE: &str = "20260101/us-east-1/cognito-idp/aws4_request";
    const BODY: &str = r#"{"UserPoolId":"us-east-1_Example01","Username":"ada"}"#;
    const SIGNED: &str = "content-type;host;x-amz-date;x-amz-target";
    /// Made by botocore 1.43 for these headers and that body: the tests tamper with it.
    const BOTOCORE: &str = "eec2ed09d01ee5abf8f9791a5238bb432217581295184aaf1bbc76c16a8c748b";
    const OVER_TOKEN: &str = "bdb619369e02f613c89a2d7e353061ce796f852138b18b2f08edb942952307f6";
    const ON_A_PATH: &str = "4304018b778a9ea88510ef914441f99a030e78fa0712a3d7b3a67502c589f93b";

    /// What came of a POST, from its scope, signed headers, signature and body.
    fn post(parts: [&str; 4], more: &[(&str, &str)], late: i64) -> String {
        let authorization = authorization(parts);
        let mut headers = vec![
            ("authorization", authorization.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
            ("host", "cognito-idp.us-east-1.amazonaws.com"),
            ("x-amz-date", "20260101T000000Z"),
            ("x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser"),
        ];
        headers.extend(more);
        outcome(["/", ""], &headers, parts[3], late)
    }

    fn authorization([scope, signed, signature, _]: [&str; 4]) -> String {
        let credential = format!("{ALGORITHM} Credential=AKIDEXAMPLE/{scope}");
        format!("{credential}, SignedHeaders={signed},Signature={signature}")
    }

    /// The key and token accepted, or the error, `late` seconds after the request was signed.
    fn outcome(url: [&str; 2], headers: &[(&str, &str)], body: &str, late: i64) -> String {
        let [path, query] = url;
        let method = if body.is_empty() { "GET" } else { "POST" };
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
        let request = Request { method, path, query, headers: &headers, body: body.as_bytes() };
        let now = DateTime::from_timestamp(1_767_225_600 + late, 0).unwrap_or_default();
        let result = Authorization::parse(&request).and_then(|authorization| {
            let secret = SECRET.as_bytes();
            authorization.verify(&request, secret, "us-east-1", "cognito-idp", now)?;
            Ok(authorization.access_key_id + &authorization.security_token.unwrap_or_default())
        });
        result.unwrap_or_else(|error| format!("{}: {error}", error.aws_type()))
    }

    #[test]
    fn the_documented_signing_key_is_derived() {
        let key = signing_key(SECRET.as_bytes(), ["20150830", "us-east-1", "iam", TERMINATOR]);
        let documented = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9";
        assert_eq!(key.map(hex::encode), Ok(documented.to_owned()));
    }

    #[test]
    fn what_botocore_signs_is_accepted() {
        let odd = [("accept", "a"), ("accept", "b")];
        assert_eq!(post([SCOPE, SIGNED, BOTOCORE, BODY], &odd, 300), "AKIDEXAMPLE");
        let signed = SIGNED.replace("x-amz-t", "x-amz-security-token;x-amz-t");
        let token = ("x-amz-security-token", "FwoGZXIvYXdzEXAMPLE");
        let accepted = post([SCOPE, &signed, OVER_TOKEN, BODY], &[token], 0);
        assert_eq!(accepted, "AKIDEXAMPLEFwoGZXIvYXdzEXAMPLE");
        let authorization = authorization([SCOPE, "host;x-amz-date;x-odd", ON_A_PATH, ""]);
        let (host, date) = (("host", "example.com"), ("x-amz-date", "20260101T000000Z"));
        let headers = [("authorization", &*authorization), ("x-odd", "  a   b  "), host, date];
        let url = ["/caf%C3%A9/a%20b~c", "b=%C3%A9&a=2&a=1&empty=&A=x%2Fy"];
        assert_eq!(outcome(url, &headers, "", 0), "AKIDEXAMPLE");
    }

    #[test]
    fn anything_else_is_refused_in_the_words_of_aws() {
        let whole = [SCOPE, SIGNED, BOTOCORE, BODY];
        let swap = |i: usize, from: &str, to: &str| {
            let swapped = whole[i].replace(from, to);
            post(std::array::from_fn(|j| if i == j { &*swapped } else { whole[j] }), &[], 0)
        };
        let more = |name, value| post(whole, &[(name, value)], 0);
        let bare = |value| outcome(["/", ""], &[("authorization", value)], BODY, 0);
        let in_query = ["/", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0"];
        let old = "is now earlier than 20260101T000100Z (20260101T000600Z - 5 min.)";
        let early = "is still later than 20251231T235900Z (20251231T235400Z + 5 min.)";
        for (outcome, reason) in [
            (outcome(in_query, &[], BODY, 0), "TokenException: Missing Authentication Token"),
            (post(whole, &[], 360), old),
            (post(whole, &[], -360), early),
            (swap(3, "ada", "adb"), MISMATCH),
            (swap(2, "eec", "EEC"), MISMATCH),
            (swap(2, BOTOCORE, OVER_TOKEN), MISMATCH),
            (swap(1, "content-type;", ""), MISMATCH),
            (swap(0, "us-east-1", "us-east-2"), "Credential should be scoped to a valid region. "),
            (swap(0, "idp", "sync"), "scoped to correct service: 'cognito-idp'. "),
            (swap(0, "aws4", "aws5"), "scoped with a valid terminator: 'aws4_request'. "),
            (swap(0, "0101", "0102"), "Date in Credential scope does not match"),
            (swap(0, "/aws4", "//aws4"), "Credential must have exactly 5 slash-delimited elements"),
            (swap(1, "host;", ""), "'Host' or ':authority' must be a 'SignedHeader'"),
            (swap(1, "x-amz-date;", ""), "'x-amz-date' must be a 'SignedHeader'"),
            (swap(1, ";x-amz-target", ""), "'x-amz-target' must be a 'SignedHeader'"),
            (swap(1, "host;", "host;host;"), "sorted, and without repeats"),
            (swap(1, "host", "Host"), "must be lower-case"),
            (swap(1, "host;", "host;missing;"), "'missing' must be sent exactly once"),
            (more("x-amz-security-token", "t"), "'x-amz-security-token' must be a 'SignedHeader'"),
            (more("host", "elsewhere.example"), "'host' must be sent exactly once"),
            (more("authorization", "again"), "'authorization' must be sent exactly once"),
            (more("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), "is not the SHA-256 of the body"),
            (bare("Bearer abc"), "Unsupported AWS 'algorithm'"),
            (bare("AWS4-HMAC-SHA256 Credential=a,Credential=b"), "invalid key=value pair"),
            (bare("AWS4-HMAC-SHA256 Credential=a"), "header requires 'Signature' parameter. "),
        ] {
            assert!(outcome.contains("Exception: ") && outcome.contains(reason), "{outcome}");
        }
        let headers: &[(&str, &[u8])] = &[("a", b"\xff")];
        assert!(Request { method: "", path: "", query: "", headers, body: b"" }.only("a").is_err());
    }
}
