//! Which calls are retried, and with what result.

use std::time::{Duration, Instant};

use nano_webhook_client::{Client, Error, ErrorKind, Operation};

use crate::scripted::{Provider, Step, answer, data};
use crate::{WEBHOOK, builder, client, wanted};

fn status(status: u16) -> Step {
    answer(status, "", "")
}

async fn call(client: &Client, operation: &Operation) -> Result<(), Error> {
    match operation {
        Operation::List => client.list().await.map(drop),
        Operation::Create => client.create(&wanted()).await.map(drop),
        Operation::Delete(id) => client.delete(id.clone()).await,
        other => panic!("{other}"),
    }
}

#[rustfmt::skip]
#[tokio::test]
async fn scripts() {
    let list = || (Operation::List, data("[]"));
    let create = || (Operation::Create, data(WEBHOOK));
    let delete = || (Operation::Delete(1.into()), data(r#"{"id":1}"#));
    let closed = || Step::Send(Vec::new());
    for ((operation, success), failures, requests, result) in [
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
        let name = format!("{operation}: {failures:?}");
        let mut script = failures;
        script.push(success);
        let provider = Provider::start(script).await;
        let client = client(provider.base_url());
        let outcome = call(&client, &operation).await.map_err(|error| {
            assert_eq!(error.attempts(), requests, "{name}");
            assert_eq!(*error.operation(), operation);
            (error.status().unwrap_or(0), error.may_have_taken_effect())
        });
        assert_eq!(outcome, result, "{name}");
        let seen = provider.requests();
        assert_eq!(seen.len(), requests as usize, "{name}");
        assert!(seen.iter().all(|request| request.body == seen[0].body));
        assert!(seen.iter().all(|request| request.line == seen[0].line));
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

#[tokio::test]
async fn waits_that_are_too_long_or_unreadable() {
    let date =
        "date: Mon, 23 Dec 2024 10:00:00 GMT\r\nretry-after: Mon, 23 Dec 2024 11:00:00 GMT\r\n";
    let hour = Some(Duration::from_secs(3600));
    for (headers, asked) in [
        ("retry-after: 3600\r\n", hour),
        (date, hour),
        ("retry-after: soon\r\n", None),
        ("retry-after: -1\r\n", None),
    ] {
        let provider = Provider::start([answer(429, headers, ""), data("[]")]).await;
        let error = client(provider.base_url()).list().await.unwrap_err();
        assert_eq!(error.retry_after(), asked);
        assert_eq!((error.attempts(), provider.calls().len()), (1, 1));
    }
}

/// After a timeout the request may have arrived.
#[tokio::test]
async fn timeouts() {
    for (operation, attempts) in [
        (Operation::List, 4),
        (Operation::Delete(1.into()), 4),
        (Operation::Create, 1),
    ] {
        let provider = Provider::start([Step::Stall(Vec::new())]).await;
        let builder = builder(provider.base_url()).timeout(Duration::from_millis(50));
        let error = call(&builder.build().unwrap(), &operation)
            .await
            .unwrap_err();
        assert_eq!(error.attempts(), attempts, "{error}");
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert_eq!(error.may_have_taken_effect(), operation != Operation::List);
    }
}
