use std::net::SocketAddr;
use std::time::Duration;

use nano_webhook_test_kit::{Connection, End, SignedRequest};

/// How a hostile client behaves, until it is told to leave.
#[derive(Clone, Copy, Debug)]
pub(super) enum Manner {
    /// Connects, and says nothing.
    Silent,
    /// Sends its head byte by byte.
    SlowHead,
    /// Sends half of the body that it has announced.
    StalledBody,
    /// Sends its body byte by byte.
    Trickler,
    /// Is refused by its head, and goes on sending chunks.
    Endless,
    /// Hangs up in the middle, with a reset, again and again.
    BreaksOff,
    /// Sends many forgeries before it reads an answer.
    Pipelines,
    /// Sends requests and never reads an answer.
    NeverReads,
    /// Sends complete forgeries, one after the other.
    Forges,
}

impl Manner {
    #[rustfmt::skip]
    pub(super) const ALL: [Self; 9] = [
        Self::Silent, Self::SlowHead, Self::StalledBody, Self::Trickler, Self::Endless,
        Self::BreaksOff, Self::Pipelines, Self::NeverReads, Self::Forges,
    ];
}

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// Misbehaves once, until the receiver ends the connection.
pub(super) async fn act(manner: Manner, addr: SocketAddr, pause: Duration) -> Result<(), End> {
    let forged = SignedRequest::signed_now("another secret", r#"{"event":"job.completed"}"#);
    let mut connection = Connection::connect(addr).await?;
    match manner {
        Manner::Silent => {
            let _ = connection.until_closed().await;
        }
        Manner::SlowHead => {
            for byte in forged.head("") {
                connection.try_send([byte]).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::StalledBody => {
            connection
                .try_send(forged.head("content-length: 200000\r\n"))
                .await?;
            connection.try_send(vec![b'x'; 100_000]).await?;
            let _ = connection.until_closed().await;
        }
        Manner::Trickler => {
            connection.try_send(forged.head(CHUNKED)).await?;
            loop {
                connection.try_send("1\r\nx\r\n").await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::Endless => {
            let unsigned = forged.without("x-nano-signature");
            connection.try_send(unsigned.head(CHUNKED)).await?;
            loop {
                connection.try_send("4000\r\n").await?;
                connection.try_send([b'x'; 0x4000]).await?;
                connection.try_send("\r\n").await?;
                tokio::time::sleep(pause).await;
            }
        }
        Manner::BreaksOff => {
            let wire = forged.whole();
            connection.try_send(&wire[..wire.len() / 2]).await?;
            connection.reset();
        }
        Manner::Pipelines => {
            connection.try_send(forged.whole().repeat(20)).await?;
            for _ in 0..20 {
                if connection.receive().await.is_err() {
                    break;
                }
            }
        }
        Manner::NeverReads => loop {
            connection.try_send(forged.whole().repeat(20)).await?;
            tokio::time::sleep(pause).await;
        },
        Manner::Forges => loop {
            if connection.exchange(forged.whole()).await.is_err() {
                break;
            }
            tokio::time::sleep(pause).await;
        },
    }
    Ok(())
}
