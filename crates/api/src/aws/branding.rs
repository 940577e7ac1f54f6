//! Create, Describe, Update and DeleteManagedLoginBranding; DescribeManagedLoginBrandingByClient.

use cognate_contract::NoOutput;
use cognate_contract::cognito_idp::{
    AssetCategoryType, AssetExtensionType, AssetType, ColorSchemeModeType, CreateManagedLoginBrandingRequest,
    CreateManagedLoginBrandingResponse, DeleteManagedLoginBrandingRequest,
    DescribeManagedLoginBrandingByClientRequest, DescribeManagedLoginBrandingByClientResponse,
    DescribeManagedLoginBrandingRequest, DescribeManagedLoginBrandingResponse, ManagedLoginBrandingType,
    UpdateManagedLoginBrandingRequest, UpdateManagedLoginBrandingResponse,
};
use cognate_core::branding::{self, Asset, Category, Change, ColorMode, Style};
use cognate_core::image::{Format, ImageBytes};
use cognate_core::{App, Error, Result, user_pool};
use cognate_store::record::Record;
use cognate_store::{AppClientId, UserPool, UserPoolId};
use serde_json::Value;

use super::access::Signed;

pub(super) async fn create_managed_login_branding(
    app: &App,
    caller: Signed,
    input: CreateManagedLoginBrandingRequest,
) -> Result<CreateManagedLoginBrandingResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let change = change(input.use_cognito_provided_values, input.settings, input.assets)?;
    let created = branding::create(app, &pool, &AppClientId::new(&*input.client_id), change).await?;
    let managed_login_branding = Some(describe(&pool, created, false));
    Ok(CreateManagedLoginBrandingResponse { managed_login_branding })
}

pub(super) async fn describe_managed_login_branding(
    app: &App,
    caller: Signed,
    input: DescribeManagedLoginBrandingRequest,
) -> Result<DescribeManagedLoginBrandingResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let found = branding::get(app, &pool, &input.managed_login_branding_id).await?;
    let merged = input.return_merged_resources.unwrap_or(false);
    let managed_login_branding = Some(describe(&pool, found, merged));
    Ok(DescribeManagedLoginBrandingResponse { managed_login_branding })
}

pub(super) async fn describe_managed_login_branding_by_client(
    app: &App,
    caller: Signed,
    input: DescribeManagedLoginBrandingByClientRequest,
) -> Result<DescribeManagedLoginBrandingByClientResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let found = branding::of_client(app, &pool, &AppClientId::new(&*input.client_id)).await?;
    let merged = input.return_merged_resources.unwrap_or(false);
    let managed_login_branding = Some(describe(&pool, found, merged));
    Ok(DescribeManagedLoginBrandingByClientResponse { managed_login_branding })
}

pub(super) async fn update_managed_login_branding(
    app: &App,
    caller: Signed,
    input: UpdateManagedLoginBrandingRequest,
) -> Result<UpdateManagedLoginBrandingResponse> {
    let (Some(pool), Some(id)) = (input.user_pool_id, input.managed_login_branding_id) else {
        let message = "UserPoolId and ManagedLoginBrandingId must be given.";
        return Err(Error::invalid(message));
    };
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(pool)).await?;
    let change = change(input.use_cognito_provided_values, input.settings, input.assets)?;
    let updated = branding::update(app, &pool, &id, change).await?;
    let managed_login_branding = Some(describe(&pool, updated, false));
    Ok(UpdateManagedLoginBrandingResponse { managed_login_branding })
}

pub(super) async fn delete_managed_login_branding(
    app: &App,
    caller: Signed,
    input: DeleteManagedLoginBrandingRequest,
) -> Result<NoOutput> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    branding::delete(app, &pool.id, &input.managed_login_branding_id).await?;
    Ok(NoOutput)
}

/// `Settings` are those of the owner, or with `merged` all of them.
fn describe(pool: &UserPool, style: Record<Style>, merged: bool) -> ManagedLoginBrandingType {
    let settings = if merged { Some(style.body.all_settings()) } else { style.body.settings };
    ManagedLoginBrandingType {
        managed_login_branding_id: Some(style.id),
        user_pool_id: Some(pool.id.to_string()),
        use_cognito_provided_values: Some(style.body.uses_defaults),
        settings,
        assets: Some(style.body.assets.into_iter().map(asset_type).collect()),
        creation_date: Some(style.created_at.into()),
        last_modified_date: Some(style.updated_at.into()),
    }
}

fn change(
    use_defaults: Option<bool>,
    settings: Option<Value>,
    assets: Option<Vec<AssetType>>,
) -> Result<Change> {
    let assets = assets.map(|assets| assets.into_iter().map(asset).collect::<Result<_>>()).transpose()?;
    Ok(Change { use_defaults, settings, assets })
}

fn asset(asset: AssetType) -> Result<Asset> {
    let bytes = asset.bytes.filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| Error::invalid("An asset must have Bytes."))?;
    Ok(Asset {
        category: category(asset.category),
        color_mode: match asset.color_mode {
            ColorSchemeModeType::Light => ColorMode::Light,
            ColorSchemeModeType::Dark => ColorMode::Dark,
            ColorSchemeModeType::Dynamic => ColorMode::Dynamic,
        },
        format: match asset.extension {
            AssetExtensionType::Ico => Format::Ico,
            AssetExtensionType::Jpeg => Format::Jpeg,
            AssetExtensionType::Png => Format::Png,
            AssetExtensionType::Svg => Format::Svg,
            AssetExtensionType::Webp => Format::Webp,
        },
        resource_id: asset.resource_id,
        bytes: ImageBytes(bytes.0),
    })
}

fn asset_type(asset: Asset) -> AssetType {
    AssetType {
        category: category_type(asset.category),
        color_mode: match asset.color_mode {
            ColorMode::Light => ColorSchemeModeType::Light,
            ColorMode::Dark => ColorSchemeModeType::Dark,
            ColorMode::Dynamic => ColorSchemeModeType::Dynamic,
        },
        extension: match asset.format {
            Format::Ico => AssetExtensionType::Ico,
            Format::Jpeg => AssetExtensionType::Jpeg,
            Format::Png => AssetExtensionType::Png,
            Format::Svg => AssetExtensionType::Svg,
            Format::Webp => AssetExtensionType::Webp,
        },
        bytes: Some(asset.bytes.0.into()),
        resource_id: asset.resource_id,
    }
}

/// Both ways between two enumerations with the same names.
macro_rules! categories {
    ($($name:ident),* $(,)?) => {
        fn category(category: AssetCategoryType) -> Category {
            match category { $(AssetCategoryType::$name => Category::$name,)* }
        }

        fn category_type(category: Category) -> AssetCategoryType {
            match category { $(Category::$name => AssetCategoryType::$name,)* }
        }
    };
}
categories!(
    FaviconIco,
    FaviconSvg,
    EmailGraphic,
    SmsGraphic,
    AuthAppGraphic,
    PasswordGraphic,
    PasskeyGraphic,
    PageHeaderLogo,
    PageHeaderBackground,
    PageFooterLogo,
    PageFooterBackground,
    PageBackground,
    FormBackground,
    FormLogo,
    IdpButtonIcon,
);
