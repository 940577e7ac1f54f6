//! Passkeys: registering one with a software authenticator, signing in with it, and what is refused (MFA-3).

mod offered;
mod two_factors;

use aws_sdk_cognitoidentityprovider::types::{
    AuthFactorType, AuthFlowType, ChallengeNameType, ExplicitAuthFlowsType, SignInPolicyType,
    SoftwareTokenMfaConfigType, SoftwareTokenMfaSettingsType, UserPoolMfaType, UserPoolPolicyType,
    UserVerificationType, WebAuthnConfigurationType, WebAuthnFactorConfigurationType,
    WebAuthnMfaSettingsType,
};
use aws_smithy_types::{Document, Number};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::AvailableBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use public_suffix::PublicSuffixList;
use reqwest::Url;
use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::branding::document;
use crate::server::{PASSWORD, TestPool, TestServer, said};
use crate::sign_in_codes::answer;

pub(crate) const PARTY: &str = "example.com";
const ORIGIN: &str = "https://login.example.com";

/// Whoever holds the authenticator always agrees, and is verified if it can do that.
pub(crate) struct Agrees {
    verified: bool,
}

#[async_trait::async_trait]
impl UserValidationMethod for Agrees {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        _: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification: self.verified })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        self.verified.then_some(true)
    }
}

/// What the SDK read, as JSON.
fn value(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => json!(value),
        Document::Number(Number::PosInt(number)) => json!(number),
        Document::Number(Number::NegInt(number)) => json!(number),
        Document::Number(Number::Float(number)) => json!(number),
        Document::String(text) => json!(text),
        Document::Array(items) => items.iter().map(value).collect(),
        Document::Object(members) => members.iter().map(|(name, it)| (name.clone(), value(it))).collect(),
    }
}

/// A browser with an authenticator that holds at most one passkey.
pub(crate) struct Browser(Client<Option<Passkey>, Agrees, AvailableBackend, PublicSuffixList, ()>);

impl Browser {
    fn new(verified: bool) -> Self {
        let mut authenticator =
            Authenticator::new(Aaguid::new_empty(), None, Agrees { verified }, AvailableBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        Self(Client::new(authenticator).allows_insecure_localhost(true))
    }

    async fn create(&mut self, origin: &str, options: &Value) -> Value {
        let options: CredentialCreationOptions =
            serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let created = self.0.register(&Url::parse(origin).unwrap(), options, DefaultClientData).await;
        serde_json::to_value(created.unwrap()).unwrap()
    }

    pub(crate) async fn get(&mut self, options: &Value) -> Value {
        self.get_at(ORIGIN, options).await
    }

    /// The same on a page of that origin.
    async fn get_at(&mut self, origin: &str, options: &Value) -> Value {
        let mut options = options.clone();
        // The store holds one passkey and finds it for the relying party alone.
        options.as_object_mut().unwrap().remove("allowCredentials");
        let options: CredentialRequestOptions =
            serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let signed = self.0.authenticate(&Url::parse(origin).unwrap(), options, DefaultClientData).await;
        serde_json::to_value(signed.unwrap()).unwrap()
    }
}

/// A pool with passkeys, whose client lets users choose.
async fn pool(server: &TestServer) -> TestPool<'_> {
    let factors = [AuthFactorType::Password, AuthFactorType::WebAuthn];
    let sign_in = SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors.to_vec()));
    let policies = UserPoolPolicyType::builder().sign_in_policy(sign_in.build()).build();
    let create = server.aws.create_user_pool().pool_name("test").policies(policies);
    let id = create.send().await.unwrap().user_pool.unwrap().id.unwrap();
    let pool = server.with_client(id, false).await;
    let update = server.aws.update_user_pool_client().user_pool_id(&pool.id).client_id(&pool.client);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserAuth);
    let update = update.explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    update.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send().await.unwrap();
    pool
}

async fn configure(pool: &TestPool<'_>, requirement: UserPoolMfaType, multi_factor: bool) {
    let factors = match multi_factor {
        true => WebAuthnFactorConfigurationType::MultiFactorWithUserVerification,
        false => WebAuthnFactorConfigurationType::SingleFactor,
    };
    let passkeys = WebAuthnConfigurationType::builder().relying_party_id(PARTY).factor_configuration(factors);
    let passkeys = passkeys.user_verification(UserVerificationType::Preferred).build();
    let mut set = pool.server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
    if requirement != UserPoolMfaType::Off {
        let token = SoftwareTokenMfaConfigType::builder().enabled(true).build();
        set = set.software_token_mfa_configuration(token);
    }
    set.mfa_configuration(requirement).web_authn_configuration(passkeys).send().await.unwrap();
    // A server remembers a pool's settings a moment longer.
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
}

async fn begin(pool: &TestPool<'_>, access: &str) -> Result<Value, (String, String)> {
    let begin = pool.server.aws.start_web_authn_registration().access_token(access);
    begin.send().await.map(|begun| value(&begun.credential_creation_options)).map_err(said)
}

async fn complete(pool: &TestPool<'_>, access: &str, credential: &Value) -> Result<(), (String, String)> {
    let complete = pool.server.aws.complete_web_authn_registration().access_token(access);
    complete.credential(document(credential)).send().await.map(drop).map_err(said)
}

/// Registers a passkey through an access token.
pub(crate) async fn register(pool: &TestPool<'_>, access: &str, verified: bool) -> Browser {
    let mut browser = Browser::new(verified);
    let created = browser.create(ORIGIN, &begin(pool, access).await.unwrap()).await;
    complete(pool, access, &created).await.unwrap();
    browser
}

/// The session and the options of a challenge for a passkey.
pub(crate) async fn asked(pool: &TestPool<'_>, name: &str) -> (String, Value) {
    let begin = pool.server.aws.initiate_auth().client_id(&pool.client).auth_flow(AuthFlowType::UserAuth);
    let begin = begin.auth_parameters("USERNAME", name).auth_parameters("PREFERRED_CHALLENGE", "WEB_AUTHN");
    let asked = begin.send().await.unwrap();
    assert_eq!(asked.challenge_name, Some(ChallengeNameType::WebAuthn));
    let options = &asked.challenge_parameters.unwrap()["CREDENTIAL_REQUEST_OPTIONS"];
    (asked.session.unwrap(), serde_json::from_str(options).unwrap())
}

/// Answers with what an authenticator signed.
pub(crate) async fn give(
    pool: &TestPool<'_>,
    session: &str,
    name: &str,
    signed: &Value,
) -> Result<aws_sdk_cognitoidentityprovider::types::AuthenticationResultType, (String, String)> {
    let credential = ("CREDENTIAL", &*signed.to_string());
    let done = answer(pool, ChallengeNameType::WebAuthn, session, name, credential).await?;
    Ok(done.authentication_result.unwrap())
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_passkey_signs_its_user_in(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        configure(&pool, UserPoolMfaType::Off, false).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        let options = begin(&pool, access).await.unwrap();
        assert_eq!(options["rp"], json!({ "id": PARTY, "name": PARTY }));
        assert_eq!(options["user"]["name"], "ada");
        assert_eq!(options["timeout"], 60_000);
        assert_eq!(options["excludeCredentials"], json!([]));
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["requireResidentKey"], true);
        assert_eq!(selection["userVerification"], "preferred");
        let algorithms: Vec<_> =
            options["pubKeyCredParams"].as_array().unwrap().iter().map(|it| it["alg"].clone()).collect();
        assert_eq!(algorithms, [-7, -257]);

        let mut browser = Browser::new(true);
        let created = browser.create(ORIGIN, &options).await;
        complete(&pool, access, &created).await.unwrap();
        let listed = server.aws.list_web_authn_credentials().access_token(access).send().await.unwrap();
        let [passkey] = listed.credentials() else { panic!("{listed:?}") };
        assert_eq!(passkey.relying_party_id(), PARTY);
        let excluded = &begin(&pool, access).await.unwrap()["excludeCredentials"];
        assert_eq!(excluded[0]["id"], passkey.credential_id());
        let factors = server.aws.get_user_auth_factors().access_token(access).send().await.unwrap();
        let configured = [AuthFactorType::Password, AuthFactorType::WebAuthn];
        assert_eq!(factors.configured_user_auth_factors(), configured);

        let (session, options) = asked(&pool, "ada").await;
        assert_eq!((&options["rpId"], &options["timeout"]), (&json!(PARTY), &json!(180_000)));
        assert_eq!(options["allowCredentials"][0]["id"], passkey.credential_id());
        let signed = browser.get(&options).await;
        let tokens = give(&pool, &session, "ada", &signed).await.unwrap();
        pool.refresh(tokens.refresh_token().unwrap()).send().await.unwrap();
        // Neither the session nor what was signed works again.
        let again = give(&pool, &session, "ada", &signed).await.unwrap_err();
        assert_eq!(again.1, "Invalid session for the user, session can only be used once.");
        let (session, _) = asked(&pool, "ada").await;
        let replayed = give(&pool, &session, "ada", &signed).await.unwrap_err();
        assert_eq!(replayed.1, "Incorrect username or password.");

        // A locked password does not hold a passkey up (LCK-3).
        for _ in 0..7 {
            pool.password_auth("ada", "Wrong-Horse-7").send().await.unwrap_err();
        }
        let (session, options) = asked(&pool, "ada").await;
        give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap();

        let delete = || server.aws.delete_web_authn_credential().access_token(access);
        let (session, options) = asked(&pool, "ada").await;
        delete().credential_id(passkey.credential_id()).send().await.unwrap();
        let gone = delete().credential_id(passkey.credential_id()).send().await.unwrap_err();
        assert_eq!(said(gone).0, "ResourceNotFoundException");
        let refused = give(&pool, &session, "ada", &browser.get(&options).await).await.unwrap_err();
        assert_eq!(refused.1, "Incorrect username or password.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_passkey_is_its_users_alone(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        configure(&pool, UserPoolMfaType::Off, false).await;
        let mut browsers = Vec::new();
        for name in ["ada", "eve"] {
            pool.admin_user(name).await;
            let tokens = pool.sign_in(name, PASSWORD).await;
            browsers.push(register(&pool, tokens.access_token().unwrap(), true).await);
        }
        let [of_ada, of_eve] = browsers.as_mut_slice() else { panic!() };
        let (session, options) = asked(&pool, "ada").await;
        let wrong = ("NotAuthorizedException".to_owned(), "Incorrect username or password.".to_owned());
        assert_eq!(give(&pool, &session, "ada", &of_eve.get(&options).await).await.unwrap_err(), wrong);
        let as_eve = give(&pool, &session, "eve", &of_eve.get(&options).await).await.unwrap_err();
        assert_eq!(as_eve.1, "Invalid session for the user.");
        // Another user handle, another signature, and what is no credential.
        let signed = of_ada.get(&options).await;
        let mut other_handle = signed.clone();
        other_handle["response"]["userHandle"] = json!("b3RoZXI");
        assert_eq!(give(&pool, &session, "ada", &other_handle).await.unwrap_err(), wrong);
        let mut other_signature = signed.clone();
        other_signature["response"]["signature"] = json!("AAAA");
        assert_eq!(give(&pool, &session, "ada", &other_signature).await.unwrap_err(), wrong);
        let nonsense = give(&pool, &session, "ada", &json!({ "id": 7 })).await.unwrap_err();
        assert_eq!(nonsense, ("InvalidParameterException".to_owned(), "Invalid Credential.".to_owned()));
        // A wrong answer leaves the session usable.
        give(&pool, &session, "ada", &signed).await.unwrap();

        // Who was disabled meanwhile has no session to go on with.
        let (session, options) = asked(&pool, "ada").await;
        server.aws.admin_disable_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        let refused = give(&pool, &session, "ada", &of_ada.get(&options).await).await.unwrap_err();
        assert_eq!(refused.1, "Invalid session for the user, session can only be used once.");
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn registrations_are_answered_once_by_their_client_on_a_page_of_the_relying_party(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    TestServer::run(db, async |server| {
        let pool = pool(server).await;
        pool.admin_user("ada").await;
        let tokens = pool.sign_in("ada", PASSWORD).await;
        let access = tokens.access_token().unwrap();
        assert_eq!(begin(&pool, access).await.unwrap_err().0, "WebAuthnConfigurationMissingException");
        for party in ["com", "co.uk"] {
            let passkeys = WebAuthnConfigurationType::builder().relying_party_id(party).build();
            let set = server.aws.set_user_pool_mfa_config().user_pool_id(&pool.id);
            let refused = set.web_authn_configuration(passkeys).send().await.unwrap_err();
            assert_eq!(said(refused).1, "RelyingPartyId must not be a public suffix.");
        }
        configure(&pool, UserPoolMfaType::Off, false).await;

        let mut browser = Browser::new(true);
        let options = begin(&pool, access).await.unwrap();
        let nothing = complete(&pool, access, &json!({})).await.unwrap_err();
        assert_eq!(nothing.0, "InvalidParameterException");
        // That was the one answer.
        let created = browser.create(ORIGIN, &options).await;
        let late = complete(&pool, access, &created).await.unwrap_err();
        assert_eq!(late.0, "WebAuthnChallengeNotFoundException");

        // Another page's, another relying party's, another challenge's.
        let mut edited = browser.create(ORIGIN, &begin(&pool, access).await.unwrap()).await;
        let data = json!({ "type": "webauthn.create", "challenge": "AAAA", "origin": "https://evil.test" });
        use base64::Engine as _;
        let encode = |data: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(data.to_string());
        edited["response"]["clientDataJSON"] = json!(encode(&data));
        assert_eq!(
            complete(&pool, access, &edited).await.unwrap_err().0,
            "WebAuthnOriginNotAllowedException"
        );
        let mut elsewhere = begin(&pool, access).await.unwrap();
        elsewhere["rp"]["id"] = json!("login.example.com");
        let created = browser.create(ORIGIN, &elsewhere).await;
        let refused = complete(&pool, access, &created).await.unwrap_err();
        assert_eq!(refused.0, "WebAuthnRelyingPartyMismatchException");
        let options = begin(&pool, access).await.unwrap();
        begin(&pool, access).await.unwrap();
        let created = browser.create(ORIGIN, &options).await;
        let replaced = complete(&pool, access, &created).await.unwrap_err();
        assert_eq!(replaced.0, "WebAuthnChallengeNotFoundException");

        // Another client's, and too late.
        let other = server.with_client(pool.id.clone(), false).await;
        let of_other = other.sign_in("ada", PASSWORD).await;
        let created = browser.create(ORIGIN, &begin(&pool, access).await.unwrap()).await;
        let refused = complete(&pool, of_other.access_token().unwrap(), &created).await.unwrap_err();
        assert_eq!(refused.0, "WebAuthnClientMismatchException");
        server.clock.advance(chrono::Duration::minutes(3));
        let expired = complete(&pool, access, &created).await.unwrap_err();
        assert_eq!(expired.0, "WebAuthnChallengeNotFoundException");

        // Twenty, and no more; pages of them.
        for _ in 0..20 {
            register(&pool, access, true).await;
        }
        assert_eq!(begin(&pool, access).await.unwrap_err().0, "LimitExceededException");
        let list = || server.aws.list_web_authn_credentials().access_token(access).max_results(15);
        let first = list().send().await.unwrap();
        let second = list().next_token(first.next_token().unwrap()).send().await.unwrap();
        assert_eq!((first.credentials().len(), second.credentials().len()), (15, 5));
        assert!(second.next_token().is_none());
    })
    .await;
}
