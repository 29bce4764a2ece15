//! Errors without passwords.

use redis::{ConnectionInfo, RedisError};

/// What a server may repeat in an error, and nobody should read in a log: a
/// server that does not know `AUTH` quotes its arguments.
#[derive(Clone, Default)]
pub(crate) struct Redaction {
    passwords: Vec<String>,
}

impl Redaction {
    pub(crate) fn of<'a>(infos: impl IntoIterator<Item = &'a ConnectionInfo>) -> Self {
        let passwords = infos
            .into_iter()
            .filter_map(|info| info.redis_settings().password())
            .filter(|password| !password.is_empty())
            .map(str::to_owned)
            .collect();
        Self { passwords }
    }

    /// The error's text.
    pub(crate) fn text(&self, error: &RedisError) -> String {
        let text = error.to_string();
        // Also where the password is not known: a caller's own connection.
        let mut text = match text.split_once(", with args beginning with") {
            Some((unknown_command, _)) => unknown_command.to_owned(),
            None => text,
        };
        for password in &self.passwords {
            text = text.replace(password, "[redacted]");
        }
        text
    }
}
