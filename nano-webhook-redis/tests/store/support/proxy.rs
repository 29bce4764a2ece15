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

pub(crate) struct State {
    /// New connections lead there.
    pub(crate) target: SocketAddr,
    pub(crate) fault: Fault,
    /// Of every connection that was made.
    pub(crate) clients: Vec<std::net::TcpStream>,
    /// How many connections a client reset instead of closing them.
    pub(crate) resets: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// The next answer is lost, with its connection. The server has done the call.
    LoseAnswer,
    /// A replica refuses writes in the words of Redis 6.
    OldWords,
    /// The first connections are acknowledged, and lead nowhere.
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

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state().clients.len()
    }

    /// Cuts the present connections without a packet: the kernel drops what arrives on
    /// them, and acknowledges nothing.
    #[cfg(target_os = "linux")]
    pub(crate) fn cut_silently(&self) {
        use nano_webhook_redis::redis::io::tcp::socket2::{SockFilter, SockRef};

        for client in &self.state().clients {
            let accept_nothing = [SockFilter::new(6, 0, 0, 0)];
            SockRef::from(client)
                .attach_filter(&accept_nothing)
                .unwrap();
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((client, _)) = listener.accept().await {
        let client = client.into_std().unwrap();
        let kept = client.try_clone().unwrap();
        let (target, number) = {
            let mut state = state.lock().unwrap();
            state.clients.push(client.try_clone().unwrap());
            (state.target, state.clients.len())
        };
        let (from_client, to_client) = TcpStream::from_std(client).unwrap().into_split();
        let server = TcpStream::connect(target).await.unwrap();
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
        let read = from.read(&mut buffer).await;
        let bytes = {
            let mut state = state.lock().unwrap();
            let bytes = match read {
                Ok(0) => return,
                Ok(length) => &buffer[..length],
                Err(error) => {
                    let reset = !answers && error.kind() == ErrorKind::ConnectionReset;
                    return state.resets += usize::from(reset);
                }
            };
            let refusal = bytes.starts_with(b"-READONLY") || bytes.starts_with(b"-MASTERDOWN");
            match state.fault {
                Fault::LoseAnswer if answers => return state.fault = Fault::None,
                Fault::Swallow { first } if number <= first => continue,
                Fault::OldWords if refusal => [OLD_WORDS.as_bytes(), bytes].concat(),
                _ => bytes.to_vec(),
            }
        };
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
