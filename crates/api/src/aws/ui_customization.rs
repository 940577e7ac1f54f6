//! GetUICustomization, SetUICustomization.

use cognate_contract::SensitiveString;
use cognate_contract::cognito_idp::{
    GetUICustomizationRequest, GetUICustomizationResponse, SetUICustomizationRequest,
    SetUICustomizationResponse, UICustomizationType,
};
use cognate_core::ui_customization::{self, ALL, UiCustomization};
use cognate_core::{App, Result, user_pool};
use cognate_store::record::Record;
use cognate_store::{AppClientId, UserPool, UserPoolId};

use super::access::Signed;
use crate::ui::look;

pub(super) async fn get_ui_customization(
    app: &App,
    caller: Signed,
    input: GetUICustomizationRequest,
) -> Result<GetUICustomizationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let looks = ui_customization::get(app, &pool, client(input.client_id).as_ref()).await?;
    // Nothing set is an empty object, and not an error.
    let ui_customization = looks.map(|looks| describe(app, &pool, looks)).unwrap_or_default();
    Ok(GetUICustomizationResponse { ui_customization })
}

pub(super) async fn set_ui_customization(
    app: &App,
    caller: Signed,
    input: SetUICustomizationRequest,
) -> Result<SetUICustomizationResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let client = client(input.client_id);
    let logo = input.image_file.map(|file| file.0);
    let looks = ui_customization::set(app, &pool, client.as_ref(), input.css, logo).await?;
    let nothing = || UICustomizationType {
        user_pool_id: Some(pool.id.to_string()),
        client_id: Some(client.as_ref().map_or(ALL, AppClientId::as_str).into()),
        ..UICustomizationType::default()
    };
    let ui_customization = looks.map_or_else(nothing, |looks| describe(app, &pool, looks));
    Ok(SetUICustomizationResponse { ui_customization })
}

/// The client that is meant; none is all of them.
fn client(id: Option<SensitiveString>) -> Option<AppClientId> {
    id.filter(|id| **id != *ALL).map(|id| AppClientId::new(&*id))
}

fn describe(app: &App, pool: &UserPool, looks: Record<UiCustomization>) -> UICustomizationType {
    let version = looks.updated_at.format("%Y%m%d%H%M%S").to_string();
    let image_url = looks.body.logo.as_ref().map(|logo| look::url(&app.place, &pool.id, &looks.id, logo));
    UICustomizationType {
        user_pool_id: Some(pool.id.to_string()),
        client_id: Some(looks.id.as_str().into()),
        image_url,
        css_version: looks.body.css.as_ref().map(|_| version),
        css: looks.body.css,
        last_modified_date: Some(looks.updated_at.into()),
        creation_date: Some(looks.created_at.into()),
    }
}
