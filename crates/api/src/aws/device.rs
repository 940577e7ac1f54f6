//! ConfirmDevice, GetDevice, ListDevices, ForgetDevice, UpdateDeviceStatus, and their administrators' forms.

use cognate_contract::cognito_idp::{
    AdminForgetDeviceRequest, AdminGetDeviceRequest, AdminGetDeviceResponse, AdminListDevicesRequest,
    AdminListDevicesResponse, AdminUpdateDeviceStatusRequest, AdminUpdateDeviceStatusResponse, AttributeType,
    ConfirmDeviceRequest, ConfirmDeviceResponse, DeviceRememberedStatusType, DeviceType, ForgetDeviceRequest,
    GetDeviceRequest, GetDeviceResponse, ListDevicesRequest, ListDevicesResponse, UpdateDeviceStatusRequest,
    UpdateDeviceStatusResponse,
};
use cognate_contract::{NoOutput, SensitiveString};
use cognate_core::device::{self, Confirmation};
use cognate_core::token::{self, verify};
use cognate_core::{App, Error, Result, user, user_pool};
use cognate_store::device::Device;
use cognate_store::{AccountId, User, UserPool, UserPoolId};

use super::access::{Public, Signed, TokenHolder};
use super::wire;

pub(super) async fn confirm_device(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: ConfirmDeviceRequest,
) -> Result<ConfirmDeviceResponse> {
    let numbers = input.device_secret_verifier_config.unwrap_or_default();
    let confirmation = Confirmation {
        key: input.device_key,
        name: input.device_name,
        salt: numbers.salt.unwrap_or_default(),
        verifier: numbers.password_verifier.unwrap_or_default(),
    };
    let necessary = device::confirm(app, &holder, &confirmation).await?;
    Ok(ConfirmDeviceResponse { user_confirmation_necessary: Some(necessary) })
}

pub(super) async fn get_device(
    app: &App,
    caller: Public,
    input: GetDeviceRequest,
) -> Result<GetDeviceResponse> {
    let holder = holder(app, caller, input.access_token.as_ref()).await?;
    let found = device::get(app, &holder.pool, &holder.user, &input.device_key).await?;
    Ok(GetDeviceResponse { device: describe(&found, None) })
}

pub(super) async fn list_devices(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: ListDevicesRequest,
) -> Result<ListDevicesResponse> {
    let (limit, token) = (wire::limit(input.limit), input.pagination_token.as_deref());
    let (devices, pagination_token) = device::list(app, &holder.pool, &holder.user, limit, token).await?;
    let devices = devices.iter().map(|device| describe(device, None)).collect();
    Ok(ListDevicesResponse { devices: Some(devices), pagination_token })
}

pub(super) async fn forget_device(app: &App, caller: Public, input: ForgetDeviceRequest) -> Result<NoOutput> {
    let holder = holder(app, caller, input.access_token.as_ref()).await?;
    device::forget(app, &holder.pool, &holder.user, &input.device_key, Some(holder.session.id)).await?;
    Ok(NoOutput)
}

pub(super) async fn update_device_status(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: UpdateDeviceStatusRequest,
) -> Result<UpdateDeviceStatusResponse> {
    let remembered = remembered(input.device_remembered_status)?;
    device::remember(app, &holder.pool, &holder.user, &input.device_key, remembered).await?;
    Ok(UpdateDeviceStatusResponse::default())
}

pub(super) async fn admin_get_device(
    app: &App,
    caller: Signed,
    input: AdminGetDeviceRequest,
) -> Result<AdminGetDeviceResponse> {
    let (pool, user) = owned(app, &caller.account, input.user_pool_id, &input.username).await?;
    let found = device::get(app, &pool, &user, &input.device_key).await?;
    Ok(AdminGetDeviceResponse { device: describe(&found, Some((&pool, &user, &app.place.region))) })
}

pub(super) async fn admin_list_devices(
    app: &App,
    caller: Signed,
    input: AdminListDevicesRequest,
) -> Result<AdminListDevicesResponse> {
    let (pool, user) = owned(app, &caller.account, input.user_pool_id, &input.username).await?;
    let (limit, token) = (wire::limit(input.limit), input.pagination_token.as_deref());
    let (devices, pagination_token) = device::list(app, &pool, &user, limit, token).await?;
    let owner = Some((&pool, &user, app.place.region.as_str()));
    let devices = devices.iter().map(|device| describe(device, owner)).collect();
    Ok(AdminListDevicesResponse { devices: Some(devices), pagination_token })
}

pub(super) async fn admin_forget_device(
    app: &App,
    caller: Signed,
    input: AdminForgetDeviceRequest,
) -> Result<NoOutput> {
    let (pool, user) = owned(app, &caller.account, input.user_pool_id, &input.username).await?;
    device::forget(app, &pool, &user, &input.device_key, None).await?;
    Ok(NoOutput)
}

pub(super) async fn admin_update_device_status(
    app: &App,
    caller: Signed,
    input: AdminUpdateDeviceStatusRequest,
) -> Result<AdminUpdateDeviceStatusResponse> {
    let (pool, user) = owned(app, &caller.account, input.user_pool_id, &input.username).await?;
    let remembered = remembered(input.device_remembered_status)?;
    device::remember(app, &pool, &user, &input.device_key, remembered).await?;
    Ok(AdminUpdateDeviceStatusResponse::default())
}

/// The user of an access token, which some of these requests may leave out and none can do without.
async fn holder(app: &App, caller: Public, token: Option<&SensitiveString>) -> Result<verify::TokenHolder> {
    let token = token.ok_or_else(|| Error::invalid("Missing required parameter AccessToken"))?;
    verify::access_token(app, token, token::USER_ADMIN_SCOPE, caller.origin).await
}

async fn owned(app: &App, account: &AccountId, pool: String, username: &str) -> Result<(UserPool, User)> {
    let pool = user_pool::get(app, account, &UserPoolId::new(pool)).await?;
    let user = user::find(app, &pool, username).await;
    // Two of the operations have no error for a user who is not there.
    let user = user.map_err(|error| match error {
        Error::UserNotFound => Error::DeviceNotFound,
        other => other,
    })?;
    Ok((pool, user))
}

fn remembered(given: Option<DeviceRememberedStatusType>) -> Result<bool> {
    match given {
        Some(DeviceRememberedStatusType::Remembered) => Ok(true),
        Some(DeviceRememberedStatusType::NotRemembered) => Ok(false),
        None => Err(Error::invalid("Missing required parameter DeviceRememberedStatus")),
    }
}

/// A device as clients see it; administrators see more.
fn describe(device: &Device, owner: Option<(&UserPool, &User, &str)>) -> DeviceType {
    let status = if device.is_remembered { "remembered" } else { "not_remembered" };
    let mut attributes = vec![("device_status", Some("valid".to_owned()))];
    attributes.push(("device_name", device.name.clone()));
    attributes.push(("last_ip_used", device.last_address.clone()));
    if let Some((pool, user, region)) = owner {
        let arn = format!("arn:aws:cognito-idp:{region}:{}:device/{}", pool.account, device.key);
        attributes.push(("dev:device_arn", Some(arn)));
        attributes.push(("dev:device_owner", Some(format!("{}.{}", user.username, pool.id))));
        attributes.push(("dev:device_remembered_status", Some(status.to_owned())));
    }
    let attribute = |(name, value): (&str, Option<String>)| {
        Some(AttributeType { name: name.to_owned(), value: Some(value?.into()) })
    };
    DeviceType {
        device_key: Some(device.key.clone()),
        device_attributes: Some(attributes.into_iter().filter_map(attribute).collect()),
        device_create_date: Some(device.created_at.into()),
        device_last_modified_date: Some(device.updated_at.into()),
        device_last_authenticated_date: Some(device.authenticated_at.into()),
    }
}
