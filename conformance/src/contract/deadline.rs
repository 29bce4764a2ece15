//! The deadline is for the whole body, and for nothing but the body.

use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::http::Response;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::table::{Check, Table};
use crate::target::Target;

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
            async move |bench| {
                let began = Instant::now();
                let mut connection = bench.connect().await?;
                connection.send(&request().head(lines)).await;
                let answer = connection.receive().await?;
                cut(bench, &answer, began)?;
                connection.until_closed().await?;
                bench.still_serves().await
            },
        );
        table.row_with(
            format!("a body that trickles, {form}"),
            impatient(),
            async move |bench| {
                let began = Instant::now();
                let mut connection = bench.connect().await?;
                connection.send(&request().head(lines)).await;
                let answer = connection.trickle(bit, PAUSE).await?;
                cut(bench, &answer, began)?;
                bench.still_serves().await
            },
        );
    }
    table.row_with(
        "a body that trickles, over HTTP/2",
        impatient(),
        async |bench| {
            let mut connection = bench.http2().await?;
            let mut stream = connection.begin(&request()).await?;
            let answer = stream.trickle(b"{", PAUSE).await?;
            bench.refused(&answer, "body_timeout")?;
            let other = SignedRequest::for_task("another stream");
            let answer = connection.exchange(&other).await?;
            bench.accepted(&answer, &other)
        },
    );
    table.row("deliveries are handled beside tricklers", async |bench| {
        let mut tricklers = Vec::new();
        for _ in 0..100 {
            let mut connection = bench.connect().await?;
            connection.send(&request().head(FORMS[0].1)).await;
            connection.send(FORMS[0].2).await;
            tricklers.push(connection);
        }
        for _ in 0..10 {
            bench.still_serves().await?;
        }
        Ok(())
    });
    table.row("a slow body in time is accepted", async |bench| {
        let request = request();
        let mut connection = bench.connect().await?;
        let length = format!("content-length: {}\r\n", request.body.len());
        connection.send(&request.head(&length)).await;
        for byte in request.body.chunks(1) {
            connection.send(byte).await;
            tokio::task::yield_now().await;
        }
        bench.accepted(&connection.receive().await?, &request)
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
fn cut(bench: &Bench, answer: &Response, began: Instant) -> Check {
    bench.refused_on_http1(answer, "body_timeout")?;
    let after = began.elapsed();
    match after >= DEADLINE {
        true => Ok(()),
        false => Err(format!("cut off after {after:?} already")),
    }
}
