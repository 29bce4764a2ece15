//! A network that can be told to fail.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What Redis 6.2 answers where Redis 7.0 has `-READONLY`.
const OLD_WORDS: &str = "-ERR Error running script (call to f_b5939d19aa4743459778bdc51bb9f5659f14a430): \
    @user_script:35: @user_script: 35: -READONLY You can't write against a read only replica. \r\n";

/// Passes bytes between clients and a server.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    target: SocketAddr,
    fault: Fault,
    connections: usize,
    resets: usize,
}

/// What happens to connections that are there when it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// The next answer that contains a claim is lost, with its connection. The
    /// server has done what it was told.
    LoseAnswer,
    /// A write that a replica refuses is refused in the words of Redis 6.
    OldWords,
    /// Nothing passes, and nobody is told.
    Silence {
        /// How many connections there were. Those made later are well.
        until: usize,
    },
}

impl Proxy {
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            target,
            fault: Fault::None,
            connections: 0,
            resets: 0,
        }));
        tokio::spawn({
            let state = Arc::clone(&state);
            async move {
                while let Ok((client, _)) = listener.accept().await {
                    let (target, number) = {
                        let mut state = state.lock().unwrap();
                        state.connections += 1;
                        (state.target, state.connections)
                    };
                    let Ok(server) = TcpStream::connect(target).await else {
                        continue;
                    };
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    let state = Arc::clone(&state);
                    tokio::spawn(async move {
                        // Both ways end with the first.
                        tokio::select! {
                            () = pass(from_client, to_server, &state, number, false) => {}
                            () = pass(from_server, to_client, &state, number, true) => {}
                        }
                    });
                }
            }
        });
        Self { address, state }
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// How many connections a client has reset, and not closed.
    pub fn resets(&self) -> usize {
        self.state.lock().unwrap().resets
    }

    /// New connections go there.
    pub fn redirect(&self, target: SocketAddr) {
        self.state.lock().unwrap().target = target;
    }

    pub fn lose_an_answer(&self) {
        self.state.lock().unwrap().fault = Fault::LoseAnswer;
    }

    pub fn speak_as_before_7(&self) {
        self.state.lock().unwrap().fault = Fault::OldWords;
    }

    pub fn answer_is_lost(&self) -> bool {
        self.state.lock().unwrap().fault == Fault::None
    }

    /// Connections that are there go silent.
    pub fn silence(&self) {
        let mut state = self.state.lock().unwrap();
        state.fault = Fault::Silence {
            until: state.connections,
        };
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &Mutex<State>,
    number: usize,
    answers: bool,
) {
    let mut buffer = [0; 4096];
    loop {
        let length = match from.read(&mut buffer).await {
            Ok(0) => return,
            Ok(length) => length,
            Err(error) => {
                if !answers && error.kind() == ErrorKind::ConnectionReset {
                    state.lock().unwrap().resets += 1;
                }
                return;
            }
        };
        let fault = state.lock().unwrap().fault;
        match fault {
            Fault::LoseAnswer if answers => {
                state.lock().unwrap().fault = Fault::None;
                return;
            }
            Fault::Silence { until } if number <= until => continue,
            _ => {}
        }
        let Some(mut bytes) = buffer.get(..length) else {
            return;
        };
        if fault == Fault::OldWords && answers && bytes.starts_with(b"-READONLY ") {
            bytes = OLD_WORDS.as_bytes();
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}
