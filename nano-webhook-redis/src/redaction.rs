use redis::{ConnectionInfo, RedisError};

/// Removes the password from errors: a server that does not know `AUTH` quotes
/// its arguments.
#[derive(Default)]
pub(crate) struct Redaction(Option<String>);

impl Redaction {
    pub(crate) fn of(info: &ConnectionInfo) -> Self {
        let password = info.redis_settings().password();
        Self(password.filter(|text| !text.is_empty()).map(str::to_owned))
    }

    /// The error's text.
    pub(crate) fn text(&self, error: &RedisError) -> String {
        let text = error.to_string();
        // Also for a user's own connection, whose password is not known.
        let unknown_command = text.split_once(", with args beginning with");
        let text = unknown_command.map_or(&*text, |(command, _)| command);
        match &self.0 {
            Some(password) => text.replace(password, "[redacted]"),
            None => text.to_owned(),
        }
    }
}
