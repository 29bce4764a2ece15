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

#[cfg(test)]
mod tests {
    use redis::{ErrorKind, IntoConnectionInfo as _};

    use super::*;

    fn error(detail: &str) -> RedisError {
        (ErrorKind::Client, "refused", detail.to_owned()).into()
    }

    #[test]
    fn a_known_password_is_left_out_wherever_it_is() {
        let info = "redis://user:p%40ss@host".into_connection_info().unwrap();
        let none = "redis://host".into_connection_info().unwrap();
        let redaction = Redaction::of([&none, &info]);
        assert_eq!(
            redaction.text(&error("AUTH user p@ss, twice p@ss")),
            "refused - Client: AUTH user [redacted], twice [redacted]"
        );
    }

    #[test]
    fn a_quotation_of_arguments_is_left_out() {
        let quoting = error("unknown command 'AUTH', with args beginning with: 'secret'");
        assert_eq!(
            Redaction::default().text(&quoting),
            "refused - Client: unknown command 'AUTH'"
        );
    }

    #[test]
    fn an_empty_password_leaves_the_text_as_it_is() {
        let info = "redis://:@host".into_connection_info().unwrap();
        let text = Redaction::of([&info]).text(&error("as it is"));
        assert_eq!(text, "refused - Client: as it is");
    }
}
