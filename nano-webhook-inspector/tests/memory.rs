//! The memory of the inspector is bounded, also while a page has stopped reading.
#![allow(clippy::unwrap_used)]

use nano_webhook_inspector::{Bytes, Inspector, Record, Token, UnixTime};
use peak_alloc::PeakAlloc;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// 10,000 deliveries of 100 KB, with a page that has stopped reading.
#[tokio::test]
async fn memory_is_bounded() {
    let inspector = Inspector::builder("http://127.0.0.1:3000").build().unwrap();
    let token = Token::random().unwrap();
    let page = inspector
        .listen("127.0.0.1:0".parse().unwrap(), token)
        .await
        .unwrap();
    let (addr, url) = (page.addr(), page.url());
    let (_, token) = url.split_once('#').unwrap();
    tokio::spawn(page.serve());
    let mut stopped = TcpStream::connect(addr).await.unwrap();
    let request = format!(
        "GET /api/deliveries HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stopped.write_all(request.as_bytes()).await.unwrap();

    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let body = vec![b'x'; 100_000];
    for number in 0..10_000 {
        let mut record = Record::new(inspector.next_id(), UnixTime::now());
        record.set_body(Bytes::from(body.clone()));
        inspector.put(record);
        if number % 10 == 0 {
            tokio::task::yield_now().await;
        }
    }
    let taken = MEMORY.peak_usage().saturating_sub(before);
    let most = 64 * 1024 * 1024 + 1000 * 2048 + 4 * 1024 * 1024;
    assert!(taken < most, "{taken} bytes");
}
