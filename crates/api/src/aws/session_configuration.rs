//! Get and SetUserPoolSessionConfiguration, Get and SetUserPoolClientSessionConfiguration.

use cognate_contract::cognito_idp::{
    ClientSSOSessionConfigType, GetUserPoolClientSessionConfigurationRequest,
    GetUserPoolClientSessionConfigurationResponse, GetUserPoolSessionConfigurationRequest,
    GetUserPoolSessionConfigurationResponse, SetUserPoolClientSessionConfigurationRequest,
    SetUserPoolClientSessionConfigurationResponse, SetUserPoolSessionConfigurationRequest,
    SetUserPoolSessionConfigurationResponse, UserPoolTokenSessionConfigType, UserSessionTrackingType,
};
use cognate_core::{App, Result, session_configuration, user_pool};
use cognate_store::user_pool::SessionTracking;
use cognate_store::{AppClientId, UserPoolId};

use super::access::Signed;

pub(super) async fn get_user_pool_session_configuration(
    app: &App,
    caller: Signed,
    input: GetUserPoolSessionConfigurationRequest,
) -> Result<GetUserPoolSessionConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let SessionTracking { enabled, most_per_user } = pool.settings.session_tracking;
    let tracking = if enabled { UserSessionTrackingType::Enabled } else { UserSessionTrackingType::Disabled };
    Ok(GetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(pool.id.to_string()),
        user_session_tracking: Some(tracking),
        token_session: Some(UserPoolTokenSessionConfigType { max_per_user: most_per_user }),
    })
}

pub(super) async fn set_user_pool_session_configuration(
    app: &App,
    caller: Signed,
    input: SetUserPoolSessionConfigurationRequest,
) -> Result<SetUserPoolSessionConfigurationResponse> {
    let id = UserPoolId::new(input.user_pool_id);
    let tracking = SessionTracking {
        enabled: input.user_session_tracking == UserSessionTrackingType::Enabled,
        most_per_user: input.token_session.max_per_user,
    };
    session_configuration::set(app, &caller.account, &id, tracking).await?;
    Ok(SetUserPoolSessionConfigurationResponse {
        user_pool_id: Some(id.to_string()),
        user_session_tracking: Some(input.user_session_tracking),
        token_session: Some(input.token_session),
    })
}

pub(super) async fn get_user_pool_client_session_configuration(
    app: &App,
    caller: Signed,
    input: GetUserPoolClientSessionConfigurationRequest,
) -> Result<GetUserPoolClientSessionConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let client = AppClientId::new(&*input.client_id);
    let max_validity_minutes = session_configuration::sso_minutes(app, &pool, &client).await?;
    Ok(GetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(pool.id.to_string()),
        client_id: Some(input.client_id),
        sso_session: Some(ClientSSOSessionConfigType { max_validity_minutes }),
    })
}

pub(super) async fn set_user_pool_client_session_configuration(
    app: &App,
    caller: Signed,
    input: SetUserPoolClientSessionConfigurationRequest,
) -> Result<SetUserPoolClientSessionConfigurationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let (client, minutes) = (AppClientId::new(&*input.client_id), input.sso_session.max_validity_minutes);
    session_configuration::set_sso_minutes(app, &pool, &client, minutes).await?;
    Ok(SetUserPoolClientSessionConfigurationResponse {
        user_pool_id: Some(pool.id.to_string()),
        client_id: Some(input.client_id),
        sso_session: Some(input.sso_session),
    })
}
