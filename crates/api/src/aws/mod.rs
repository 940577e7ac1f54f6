//! The AWS JSON 1.1 API: every operation of both services, who may call it, and its handler.
//!
//! The tables are exhaustive over the contract: an operation that is not built is listed as `missing` and answers a
//! clear error. `docs/reference/operations.md` is generated from them.

mod access;
mod app_client;
mod attribute;
mod auth_event;
mod branding;
mod context;
mod device;
mod domain;
mod endpoint;
mod error;
mod group;
mod identity_provider;
mod installation;
mod later;
pub mod message_template;
mod passkey;
mod password;
pub mod provision;
mod resource_server;
mod second_factor;
mod session;
mod session_configuration;
pub(crate) mod session_id;
mod sign_in;
mod sign_up;
mod sigv4;
#[macro_use]
mod table;
mod terms;
mod token;
mod ui_customization;
mod user;
mod user_import;
mod user_pool;
mod user_settings;
mod wire;

pub use endpoint::{handle, preflight};
pub use later::LATER;
pub use table::{Access, Row};

/// Amazon Cognito user pools.
pub mod user_pools {
    use super::access::{Public, Signed, TokenHolder};
    use super::{
        app_client, attribute, auth_event, branding, device, domain, group, identity_provider, installation,
        passkey, password, resource_server, second_factor, session, session_configuration, sign_in, sign_up,
        terms, token, ui_customization, user, user_import, user_pool, user_settings,
    };

    operations! { cognito_idp "cognito-idp";
        // User pools
        Signed      CreateUserPool => user_pool::create_user_pool;
        Signed      DescribeUserPool => user_pool::describe_user_pool;
        Signed      ListUserPools => user_pool::list_user_pools;
        Signed      UpdateUserPool => user_pool::update_user_pool;
        Signed      DeleteUserPool => user_pool::delete_user_pool;
        Signed      AddCustomAttributes => user_pool::add_custom_attributes;
        Signed      GetUserPoolMfaConfig => user_pool::get_user_pool_mfa_config;
        Signed      SetUserPoolMfaConfig => user_pool::set_user_pool_mfa_config;
        Signed      GetUserPoolSessionConfiguration => session_configuration::get_user_pool_session_configuration;
        Signed      SetUserPoolSessionConfiguration => session_configuration::set_user_pool_session_configuration;
        Signed      GetLogDeliveryConfiguration => user_pool::get_log_delivery_configuration;
        Signed      SetLogDeliveryConfiguration => user_pool::set_log_delivery_configuration;
        Signed      DescribeRiskConfiguration => user_pool::describe_risk_configuration;
        Signed      SetRiskConfiguration => user_pool::set_risk_configuration;
        Signed      GetSigningCertificate => installation::get_signing_certificate;
        Signed      GetProvisionedLimit => installation::get_provisioned_limit;
        Signed      UpdateProvisionedLimit => installation::update_provisioned_limit;
        Signed      TagResource => user_pool::tag_resource;
        Signed      UntagResource => user_pool::untag_resource;
        Signed      ListTagsForResource => user_pool::list_tags_for_resource;
        Signed      CreateUserPoolReplica => installation::create_user_pool_replica;
        Signed      UpdateUserPoolReplica => installation::update_user_pool_replica;
        Signed      DeleteUserPoolReplica => installation::delete_user_pool_replica;
        Signed      ListUserPoolReplicas => installation::list_user_pool_replicas;
        // App clients
        Signed      CreateUserPoolClient => app_client::create_user_pool_client;
        Signed      DescribeUserPoolClient => app_client::describe_user_pool_client;
        Signed      ListUserPoolClients => app_client::list_user_pool_clients;
        Signed      UpdateUserPoolClient => app_client::update_user_pool_client;
        Signed      DeleteUserPoolClient => app_client::delete_user_pool_client;
        Signed      AddUserPoolClientSecret => app_client::add_user_pool_client_secret;
        Signed      ListUserPoolClientSecrets => app_client::list_user_pool_client_secrets;
        Signed      DeleteUserPoolClientSecret => app_client::delete_user_pool_client_secret;
        Signed      GetUserPoolClientSessionConfiguration => session_configuration::get_user_pool_client_session_configuration;
        Signed      SetUserPoolClientSessionConfiguration => session_configuration::set_user_pool_client_session_configuration;
        // Signing up
        Public      SignUp => sign_up::sign_up;
        Public      ConfirmSignUp => sign_up::confirm_sign_up;
        Public      ResendConfirmationCode => sign_up::resend_confirmation_code;
        Signed      AdminConfirmSignUp => sign_up::admin_confirm_sign_up;
        // Signing in
        Public      InitiateAuth => sign_in::initiate_auth;
        Public      RespondToAuthChallenge => sign_in::respond_to_auth_challenge;
        Signed      AdminInitiateAuth => sign_in::admin_initiate_auth;
        Signed      AdminRespondToAuthChallenge => sign_in::admin_respond_to_auth_challenge;
        Public      GetTokensFromRefreshToken => sign_in::get_tokens_from_refresh_token;
        Public      GetClientToken => token::get_client_token;
        Public      GetDerivedToken => token::get_derived_token;
        // Sessions
        Public      RevokeToken => session::revoke_token;
        TokenHolder GlobalSignOut => session::global_sign_out;
        Signed      AdminUserGlobalSignOut => session::admin_user_global_sign_out;
        TokenHolder ListUserSessions => session::list_user_sessions;
        TokenHolder RevokeUserSession => session::revoke_user_session;
        Signed      AdminListUserSessions => session::admin_list_user_sessions;
        Signed      AdminRevokeUserSession => session::admin_revoke_user_session;
        // Passwords
        TokenHolder ChangePassword => password::change_password;
        Public      ForgotPassword => password::forgot_password;
        Public      ConfirmForgotPassword => password::confirm_forgot_password;
        Signed      AdminSetUserPassword => password::admin_set_user_password;
        Signed      AdminResetUserPassword => password::admin_reset_user_password;
        // Users, for themselves
        TokenHolder GetUser => user::get_user;
        TokenHolder UpdateUserAttributes => attribute::update_user_attributes;
        TokenHolder DeleteUserAttributes => attribute::delete_user_attributes;
        TokenHolder GetUserAttributeVerificationCode => attribute::get_user_attribute_verification_code;
        TokenHolder VerifyUserAttribute => attribute::verify_user_attribute;
        TokenHolder DeleteUser => user::delete_user;
        TokenHolder SetUserSettings => user_settings::set_user_settings;
        // Users, for administrators
        Signed      AdminCreateUser => user::admin_create_user;
        Signed      AdminGetUser => user::admin_get_user;
        Signed      ListUsers => user::list_users;
        Signed      AdminUpdateUserAttributes => attribute::admin_update_user_attributes;
        Signed      AdminDeleteUserAttributes => attribute::admin_delete_user_attributes;
        Signed      AdminEnableUser => user::admin_enable_user;
        Signed      AdminDisableUser => user::admin_disable_user;
        Signed      AdminDeleteUser => user::admin_delete_user;
        Signed      AdminSetUserSettings => user_settings::admin_set_user_settings;
        Signed      AdminLinkProviderForUser => missing;
        Signed      AdminDisableProviderForUser => missing;
        Signed      AdminListUserAuthEvents => auth_event::admin_list_user_auth_events;
        Signed      AdminUpdateAuthEventFeedback => auth_event::admin_update_auth_event_feedback;
        Public      UpdateAuthEventFeedback => auth_event::update_auth_event_feedback;
        // Further factors
        Public      AssociateSoftwareToken => second_factor::associate_software_token;
        Public      VerifySoftwareToken => second_factor::verify_software_token;
        TokenHolder SetUserMFAPreference => second_factor::set_user_mfa_preference;
        Signed      AdminSetUserMFAPreference => second_factor::admin_set_user_mfa_preference;
        Signed      AdminDeleteSoftwareToken => second_factor::admin_delete_software_token;
        TokenHolder GetUserAuthFactors => second_factor::get_user_auth_factors;
        Signed      AdminGetUserAuthFactors => second_factor::admin_get_user_auth_factors;
        TokenHolder StartWebAuthnRegistration => passkey::start_web_authn_registration;
        TokenHolder CompleteWebAuthnRegistration => passkey::complete_web_authn_registration;
        TokenHolder ListWebAuthnCredentials => passkey::list_web_authn_credentials;
        TokenHolder DeleteWebAuthnCredential => passkey::delete_web_authn_credential;
        // Devices
        TokenHolder ConfirmDevice => device::confirm_device;
        Public      GetDevice => device::get_device;
        TokenHolder ListDevices => device::list_devices;
        Public      ForgetDevice => device::forget_device;
        TokenHolder UpdateDeviceStatus => device::update_device_status;
        Signed      AdminGetDevice => device::admin_get_device;
        Signed      AdminListDevices => device::admin_list_devices;
        Signed      AdminForgetDevice => device::admin_forget_device;
        Signed      AdminUpdateDeviceStatus => device::admin_update_device_status;
        // Groups
        Signed      CreateGroup => group::create_group;
        Signed      GetGroup => group::get_group;
        Signed      ListGroups => group::list_groups;
        Signed      UpdateGroup => group::update_group;
        Signed      DeleteGroup => group::delete_group;
        Signed      AdminAddUserToGroup => group::admin_add_user_to_group;
        Signed      AdminRemoveUserFromGroup => group::admin_remove_user_from_group;
        Signed      AdminListGroupsForUser => group::admin_list_groups_for_user;
        Signed      ListUsersInGroup => group::list_users_in_group;
        // Federation
        Signed      CreateIdentityProvider => identity_provider::create_identity_provider;
        Signed      DescribeIdentityProvider => identity_provider::describe_identity_provider;
        Signed      GetIdentityProviderByIdentifier => identity_provider::get_identity_provider_by_identifier;
        Signed      ListIdentityProviders => identity_provider::list_identity_providers;
        Signed      UpdateIdentityProvider => identity_provider::update_identity_provider;
        Signed      DeleteIdentityProvider => identity_provider::delete_identity_provider;
        Signed      CreateResourceServer => resource_server::create_resource_server;
        Signed      DescribeResourceServer => resource_server::describe_resource_server;
        Signed      ListResourceServers => resource_server::list_resource_servers;
        Signed      UpdateResourceServer => resource_server::update_resource_server;
        Signed      DeleteResourceServer => resource_server::delete_resource_server;
        // Domains and looks
        Signed      CreateUserPoolDomain => domain::create_user_pool_domain;
        Signed      DescribeUserPoolDomain => domain::describe_user_pool_domain;
        Signed      UpdateUserPoolDomain => domain::update_user_pool_domain;
        Signed      DeleteUserPoolDomain => domain::delete_user_pool_domain;
        Signed      CreateManagedLoginBranding => branding::create_managed_login_branding;
        Signed      DescribeManagedLoginBranding => branding::describe_managed_login_branding;
        Signed      DescribeManagedLoginBrandingByClient => branding::describe_managed_login_branding_by_client;
        Signed      UpdateManagedLoginBranding => branding::update_managed_login_branding;
        Signed      DeleteManagedLoginBranding => branding::delete_managed_login_branding;
        Signed      GetUICustomization => ui_customization::get_ui_customization;
        Signed      SetUICustomization => ui_customization::set_ui_customization;
        Signed      CreateTerms => terms::create_terms;
        Signed      DescribeTerms => terms::describe_terms;
        Signed      DescribeTermsByClient => terms::describe_terms_by_client;
        Signed      ListTerms => terms::list_terms;
        Signed      UpdateTerms => terms::update_terms;
        Signed      DeleteTerms => terms::delete_terms;
        // Import
        Signed      GetCSVHeader => user_import::get_csv_header;
        Signed      CreateUserImportJob => user_import::create_user_import_job;
        Signed      DescribeUserImportJob => user_import::describe_user_import_job;
        Signed      ListUserImportJobs => user_import::list_user_import_jobs;
        Signed      StartUserImportJob => user_import::start_user_import_job;
        Signed      StopUserImportJob => user_import::stop_user_import_job;
    }
}

/// Amazon Cognito identity pools.
pub mod identity_pools {
    operations! { cognito_identity "cognito-identity";
        Signed CreateIdentityPool => missing;
        Signed DeleteIdentities => missing;
        Signed DeleteIdentityPool => missing;
        Signed DescribeIdentity => missing;
        Signed DescribeIdentityPool => missing;
        Public GetCredentialsForIdentity => missing;
        Public GetId => missing;
        Signed GetIdentityPoolRoles => missing;
        Public GetOpenIdToken => missing;
        Signed GetOpenIdTokenForDeveloperIdentity => missing;
        Signed GetPrincipalTagAttributeMap => missing;
        Signed ListIdentities => missing;
        Signed ListIdentityPools => missing;
        Signed ListTagsForResource => missing;
        Signed LookupDeveloperIdentity => missing;
        Signed MergeDeveloperIdentities => missing;
        Signed SetIdentityPoolRoles => missing;
        Signed SetPrincipalTagAttributeMap => missing;
        Signed TagResource => missing;
        Signed UnlinkDeveloperIdentity => missing;
        Public UnlinkIdentity => missing;
        Signed UntagResource => missing;
        Signed UpdateIdentityPool => missing;
    }
}
