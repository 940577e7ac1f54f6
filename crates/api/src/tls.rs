//! TLS that ends in the server, with a certificate that can be replaced while it runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Where a certificate and its key are kept, both in PEM.
#[derive(Debug, Clone)]
pub struct Files {
    /// The certificate, and those above it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Files {
    /// Reads both, and tells apart what they hold from what they held before.
    fn read(&self) -> anyhow::Result<([u8; 32], Arc<CertifiedKey>)> {
        let (certificate, key) = (read(&self.certificate)?, Zeroizing::new(read(&self.key)?));
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&certificate)
            .collect::<Result<_, _>>()
            .with_context(|| format!("{} holds no certificates in PEM", self.certificate.display()))?;
        anyhow::ensure!(!chain.is_empty(), "{} holds no certificate in PEM", self.certificate.display());
        let private = PrivateKeyDer::from_pem_slice(&key)
            .with_context(|| format!("{} holds no private key in PEM", self.key.display()))?;
        let certified = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider());
        let certified = certified.context("tls_cert and tls_key do not belong together")?;
        let digest = Sha256::new().chain_update(&certificate).chain_update(&*key).finalize();
        Ok((digest.into(), Arc::new(certified)))
    }
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The certificate that is shown now.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// TLS with the certificate of these files; it is replaced when they change, for as long as the server runs.
///
/// # Errors
/// In words for the operator, when the files do not hold a certificate and its key.
pub fn serving(files: Files, stopping: watch::Receiver<bool>) -> anyhow::Result<ServerConfig> {
    let (digest, certified) = files.read()?;
    let current = Arc::new(Current(RwLock::new(certified)));
    tokio::spawn(follow(files, digest, current.clone(), stopping));
    Ok(ServerConfig::builder().with_no_client_auth().with_cert_resolver(current))
}

/// Shows what the files hold whenever that changes. A file that is half written is looked at again.
async fn follow(
    files: Files,
    mut shown: [u8; 32],
    current: Arc<Current>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut told = false;
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = stopping.changed() => return,
        }
        let reading = files.clone();
        match tokio::task::spawn_blocking(move || reading.read()).await {
            Ok(Ok((digest, certified))) => {
                told = false;
                if digest != shown {
                    shown = digest;
                    *current.0.write().unwrap_or_else(PoisonError::into_inner) = certified;
                    tracing::info!("the certificate was replaced");
                }
            }
            Ok(Err(error)) if !told => {
                told = true;
                tracing::warn!("the certificate stays, because the new one cannot be used: {error:#}");
            }
            _ => {}
        }
    }
}
