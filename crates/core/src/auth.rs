//! Signing in: the flows, the challenges between, and what follows each proof.
//!
//! Every flow ends in [`next::after_first_factor`] or [`next::finish`], so that no flow yields tokens before every factor
//! that the pool demands (MFA-1).

pub mod acr;
pub mod challenge;
pub mod choice;
pub mod custom;
pub(crate) mod demand;
pub mod device;
pub mod guess;
pub mod new_password;
pub(crate) mod next;
pub mod one_time_code;
pub mod passkey;
mod person;
pub mod risk;
pub mod second_factor;
pub mod sign_in;
pub mod srp;
pub mod step_up;

use cognate_store::auth_event::Factor;
use cognate_store::second_factor::SecondFactor;
use cognate_store::user::Attributes;
use cognate_store::user_session::UserSession;
use cognate_store::{Timestamp, User, UserSessionId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use self::one_time_code::CodeKind;
use self::srp::PasswordVerifier;
use self::step_up::StepUp;
use crate::auth_event::Judgement;
use crate::browser_session::Opened;
use crate::token::Tokens;
use crate::user::code::Delivery;

/// The ways to sign in that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Name and password from the user.
    UserPassword,
    /// Name and password at the pool's own page.
    Page,
    /// Name and password through a trusted server.
    AdminUserPassword,
    /// The password, proven without being sent.
    UserSrp,
    /// The user chooses by what to prove who they are.
    UserAuth,
    /// Challenges of the pool's own making.
    Custom,
    /// A refresh token.
    RefreshToken,
    /// The client itself, by its secret: no user signs in.
    ClientToken,
    /// A token derived from a user's, as if they had asked themselves.
    Impersonation,
    /// A token derived from a user's, for somebody who acts for them.
    Delegation,
}

/// By what a user proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// A password.
    Password,
    /// A code of an authenticator app.
    SoftwareToken,
    /// A code by text message.
    Sms,
    /// A code by email.
    EmailOtp,
    /// A passkey of the device itself.
    PlatformKey,
    /// A passkey of an authenticator that moves between devices.
    RoamingKey,
    /// The pool's own functions let the user in.
    Custom,
    /// A remembered device, in place of a second factor.
    Device,
    /// A passkey's authenticator verified its user, by a PIN or their body.
    UserVerification,
}

impl Method {
    const ALL: [Self; 9] = [
        Self::Password,
        Self::SoftwareToken,
        Self::Sms,
        Self::EmailOtp,
        Self::PlatformKey,
        Self::RoamingKey,
        Self::Custom,
        Self::Device,
        Self::UserVerification,
    ];

    /// The methods of a session.
    pub(crate) fn of(session: &UserSession) -> Vec<Self> {
        let named = |name: &String| Self::ALL.into_iter().find(|method| method.as_str() == name);
        session.methods.iter().filter_map(named).collect()
    }

    /// Its name in a session's `methods`: RFC 8176's, and Cognito's in `amr`, where they have one.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::SoftwareToken => "otp",
            Self::Sms => "sms",
            Self::EmailOtp => "email_otp",
            Self::PlatformKey => "swk",
            Self::RoamingKey => "hwk",
            Self::Custom => "custom",
            Self::Device => "device",
            Self::UserVerification => "user",
        }
    }
}

/// What a user has proven on the way in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Proven {
    /// The user's epoch as it began: whatever ends all sessions ends those on the way as well (TOK-7). Nobody has none.
    pub epoch: Option<i32>,
    /// When the password that was proven had been set, where one was.
    pub password_changed_at: Option<Timestamp>,
    /// By which methods, in this order.
    pub methods: Vec<Method>,
    /// The levels that are to be reached, where some are asked for.
    pub step_up: Option<StepUp>,
    /// The session whose methods are credited among these; it must go on until the new one begins.
    pub rests_on: Option<UserSessionId>,
    /// Since when the oldest of what is credited is proven.
    pub since: Option<Timestamp>,
    /// What is noted of it, where the pool keeps its events.
    pub judgement: Option<Judgement>,
    /// What was given before that, and is still to be noted.
    pub given: Vec<Factor>,
    /// Whether a new password was set on the way in.
    #[serde(default)]
    pub new_password: bool,
}

impl Proven {
    /// Nothing yet, by a user or by nobody.
    pub(crate) fn nothing(user: Option<&User>) -> Self {
        Self { epoch: user.map(|user| user.session_epoch), ..Self::default() }
    }

    /// A user's password, which had been set at that time.
    pub(crate) fn password(user: &User, changed_at: Timestamp) -> Self {
        Self { password_changed_at: Some(changed_at), ..Self::nothing(Some(user)).and(Method::Password) }
    }

    /// Notes that a factor was given in this sign-in.
    pub(crate) fn give(&mut self, factor: Factor) {
        self.judgement.as_mut().map_or(&mut self.given, |judgement| &mut judgement.given).push(factor);
    }

    /// On the way to these levels.
    pub(crate) fn towards(self, step_up: Option<StepUp>) -> Self {
        Self { step_up, ..self }
    }

    /// With one more method.
    pub(crate) fn and(&self, method: Method) -> Self {
        let mut all = self.clone();
        if !all.methods.contains(&method) {
            all.methods.push(method);
        }
        all
    }
}

/// What a step of signing in leads to.
#[derive(Debug)]
pub enum SignIn {
    /// The user is in.
    Done(Tokens),
    /// The user is in, with their browser: at the pool's own pages.
    Opened(Opened),
    /// There is one more thing to prove or to do.
    Challenged(Box<Challenged>),
}

impl SignIn {
    /// The same with the second factors that would do.
    fn beside(mut self, factors: Vec<SecondFactor>) -> Self {
        if let Self::Challenged(challenged) = &mut self {
            challenged.factors = factors;
        }
        self
    }
}

/// A challenge, and what its answer needs.
#[derive(Debug)]
pub struct Challenged {
    /// The token that the answer must carry; none where the challenge carries its own.
    pub session: Option<SecretString>,
    /// The user's real username.
    pub username: String,
    /// What is asked for.
    pub challenge: Challenge,
    /// By what a user may prove who they are, where they may choose.
    pub available: Vec<Choice>,
    /// The second factors that would do as well as the one that is asked for, which is among them.
    pub factors: Vec<SecondFactor>,
}

impl Challenged {
    /// A challenge that nothing else is offered beside.
    pub(crate) fn by(session: SecretString, username: String, challenge: Challenge) -> SignIn {
        let (session, available, factors) = (Some(session), Vec::new(), Vec::new());
        SignIn::Challenged(Box::new(Self { session, username, challenge, available, factors }))
    }
}

/// What is asked for.
#[derive(Debug)]
pub enum Challenge {
    /// A new password, because the old one was a temporary one.
    NewPassword {
        /// The attributes that the user must add.
        required: Vec<String>,
        /// The attributes that they have.
        attributes: Attributes,
    },
    /// A code of the user's authenticator app.
    SoftwareToken {
        /// What the user calls it.
        name: Option<String>,
    },
    /// A code that was sent.
    Code {
        /// What it is for.
        kind: CodeKind,
        /// Where it went.
        delivery: Delivery,
    },
    /// Which second factor it is to be.
    SelectSecondFactor(Vec<SecondFactor>),
    /// One of these second factors must be set up.
    MfaSetup(Vec<SecondFactor>),
    /// By what the user will prove who they are.
    SelectFirstFactor,
    /// The password.
    Password,
    /// The opening of a proof of the password.
    PasswordSrp,
    /// The proof of the password.
    PasswordVerifier(PasswordVerifier),
    /// A challenge of the pool's own making.
    Custom {
        /// What it tells the client.
        parameters: std::collections::BTreeMap<String, String>,
    },
    /// The opening of a proof of the user's device.
    Device,
    /// The proof of the user's device.
    DeviceVerifier {
        /// The device's key.
        key: String,
        /// The handshake.
        verifier: PasswordVerifier,
    },
    /// A passkey.
    Passkey {
        /// `PublicKeyCredentialRequestOptionsJSON`.
        options: serde_json::Value,
    },
}

/// By what a user may choose to prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The password.
    Password,
    /// The password, without sending it.
    PasswordSrp,
    /// A code by email.
    EmailOtp,
    /// A code by text message.
    SmsOtp,
    /// A passkey.
    Passkey,
}
