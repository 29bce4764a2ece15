use std::env::{self, VarError};
use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_actix::{Secret, Tolerance, Verifier};

use crate::BoxError;

/// What the environment says.
pub(crate) struct Settings {
    pub(crate) addr: SocketAddr,
    pub(crate) redis_url: Option<String>,
    pub(crate) verifier: Verifier,
}

impl Settings {
    pub(crate) fn from_env() -> Result<Self, BoxError> {
        let addr = optional("NANO_WEBHOOK_ADDR")?.unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        Ok(Self {
            addr: addr.parse().map_err(
                |_| "NANO_WEBHOOK_ADDR is not an address and a port, as in 127.0.0.1:3000",
            )?,
            redis_url: optional("NANO_WEBHOOK_REDIS_URL")?,
            verifier: verifier()?,
        })
    }
}

fn verifier() -> Result<Verifier, BoxError> {
    let mut builder = Verifier::builder(Secret::from_env("NANO_WEBHOOK_SECRET")?);
    if optional("NANO_WEBHOOK_PREVIOUS_SECRET")?.is_some() {
        builder = builder.previous_secret(Secret::from_env("NANO_WEBHOOK_PREVIOUS_SECRET")?);
    }
    if let Some(seconds) = optional("NANO_WEBHOOK_TOLERANCE")? {
        let seconds = seconds
            .parse()
            .map_err(|_| "NANO_WEBHOOK_TOLERANCE is not a number of seconds")?;
        builder = builder.tolerance(Tolerance::symmetric(Duration::from_secs(seconds)));
    }
    match optional("NANO_WEBHOOK_ACCEPT_RESERIALIZED")?.as_deref() {
        None | Some("0") => {}
        Some("1") => builder = builder.accept_reserialized(),
        Some(_) => return Err("NANO_WEBHOOK_ACCEPT_RESERIALIZED is neither 1 nor 0".into()),
    }
    Ok(builder.build()?)
}

/// A variable that is set but empty counts as not set.
fn optional(variable: &str) -> Result<Option<String>, BoxError> {
    match env::var(variable) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // The error itself would print the value, which may be a secret.
        Err(VarError::NotUnicode(_)) => Err(format!("{variable} is not Unicode text").into()),
    }
}
