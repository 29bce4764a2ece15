use std::io::ErrorKind;
use std::net::{Ipv4Addr, Shutdown, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// A network between clients and a server that can be told to fail.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<Mutex<ProxyState>>,
}

/// What a test tells a [`Proxy`], and what it has seen.
#[derive(Debug)]
pub struct ProxyState {
    /// New connections lead there.
    pub target: SocketAddr,
    pub fault: Fault,
    /// Of every connection that was made.
    pub clients: Vec<std::net::TcpStream>,
    /// How many connections a client reset instead of closing them.
    pub resets: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    None,
    /// The next answer is lost, with its connection. The server has done the call.
    LoseAnswer,
    Rewrite(fn(&[u8]) -> Vec<u8>),
    /// The first connections are acknowledged, and lead nowhere.
    Swallow {
        first: usize,
    },
}

impl Proxy {
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(ProxyState {
            target,
            fault: Fault::None,
            clients: Vec::new(),
            resets: 0,
        }));
        tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn state(&self) -> MutexGuard<'_, ProxyState> {
        self.state.lock().unwrap()
    }

    pub fn connections(&self) -> usize {
        self.state().clients.len()
    }

    pub fn cut(&self) {
        for client in &self.state().clients {
            // Fails if it has ended.
            let _ = client.shutdown(Shutdown::Both);
        }
    }
}

async fn accept(listener: TcpListener, state: Arc<Mutex<ProxyState>>) {
    while let Ok((client, _)) = listener.accept().await {
        let client = client.into_std().unwrap();
        let kept = client.try_clone().unwrap();
        let (target, number) = {
            let mut state = state.lock().unwrap();
            state.clients.push(client.try_clone().unwrap());
            (state.target, state.clients.len())
        };
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let (from_client, to_client) = TcpStream::from_std(client).unwrap().into_split();
            if let Ok(server) = TcpStream::connect(target).await {
                let (from_server, to_server) = server.into_split();
                // Both ways end with the first.
                tokio::select! {
                    () = pass(from_client, to_server, &state, number, false) => {}
                    () = pass(from_server, to_client, &state, number, true) => {}
                }
            }
            let _ = kept.shutdown(Shutdown::Both);
        });
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    state: &Mutex<ProxyState>,
    number: usize,
    answers: bool,
) {
    let mut buffer = [0; 65_536];
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
            match state.fault {
                Fault::LoseAnswer if answers => return state.fault = Fault::None,
                Fault::Swallow { first } if number <= first => continue,
                Fault::Rewrite(rewrite) if answers => rewrite(bytes),
                _ => bytes.to_vec(),
            }
        };
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
