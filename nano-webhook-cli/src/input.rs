use std::io::Read as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::exit::Failure;

/// Files and standard input, of which there is only one.
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
        if path == Path::new("-") {
            return self.stdin(option);
        }
        match std::fs::read(path) {
            Ok(content) => Ok(Zeroizing::new(content)),
            Err(error) => Err(Failure::usage(format!(
                "{option}: {} cannot be read: {error}",
                path.display()
            ))),
        }
    }

    fn stdin(&mut self, option: &'static str) -> Result<Zeroizing<Vec<u8>>, Failure> {
        if let Some(other) = self.stdin_went_to.replace(option) {
            return Err(Failure::usage(format!(
                "standard input can be read once, and both {other} and {option} ask for it; give one of them a file"
            )));
        }
        let mut content = Zeroizing::new(Vec::new());
        match std::io::stdin().lock().read_to_end(&mut content) {
            Ok(_) => Ok(content),
            Err(error) => Err(Failure::usage(format!(
                "{option}: standard input cannot be read: {error}"
            ))),
        }
    }
}
