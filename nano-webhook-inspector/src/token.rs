use std::io::{self, Read as _, Write as _};
use std::path::Path;

use nano_webhook_core::Secret;
use subtle::ConstantTimeEq as _;

/// The key to the page's data: 32 random bytes in hex. `Debug` does not print it.
#[derive(Clone, Debug)]
pub struct Token(Secret);

impl Token {
    /// A new one.
    ///
    /// # Errors
    /// If the system gives no random bytes.
    pub fn random() -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Secret::new(hex::encode(bytes))
            .map(Self)
            .map_err(io::Error::other)
    }

    /// The one in this file, so that an open page and a bookmark work after a restart.
    /// Makes the file, and its folder, if it does not exist, holds no token, or if
    /// others can read it. Only its owner can read the file.
    ///
    /// # Errors
    /// If the file can neither be read nor written.
    pub fn kept_in(path: &Path) -> io::Result<Self> {
        if let Some(token) = read(path)? {
            return Ok(token);
        }
        if let Some(folder) = path.parent() {
            let mut builder = std::fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let token = Self::random()?;
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(token.text().as_bytes())?;
        Ok(token)
    }

    /// For the fragment of the page's URL.
    pub(crate) fn text(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn is(&self, other: &[u8]) -> bool {
        self.text().as_bytes().ct_eq(other).into()
    }
}

fn read(path: &Path) -> io::Result<Option<Token>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&file.metadata()?.permissions()) & 0o077 != 0 {
        return Ok(None);
    }
    let mut text = String::new();
    let read = file.take(65).read_to_string(&mut text);
    let is_token = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok((read.is_ok() && is_token)
        .then(|| Secret::new(text).map(Token).ok())
        .flatten())
}
