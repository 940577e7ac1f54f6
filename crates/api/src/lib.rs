//! Cognate's HTTP edge: the AWS JSON API, what pools publish for OpenID Connect libraries, and operations.
//!
//! `main.rs` reads the configuration and the command line; [`server::start`] builds and runs the server, for tests too.

pub mod admin;
pub mod aws;
mod body;
pub mod config;
mod finish;
mod oauth;
pub mod origin;
mod parameters;
pub mod reference;
pub mod server;
mod site;
pub mod telemetry;
pub mod tls;
pub mod ui;
mod upload;
