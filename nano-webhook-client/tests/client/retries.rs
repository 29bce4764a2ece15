//! Which calls are retried, and with what result.

use std::time::{Duration, Instant};

use nano_webhook_client::{Client, Error, ErrorKind, RetryPolicy};

use crate::scripted::{Provider, Step, answer, data};
use crate::{WEBHOOK, builder, client, wanted};

fn status(status: u16) -> Step {
    answer(status, "", "")
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    List,
    Create,
    Delete,
}

impl Call {
    async fn make(self, client: &Client) -> Result<(), Error> {
        match self {
            Self::List => client.list().await.map(drop),
            Self::Create => client.create(&wanted()).await.map(drop),
            Self::Delete => client.delete(1).await,
        }
    }
}

#[rustfmt::skip]
#[tokio::test]
async fn scripts() {
    let list = || (Call::List, data("[]"));
    let create = || (Call::Create, data(WEBHOOK));
    let delete = || (Call::Delete, data(r#"{"id":1}"#));
    let closed = || Step::Send(Vec::new());
    for ((call, success), failures, requests, result) in [
        (list(), vec![status(503)], 2, Ok(())),
        (list(), vec![status(502), status(504), status(429)], 4, Ok(())),
        (list(), vec![Step::Reset, closed()], 3, Ok(())),
        (list(), vec![status(503); 4], 4, Err((503, false))),
        (list(), vec![status(503), status(401)], 2, Err((401, false))),
        (list(), vec![status(500)], 1, Err((500, false))),
        (list(), vec![status(408)], 1, Err((408, false))),
        (list(), vec![answer(200, "", "<html>")], 1, Err((200, false))),
        (create(), vec![status(429)], 2, Ok(())),
        (create(), vec![status(429); 4], 4, Err((429, false))),
        (create(), vec![status(503)], 1, Err((503, true))),
        (create(), vec![status(502)], 1, Err((502, true))),
        (create(), vec![status(504)], 1, Err((504, true))),
        (create(), vec![status(500)], 1, Err((500, true))),
        (create(), vec![status(429), status(503)], 2, Err((503, true))),
        (create(), vec![Step::Reset], 1, Err((0, true))),
        (create(), vec![closed()], 1, Err((0, true))),
        (delete(), vec![status(503)], 2, Ok(())),
        // A 404 is a success if an earlier attempt may have arrived.
        (delete(), vec![status(404)], 1, Err((404, false))),
        (delete(), vec![Step::Reset, status(404)], 2, Ok(())),
        (delete(), vec![status(504), status(429), status(404)], 3, Ok(())),
        (delete(), vec![status(429), status(404)], 2, Err((404, false))),
        (delete(), vec![Step::Reset, status(401)], 2, Err((401, true))),
        (delete(), vec![status(401)], 1, Err((401, false))),
        (delete(), vec![status(500)], 1, Err((500, true))),
        (delete(), vec![Step::Reset; 4], 4, Err((0, true))),
    ] {
        let name = format!("{call:?}: {failures:?}");
        let provider = Provider::start(failures.into_iter().chain([success])).await;
        let outcome = call.make(&client(provider.base_url())).await.map_err(|error| {
            assert_eq!(error.attempts(), requests, "{name}");
            let verb = format!("{call:?} ").to_lowercase();
            assert!(error.to_string().starts_with(&format!("could not {verb}")));
            (error.status().unwrap_or(0), error.may_have_taken_effect())
        });
        assert_eq!(outcome, result, "{name}");
        let seen = provider.requests();
        assert_eq!(seen.len(), requests as usize, "{name}");
        assert!(seen.iter().all(|request| *request == seen[0]));
    }
}

/// A fraction of a second is rounded up.
#[tokio::test]
async fn the_provider_is_not_called_sooner_than_it_asked() {
    let wait = answer(429, "retry-after: 0.1\r\n", "");
    let provider = Provider::start([wait, data("[]")]).await;
    let client = client(provider.base_url());
    let started = Instant::now();
    client.list().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[rustfmt::skip]
#[tokio::test]
async fn retry_after_values() {
    const PAST: &str = "Mon, 23 Dec 2024 10:00:00 GMT";
    const HALF_PAST: &str = "Mon, 23 Dec 2024 10:30:00 GMT";
    const UNREADABLE: Option<u64> = None;
    for (values, date, expected) in [
        (&["0"][..], "", Some(0)),
        (&["120"], "", Some(120)),
        (&[" 7 "], "", Some(7)),
        (&["1.5"], "", Some(2)),
        (&["0.001"], "", Some(1)),
        (&["2.0"], "", Some(2)),
        (&["99999999999999999999999"], "", Some(u64::MAX)),
        (&["-1"], "", UNREADABLE),
        (&["1."], "", UNREADABLE),
        (&["1e3"], "", UNREADABLE),
        (&[""], "", UNREADABLE),
        (&["soon"], "", UNREADABLE),
        (&["1", "60"], "", Some(60)),
        (&["1", "soon"], "", UNREADABLE),
        (&[PAST], "nonsense", Some(0)),
        (&[PAST], HALF_PAST, Some(0)),
        (&[HALF_PAST], PAST, Some(1800)),
        (&["Monday, 23-Dec-24 10:30:00 GMT"], PAST, Some(1800)),
        (&["Mon Dec 23 10:30:00 2024"], PAST, Some(1800)),
    ] {
        let header = |value: &&str| format!("retry-after: {value}\r\n");
        let headers: String = values.iter().map(header).collect();
        let refusal = answer(429, &format!("date: {date}\r\n{headers}"), "");
        let provider = Provider::start([refusal, data("[]")]).await;
        let retry = RetryPolicy::default().longest_retry_after(Duration::ZERO);
        let client = builder(provider.base_url()).retry(retry).build().unwrap();
        match client.list().await {
            Ok(_) => assert_eq!((expected, provider.calls().len()), (Some(0), 2)),
            Err(error) => {
                assert_eq!(error.retry_after(), expected.map(Duration::from_secs), "{values:?}");
                assert!(expected != Some(0) && error.attempts() == 1, "{values:?}");
            }
        }
    }
}

/// After a timeout the request may have arrived.
#[tokio::test]
async fn timeouts() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    for (call, bytes, attempts) in [
        (Call::List, &b""[..], 4),
        (Call::Delete, b"", 4),
        (Call::Create, b"", 1),
        (Call::Create, b"HTTP/1.1", 1),
        (Call::Create, half, 1),
    ] {
        let provider = Provider::start([Step::Stall(bytes.to_vec())]).await;
        let builder = builder(provider.base_url()).timeout(Duration::from_millis(50));
        let error = call.make(&builder.build().unwrap()).await.unwrap_err();
        let found = (error.kind(), error.attempts());
        assert_eq!(found, (ErrorKind::TimedOut, attempts), "{error}");
        assert!(error.to_string().contains("50ms"), "{error}");
        assert_eq!(error.may_have_taken_effect(), call != Call::List);
    }
}
