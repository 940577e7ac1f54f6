//! Drives the real server over HTTP with the official AWS SDK, on a real Postgres.

// One request with a member of every operation is a long `json!`.
#![recursion_limit = "256"]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failed expectation is a failed test"
)]

mod account;
mod app_clients;
mod attributes;
mod auth_events;
mod authorization;
mod bad_input;
mod branding;
mod browser;
mod choice;
mod custom_challenges;
mod development;
mod devices;
mod domains;
mod functions;
mod groups;
mod http;
mod identity_providers;
mod installation;
mod isolation;
mod levels;
mod looks;
mod machine_tokens;
mod message_templates;
mod messages;
mod oauth;
mod operations;
mod options;
mod page_texts;
mod passkeys;
mod passwords;
mod pool_settings;
mod process;
mod receiver;
mod registration;
mod resource_servers;
mod rotation;
mod second_factors;
mod security;
mod server;
mod session_configuration;
mod sign_in;
mod sign_in_codes;
mod sign_up;
mod sites;
mod srp;
mod statements;
mod statistics;
mod step_up;
mod terms;
mod text_messages;
mod threat_protection;
mod token_exchange;
mod tokens;
mod trigger_events;
mod triggers;
mod ui_customization;
mod user_imports;
mod user_pools;
mod user_sessions;
mod users;
