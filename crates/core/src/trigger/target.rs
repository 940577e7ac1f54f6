//! Where a pool's function is: at a URL of the tenant's, at one that the operator put in place of its ARN, or behind the Lambda
//! Invoke API.

use cognate_store::AccountId;

use crate::outbound::ChosenBy;

/// A URL in place of the ARNs that a pattern matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// An ARN, or a pattern in which `*` stands for anything.
    pub pattern: String,
    /// The URL; `{function}` in it stands for the function's name.
    pub url: String,
}

/// Where a call goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target<'a> {
    Url(String, ChosenBy),
    Lambda(Arn<'a>),
    Nowhere(&'static str),
}

/// The ARN of a function: `arn:aws:lambda:region:account:function:name`, with or without a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub text: &'a str,
    pub region: &'a str,
    account: &'a str,
    function: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let parts: Vec<_> = text.split(':').collect();
        let &["arn", _, "lambda", region, account, "function", function, ..] = parts.as_slice() else {
            return None;
        };
        (parts.len() <= 8 && is_name(function) && is_region(region)).then_some(Self {
            text,
            region,
            account,
            function,
        })
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Whether that may be a region of AWS's.
pub(super) fn is_region(region: &str) -> bool {
    is_name(region) && region.len() <= 32
}

/// Where a pool's function is. An ARN names a function of the pool's own account: anybody could write down another's.
pub(super) fn of<'a>(
    account: &AccountId,
    text: &'a str,
    mapped: &[Mapping],
    any_account: bool,
    invokes: bool,
) -> Target<'a> {
    if !text.starts_with("arn:") {
        return Target::Url(text.to_owned(), ChosenBy::Tenant);
    }
    let Some(arn) = Arn::parse(text) else {
        return Target::Nowhere("its ARN is not one of a Lambda function");
    };
    if !any_account && arn.account != account.as_str() {
        return Target::Nowhere(
            "its ARN is of another account than the pool: create the account with that id",
        );
    }
    match mapped.iter().find(|mapping| matches(&mapping.pattern, text)) {
        Some(mapping) => Target::Url(mapping.url.replace("{function}", arn.function), ChosenBy::Operator),
        None if invokes => Target::Lambda(arn),
        None => {
            Target::Nowhere("neither COGNATE_LAMBDA_URLS nor COGNATE_LAMBDA_ENDPOINT_URL says where it is")
        }
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:pre-sign-up";

    #[test]
    fn patterns_match_whole_arns() {
        for (pattern, fits) in [
            (ARN, true),
            ("*", true),
            ("arn:aws:lambda:*:123456789012:function:*", true),
            ("arn:*:pre-*", true),
            ("*sign-up", true),
            ("arn:aws:lambda:us-east-1:123456789012:function:pre", false),
            ("*sign", false),
            ("arn:*:post-*", false),
            ("", false),
        ] {
            assert_eq!(matches(pattern, ARN), fits, "{pattern}");
        }
    }

    #[test]
    fn only_functions_arns_name_functions() {
        let arn = Arn::parse(ARN).unwrap();
        assert_eq!((arn.region, arn.account, arn.function), ("us-east-1", "123456789012", "pre-sign-up"));
        assert_eq!(Arn::parse(&format!("{ARN}:live")).unwrap().function, "pre-sign-up");
        for bad in [
            "arn:aws:sns:us-east-1:123456789012:topic",
            "arn:aws:lambda:us-east-1:123456789012:function:a/b",
            "arn:aws:lambda:us-east-1:123456789012:layer:a",
            "arn:aws:lambda:us-east-1:123456789012:function:",
        ] {
            assert_eq!(Arn::parse(bad), None, "{bad}");
        }
    }
}
