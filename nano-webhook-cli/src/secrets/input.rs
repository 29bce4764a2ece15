use std::io::{Read as _, Write as _};
use std::path::Path;

use bytes::Bytes;
use zeroize::Zeroizing;

use crate::exit::Failure;

/// Files and standard input, which can be read once.
#[derive(Debug, Default)]
pub(crate) struct Input {
    stdin_went_to: Option<&'static str>,
}

impl Input {
    /// The content of a file, or of standard input if the path is `-`. `option`
    /// is the option that names the path.
    pub(crate) fn read(
        &mut self,
        option: &'static str,
        path: &Path,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let is_stdin = path == Path::new("-");
        if let Some(other) = self.stdin_went_to.filter(|_| is_stdin) {
            return Err(Failure::usage(format!(
                "standard input can be read once, and both {other} and {option} ask for it; give one of them a file"
            )));
        }
        let mut content = Zeroizing::new(Vec::new());
        let (name, read) = if is_stdin {
            self.stdin_went_to = Some(option);
            let read = std::io::stdin().lock().read_to_end(&mut content);
            ("standard input".to_owned(), read)
        } else {
            let file = std::fs::File::open(path);
            let read = file.and_then(|mut file| file.read_to_end(&mut content));
            (path.display().to_string(), read)
        };
        read.map_err(|error| Failure::usage(format!("{option}: {name} cannot be read: {error}")))?;
        Ok(content)
    }

    /// The same for what is not secret.
    pub(crate) fn read_bytes(
        &mut self,
        option: &'static str,
        path: &Path,
    ) -> Result<Bytes, Failure> {
        let mut content = self.read(option, path)?;
        Ok(Bytes::from(std::mem::take(&mut *content)))
    }
}

/// Writes a new file that only its owner can read. A file that exists is an error.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
