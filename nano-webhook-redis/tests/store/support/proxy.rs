use std::io::ErrorKind;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Before Redis 7.0, a server words an error of a command within a script so.
const OLD_WORDS: &str = "-ERR Error running script (call to f_b5939d19): @user_script:35: ";

/// A network between clients and a server that can be told to fail.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    target: SocketAddr,
    fault: Fault,
    /// Of every connection that was made.
    clients: Vec<std::net::TcpStream>,
    resets: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The next answer is lost, with its connection.
    LoseAnswer,
    /// Errors of a script have the words of Redis 6.
    OldWords,
    /// The first connections lead nowhere. The proxy still acknowledges them.
    Swallow {
        first: usize,
    },
}

impl Proxy {
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State {
            target,
            fault: Fault::None,
            clients: Vec::new(),
            resets: 0,
        }));
        let proxy = Self { address, state };
        tokio::spawn(accept(listener, Arc::clone(&proxy.state)));
        proxy
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// How many connections were made.
    pub(crate) fn connections(&self) -> usize {
        self.state().clients.len()
    }

    /// How many connections a client reset instead of closing them.
    pub(crate) fn resets(&self) -> usize {
        self.state().resets
    }

    /// New connections lead there.
    pub(crate) fn redirect(&self, target: SocketAddr) {
        self.state().target = target;
    }

    /// Loses the next answer, with its connection. The server has done the call.
    pub(crate) fn lose_an_answer(&self) {
        self.state().fault = Fault::LoseAnswer;
    }

    pub(crate) fn answer_is_lost(&self) -> bool {
        self.state().fault == Fault::None
    }

    pub(crate) fn speak_as_before_7(&self) {
        self.state().fault = Fault::OldWords;
    }

    /// Present connections lead nowhere from now on.
    pub(crate) fn swallow(&self) {
        let first = self.connections();
        self.state().fault = Fault::Swallow { first };
    }

    /// Present connections are cut without a packet: the kernel drops what arrives
    /// on them and acknowledges nothing.
    #[cfg(target_os = "linux")]
    pub(crate) fn cut_silently(&self) {
        use nano_webhook_redis::redis::io::tcp::socket2::{SockFilter, SockRef};

        const ACCEPT_NOTHING: SockFilter = SockFilter::new(6, 0, 0, 0);
        for client in &self.state().clients {
            SockRef::from(client)
                .attach_filter(&[ACCEPT_NOTHING])
                .unwrap();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((client, _)) = listener.accept().await {
        let client = client.into_std().unwrap();
        let (target, number) = {
            let mut state = state.lock().unwrap();
            state.clients.push(client.try_clone().unwrap());
            (state.target, state.clients.len())
        };
        let Ok(server) = TcpStream::connect(target).await else {
            let _ = client.shutdown(Shutdown::Both);
            continue;
        };
        let kept = client.try_clone().unwrap();
        let (from_client, to_client) = TcpStream::from_std(client).unwrap().into_split();
        let (from_server, to_server) = server.into_split();
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            // Both ways end with the first.
            tokio::select! {
                () = pass(from_client, to_server, &state, number, false) => {}
                () = pass(from_server, to_client, &state, number, true) => {}
            }
            let _ = kept.shutdown(Shutdown::Both);
        });
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
        let mut bytes = buffer[..length].to_vec();
        match fault {
            Fault::LoseAnswer if answers => {
                state.lock().unwrap().fault = Fault::None;
                return;
            }
            Fault::Swallow { first } if number <= first => continue,
            Fault::OldWords if answers && bytes.starts_with(b"-") => {
                bytes.splice(0..0, OLD_WORDS.bytes());
            }
            _ => {}
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
