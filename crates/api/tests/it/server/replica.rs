//! Further servers over the same database.

use std::path::PathBuf;

use cognate_api::server::Running;

use super::{TestServer, launch};

/// Another server over the same database.
pub(crate) struct Replica {
    pub(crate) url: String,
    running: Running,
}

impl Replica {
    pub(crate) async fn stop(self) {
        self.running.stop().await;
    }
}

impl TestServer {
    /// A second server process's worth of state over the same database and root key, on a port of its own but with the
    /// same public URL: a replica.
    pub(crate) async fn replica(&self) -> Replica {
        let mut config = self.config.clone();
        config.listen = "127.0.0.1:0".parse().unwrap();
        let (_, running) = launch(&config, &self.root_key, &self.clock).await;
        Replica { url: format!("http://{}", running.address), running }
    }

    /// The same, which people reach by TLS, at a URL of its own.
    pub(crate) async fn replica_over_tls(&self, certificate: PathBuf, key: PathBuf) -> Replica {
        let mut config = self.config.clone();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let url = format!("https://127.0.0.1:{port}");
        config.listen = format!("127.0.0.1:{port}").parse().unwrap();
        (config.public_url, config.tls_cert, config.tls_key) =
            (Some(url.clone()), Some(certificate), Some(key));
        let (_, running) = launch(&config, &self.root_key, &self.clock).await;
        Replica { url, running }
    }
}
