//! The deadline is for the whole body, and for nothing but the body.

use std::time::{Duration, Instant};

use nano_webhook_test_kit::SignedRequest;

use crate::settings::Settings;
use crate::table::{Table, ensure};
use crate::target::Target;

/// Long enough that a whole body which follows its head is in time on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(1);

/// Each bit would start the deadline anew, if there were one for each read.
const PAUSE: Duration = Duration::from_millis(30);

/// A body that is never whole, and a bit of it.
const FORMS: [(&str, &str, &str); 2] = [
    ("with a length", "content-length: 200000\r\n", "{"),
    ("in chunks", "transfer-encoding: chunked\r\n", "1\r\n{\r\n"),
];

pub(super) fn add<T: Target>(table: &mut Table<'_, T>) {
    for (form, lines, bit) in FORMS {
        for (what, bit) in [("never comes", ""), ("trickles", bit)] {
            let name = format!("a body that {what}, {form}");
            table.row_with(name, impatient(), async move |trial| {
                let began = Instant::now();
                let mut connection = trial.begin(&request().head(lines)).await?;
                let answer = connection.trickle(bit.as_bytes(), PAUSE).await?;
                trial.rejected(&answer, "body_timeout")?;
                // Not before its time. How long after it depends on the machine.
                let after = began.elapsed();
                ensure(after >= DEADLINE, format!("after {after:?} already"))?;
                if bit.is_empty() {
                    connection.until_closed().await?;
                }
                trial.still_serves().await
            });
        }
    }
    let name = "a body that trickles, over HTTP/2";
    table.row_with(name, impatient(), async |trial| {
        let mut connection = trial.http2().await?;
        let mut stream = connection.begin(&request()).await?;
        let answer = stream.trickle(b"{", PAUSE).await?;
        trial.rejected(&answer, "body_timeout")?;
        let other = SignedRequest::for_task("another stream");
        let answer = connection.exchange(&other).await?;
        trial.accepted(&answer, &other)
    });
    table.row("deliveries pass while bodies trickle", async |trial| {
        let mut tricklers = Vec::new();
        for _ in 0..100 {
            let mut connection = trial.begin(&request().head(FORMS[0].1)).await?;
            connection.send(FORMS[0].2).await;
            tricklers.push(connection);
        }
        for _ in 0..10 {
            trial.still_serves().await?;
        }
        Ok(())
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
