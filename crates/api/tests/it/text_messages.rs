//! Text messages outside development mode: the server's own SNS client against an endpoint that the test reads.

use std::sync::{Arc, Mutex};

use aws_sdk_cognitoidentityprovider::types::VerifiedAttributeType;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::server::{PASSWORD, Setup, TestServer, attribute};

const NUMBER: &str = "+358401234567";
const TAKEN: &str =
    "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
const LATER: &str = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";

/// An endpoint that keeps what it is asked, and is too busy for the first message.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        tokio::spawn(async move {
            let mut answer = (503, LATER);
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, answer, &kept).await;
                answer = (200, TAKEN);
            }
        });
        Self { url, asked }
    }

    /// Waits for so many requests; the last one.
    async fn wait_for(&self, requests: usize) -> String {
        for _ in 0..400 {
            if let Some(last) = self.asked.lock().unwrap().get(requests - 1) {
                return last.clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("no text message");
    }
}

async fn serve(mut stream: TcpStream, (status, body): (u16, &str), asked: &Mutex<Vec<String>>) {
    let (mut request, mut piece) = (String::new(), [0; 4096]);
    while !request.contains("Action=Publish") {
        let length = stream.read(&mut piece).await.unwrap();
        assert!(length > 0, "cut off: {request}");
        request.push_str(std::str::from_utf8(&piece[..length]).unwrap());
    }
    asked.lock().unwrap().push(request);
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Case 68, in small, with a gateway for text messages.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn a_phone_number_is_proven_by_a_code_that_is_sent_until_it_is_taken(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let endpoint = Endpoint::start().await;
    let setup = Setup { sns_endpoint_url: Some(endpoint.url.clone()), ..Setup::default() };
    TestServer::run_as(setup, db, async |server| {
        let create = server.aws.create_user_pool().pool_name("phones");
        let create = create.auto_verified_attributes(VerifiedAttributeType::PhoneNumber);
        let created = create.sms_verification_message("{####} it is").send().await.unwrap();
        let pool = server.with_client(created.user_pool.unwrap().id.unwrap(), false).await;
        let sign_up = server.aws.sign_up().client_id(&pool.client).username("ada").password(PASSWORD);
        let signed_up = sign_up.user_attributes(attribute("phone_number", NUMBER)).send().await.unwrap();
        let delivery = signed_up.code_delivery_details.unwrap();
        assert_eq!(delivery.delivery_medium.unwrap().as_str(), "SMS");

        endpoint.wait_for(1).await;
        server.clock.advance(chrono::Duration::seconds(6));
        let request = endpoint.wait_for(2).await;
        assert!(request.contains("PhoneNumber=%2B358401234567"), "{request}");
        let code = request.split("Message=").nth(1).unwrap();
        assert!(code[6..].starts_with("%20it%20is"), "{request}");
        let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username("ada");
        confirm.confirmation_code(&code[..6]).send().await.unwrap();
        pool.sign_in("ada", PASSWORD).await;
        let user = server.aws.admin_get_user().user_pool_id(&pool.id).username("ada").send().await.unwrap();
        let verified = user.user_attributes().iter().find(|it| it.name() == "phone_number_verified").unwrap();
        assert_eq!(verified.value(), Some("true"));
    })
    .await;
}
