use std::path::PathBuf;

use nano_webhook_core::Secret;
use zeroize::Zeroizing;

use super::write_new;
use crate::exit::Failure;

/// A new secret of 256 random bits in 64 hex digits. The text is the key.
pub(crate) struct Fresh {
    pub(crate) text: Zeroizing<String>,
    /// The file that it is in.
    pub(crate) path: Option<PathBuf>,
}

impl Fresh {
    /// Makes one, and writes it to a new file if a path is given: before anything is
    /// created with it, since a secret that cannot be written is lost.
    pub(crate) fn generate(path: Option<PathBuf>, option: &str) -> Result<Self, Failure> {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())
            .map_err(|error| Failure::usage(format!("the system gives no random bits: {error}")))?;
        let text = Zeroizing::new(hex::encode(bytes.as_slice()));
        if let Some(path) = &path {
            let line = Zeroizing::new(format!("{}\n", *text));
            write_new(path, line.as_bytes()).map_err(|error| {
                let path = path.display();
                Failure::usage(format!("{option}: {path} cannot be written: {error}"))
            })?;
        }
        Ok(Self { text, path })
    }

    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        Ok(Secret::new(self.text.as_str())?)
    }

    /// Removes the file again. Only for a secret that nothing was created with.
    pub(crate) fn discard(self) {
        if let Some(path) = self.path {
            let _ = std::fs::remove_file(path);
        }
    }
}
