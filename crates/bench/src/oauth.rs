//! The OAuth endpoints: tokens of machines, codes for tokens, who a token speaks for, and the page to sign in at.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::client::{self, Caller, Connection, Request};
use crate::raw::Speed;
use crate::report::{Operation, Yardstick};
use crate::seed::{Seeded, text};
use crate::{Bench, load};

/// How many callers exchange codes, each of which works once.
const EXCHANGES: usize = 8;
/// How many users' browsers the codes come of.
const BROWSERS: usize = 64;
/// Where the app is that browsers go back to.
const CALLBACK: &str = "https://app.example.com/cb";

/// What is measured of them.
pub(crate) struct Oauth {
    /// A machine's token: one signature.
    pub(crate) machine: Operation,
    /// A code for tokens: two signatures, and the session's row.
    pub(crate) exchange: Operation,
    /// Who an access token speaks for.
    pub(crate) userinfo: Operation,
    /// What an access token is good for.
    pub(crate) introspection: Operation,
    /// The page to sign in at.
    pub(crate) page: Operation,
}

impl Oauth {
    /// All of them, in the order of their rows.
    pub(crate) fn operations(&self) -> [&Operation; 5] {
        [&self.machine, &self.exchange, &self.userinfo, &self.introspection, &self.page]
    }

    /// The server's time for one sign-in page.
    pub(crate) fn page_time(&self) -> Duration {
        self.page.server_alone()
    }
}

/// An app that sends its users to the pages of a pool.
struct App<'a> {
    host: SocketAddr,
    pool: &'a str,
    client: String,
    /// What the browsers of signed-in users bring, each of another one.
    cookies: Vec<String>,
}

/// Makes the clients, signs browsers in, and drives each endpoint.
pub(crate) fn measure(bench: &Bench<'_>, signing: &Speed) -> Result<Oauth> {
    let host = bench.server.address;
    let machine = Machine::new(host, bench.pool.pool())?;
    let token = bench.operation("client_credentials", &[machine.token()], Yardstick::S(1), Some(0.7))?;

    println!("Measuring code for tokens ...");
    let app = App::signed_in(host, bench.pool)?;
    let yardstick = Yardstick::S(3);
    let count = load::prepared(signing.rate / 2.0, bench.window);
    // A table that was never analyzed is searched by any index, however many rows it has come to within seconds.
    let exchanges = |_| {
        let exchanges = app.exchanges(count)?;
        bench.postgres.run("analyze;", &[])?;
        Ok(exchanges)
    };
    let (row, mut answers) = bench.once(EXCHANGES, bench.window, yardstick, exchanges)?;
    let exchange = Operation { name: "code for tokens", yardstick, share: Some(0.5), rows: vec![row] };

    // As many tokens take turns as users do.
    answers.truncate(bench.pool.credentials().count());
    let userinfo = bench.operation("userInfo", &app.userinfo(&answers)?, Yardstick::W, Some(0.3))?;
    let introspections = machine.introspections(&answers)?;
    let introspection = bench.operation("introspection", &introspections, Yardstick::W, Some(0.3))?;

    let page = format!("/{}/login?{}", app.pool, app.query());
    let request = Request::new(client::get(host, &page), "cognitoSignInForm", 1);
    let page = bench.operation("/login", &[request], Yardstick::W, None)?;
    Ok(Oauth { machine: token, exchange, userinfo, introspection, page })
}

/// A machine's client, which may ask what tokens are good for.
struct Machine<'a> {
    host: SocketAddr,
    pool: &'a str,
    /// What it proves who it is by.
    basic: String,
}

impl<'a> Machine<'a> {
    fn new(host: SocketAddr, pool: &'a str) -> Result<Self> {
        let mut connection = Connection::open(host)?;
        let scopes = json!([{ "ScopeName": "read", "ScopeDescription": "Reading" }]);
        let orders =
            json!({ "UserPoolId": pool, "Identifier": "orders", "Name": "Orders", "Scopes": scopes });
        connection.call("CreateResourceServer", Caller::Signed, &orders)?;
        let described =
            connection.call("DescribeUserPool", Caller::Signed, &json!({ "UserPoolId": pool }))?;
        let arn = text(&described, "/UserPool/Arn")?;
        let tags = json!({ "ResourceArn": arn, "Tags": { "cognate:introspection": "on" } });
        connection.call("TagResource", Caller::Signed, &tags)?;
        let client = json!({
            "UserPoolId": pool, "ClientName": "machine", "GenerateSecret": true,
            "AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["client_credentials"],
            "AllowedOAuthScopes": ["orders/read"],
        });
        let created = connection.call("CreateUserPoolClient", Caller::Signed, &client)?;
        let (id, secret) =
            (text(&created, "/UserPoolClient/ClientId")?, text(&created, "/UserPoolClient/ClientSecret")?);
        let basic = format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{id}:{secret}")));
        Ok(Self { host, pool, basic })
    }

    /// The request for a token of its own.
    fn token(&self) -> Request {
        let form = "grant_type=client_credentials&scope=orders/read";
        let bytes = client::form(self.host, &format!("/{}/oauth2/token", self.pool), &self.basic, form);
        Request::new(bytes, "\"access_token\":\"", 1)
    }

    /// The question what these answers' access tokens are good for.
    fn introspections(&self, answers: &[Vec<u8>]) -> Result<Vec<Request>> {
        let path = format!("/{}/oauth2/introspect", self.pool);
        let request = |answer: &Vec<u8>| {
            let form = format!("token={}", text(&serde_json::from_slice(answer)?, "/access_token")?);
            let bytes = client::form(self.host, &path, &self.basic, &form);
            Ok(Request::new(bytes, "\"active\":true", 1))
        };
        answers.iter().map(request).collect()
    }
}

impl<'a> App<'a> {
    /// A client, and browsers whose users have signed in.
    fn signed_in(host: SocketAddr, seeded: &'a Seeded) -> Result<App<'a>> {
        let (mut connection, pool) = (Connection::open(host)?, seeded.pool());
        let client = json!({
            "UserPoolId": pool, "ClientName": "app", "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid", "email"],
            "CallbackURLs": [CALLBACK], "SupportedIdentityProviders": ["COGNITO"],
        });
        let created = connection.call("CreateUserPoolClient", Caller::Signed, &client)?;
        let client = text(&created, "/UserPoolClient/ClientId")?;
        let mut app = App { host, pool, client, cookies: Vec::new() };
        let page = format!("/{pool}/login?{}", app.query());
        let name = format!("cognate-{pool}");
        let mut sign_in = |(username, password)| {
            let shown = connection.head(&client::get(host, &page))?;
            let token = cookie(&shown, "XSRF-TOKEN")?;
            let form = format!("_csrf={token}&username={username}&password={password}");
            let header = format!("Cookie: XSRF-TOKEN={token}\r\n");
            let sent = connection.head(&client::form(host, &page, &header, &form))?;
            Ok(format!("Cookie: {name}={}\r\n", cookie(&sent, &name)?))
        };
        app.cookies = seeded.credentials().take(BROWSERS).map(&mut sign_in).collect::<Result<_>>()?;
        ensure!(!app.cookies.is_empty(), "there are no users");
        Ok(app)
    }

    fn query(&self) -> String {
        format!("client_id={}&redirect_uri={CALLBACK}&response_type=code&scope=openid+email", self.client)
    }

    /// So many codes' exchanges.
    fn exchanges(&self, count: usize) -> Result<Vec<Request>> {
        let mut connection = Connection::open(self.host)?;
        let path = format!("/{}/oauth2/authorize?{}", self.pool, self.query());
        let mut exchange = |cookie: &String| {
            let sent = connection.head(&client::get_with(self.host, &path, cookie))?;
            let code = sent.split("?code=").nth(1).and_then(|rest| rest.split('&').next());
            let code = code.with_context(|| format!("no code: {sent}"))?;
            let form = format!(
                "grant_type=authorization_code&client_id={}&redirect_uri={CALLBACK}&code={code}",
                self.client
            );
            let bytes = client::form(self.host, &format!("/{}/oauth2/token", self.pool), "", &form);
            Ok(Request::new(bytes, "\"id_token\":\"", 1))
        };
        self.cookies.iter().cycle().take(count).map(&mut exchange).collect()
    }

    /// The question who these answers' access tokens speak for.
    fn userinfo(&self, answers: &[Vec<u8>]) -> Result<Vec<Request>> {
        ensure!(!answers.is_empty(), "no code was exchanged");
        let path = format!("/{}/oauth2/userInfo", self.pool);
        let request = |answer: &Vec<u8>| {
            let token = text(&serde_json::from_slice(answer)?, "/access_token")?;
            let header = format!("Authorization: Bearer {token}\r\n");
            let bytes = client::get_with(self.host, &path, &header);
            Ok(Request::new(bytes, "\"username\":\"", 1))
        };
        answers.iter().map(request).collect()
    }
}

/// The value of a cookie that an answer sets.
fn cookie(head: &str, name: &str) -> Result<String> {
    let set = format!("{name}=");
    let value = head.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie:"));
    let value = value.filter_map(|line| line.split(&set).nth(1)).next();
    let value = value.and_then(|rest| rest.split(';').next());
    Ok(value.with_context(|| format!("no cookie {name}: {head}"))?.to_owned())
}
