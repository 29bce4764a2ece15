//! The store's script by `EVALSHA`, and as a function by `FCALL`.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Arg, Cmd, Pipeline, RedisFuture, Value};

/// What `FUNCTION LOAD` loads.
pub(crate) fn library() -> String {
    let script = include_str!("../../../../nano-webhook-redis/src/store.lua");
    format!(
        "#!lua name=nano_webhook\nlocal function call(KEYS, ARGV)\n{script}\nend\n\
         redis.register_function('nano_webhook', call)"
    )
}

#[derive(Clone)]
pub(crate) struct Calls {
    pub(crate) connection: MultiplexedConnection,
    pub(crate) by_function: bool,
}

impl ConnectionLike for Calls {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        // Both are copied, so that both cost the same.
        let mut copy = Cmd::new();
        for (place, argument) in command.args_iter().enumerate() {
            let Arg::Simple(argument) = argument else {
                continue;
            };
            match (self.by_function, place, argument) {
                (true, 0, b"EVALSHA") => copy.arg("FCALL"),
                (true, 1, hash) if hash.len() == 40 => copy.arg("nano_webhook"),
                _ => copy.arg(argument),
            };
        }
        Box::pin(async move { self.connection.req_packed_command(&copy).await })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.connection.req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
