//! Passwords that come with their users.

use aws_sdk_cognitoidentityprovider::types::{PasswordHashingAlgorithmType as Algorithm, UserStatusType};
use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::{HEADER, Job, counts, stored_password};
use crate::server::{OTHER_PASSWORD, PASSWORD, TestServer, said};

/// KEY-5. Made with Python's `bcrypt`, `hashlib` and `argon2`.
#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn passwords_hashed_elsewhere_sign_in_and_are_hashed_anew(_: PgPoolOptions, db: PgConnectOptions) {
    let hashes = [
        (Algorithm::Bcrypt, "$2b$05$8BoFAS7KrBV526Sz5TXk6.UcJvOA9nhI97Cgbwuttae7XsKBHKQbG"),
        (
            Algorithm::Scrypt,
            "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$KA5iAMEgoTvHWc+qeiHrJqnPvWTgkwuKFWo8Xy18Zpw",
        ),
        (
            Algorithm::Pbkdf2Sha256,
            "$pbkdf2-sha256$i=1000$AAECAwQFBgcICQoLDA0ODw$VrVVFC9l06r9lwjSM7+3+X7DO36uYtywnmEE+lVFjBA",
        ),
        (
            Algorithm::Argon2Id,
            "$argon2id$v=19$m=1024,t=1,p=2$WRrtC0tzYn8S+mpWF1HPIw$Ppc/ObofMUPLi4CrkfhWvaM9b2KyB+xD",
        ),
        // As ours, but for the SRP verifier.
        (
            Algorithm::Argon2Id,
            "$argon2id$v=19$m=19456,t=2,p=1$lMzpzgBqAFo8+DULM1b4Sw$xIg7OiLuYEwc40wv9fTqI+Ze0mFHuhBMDjF8QtDM5PA",
        ),
    ];
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        for (number, (algorithm, hash)) in hashes.into_iter().enumerate() {
            let job = Job::create(&pool, Some(algorithm.clone())).await;
            let name = format!("user{number}");
            let row = format!("{name},false,{name}@example.com,true,{}", hash.replace(',', "\\,"));
            let without = format!("without{number},false,without{number}@example.com,true,");
            let done = job.run(format!("{HEADER},cognito:password_hash\n{row}\n{without}\n")).await;
            assert_eq!(done.password_hashing_algorithm, Some(algorithm));
            assert_eq!(counts(&done), [2, 0, 0], "{:?}", job.log().await);
            let get = server.aws.admin_get_user().user_pool_id(&pool.id).username(&name);
            assert_eq!(get.send().await.unwrap().user_status, Some(UserStatusType::Confirmed));
            let imported = stored_password(&pool, &name).await.unwrap();
            assert_eq!((imported.hash.expose_secret(), imported.srp.is_some()), (hash, false));
            assert!(stored_password(&pool, &format!("without{number}")).await.is_none());

            let wrong = said(pool.password_auth(&name, OTHER_PASSWORD).send().await.unwrap_err());
            assert_eq!(wrong.1, "Incorrect username or password.");
            let first = pool.sign_in(&name, PASSWORD).await;
            let ours = stored_password(&pool, &name).await.unwrap();
            assert!(ours.hash.expose_secret().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
            assert!(ours.srp.is_some() && ours.hash.expose_secret() != hash);
            assert_eq!(ours.changed_at, imported.changed_at);
            pool.sign_in(&name, PASSWORD).await;
            let kept = stored_password(&pool, &name).await.unwrap();
            assert_eq!(kept.hash.expose_secret(), ours.hash.expose_secret());
            // The session that began with the old hash goes on.
            pool.refresh(first.refresh_token().unwrap()).send().await.unwrap();
            let change = server.aws.change_password().access_token(first.access_token.unwrap());
            change.previous_password(PASSWORD).proposed_password(OTHER_PASSWORD).send().await.unwrap();
            pool.sign_in(&name, OTHER_PASSWORD).await;
        }
    })
    .await;
}

#[sqlx::test(migrator = "cognate_store::MIGRATOR")]
async fn bcrypt_forgives_what_follows_72_bytes_until_the_password_is_hashed_anew(
    _: PgPoolOptions,
    db: PgConnectOptions,
) {
    let (long, hash) = (PASSWORD.repeat(6), "$2b$05$LKKv7wKO5DoiY.sZbVBNreN85KG3QA5O4/fjJQAMutjawxwG/P3G.");
    TestServer::run(db, async |server| {
        let pool = server.user_pool().await;
        let job = Job::create(&pool, Some(Algorithm::Bcrypt)).await;
        let rows = ["ada", "bob"].map(|name| format!("{name},false,{name}@example.com,true,{hash}\n"));
        job.run(format!("{HEADER},cognito:password_hash\n{}", rows.concat())).await;
        pool.password_auth("ada", &long[..71]).send().await.unwrap_err();
        pool.sign_in("ada", &long).await;
        pool.password_auth("ada", &long[..72]).send().await.unwrap_err();
        pool.sign_in("ada", &long).await;
        pool.sign_in("bob", &long[..72]).await;
        pool.password_auth("bob", &long).send().await.unwrap_err();
        // A hash that is kept is worth no more than a password: a change ends it.
        pool.set_password("bob", PASSWORD, true).await;
        pool.sign_in("bob", PASSWORD).await;
    })
    .await;
}
