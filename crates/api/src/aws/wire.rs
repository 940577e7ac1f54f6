//! Small conversions between wire types and ours that several operations need.

use std::collections::BTreeMap;

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp as wire;
use cognate_core::origin::Origin;
use cognate_core::user::code::Delivery;
use cognate_core::{Error, Result};
use cognate_store::user::Attributes;
use cognate_store::user_pool::{Contact, OauthFlow};
use cognate_store::{User, UserPool, UserStatus};
use secrecy::SecretString;

/// A secret, moved out of the request.
pub(super) fn secret(text: SensitiveString) -> SecretString {
    text.into_inner().into()
}

/// Attributes as given; the last of a repeated name counts.
pub(super) fn attributes(list: Option<Vec<wire::AttributeType>>) -> Attributes {
    let value = |attribute: wire::AttributeType| {
        (attribute.name, attribute.value.map(SensitiveString::into_inner).unwrap_or_default())
    };
    list.unwrap_or_default().into_iter().map(value).collect()
}

/// A user's attributes as answers list them: `sub` first.
pub(super) fn attribute_list(user: &User, shown: impl Fn(&str) -> bool) -> Vec<wire::AttributeType> {
    let attribute =
        |name: &str, value: &str| wire::AttributeType { name: name.to_owned(), value: Some(value.into()) };
    let others = user.attributes.iter().filter(|(name, _)| shown(name));
    std::iter::once(attribute("sub", &user.id.to_string()))
        .filter(|_| shown("sub"))
        .chain(others.map(|(name, value)| attribute(name, value)))
        .collect()
}

/// A user's status, whose names are the same.
pub(super) fn user_status(status: UserStatus) -> Option<wire::UserStatusType> {
    status.as_str().parse().ok()
}

/// A user as `UserType`.
pub(super) fn user_type(user: &User, shown: impl Fn(&str) -> bool) -> wire::UserType {
    wire::UserType {
        username: Some(user.username.as_str().into()),
        attributes: Some(attribute_list(user, shown)),
        user_create_date: Some(user.created_at.into()),
        user_last_modified_date: Some(user.updated_at.into()),
        enabled: Some(user.enabled),
        user_status: user_status(user.status),
        mfa_options: None,
    }
}

/// Where a code went.
pub(super) fn delivery_details(delivery: Delivery) -> wire::CodeDeliveryDetailsType {
    let medium = match delivery.contact {
        Contact::Email => wire::DeliveryMediumType::Email,
        Contact::PhoneNumber => wire::DeliveryMediumType::Sms,
    };
    wire::CodeDeliveryDetailsType {
        destination: Some(delivery.masked),
        delivery_medium: Some(medium),
        attribute_name: Some(delivery.contact.attribute().to_owned()),
    }
}

/// Where a user is by the word of the application's server, which signs them in; where it gives none, where it is itself.
///
/// # Errors
/// [`Error::InvalidParameter`] for an address that is none.
pub(super) fn origin(context: Option<wire::ContextDataType>, server: Origin) -> Result<Origin> {
    let Some(context) = context else { return Ok(server) };
    let address = context.ip_address.parse();
    let address = address.map_err(|_| Error::invalid("Invalid IpAddress in ContextData."))?;
    let is_user_agent = |name: &str| name.eq_ignore_ascii_case("user-agent");
    let mut headers = context.http_headers.iter();
    let user_agent = headers.find(|it| it.header_name.as_deref().is_some_and(is_user_agent));
    Ok(server.of_user(address, user_agent.and_then(|it| it.header_value.as_deref())))
}

/// Refuses the token of a further page where there is only ever one.
pub(super) fn refuse_further_page(token: Option<&str>) -> Result<()> {
    token.map_or(Ok(()), |_| Err(Error::invalid("Invalid pagination token")))
}

/// The most entries on a page, and how many there are unless said.
const LARGEST_PAGE: i32 = 60;

/// How many entries a page has; zero means as many as there may be.
pub(super) fn limit(given: Option<i32>) -> i32 {
    given.filter(|limit| *limit > 0).unwrap_or(LARGEST_PAGE)
}

/// An OAuth flow as given.
pub(super) fn oauth_flow(flow: wire::OAuthFlowType) -> OauthFlow {
    match flow {
        wire::OAuthFlowType::Code => OauthFlow::Code,
        wire::OAuthFlowType::Implicit => OauthFlow::Implicit,
        wire::OAuthFlowType::ClientCredentials => OauthFlow::ClientCredentials,
    }
}

/// An OAuth flow as describe shows it.
pub(super) fn oauth_flow_to_wire(flow: OauthFlow) -> wire::OAuthFlowType {
    match flow {
        OauthFlow::Code => wire::OAuthFlowType::Code,
        OauthFlow::Implicit => wire::OAuthFlowType::Implicit,
        OauthFlow::ClientCredentials => wire::OAuthFlowType::ClientCredentials,
    }
}

/// A pool's name in AWS's name space.
pub(super) fn pool_arn(pool: &UserPool, region: &str) -> String {
    format!("arn:aws:cognito-idp:{region}:{}:userpool/{}", pool.account, pool.id)
}

/// Refuses a setting whose effect is not built, rather than store and ignore it.
pub(super) fn refuse_unbuilt(settings: &[(&str, bool)]) -> Result<()> {
    match settings.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Error::invalid(format!("{name} is not supported by this server yet."))),
        None => Ok(()),
    }
}

/// A list as a description shows it: an empty one is left out.
pub(super) fn some_list<T, W>(list: &[T], to_wire: impl Fn(&T) -> W) -> Option<Vec<W>> {
    (!list.is_empty()).then(|| list.iter().map(to_wire).collect())
}

/// Text entries of a JSON object, as a JSON text.
pub(super) fn json_object(entries: &Attributes) -> String {
    let object: BTreeMap<&str, &str> =
        entries.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    serde_json::to_string(&object).unwrap_or_else(|_| "{}".to_owned())
}
