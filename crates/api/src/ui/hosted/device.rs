//! `/{pool}/device`: the code that a device without a browser shows, and `/{pool}/device/allow`: whether it may sign in as whoever
//! entered it (RFC 8628, section 3.3).

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use cognate_core::authorization::device::{self, Waiting};
use cognate_core::browser_session::BrowserSession;
use cognate_core::{Error, authorization, options};
use url::form_urlencoded::Serializer;

use super::form::{Field, Form, Link, Other, Problem};
use super::guest::Guest;
use super::visit::DEVICE;
use super::{Instead, Visit, away, is_from_here, served};
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/{pool}/device", web::get().to(ask))
        .route("/{pool}/device", web::post().to(find))
        .route("/{pool}/device/allow", web::get().to(show))
        .route("/{pool}/device/allow", web::post().to(answer));
}

/// What the form's token is bound to.
const CODE: &str = "device";
const USER_CODE: &str = "user_code";
/// What proves that a code was entered in this browser.
const ENTERED: &str = "entered";

/// What that is bound to.
fn entered_here(code: &str) -> String {
    format!("entered {code}")
}

async fn ask(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        Ok(code_page(&guest, &guest.query()?, None))
    })
    .await
}

/// Finds the device that shows a code, and goes on to sign in for its app.
async fn find(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let guest = Guest::of(&server, &request, &pool).await?;
        let form = guest.form(&body)?;
        if !is_from_here(&request, &guest.site) {
            // The browser kept its cookie to itself; it keeps it in place of this page's, too.
            return Ok(away(&format!("{}/device", guest.site.base)));
        }
        if !guest.is_own(&form, CODE) {
            return Ok(code_page(&guest, &form, Some("page-expired")));
        }
        let entered = form.get(USER_CODE).unwrap_or_default();
        let from = crate::origin::of(&request);
        match device::enter(&server.app, &guest.pool, &from, entered).await {
            Ok(Some(waiting)) => {
                let proof = guest.frame(&entered_here(&waiting.user_code)).form_token;
                let client = waiting.client.as_str();
                let pairs = [("client_id", client), (USER_CODE, &waiting.user_code), (ENTERED, &proof)];
                let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
                Ok(away(&format!("{}/device/allow?{query}", guest.site.base)))
            }
            Ok(None) => Ok(code_page(&guest, &form, Some("device-code-wrong"))),
            Err(Error::AttemptLimit) => Ok(code_page(&guest, &form, Some("too-many"))),
            Err(error) => Ok(guest.failed(&error)),
        }
    })
    .await
}

/// The page for a code, which may have come with the address.
fn code_page(guest: &Guest<'_>, given: &Parameters, problem: Option<&str>) -> HttpResponse {
    let code = given.get(USER_CODE).unwrap_or_default();
    let repeated = [(USER_CODE, code)].into_iter().filter(|(_, value)| !value.is_empty());
    let (frame, shell) = (guest.frame(CODE), guest.shell("device", repeated));
    let form = Form::new(frame, shell, "device", "device", "device-title", "button-continue");
    let frame = &form.frame;
    let label = frame.t("label-device-code");
    let field =
        Field { is_code: true, is_focused: true, ..Field::text(USER_CODE, USER_CODE, label).holding(code) };
    let fields = vec![field];
    let problem = problem.map(|id| {
        let field = (id == "device-code-wrong").then_some(USER_CODE.into());
        Problem { text: frame.t(id), field }
    });
    let form = Form { lead: Some(frame.t("device-lead")), fields, ..form }.but(problem);
    guest.show(&form, &form.frame.form_token, "")
}

/// Somebody who is signed in, and the device that they were asked about.
struct Asked {
    visit: Visit,
    session: BrowserSession,
    waiting: Waiting,
}

impl Asked {
    async fn of(visit: Visit) -> Result<Self, Instead> {
        let (app, authorization) = (&visit.server.app, &visit.authorization);
        let context = &authorization.context;
        let old = || visit.refused(StatusCode::BAD_REQUEST, "device-old");
        if !options::may_serve_devices(&context.pool, &context.client) {
            return Err(old().into());
        }
        let entered = visit.parameter(USER_CODE).unwrap_or_default();
        let (proof, now) = (visit.parameter(ENTERED).unwrap_or_default(), app.clock.now());
        if visit.browsers.check(&context.pool, &entered_here(&entered), &proof, now).is_err() {
            // Whoever follows a link sees the code first, and where it belongs.
            let query = Serializer::new(String::new()).append_pair(USER_CODE, &entered).finish();
            return Err(away(&format!("{}/device?{query}", visit.site.base)).into());
        }
        let standing = authorization::standing(app, authorization, visit.session.as_ref()).await;
        let Some(session) = standing.map_err(|error| visit.failed(&error))? else {
            return Err(away(&visit.frame().to("login")).into());
        };
        let waiting = device::waiting(app, &context.pool, &entered).await;
        let waiting = waiting.map_err(|error| visit.failed(&error))?;
        let waiting = waiting.filter(|it| it.client == context.client.id).ok_or_else(old)?;
        Ok(Self { visit, session, waiting })
    }
}

/// Asks whether a device may sign in, which shows the same code.
async fn show(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let visit = Visit::at_device(server, &pool, &request).await?;
        let Asked { visit, session, waiting } = Asked::of(visit).await?;
        let form = Form::to(&visit, DEVICE, "device", "allow-device-title", "button-allow-device");
        let frame = &form.frame;
        let name = session.username(&visit.authorization.context.pool);
        let lead = frame.words.with("allow-device-lead", &[("app", &frame.app), ("name", name)]);
        let caution = frame.with("allow-device-caution", "code", &waiting.user_code);
        let scopes = waiting.scopes_beyond_identity().join(", ");
        let caution = match scopes.is_empty() {
            true => caution,
            false => format!("{caution} {}", frame.with("stranger-scopes", "scopes", &scopes)),
        };
        let refusal = Other {
            lead: None,
            action: form.action.clone(),
            hidden: vec![(ANSWER.to_owned(), "no".to_owned()), (AS.to_owned(), name.to_owned())],
            button: frame.t("button-refuse-device"),
            waiting: None,
        };
        let other = Link {
            lead: None,
            text: frame.t("link-other-account"),
            href: visit.to_with("login", "prompt", "login"),
        };
        let (others, links) = (vec![refusal], vec![other]);
        let form = Form { lead: Some(lead), caution: Some(caution), others, links, ..form };
        Ok(form.repeating(ANSWER, "yes").repeating(AS, name).on(&visit, DEVICE).show(&visit))
    })
    .await
}

/// Whether the device may sign in, and as whom.
const ANSWER: &str = "answer";
const AS: &str = "as";

async fn answer(request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>) -> HttpResponse {
    served(async move {
        let visit = Visit::at_device(server, &pool, &request).await?;
        let form = visit.form(&request, &body).await?;
        let is_allowed = form.get(ANSWER) == Some("yes");
        let Asked { visit, session, waiting } = Asked::of(visit).await?;
        let (app, context) = (&visit.server.app, &visit.authorization.context);
        if form.get(AS) != Some(session.username(&context.pool)) {
            // Somebody else has signed in meanwhile, who was asked nothing.
            return Ok(away(&visit.frame().to(DEVICE)));
        }
        match device::answer(app, context, &session, &waiting.user_code, is_allowed).await {
            Ok(()) if is_allowed => Ok(visit.refused(StatusCode::OK, "device-allowed")),
            Ok(()) => Ok(visit.refused(StatusCode::OK, "device-refused")),
            Err(Error::InvalidAuthorizationCode) => Ok(visit.refused(StatusCode::BAD_REQUEST, "device-old")),
            Err(error) => Ok(visit.failed(&error)),
        }
    })
    .await
}
