//! Functions of a pool's own that cannot be called: nothing passes them over.

use aws_sdk_cognitoidentityprovider::types::{
    CustomSmsLambdaVersionConfigType, CustomSmsSenderLambdaVersionType, LambdaConfigType,
    VerifiedAttributeType,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::server::{PASSWORD, TestServer, attribute, email_of, said};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

/// TRG: a function that a tenant put somewhere is never passed over.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn what_a_function_should_have_judged_does_not_happen(_: PgPoolOptions, db: PgConnectOptions) {
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        pool.confirmed_user("ada").await;
        let session = pool.sign_in("ada", PASSWORD).await;
        let put = async |config: LambdaConfigType| {
            let update = server.aws.update_user_pool().user_pool_id(&pool.id).lambda_config(config);
            update.auto_verified_attributes(VerifiedAttributeType::Email).send().await.unwrap();
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        };
        let failed = |trigger: &str| {
            (
                "UnexpectedLambdaException".to_owned(),
                format!("{trigger} invocation failed due to configuration."),
            )
        };
        let sign_up = || {
            let sign_up = server.aws.sign_up().client_id(&pool.client).username("eve").password(PASSWORD);
            sign_up.user_attributes(attribute("email", &email_of("eve"))).send()
        };
        let create = || server.aws.admin_create_user().user_pool_id(&pool.id).username("eve").send();
        put(LambdaConfigType::builder().pre_sign_up(FUNCTION).build()).await;
        assert_eq!(said(sign_up().await.unwrap_err()), failed("PreSignUp"));
        assert_eq!(said(create().await.unwrap_err()), failed("PreSignUp"));
        pool.sign_in("ada", PASSWORD).await;

        let sender = CustomSmsLambdaVersionConfigType::builder()
            .lambda_arn(FUNCTION)
            .lambda_version(CustomSmsSenderLambdaVersionType::V10)
            .build()
            .unwrap();
        let key = "arn:aws:kms:us-east-1:123456789012:key/a";
        put(LambdaConfigType::builder().custom_sms_sender(sender).kms_key_id(key).build()).await;
        server.aws.forgot_password().client_id(&pool.client).username("ada").send().await.unwrap();
        put(LambdaConfigType::builder().custom_message(FUNCTION).build()).await;
        assert_eq!(said(sign_up().await.unwrap_err()), failed("CustomMessage"));
        let forgot = server.aws.forgot_password().client_id(&pool.client).username("ada").send();
        assert_eq!(said(forgot.await.unwrap_err()), failed("CustomMessage"));

        for (config, trigger) in [
            (LambdaConfigType::builder().pre_authentication(FUNCTION), "PreAuthentication"),
            (LambdaConfigType::builder().post_authentication(FUNCTION), "PostAuthentication"),
            (LambdaConfigType::builder().pre_token_generation(FUNCTION), "PreTokenGeneration"),
        ] {
            put(config.build()).await;
            let refused = pool.password_auth("ada", PASSWORD).send().await.unwrap_err();
            assert_eq!(said(refused), failed(trigger));
        }
        let refused = pool.refresh(session.refresh_token().unwrap()).send().await.unwrap_err();
        assert_eq!(said(refused), failed("PreTokenGeneration"));

        put(LambdaConfigType::builder().build()).await;
        sign_up().await.unwrap();
        put(LambdaConfigType::builder().post_confirmation(FUNCTION).build()).await;
        let confirm = server.aws.admin_confirm_sign_up().user_pool_id(&pool.id).username("eve").send();
        assert_eq!(said(confirm.await.unwrap_err()), failed("PostConfirmation"));
        let code = server.code_to(&email_of("eve")).await;
        let confirm = server.aws.confirm_sign_up().client_id(&pool.client).username("eve");
        // What was done before the call is done (TRG-2).
        let refused = confirm.confirmation_code(code).send().await.unwrap_err();
        assert_eq!(said(refused).1, "User cannot be confirmed. Current status is CONFIRMED");
    })
    .await;
}
