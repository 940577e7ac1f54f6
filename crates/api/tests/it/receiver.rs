//! A real HTTP receiver of functions' calls: it notes what it gets, and answers as the test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

/// What a receiver answers.
pub(crate) enum Reply {
    /// The event as it came, with these members of its response.
    Response(Value),
    /// A status and a body.
    Raw(u16, Vec<u8>),
    /// A page.
    Page(String),
    /// Somewhere else.
    Redirect(String),
    /// Nothing, for a long time.
    Hang,
}

/// The words of a function that raises an error.
pub(crate) fn raised(message: &str) -> Reply {
    let body = json!({ "errorMessage": message, "errorType": "Exception", "stackTrace": [] });
    Reply::Raw(500, body.to_string().into_bytes())
}

/// A call that was received.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) event: Value,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> &str {
        &self.headers.iter().find(|(it, _)| it == name).unwrap().1
    }
}

type Answers = Box<dyn Fn(&Value) -> Reply + Send + Sync>;

struct State {
    calls: Mutex<Vec<Call>>,
    answers: Mutex<Answers>,
}

/// A receiver that runs until it is dropped.
pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<State>,
    handle: actix_web::dev::ServerHandle,
}

impl Receiver {
    pub(crate) fn start(answers: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Self {
        let state = Arc::new(State { calls: Mutex::default(), answers: Mutex::new(Box::new(answers)) });
        let data = Data::from(state.clone());
        let app = move || App::new().app_data(data.clone()).default_service(web::to(receive));
        let server = HttpServer::new(app).workers(1).disable_signals().shutdown_timeout(0);
        let server = server.bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self { url, state, handle }
    }

    /// A receiver that says nothing of its own in any response.
    pub(crate) fn silent() -> Self {
        Self::start(|_| Reply::Response(json!({})))
    }

    /// The URL of one function.
    pub(crate) fn function(&self, name: &str) -> String {
        format!("{}/functions/{name}", self.url)
    }

    pub(crate) fn answer_with(&self, answers: impl Fn(&Value) -> Reply + Send + Sync + 'static) {
        *self.state.answers.lock().unwrap() = Box::new(answers);
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap().clone()
    }

    /// The calls so far, which are then forgotten.
    pub(crate) fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.state.calls.lock().unwrap())
    }

    /// The source of each call so far, which are then forgotten.
    pub(crate) fn sources(&self) -> Vec<String> {
        self.take().iter().map(|call| call.event["triggerSource"].as_str().unwrap().to_owned()).collect()
    }

    /// Forgets the calls of a source.
    pub(crate) fn forget(&self, source: &str) {
        self.state.calls.lock().unwrap().retain(|call| call.event["triggerSource"] != source);
    }

    /// The last event of a source.
    pub(crate) fn last(&self, source: &str) -> Value {
        let calls = self.calls();
        let found = calls.iter().rev().find(|call| call.event["triggerSource"] == source);
        found.unwrap_or_else(|| panic!("{source} was not called")).event.clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

async fn receive(request: HttpRequest, body: Bytes, state: Data<State>) -> HttpResponse {
    // What brings no event is known by where it goes.
    let event = serde_json::from_slice(&body);
    let mut event: Value = event.unwrap_or_else(|_| json!({ "path": request.path() }));
    let header =
        |(name, value): (&actix_web::http::header::HeaderName, &actix_web::http::header::HeaderValue)| {
            (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned())
        };
    let call = Call {
        path: request.path().to_owned(),
        headers: request.headers().iter().map(header).collect(),
        body: body.to_vec(),
        event: event.clone(),
    };
    state.calls.lock().unwrap().push(call);
    let reply = (state.answers.lock().unwrap())(&event);
    match reply {
        Reply::Response(members) => {
            for (name, value) in members.as_object().unwrap() {
                event["response"][name] = value.clone();
            }
            HttpResponse::Ok().json(event)
        }
        Reply::Page(page) => HttpResponse::Ok().content_type("text/html").body(page),
        Reply::Raw(status, body) => {
            HttpResponse::build(status.try_into().unwrap()).content_type("application/json").body(body)
        }
        Reply::Redirect(to) => HttpResponse::Found().insert_header(("location", to)).finish(),
        Reply::Hang => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            HttpResponse::Ok().finish()
        }
    }
}
