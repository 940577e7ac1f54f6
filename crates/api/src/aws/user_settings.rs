//! SetUserSettings and AdminSetUserSettings: what came before MFA preferences.

use cognate_contract::cognito_idp::{
    AdminSetUserSettingsRequest, AdminSetUserSettingsResponse, DeliveryMediumType, MFAOptionType,
    SetUserSettingsRequest, SetUserSettingsResponse,
};
use cognate_core::user::{self, settings};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::UserPoolId;

use super::access::{Signed, TokenHolder};

pub(super) async fn set_user_settings(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: SetUserSettingsRequest,
) -> Result<SetUserSettingsResponse> {
    settings::set(app, &holder.pool, &holder.user, asks_for_sms(&input.mfa_options)?).await?;
    Ok(SetUserSettingsResponse::default())
}

pub(super) async fn admin_set_user_settings(
    app: &App,
    caller: Signed,
    input: AdminSetUserSettingsRequest,
) -> Result<AdminSetUserSettingsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    settings::set(app, &pool, &user, asks_for_sms(&input.mfa_options)?).await?;
    Ok(AdminSetUserSettingsResponse::default())
}

/// Whether codes are to go to the phone number, the only option that there is.
fn asks_for_sms(options: &[MFAOptionType]) -> Result<bool> {
    let is_sms = |option: &MFAOptionType| {
        option.delivery_medium == Some(DeliveryMediumType::Sms)
            && option.attribute_name.as_deref() == Some("phone_number")
    };
    match options {
        [] => Ok(false),
        [option] if is_sms(option) => Ok(true),
        _ => Err(Error::invalid("MFAOptions can hold nothing but SMS to the phone_number.")),
    }
}
