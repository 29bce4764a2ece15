use std::any::Any;
use std::net::SocketAddr;

use nano_webhook_core::dedupe::Dedupe;

use crate::probe::Probe;
use crate::settings::Settings;

/// How a framework serves, for the tests that it shares with others.
///
/// Each server listens on a free port of 127.0.0.1, speaks HTTP/1.1 and, with
/// prior knowledge, HTTP/2, and answers `POST /webhook`. Many run at once.
///
/// The tests of `examples/hyper-receiver` have one for the smallest adapter.
pub trait Target {
    /// A handler that takes the whole delivery and answers 200 with
    /// [`event_json`](crate::event_json) as its body.
    fn start(&self, settings: Settings) -> impl Future<Output = Server>;

    /// The same handler, and nothing on its route that verifies.
    fn start_unconfigured(&self) -> impl Future<Output = Server>;

    /// A handler that asks the probe for its status, behind a claim.
    fn start_with_dedupe(
        &self,
        settings: Settings,
        dedupe: Dedupe,
        probe: Probe,
    ) -> impl Future<Output = Server>;

    /// Whether the framework answers `Expect: 100-continue` by itself, before the
    /// application has seen the head. RFC 9110, section 10.1.1, lets a server send
    /// 100 and then reject; the contract expects the one or the other.
    fn continues_by_itself(&self) -> bool {
        false
    }
}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub addr: SocketAddr,
    _guard: Box<dyn Any>,
}

impl Server {
    /// A server at this address. Dropping the guard must stop it.
    pub fn new(addr: SocketAddr, guard: impl Any) -> Self {
        Self {
            addr,
            _guard: Box::new(guard),
        }
    }
}
