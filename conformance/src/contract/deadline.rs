//! The deadline is for the whole body, and for nothing but the body.

use std::time::{Duration, Instant};

use crate::settings::Settings;
use crate::table::{Check, Table};
use crate::target::Target;
use crate::trial::Trial;
use nano_webhook_test_kit::Response;
use nano_webhook_test_kit::SignedRequest;

/// Long enough that a whole body which follows its head is in time on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(1);

/// Each bit would start the deadline anew, if there were one for each read.
const PAUSE: Duration = Duration::from_millis(30);

/// A body that cannot come to its end within anybody's patience.
const FORMS: [(&str, &str, &[u8]); 2] = [
    ("with a length", "content-length: 200000\r\n", b"{"),
    ("in chunks", "transfer-encoding: chunked\r\n", b"1\r\n{\r\n"),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (form, lines, bit) in FORMS {
        table.row_with(
            format!("a body that never comes, {form}"),
            impatient(),
            async move |trial| {
                let began = Instant::now();
                let mut connection = trial.connect().await?;
                connection.send(&request().head(lines)).await;
                let answer = connection.receive().await?;
                cut(trial, &answer, began)?;
                connection.until_closed().await?;
                trial.still_serves().await
            },
        );
        table.row_with(
            format!("a body that trickles, {form}"),
            impatient(),
            async move |trial| {
                let began = Instant::now();
                let mut connection = trial.connect().await?;
                connection.send(&request().head(lines)).await;
                let answer = connection.trickle(bit, PAUSE).await?;
                cut(trial, &answer, began)?;
                trial.still_serves().await
            },
        );
    }
    table.row_with(
        "a body that trickles, over HTTP/2",
        impatient(),
        async |trial| {
            let mut connection = trial.http2().await?;
            let mut stream = connection.begin(&request()).await?;
            let answer = stream.trickle(b"{", PAUSE).await?;
            trial.refused(&answer, "body_timeout")?;
            let other = SignedRequest::for_task("another stream");
            let answer = connection.exchange(&other).await?;
            trial.accepted(&answer, &other)
        },
    );
    table.row("deliveries are handled beside tricklers", async |trial| {
        let mut tricklers = Vec::new();
        for _ in 0..100 {
            let mut connection = trial.connect().await?;
            connection.send(&request().head(FORMS[0].1)).await;
            connection.send(FORMS[0].2).await;
            tricklers.push(connection);
        }
        for _ in 0..10 {
            trial.still_serves().await?;
        }
        Ok(())
    });
    table.row("a slow body in time is accepted", async |trial| {
        let request = request();
        let mut connection = trial.connect().await?;
        let length = format!("content-length: {}\r\n", request.body.len());
        connection.send(&request.head(&length)).await;
        for byte in request.body.chunks(1) {
            connection.send(byte).await;
            tokio::task::yield_now().await;
        }
        trial.accepted(&connection.receive().await?, &request)
    });
}

pub(crate) fn impatient() -> Settings {
    Settings {
        body_timeout: DEADLINE,
        ..Settings::default()
    }
}

fn request() -> SignedRequest {
    SignedRequest::for_task("slow")
}

/// Not before its time. How long after it is the machine's business.
fn cut(trial: &Trial, answer: &Response, began: Instant) -> Check {
    trial.refused_on_http1(answer, "body_timeout")?;
    let after = began.elapsed();
    match after >= DEADLINE {
        true => Ok(()),
        false => Err(format!("cut off after {after:?} already")),
    }
}
