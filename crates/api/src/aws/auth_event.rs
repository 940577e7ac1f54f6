//! AdminListUserAuthEvents, AdminUpdateAuthEventFeedback, UpdateAuthEventFeedback.

use cognate_contract::cognito_idp::{
    AdminListUserAuthEventsRequest, AdminListUserAuthEventsResponse, AdminUpdateAuthEventFeedbackRequest,
    AdminUpdateAuthEventFeedbackResponse, AuthEventType, ChallengeName, ChallengeResponse,
    ChallengeResponseType, EventContextDataType, EventFeedbackType, EventResponseType, EventRiskType,
    EventType, FeedbackValueType, RiskDecisionType, RiskLevelType, UpdateAuthEventFeedbackRequest,
    UpdateAuthEventFeedbackResponse,
};
use cognate_core::auth_event::{self, feedback};
use cognate_core::{App, Result, user, user_pool};
use cognate_store::UserPoolId;
use cognate_store::auth_event::{
    EventChallenge, EventKind, EventResponse, Factor, Feedback, JudgedEvent, RiskLevel,
};

use super::access::{Public, Signed};
use super::wire;

pub(super) async fn admin_list_user_auth_events(
    app: &App,
    caller: Signed,
    input: AdminListUserAuthEventsRequest,
) -> Result<AdminListUserAuthEventsResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let (limit, token) = (wire::limit(input.max_results), input.next_token.as_deref());
    let (events, next_token) = auth_event::list(app, &pool, &user, limit, token).await?;
    let auth_events = Some(events.into_iter().map(described).collect());
    Ok(AdminListUserAuthEventsResponse { auth_events, next_token })
}

pub(super) async fn admin_update_auth_event_feedback(
    app: &App,
    caller: Signed,
    input: AdminUpdateAuthEventFeedbackRequest,
) -> Result<AdminUpdateAuthEventFeedbackResponse> {
    let pool = user_pool::get(app, &caller.account, &UserPoolId::new(input.user_pool_id)).await?;
    let user = user::find(app, &pool, &input.username).await?;
    let said = said(&input.feedback_value);
    feedback::by_administrator(app, &pool, &user, &input.event_id, said).await?;
    Ok(AdminUpdateAuthEventFeedbackResponse::default())
}

pub(super) async fn update_auth_event_feedback(
    app: &App,
    _: Public,
    input: UpdateAuthEventFeedbackRequest,
) -> Result<UpdateAuthEventFeedbackResponse> {
    let pool = user_pool::published(app, &UserPoolId::new(input.user_pool_id)).await?;
    let (token, said) = (wire::secret(input.feedback_token), said(&input.feedback_value));
    let named = Some((&*input.username, &*input.event_id));
    feedback::by_token(app, &pool, &token, named, said).await?;
    Ok(UpdateAuthEventFeedbackResponse::default())
}

fn said(value: &FeedbackValueType) -> Feedback {
    match value {
        FeedbackValueType::Valid => Feedback::Valid,
        FeedbackValueType::Invalid => Feedback::Invalid,
    }
}

/// An event as it is listed. Without a database of places there is neither city nor country.
fn described(JudgedEvent { event, feedback }: JudgedEvent) -> AuthEventType {
    let decision = match (event.blocked, event.risk_level) {
        (true, _) => RiskDecisionType::Block,
        (false, Some(_)) => RiskDecisionType::AccountTakeover,
        (false, None) => RiskDecisionType::NoRisk,
    };
    let risk = EventRiskType {
        risk_decision: Some(decision),
        risk_level: event.risk_level.map(|level| match level {
            RiskLevel::Low => RiskLevelType::Low,
            RiskLevel::Medium => RiskLevelType::Medium,
            RiskLevel::High => RiskLevelType::High,
        }),
        compromised_credentials_detected: Some(event.leaked_password),
    };
    let challenge = |challenge: EventChallenge| ChallengeResponseType {
        challenge_name: Some(match challenge.factor {
            Factor::Password => ChallengeName::Password,
            Factor::Mfa => ChallengeName::Mfa,
        }),
        challenge_response: Some(match challenge.passed {
            true => ChallengeResponse::Success,
            false => ChallengeResponse::Failure,
        }),
    };
    let judged = |(said, provider, at): (Feedback, String, cognate_store::Timestamp)| EventFeedbackType {
        feedback_value: match said {
            Feedback::Valid => FeedbackValueType::Valid,
            Feedback::Invalid => FeedbackValueType::Invalid,
        },
        provider,
        feedback_date: Some(at.into()),
    };
    AuthEventType {
        event_id: Some(event.id.to_string()),
        event_type: Some(match event.kind {
            EventKind::SignIn => EventType::SignIn,
            EventKind::SignUp => EventType::SignUp,
            EventKind::ForgotPassword => EventType::ForgotPassword,
            EventKind::PasswordChange => EventType::PasswordChange,
            EventKind::ResendCode => EventType::ResendCode,
        }),
        creation_date: Some(event.created_at.into()),
        event_response: Some(match event.response {
            EventResponse::Pass => EventResponseType::Pass,
            EventResponse::Fail => EventResponseType::Fail,
            EventResponse::InProgress => EventResponseType::InProgress,
        }),
        event_risk: Some(risk),
        challenge_responses: Some(event.challenges.into_iter().map(challenge).collect()),
        event_context_data: Some(EventContextDataType {
            ip_address: event.address,
            device_name: event.device,
            timezone: None,
            city: None,
            country: None,
        }),
        event_feedback: feedback.map(judged),
    }
}
