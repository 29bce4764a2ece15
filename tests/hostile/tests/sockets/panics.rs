//! A panic on a connection stays there.

use nano_webhook_test_kit::{Connection, End, Framework, SignedRequest};

use crate::{SECRET, still_serves};

/// actix-http 3.20 panics on a header name of 64 KiB or more (`http` 0.2 refuses to
/// hold it, and the parser unwraps). The task ends, and with it the connection; the
/// worker goes on. Each worker gets several.
#[tokio::test]
async fn a_panic_of_the_framework_ends_one_connection() {
    for (framework, expected) in [(Framework::Axum, "431*"), (Framework::Actix, "closed")] {
        let receiver = framework.receiver(SECRET).await;
        let workers = std::thread::available_parallelism().unwrap().get();
        for round in 0..4 * workers {
            let name = "x".repeat(70_000);
            let delivery = SignedRequest::completed_now(&format!("panic_{round}"));
            let wire = delivery.head(&format!("{name}: 1\r\n"));
            let mut connection = Connection::open(receiver.addr).await;
            let came = match connection.exchange(wire).await {
                Ok(answer) => answer.summary(),
                // Whether all was read before makes no difference here.
                Err(End::Reset) => End::Closed.to_string(),
                Err(end) => end.to_string(),
            };
            assert_eq!(came, expected, "{framework:?}");
        }
        for round in 0..4 * workers {
            still_serves(receiver.addr, &format!("after_panic_{round}")).await;
        }
    }
}
