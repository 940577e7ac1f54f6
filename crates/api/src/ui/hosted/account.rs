//! `/{pool}/account`: what somebody sees and changes of their own account. What keeps others out of it is changed by whoever has
//! just signed in.
//!
//! A client names itself here as at the other pages: what it may read and write of its users is what they see and change (COD-4).

mod attributes;
mod overview;
mod removal;
mod security;

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Route};
use cognate_core::app_client::ClientContext;
use cognate_core::token::verify::TokenHolder;
use cognate_core::user::username;
use cognate_core::{authorization, browser_session, options, user_pool};
use cognate_store::UserPoolId;
use url::form_urlencoded::Serializer;

use super::cookie::Jar;
use super::form::{Form, Link};
use super::{Answered, Instead, Visit, away, served};
use crate::body::Body;
use crate::parameters::Parameters;
use crate::server::Server;
use crate::site;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/{pool}/account", web::get().to(open));
    attributes::routes(config);
    security::routes(config);
    removal::routes(config);
}

/// Somebody at their account.
struct Account {
    visit: Visit,
    holder: TokenHolder,
    /// Whether they have just signed in.
    is_fresh: bool,
}

impl Account {
    /// Who is signed in with a browser; nobody else sees an account.
    async fn of(visit: Visit) -> Result<Self, Instead> {
        let (app, authorization) = (&visit.server.app, &visit.authorization);
        let ClientContext { pool, client, .. } = &authorization.context;
        if !options::has_account(pool, client) {
            return Err(visit.refused(StatusCode::FORBIDDEN, "no-account").into());
        }
        let standing = authorization::standing(app, authorization, visit.session.as_ref()).await;
        let Some(session) = standing.map_err(|error| visit.failed(&error))? else {
            return Err(away(&visit.frame().to("login")).into());
        };
        let is_fresh = session.is_fresh(app);
        let holder = session.into_holder(&authorization.context);
        Ok(Self { visit, holder, is_fresh })
    }

    /// What they are called.
    fn name(&self) -> &str {
        username::shown(&self.holder.pool.settings, &self.holder.user)
    }

    /// The same person, after something of theirs has changed.
    async fn again(self) -> Result<Self, Instead> {
        Self::of(self.visit).await
    }

    /// Sends away to sign in again, on the way to a page, who did so too long ago to change anything.
    fn checked(self, page: &str) -> Result<Self, Instead> {
        match self.is_fresh {
            true => Ok(self),
            false => Err(away(&self.visit.to_sign_in_for(page)).into()),
        }
    }

    /// A form of the account's, which may be left as it is.
    fn form(&self, page: &str, heading: &str, button: &str) -> Form {
        self.form_with_way_back(page, heading, button, "link-keep")
    }

    /// The same, where leaving it is called otherwise.
    fn form_with_way_back(&self, page: &str, heading: &str, button: &str, way_back: &str) -> Form {
        let form = Form::to(&self.visit, page, "account", heading, button);
        let (text, href) = (form.frame.t(way_back), form.frame.to("account"));
        Form { links: vec![Link { lead: None, text, href }], ..form }
    }
}

/// Opens the account; who names no client comes to the one that they signed in through.
async fn open(request: HttpRequest, pool: Path<String>, server: Data<Server>) -> HttpResponse {
    served(async move {
        let names_client = url::form_urlencoded::parse(request.query_string().as_bytes())
            .any(|(name, _)| name == "client_id");
        if !names_client && let Some(client) = client_of_browser(&server, &pool, &request).await {
            let base = site::of(&request, &server.app.place, &UserPoolId::new(&*pool)).base;
            let mut query = Serializer::new(request.query_string().to_owned());
            query.append_pair("client_id", &client);
            return Ok(away(&format!("{base}/account?{}", query.finish())));
        }
        let account = Account::of(Visit::at_account(server, &pool, &request).await?).await?;
        overview::show(&account, overview::Said::Nothing).await
    })
    .await
}

/// The client that somebody signed in through with a browser. Where that cannot be told, the page says what is missing.
async fn client_of_browser(server: &Server, pool: &str, request: &HttpRequest) -> Option<String> {
    let id = UserPoolId::new(pool);
    let site = site::of(request, &server.app.place, &id);
    let cookie = Jar::of(&site, &id).session(request)?;
    let pool = user_pool::published(&server.app, &id).await.ok()?;
    let session = browser_session::find(&server.app, &pool, &cookie).await.ok()??;
    Some(session.client().to_string())
}

/// The routes of a form that somebody sees and sends who has just signed in.
fn form<S, T>(
    config: &mut ServiceConfig,
    page: &'static str,
    show: impl Fn(Account) -> S + Copy + 'static,
    take: impl Fn(Account, Parameters) -> T + Copy + 'static,
) where
    S: Future<Output = Answered> + 'static,
    T: Future<Output = Answered> + 'static,
{
    let shown = web::get().to(move |request: HttpRequest, pool: Path<String>, server: Data<Server>| {
        served(async move {
            let visit = Visit::at_account(server, &pool, &request).await?;
            show(Account::of(visit).await?.checked(page)?).await
        })
    });
    config.route(&path(page), shown).route(&path(page), taking(page, take));
}

/// The routes of a form that there is nothing to see of without having sent another: who opens it comes to their account.
fn act<T>(
    config: &mut ServiceConfig,
    page: &'static str,
    take: impl Fn(Account, Parameters) -> T + Copy + 'static,
) where
    T: Future<Output = Answered> + 'static,
{
    let opened = web::get().to(|request: HttpRequest, pool: Path<String>, server: Data<Server>| {
        served(async move {
            let visit = Visit::at_account(server, &pool, &request).await?;
            Ok(away(&visit.frame().to("account")))
        })
    });
    config.route(&path(page), opened).route(&path(page), taking("account", take));
}

fn path(page: &str) -> String {
    format!("/{{pool}}/{page}")
}

/// Takes a form; who has signed in too long ago does so again, and comes to a page.
fn taking<T>(page: &'static str, take: impl Fn(Account, Parameters) -> T + Copy + 'static) -> Route
where
    T: Future<Output = Answered> + 'static,
{
    web::post().to(move |request: HttpRequest, pool: Path<String>, body: Body, server: Data<Server>| {
        served(async move {
            let visit = Visit::at_account(server, &pool, &request).await?;
            let form = visit.form(&request, &body).await?;
            take(Account::of(visit).await?.checked(page)?, form).await
        })
    })
}
