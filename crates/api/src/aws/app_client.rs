//! Create, Describe, List, Update and DeleteUserPoolClient; Add, List and DeleteUserPoolClientSecret.

use cognate_contract::cognito_idp::{
    AddUserPoolClientSecretRequest, AddUserPoolClientSecretResponse, AnalyticsConfigurationType,
    ClientSecretDescriptorType, ClientTypeType, CreateUserPoolClientRequest, CreateUserPoolClientResponse,
    DeleteUserPoolClientRequest, DeleteUserPoolClientSecretRequest, DeleteUserPoolClientSecretResponse,
    DescribeUserPoolClientRequest, DescribeUserPoolClientResponse, ExplicitAuthFlowsType, FeatureType,
    ListUserPoolClientSecretsRequest, ListUserPoolClientSecretsResponse, ListUserPoolClientsRequest,
    ListUserPoolClientsResponse, PreventUserExistenceErrorTypes, RefreshTokenRotationType, TimeUnitsType,
    TokenValidityUnitsType, UpdateUserPoolClientRequest, UpdateUserPoolClientResponse,
    UserPoolClientDescription, UserPoolClientType,
};
use cognate_contract::{NoOutput, SensitiveString};
use cognate_core::app_client::{self, Secret};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::app_client::{
    Analytics, AppClientSummary, ClientSecret, OauthSettings, RefreshRotation, TimeUnit, TokenValidity,
};
use cognate_store::{AccountId, AppClient, AppClientId, AppClientSettings, UserPoolId};
use secrecy::ExposeSecret as _;

use super::access::Signed;
use super::wire;

/// How many clients are on a page unless said.
const PAGE: i32 = 60;

/// The settings of a create or update request, which have the same members in two types.
macro_rules! settings {
    ($input:ident) => {
        AppClientSettings {
            explicit_auth_flows: $input.explicit_auth_flows.map(flow_names),
            validity: validity(
                [$input.refresh_token_validity, $input.access_token_validity, $input.id_token_validity],
                $input.token_validity_units,
            ),
            // An empty list says nothing, as Cognito has it.
            read_attributes: $input.read_attributes.filter(|names| !names.is_empty()),
            write_attributes: $input.write_attributes.filter(|names| !names.is_empty()),
            prevent_user_existence_errors: $input
                .prevent_user_existence_errors
                .map(|it| it == PreventUserExistenceErrorTypes::Enabled),
            identity_providers: $input.supported_identity_providers.unwrap_or_default(),
            oauth: OauthSettings {
                enabled: $input.allowed_oauth_flows_user_pool_client.unwrap_or(false),
                flows: $input
                    .allowed_oauth_flows
                    .unwrap_or_default()
                    .into_iter()
                    .map(wire::oauth_flow)
                    .collect(),
                scopes: $input.allowed_oauth_scopes.unwrap_or_default(),
                callback_urls: $input.callback_urls.unwrap_or_default(),
                logout_urls: $input.logout_urls.unwrap_or_default(),
                default_redirect_uri: $input.default_redirect_uri,
            },
            rotation: $input.refresh_token_rotation.map(|it| RefreshRotation {
                enabled: it.feature == FeatureType::Enabled,
                grace_seconds: it.retry_grace_period_seconds,
            }),
            propagates_user_context: $input.enable_propagate_additional_user_context_data.unwrap_or(false),
            analytics: $input.analytics_configuration.map(|it| Analytics {
                application_id: it.application_id,
                application_arn: it.application_arn,
                role_arn: it.role_arn,
                external_id: it.external_id,
                user_data_shared: it.user_data_shared,
            }),
            token_revocation_disabled: $input.enable_token_revocation == Some(false),
            auth_session_validity_minutes: $input.auth_session_validity,
            // Has operations of its own; an update keeps it.
            sso_session_minutes: None,
            risk: None,
            options: std::collections::BTreeMap::new(),
            registration: None,
        }
    };
}

pub(super) async fn create_user_pool_client(
    app: &App,
    caller: Signed,
    input: CreateUserPoolClientRequest,
) -> Result<CreateUserPoolClientResponse> {
    create_with_id(app, &caller.account, None, input).await
}

/// Creates a client with an id of the operator's.
pub(super) async fn create_with_id(
    app: &App,
    account: &AccountId,
    id: Option<AppClientId>,
    input: CreateUserPoolClientRequest,
) -> Result<CreateUserPoolClientResponse> {
    let pool = user_pool::get(app, account, &UserPoolId::new(&*input.user_pool_id)).await?;
    let secret = match (input.generate_secret.unwrap_or(false), input.client_secret.clone()) {
        (true, Some(_)) => {
            return Err(Error::invalid("ClientSecret and GenerateSecret cannot be used together."));
        }
        (true, None) => Secret::Generated,
        (false, Some(secret)) => Secret::Given(wire::secret(secret)),
        (false, None) => Secret::None,
    };
    let settings = settings!(input);
    let client = app_client::create(app, &pool, id, input.client_name, secret, settings).await?;
    Ok(CreateUserPoolClientResponse { user_pool_client: Some(describe(&client)) })
}

pub(super) async fn update_user_pool_client(
    app: &App,
    caller: Signed,
    input: UpdateUserPoolClientRequest,
) -> Result<UpdateUserPoolClientResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(&*input.user_pool_id)).await?;
    let (id, settings) = (AppClientId::new(&*input.client_id), settings!(input));
    let client = app_client::update(app, &pool, &id, input.client_name, settings).await?;
    Ok(UpdateUserPoolClientResponse { user_pool_client: Some(describe(&client)) })
}

pub(super) async fn describe_user_pool_client(
    app: &App,
    caller: Signed,
    input: DescribeUserPoolClientRequest,
) -> Result<DescribeUserPoolClientResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let client = app_client::get(app, &pool, &AppClientId::new(&*input.client_id)).await?;
    Ok(DescribeUserPoolClientResponse { user_pool_client: Some(describe(&client)) })
}

pub(super) async fn list_user_pool_clients(
    app: &App,
    caller: Signed,
    input: ListUserPoolClientsRequest,
) -> Result<ListUserPoolClientsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let limit = input.max_results.unwrap_or(PAGE);
    let (clients, next_token) = app_client::list(app, &pool, limit, input.next_token.as_deref()).await?;
    let description = |client: AppClientSummary| UserPoolClientDescription {
        client_id: Some(client.id.as_str().into()),
        user_pool_id: Some(pool.id.to_string()),
        client_name: Some(client.name),
    };
    // Of one type, a page may have few or none, as Cognito's.
    let wanted = input.client_type.map(|it| it == ClientTypeType::Dcr);
    let of_type = |client: &AppClientSummary| wanted.is_none_or(|registered| client.registered == registered);
    Ok(ListUserPoolClientsResponse {
        user_pool_clients: Some(clients.into_iter().filter(of_type).map(description).collect()),
        next_token,
    })
}

pub(super) async fn delete_user_pool_client(
    app: &App,
    caller: Signed,
    input: DeleteUserPoolClientRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    app_client::delete(app, &pool, &AppClientId::new(&*input.client_id)).await?;
    Ok(NoOutput)
}

pub(super) async fn add_user_pool_client_secret(
    app: &App,
    caller: Signed,
    input: AddUserPoolClientSecretRequest,
) -> Result<AddUserPoolClientSecretResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (id, given) = (AppClientId::new(&*input.client_id), input.client_secret.map(wire::secret));
    let generated = given.is_none();
    let secret = app_client::add_secret(app, &pool, &id, given).await?;
    // Who gave the secret knows it.
    let value = generated.then(|| SensitiveString::from(secret.value.expose_secret()));
    let descriptor = ClientSecretDescriptorType { client_secret_value: value, ..descriptor(&secret) };
    Ok(AddUserPoolClientSecretResponse { client_secret_descriptor: Some(descriptor) })
}

pub(super) async fn list_user_pool_client_secrets(
    app: &App,
    caller: Signed,
    input: ListUserPoolClientSecretsRequest,
) -> Result<ListUserPoolClientSecretsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let client = app_client::get(app, &pool, &AppClientId::new(&*input.client_id)).await?;
    // There are two at most, so there is no other page.
    wire::refuse_further_page(input.next_token.as_deref())?;
    let secrets = client.secrets.iter().map(descriptor).collect();
    Ok(ListUserPoolClientSecretsResponse { client_secrets: Some(secrets), next_token: None })
}

pub(super) async fn delete_user_pool_client_secret(
    app: &App,
    caller: Signed,
    input: DeleteUserPoolClientSecretRequest,
) -> Result<DeleteUserPoolClientSecretResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let id = AppClientId::new(&*input.client_id);
    app_client::delete_secret(app, &pool, &id, &input.client_secret_id).await?;
    Ok(DeleteUserPoolClientSecretResponse::default())
}

/// A secret without its value.
fn descriptor(secret: &ClientSecret) -> ClientSecretDescriptorType {
    ClientSecretDescriptorType {
        client_secret_id: Some(secret.id.clone()),
        client_secret_value: None,
        client_secret_create_date: Some(secret.created_at.into()),
    }
}

fn flow_names(flows: Vec<ExplicitAuthFlowsType>) -> Vec<String> {
    flows.into_iter().map(|flow| flow.as_str().to_owned()).collect()
}

fn validity([refresh, access, id]: [Option<i32>; 3], units: Option<TokenValidityUnitsType>) -> TokenValidity {
    let units = units.unwrap_or_default();
    let unit = |unit: Option<TimeUnitsType>| {
        unit.map(|unit| match unit {
            TimeUnitsType::Seconds => TimeUnit::Seconds,
            TimeUnitsType::Minutes => TimeUnit::Minutes,
            TimeUnitsType::Hours => TimeUnit::Hours,
            TimeUnitsType::Days => TimeUnit::Days,
        })
    };
    TokenValidity {
        refresh,
        access,
        id,
        refresh_unit: unit(units.refresh_token),
        access_unit: unit(units.access_token),
        id_unit: unit(units.id_token),
    }
}

fn describe(client: &AppClient) -> UserPoolClientType {
    let settings = &client.settings;
    let validity = &settings.validity;
    let unit = |unit: Option<TimeUnit>| {
        unit.map(|unit| match unit {
            TimeUnit::Seconds => TimeUnitsType::Seconds,
            TimeUnit::Minutes => TimeUnitsType::Minutes,
            TimeUnit::Hours => TimeUnitsType::Hours,
            TimeUnit::Days => TimeUnitsType::Days,
        })
    };
    let prevent = settings.prevent_user_existence_errors.map(|prevent| {
        if prevent { PreventUserExistenceErrorTypes::Enabled } else { PreventUserExistenceErrorTypes::Legacy }
    });
    let flows = settings.explicit_auth_flows.as_ref();
    UserPoolClientType {
        user_pool_id: Some(client.user_pool.to_string()),
        client_name: Some(client.name.clone()),
        client_id: Some(client.id.as_str().into()),
        client_secret: client
            .secrets
            .last()
            .map(|secret| SensitiveString::from(secret.value.expose_secret())),
        last_modified_date: Some(client.updated_at.into()),
        creation_date: Some(client.created_at.into()),
        refresh_token_validity: Some(validity.refresh.filter(|value| *value != 0).unwrap_or(30)),
        access_token_validity: validity.access,
        id_token_validity: validity.id,
        token_validity_units: Some(TokenValidityUnitsType {
            refresh_token: unit(validity.refresh_unit),
            access_token: unit(validity.access_unit),
            id_token: unit(validity.id_unit),
        }),
        read_attributes: settings.read_attributes.clone(),
        write_attributes: settings.write_attributes.clone(),
        explicit_auth_flows: flows.map(|flows| flows.iter().filter_map(|flow| flow.parse().ok()).collect()),
        supported_identity_providers: wire::some_list(&settings.identity_providers, String::clone),
        callback_urls: wire::some_list(&settings.oauth.callback_urls, String::clone),
        logout_urls: wire::some_list(&settings.oauth.logout_urls, String::clone),
        default_redirect_uri: settings.oauth.default_redirect_uri.clone(),
        allowed_oauth_flows: wire::some_list(&settings.oauth.flows, |flow| wire::oauth_flow_to_wire(*flow)),
        allowed_oauth_scopes: wire::some_list(&settings.oauth.scopes, String::clone),
        allowed_oauth_flows_user_pool_client: Some(settings.oauth.enabled),
        analytics_configuration: settings.analytics.clone().map(|it| AnalyticsConfigurationType {
            application_id: it.application_id,
            application_arn: it.application_arn,
            role_arn: it.role_arn,
            external_id: it.external_id,
            user_data_shared: it.user_data_shared,
        }),
        refresh_token_rotation: settings.rotation.map(|it| RefreshTokenRotationType {
            feature: if it.enabled { FeatureType::Enabled } else { FeatureType::Disabled },
            retry_grace_period_seconds: it.grace_seconds,
        }),
        prevent_user_existence_errors: prevent,
        enable_token_revocation: Some(!settings.token_revocation_disabled),
        enable_propagate_additional_user_context_data: Some(settings.propagates_user_context),
        auth_session_validity: Some(settings.auth_session_validity_minutes.unwrap_or(3)),
        client_type: Some(match settings.registration {
            Some(_) => ClientTypeType::Dcr,
            None => ClientTypeType::Regular,
        }),
    }
}
