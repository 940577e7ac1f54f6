//! Generates `crates/contract` from the service models.
//!
//! ```text
//! cargo run -p cognate-codegen                      rewrites the generated modules
//! cargo run -p cognate-codegen -- --check           fails when one of them is stale
//! cargo run -p cognate-codegen -- refresh DATA_DIR  takes over the models of a botocore data directory
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line tool")]

mod diff;
mod generate;
mod graph;
mod json;
mod model;
mod names;
mod operations;
mod pattern;
mod refresh;
mod shapes;
mod types;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use generate::SERVICES;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => write()?,
        ["--check"] => return check(),
        ["refresh", data] => {
            let report = refresh::run(Path::new(data))?;
            write()?;
            println!("{}", report.join("\n"));
        }
        _ => {
            eprintln!("usage: cognate-codegen [--check | refresh BOTOCORE_DATA_DIR]");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write() -> Result<()> {
    for service in SERVICES {
        let path = service.module_path();
        std::fs::write(&path, service.generate()?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(())
}

fn check() -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for service in SERVICES {
        let path = service.module_path();
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        if committed != service.generate()? {
            eprintln!("{} is stale: run `cargo run -p cognate-codegen`", path.display());
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
