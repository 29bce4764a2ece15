use nano_webhook_inspector::{Inspector, Page, Verdict};
use nano_webhook_test_kit::SignedRequest;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::support::{RECEIVER, Served, read, record};

/// The deliveries in a text: id and verdict, and the last `id:` line.
fn deliveries(text: &str) -> (Vec<String>, &str) {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = data.map(|data| serde_json::from_str::<Value>(data).unwrap());
    let shown = values.filter_map(|value| {
        let (id, verdict) = (value["id"].as_u64()?, value["verdict"].as_str()?);
        Some(format!("{id} {verdict}"))
    });
    let mut lines = text.lines().rev();
    let last = lines.find_map(|line| line.strip_prefix("id: "));
    (shown.collect(), last.unwrap_or_default())
}

#[tokio::test]
async fn a_reader_that_comes_back_misses_nothing() {
    let served = Served::start().await;
    let task = SignedRequest::for_task;
    served.deliver(&task("t1"), Verdict::InProgress);
    served.deliver(&task("t2"), Verdict::Accepted);
    let (mut stream, text) = served.stream("", "\"id\":2").await;
    assert!(text.contains("content-type: text/event-stream"), "{text}");
    let (shown, _) = deliveries(&text);
    assert_eq!(shown, ["1 in_progress", "2 accepted"]);
    // Live.
    served.deliver(&task("t3"), Verdict::Rejected);
    let text = read(&mut stream, "\"id\":3").await;
    let (shown, last) = deliveries(&text);
    assert_eq!(shown, ["3 rejected"]);
    drop(stream);

    // The first one is answered, and a fourth arrives, while the reader is away.
    let answered = record(1, &task("t1"), Verdict::Accepted);
    served.inspector.put(answered);
    served.deliver(&task("t4"), Verdict::Duplicate);
    let (_, text) = served.stream(last, "\"id\":4").await;
    let (shown, _) = deliveries(&text);
    assert_eq!(shown, ["1 accepted", "4 duplicate"]);
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let hello: Value = serde_json::from_str(data.next().unwrap()).unwrap();
    assert_eq!(hello["kept_from"], 1);
    let none = json!({"simulator": false, "send_to": null});
    assert_eq!(hello["capabilities"], none);

    // After a restart its place is one of another session.
    for unknown in ["0000000000000000-4", "4", "x-", "%FF"] {
        let (_, text) = served.stream(unknown, "\"id\":4").await;
        assert_eq!(deliveries(&text).0.len(), 4, "{unknown}");
    }
}

/// It holds a connection, and nothing else. The clock runs while nothing happens.
#[tokio::test(start_paused = true)]
async fn a_reader_that_takes_nothing_is_cut_off() {
    let served = Served::start().await;
    // More than the buffers of both sockets.
    for _ in 0..500 {
        let id = served.inspector.next_id();
        let mut record = record(id, &SignedRequest::for_task("t"), Verdict::Rejected);
        record.reason = Some("x".repeat(32 * 1024));
        served.inspector.put(record);
    }
    let mut stream = served.open("").await;
    tokio::time::sleep(2 * Page::PATIENCE).await;
    let mut rest = Vec::new();
    while let Ok(1..) = stream.read_buf(&mut rest).await {
        let end = &rest[rest.len().saturating_sub(40 * 1024)..];
        let is_last = end.windows(9).any(|window| window == b"\"id\":500,");
        assert!(!is_last, "not cut off");
    }
    assert_eq!(served.get("/api/deliveries/500").await.status, 200);
}

#[tokio::test]
async fn the_oldest_go_first() {
    let served = Served::with(Inspector::builder(RECEIVER).keep(3)).await;
    for task in ["a", "b", "c", "d"] {
        served.deliver(&SignedRequest::for_task(task), Verdict::Accepted);
    }
    let gone = served.get("/api/deliveries/1").await;
    assert_eq!(gone.summary(), "404 not_kept");
    // Its answer comes late.
    let late = record(1, &SignedRequest::for_task("a"), Verdict::Accepted);
    served.inspector.put(late);
    let (_, text) = served.stream("", "\"id\":4").await;
    assert_eq!(
        deliveries(&text).0,
        ["2 accepted", "3 accepted", "4 accepted"]
    );
    assert!(text.contains("\"kept_from\":2"), "{text}");
}
