use bytes::Bytes;
use nano_webhook_core::{Delivery, UnixTime, WebhookError};

use crate::clock::TestClock;
use crate::event_json::{event_json, same};
use crate::table::{Check, Report};
use crate::vectors::{Vector, vectors};

/// How many bytes of the body come at a time.
const CHUNKS: [(usize, &str); 3] = [
    (1, "byte by byte"),
    (7, "in odd chunks"),
    (64, "in chunks as long as the hash's blocks"),
];

/// Every vector through core, with no framework: as a whole, and in chunks.
///
/// # Panics
/// With all that differs.
pub fn run_vectors_in_core() {
    let mut report = Report::new("vectors in core");
    for vector in vectors() {
        let now = UnixTime::from_millis(vector.now_ms);
        let verifier = vector.settings(TestClock::at(now)).verifier();
        let headers = vector.header_bytes();
        let body = vector.body();

        let whole = verifier.verify(&headers, body.clone(), now);
        report.add(vector.name.as_str(), check(&vector, whole));

        let mut announced = headers.clone();
        let length = body.len().to_string().into_bytes();
        announced.push(("Content-Length".to_owned(), length));
        let whole = verifier.verify(&announced, body.clone(), now);
        report.add(
            format!("{}, with its length", vector.name),
            check(&vector, whole),
        );

        for (size, how) in CHUNKS {
            let verdict = verifier.begin(&headers, now).and_then(|mut verification| {
                for chunk in body.chunks(size) {
                    verification.push(Bytes::copy_from_slice(chunk))?;
                    // Some frameworks hand these out.
                    verification.push(Bytes::new())?;
                }
                verification.finish()
            });
            report.add(format!("{}, {how}", vector.name), check(&vector, verdict));
        }
    }
    report.finish(3750);
}

fn check(vector: &Vector, verdict: Result<Delivery, WebhookError>) -> Check {
    let expect = &vector.expect;
    match verdict {
        Ok(delivery) => {
            let (got, wanted) = (event_json(&delivery), vector.delivery());
            if expect.status != 200 || !same(&got, &wanted) {
                return Err(format!("got {got}, not {wanted}"));
            }
            Ok(())
        }
        Err(error) => {
            let got = (error.status(), Some(error.code()));
            match got == (expect.status, expect.code.as_deref()) {
                true => Ok(()),
                false => Err(format!("got {error:?}, not {expect:?}")),
            }
        }
    }
}
