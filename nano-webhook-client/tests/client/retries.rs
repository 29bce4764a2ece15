//! What is repeated, how often, and what comes out of it.

use std::time::{Duration, Instant};

use nano_webhook_client::{Client, Error, ErrorKind, Operation};

use crate::scripted::{Provider, Step, answer, data};
use crate::{builder, client, wanted};

const WEBHOOK: &str = r#"{"id":1,"url":"x","events":[],"status":"active"}"#;

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

#[tokio::test]
async fn scripts() {
    let list = || (Operation::List, data("[]"));
    let create = || (Operation::Create, data(WEBHOOK));
    let delete = || (Operation::Delete(1.into()), data(r#"{"id":1}"#));
    let eventually = |mut failures: Vec<Step>, success: Step| {
        failures.push(success);
        failures
    };
    for ((operation, success), failures, requests, result) in [
        (list(), vec![], 1, Ok(())),
        (list(), vec![status(503)], 2, Ok(())),
        (
            list(),
            vec![status(502), status(504), status(429)],
            4,
            Ok(()),
        ),
        (list(), vec![Step::Reset, Step::Send(vec![])], 3, Ok(())),
        (list(), vec![status(503); 4], 4, Err((503, false))),
        (list(), vec![status(503), status(401)], 2, Err((401, false))),
        (list(), vec![status(500)], 1, Err((500, false))),
        (list(), vec![status(408)], 1, Err((408, false))),
        (
            list(),
            vec![answer(200, "", "<html>")],
            1,
            Err((200, false)),
        ),
        (create(), vec![], 1, Ok(())),
        (create(), vec![status(429)], 2, Ok(())),
        (create(), vec![status(429); 4], 4, Err((429, false))),
        (create(), vec![status(503)], 1, Err((503, true))),
        (create(), vec![status(502)], 1, Err((502, true))),
        (create(), vec![status(504)], 1, Err((504, true))),
        (create(), vec![status(500)], 1, Err((500, true))),
        (
            create(),
            vec![status(429), status(503)],
            2,
            Err((503, true)),
        ),
        (create(), vec![Step::Reset], 1, Err((0, true))),
        (create(), vec![Step::Send(vec![])], 1, Err((0, true))),
        (delete(), vec![], 1, Ok(())),
        (delete(), vec![status(503)], 2, Ok(())),
        // Gone is gone, if an attempt may have arrived.
        (delete(), vec![status(404)], 1, Err((404, false))),
        (delete(), vec![Step::Reset, status(404)], 2, Ok(())),
        (delete(), vec![status(504), status(404)], 2, Ok(())),
        (
            delete(),
            vec![status(504), status(429), status(404)],
            3,
            Ok(()),
        ),
        (
            delete(),
            vec![status(429), status(404)],
            2,
            Err((404, false)),
        ),
        (
            delete(),
            vec![Step::Reset, status(401)],
            2,
            Err((401, true)),
        ),
        (delete(), vec![status(401)], 1, Err((401, false))),
        (delete(), vec![status(500)], 1, Err((500, true))),
        (delete(), vec![Step::Reset; 4], 4, Err((0, true))),
    ] {
        let name = format!("{operation}: {failures:?}");
        let provider = Provider::start(eventually(failures, success)).await;
        let outcome = call(&client(provider.base_url()), &operation)
            .await
            .map_err(|error| {
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

/// What the provider asks for is waited for.
#[tokio::test]
async fn retry_after_in_seconds() {
    let wait = answer(429, "retry-after: 1\r\n", "");
    let provider = Provider::start([wait, data("[]")]).await;
    let started = Instant::now();
    client(provider.base_url()).list().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

/// A date of which the provider's own clock says that it is now.
#[tokio::test]
async fn retry_after_as_a_date() {
    let now =
        "date: Mon, 23 Dec 2024 10:00:00 GMT\r\nretry-after: Mon, 23 Dec 2024 10:00:00 GMT\r\n";
    let provider = Provider::start([answer(503, now, ""), data("[]")]).await;
    client(provider.base_url()).list().await.unwrap();
    assert_eq!(provider.calls().len(), 2);
}

/// Too long a wait is the caller's to decide.
#[tokio::test]
async fn retry_after_that_is_too_long() {
    let date =
        "date: Mon, 23 Dec 2024 10:00:00 GMT\r\nretry-after: Mon, 23 Dec 2024 11:00:00 GMT\r\n";
    for headers in ["retry-after: 3600\r\n", date] {
        let provider = Provider::start([answer(429, headers, ""), data("[]")]).await;
        let error = client(provider.base_url()).list().await.unwrap_err();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        assert_eq!((error.attempts(), provider.calls().len()), (1, 1));
    }
}

/// A time-out may have arrived: a list is repeated, a create is not.
#[tokio::test]
async fn after_a_time_out() {
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
        assert!(matches!(error.kind(), ErrorKind::TimedOut { .. }));
        assert_eq!(error.may_have_taken_effect(), operation != Operation::List);
    }
}
