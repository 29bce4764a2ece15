use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::BoxError;

/// Posts exactly these headers and this body, which HTTP clients do not allow, and
/// returns the status and the `code` of the answer.
pub(crate) async fn post(
    addr: SocketAddr,
    headers: &[(&str, &str)],
    body: &str,
) -> Result<String, BoxError> {
    let mut request = format!(
        "POST /webhook HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);

    let mut stream = TcpStream::connect(addr).await?;
    // A receiver that rejects the head does not read the body.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    if answer.is_empty() {
        read??;
    }
    let answer = String::from_utf8_lossy(&answer);
    let status = answer.split(' ').nth(1).unwrap_or("no status");
    let code = answer
        .split_once(r#""code":""#)
        .and_then(|(_, rest)| rest.split('"').next());
    Ok(match code {
        Some(code) => format!("{status} {code}"),
        None => status.to_owned(),
    })
}
