use std::sync::LazyLock;

use redis::Cmd;

/// A script on the server. It works on one key, so it runs on a cluster.
pub(crate) struct Script {
    code: &'static str,
    hash: String,
}

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| {
            Script::new(concat!(
                include_str!("scripts/record.lua"),
                include_str!($file)
            ))
        })
    };
}

pub(crate) static CLAIM: LazyLock<Script> = script!("scripts/claim.lua");
pub(crate) static RENEW: LazyLock<Script> = script!("scripts/renew.lua");
pub(crate) static COMPLETE: LazyLock<Script> = script!("scripts/complete.lua");
pub(crate) static RELEASE: LazyLock<Script> = script!("scripts/release.lua");

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = redis::Script::new(code).get_hash().to_owned();
        Self { code, hash }
    }

    /// The call by hash: all that goes over the wire once a server knows it.
    pub(crate) fn by_hash(&self, arguments: &Arguments) -> Cmd {
        arguments.command("EVALSHA", &self.hash)
    }

    /// The call with the code, after which the server knows it. `SCRIPT LOAD`
    /// would go to every node of a cluster, and fail with any of them.
    pub(crate) fn by_code(&self, arguments: &Arguments) -> Cmd {
        arguments.command("EVAL", self.code)
    }
}

/// What every script is given.
pub(crate) struct Arguments {
    pub(crate) key: String,
    pub(crate) owner: String,
    pub(crate) lease: u64,
    pub(crate) retention: u64,
}

impl Arguments {
    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command
            .arg(script)
            .arg(1)
            .arg(&self.key)
            .arg(&self.owner)
            .arg(self.lease)
            .arg(self.retention);
        command
    }
}
