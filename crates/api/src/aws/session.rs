//! RevokeToken, GlobalSignOut, AdminUserGlobalSignOut; listing sessions, and ending single ones.
//!
//! `RevokeAssociatedSessions` may be `LINKED` anywhere: a browser's session ends with the tokens that came of it, and the other way
//! round.

use cognate_contract::cognito_idp::{
    AdminListUserSessionsRequest, AdminListUserSessionsResponse, AdminRevokeUserSessionRequest,
    AdminRevokeUserSessionResponse, AdminUserGlobalSignOutRequest, AdminUserGlobalSignOutResponse,
    GlobalSignOutRequest, GlobalSignOutResponse, ListUserSessionsRequest, ListUserSessionsResponse,
    RevokeAssociatedSessionsType, RevokeTokenRequest, RevokeTokenResponse, RevokeUserSessionRequest,
    RevokeUserSessionResponse, SessionDescriptionType, SessionTypeType,
};
use cognate_core::token::revoke;
use cognate_core::{App, Result, app_client, user, user_pool, user_session};
use cognate_store::user_session::SessionKind;
use cognate_store::user_session::tracking::TrackedSession;
use cognate_store::{AppClientId, UserPoolId, UserSessionId};

use super::access::{Public, Signed, TokenHolder};
use super::{session_id, wire};

pub(super) async fn revoke_token(
    app: &App,
    caller: Public,
    input: RevokeTokenRequest,
) -> Result<RevokeTokenResponse> {
    let context = app_client::by_id(app, &AppClientId::new(&*input.client_id), caller.origin).await?;
    let (secret, token) = (input.client_secret.map(wire::secret), wire::secret(input.token));
    let linked = is_linked(input.revoke_associated_sessions);
    revoke::refresh_token(app, &context, secret.as_ref(), &token, linked).await?;
    Ok(RevokeTokenResponse::default())
}

pub(super) async fn global_sign_out(
    app: &App,
    TokenHolder(holder): TokenHolder,
    _: GlobalSignOutRequest,
) -> Result<GlobalSignOutResponse> {
    revoke::global_sign_out(app, &holder).await?;
    Ok(GlobalSignOutResponse::default())
}

pub(super) async fn admin_user_global_sign_out(
    app: &App,
    caller: Signed,
    input: AdminUserGlobalSignOutRequest,
) -> Result<AdminUserGlobalSignOutResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    revoke::admin_global_sign_out(app, &pool, &input.username).await?;
    Ok(AdminUserGlobalSignOutResponse::default())
}

pub(super) async fn list_user_sessions(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: ListUserSessionsRequest,
) -> Result<ListUserSessionsResponse> {
    wire::refuse_further_page(input.next_token.as_deref())?;
    let sessions = user_session::list(app, &holder.pool, &holder.user).await?;
    let sessions = descriptions(sessions, Some(holder.session.id));
    Ok(ListUserSessionsResponse { sessions: Some(sessions), next_token: None })
}

pub(super) async fn admin_list_user_sessions(
    app: &App,
    caller: Signed,
    input: AdminListUserSessionsRequest,
) -> Result<AdminListUserSessionsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    wire::refuse_further_page(input.next_token.as_deref())?;
    let user = user::find(app, &pool, &input.username).await?;
    let sessions = descriptions(user_session::list(app, &pool, &user).await?, None);
    Ok(AdminListUserSessionsResponse { sessions: Some(sessions), next_token: None })
}

pub(super) async fn revoke_user_session(
    app: &App,
    TokenHolder(holder): TokenHolder,
    input: RevokeUserSessionRequest,
) -> Result<RevokeUserSessionResponse> {
    let linked = is_linked(input.revoke_associated_sessions);
    user_session::revoke_other(app, &holder, session_id::session(&input.session_id)?, linked).await?;
    Ok(RevokeUserSessionResponse::default())
}

pub(super) async fn admin_revoke_user_session(
    app: &App,
    caller: Signed,
    input: AdminRevokeUserSessionRequest,
) -> Result<AdminRevokeUserSessionResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let linked = is_linked(input.revoke_associated_sessions);
    user_session::revoke(app, &pool, &user, session_id::session(&input.session_id)?, linked).await?;
    Ok(AdminRevokeUserSessionResponse::default())
}

fn is_linked(associated: Option<RevokeAssociatedSessionsType>) -> bool {
    associated == Some(RevokeAssociatedSessionsType::Linked)
}

/// Sessions as they are listed. Without a database of places there is no `LastLocation`.
fn descriptions(
    sessions: Vec<TrackedSession>,
    current: Option<UserSessionId>,
) -> Vec<SessionDescriptionType> {
    let description = |session: TrackedSession| SessionDescriptionType {
        session_id: Some(session_id::of(session.kind, session.id)),
        session_type: Some(match session.kind {
            SessionKind::Tokens => SessionTypeType::Token,
            SessionKind::Browser => SessionTypeType::Sso,
        }),
        client_id: Some(session.client.as_str().into()),
        create_date: Some(session.created_at.into()),
        last_active_date: Some(session.last_active_at.into()),
        device_type: Some(session.device.unwrap_or_else(|| "unknown".to_owned())),
        last_ip_address: session.address.map(Into::into),
        last_location: None,
        origin_session_id: session.opened_by.map(|id| session_id::of(SessionKind::Browser, id)),
        is_current_session: Some(current == Some(session.id)),
    };
    sessions.into_iter().map(description).collect()
}
