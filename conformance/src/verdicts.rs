use std::collections::HashMap;

use bytes::Bytes;
use nano_webhook_core::{Delivery, UnixTime, WebhookError};

use crate::clock::TestClock;
use crate::event_json::{event_json, same};
use crate::http::{Connection, Response};
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::Target;
use crate::vectors::{Options, Vector, vectors};

/// Every vector through core: in one piece, byte by byte, and in odd chunks.
///
/// # Panics
/// With the list of all that differs.
pub fn run_vectors_in_core() {
    let mut report = Report::new("vectors in core");
    for vector in vectors() {
        let settings = settings(&vector, TestClock::at(UnixTime::from_millis(vector.now_ms)));
        let verifier = settings.verifier();
        let headers: Vec<(String, Vec<u8>)> = headers(&vector);
        let body = vector.body();
        let now = settings.clock.now();
        for size in [usize::MAX, 1, 7] {
            let verdict = verifier.begin(&headers, now).and_then(|mut verification| {
                for chunk in body.chunks(size.min(body.len().max(1))) {
                    verification.push(Bytes::copy_from_slice(chunk))?;
                }
                verification.finish()
            });
            let name = format!("{}, in chunks of {size}", vector.name);
            report.add(&name, check_verdict(&vector, verdict));
        }
        let whole = verifier.verify(&headers, body, now);
        report.add(&vector.name, check_verdict(&vector, whole));
    }
    report.finish(3000);
}

fn check_verdict(vector: &Vector, verdict: Result<Delivery, WebhookError>) -> Result<(), String> {
    let expect = &vector.expect;
    match verdict {
        Ok(delivery) => {
            let got = event_json(&delivery);
            let wanted = vector.delivery();
            (expect.status == 200 && same(&got, &wanted))
                .then_some(())
                .ok_or_else(|| format!("got {got}, not {wanted}"))
        }
        Err(error) => (expect.status == error.status()
            && expect.code.as_deref() == Some(error.code()))
        .then_some(())
        .ok_or_else(|| format!("got {error:?}, not {expect:?}")),
    }
}

/// Every vector that can go over a socket, with a `Content-Length` and in chunks.
///
/// # Panics
/// With the list of all that differs.
pub async fn run_vectors_over_http(target: &impl Target) {
    // One server for all vectors with the same settings; its clock is set for each.
    let mut groups: HashMap<(Vec<String>, Options), Vec<Vector>> = HashMap::new();
    for vector in vectors().into_iter().filter(Vector::is_for_sockets) {
        let key = (vector.secrets.clone(), vector.options.clone());
        groups.entry(key).or_default().push(vector);
    }
    let mut report = Report::new("vectors over HTTP");
    for group in groups.into_values() {
        let clock = TestClock::at(Settings::NOW);
        let server = target.start(settings(&group[0], clock.clone())).await;
        for vector in group {
            clock.set(UnixTime::from_millis(vector.now_ms));
            let request = SignedRequest {
                headers: headers(&vector),
                body: vector.body(),
            };
            for (form, bytes) in [
                ("whole", request.whole()),
                ("chunked", request.chunked(4096)),
            ] {
                let mut connection = Connection::open(server.addr).await;
                let answer = connection.exchange(&bytes).await;
                let name = format!("{}, {form}", vector.name);
                report.add(
                    &name,
                    answer.and_then(|answer| check_answer(&vector, &answer)),
                );
            }
        }
    }
    report.finish(1400);
}

fn check_answer(vector: &Vector, answer: &Response) -> Result<(), String> {
    let expect = &vector.expect;
    let text = String::from_utf8_lossy(&answer.body);
    if answer.status != expect.status {
        return Err(format!("got {} {text}, not {expect:?}", answer.status));
    }
    if answer.status == 200 {
        let (got, wanted) = (answer.json(), vector.delivery());
        return same(&got, &wanted)
            .then_some(())
            .ok_or_else(|| format!("got {got}, not {wanted}"));
    }
    check_problem(answer, expect.code.as_deref().unwrap_or_default())?;
    for secret in vector.secrets.iter().filter(|secret| secret.len() > 3) {
        if text.contains(secret.as_str()) {
            return Err("the answer contains a secret".to_owned());
        }
    }
    Ok(())
}

/// A refusal has the form that README promises.
pub(crate) fn check_problem(answer: &Response, code: &str) -> Result<(), String> {
    let problem = answer.json();
    let text = String::from_utf8_lossy(&answer.body);
    if answer.code().as_deref() != Some(code) {
        return Err(format!("got {} {text}, not the code {code}", answer.status));
    }
    if problem["status"] != answer.status {
        return Err(format!("{text} was sent with the status {}", answer.status));
    }
    if answer.header("content-type") != Some("application/problem+json") {
        return Err(format!("{text} is {:?}", answer.header("content-type")));
    }
    if (answer.status == 401) != (answer.header("www-authenticate") == Some("NanoSignature")) {
        return Err(format!(
            "{} with {:?} as challenge",
            answer.status,
            answer.header("www-authenticate")
        ));
    }
    if (answer.status == 503) != answer.header("retry-after").is_some() {
        return Err(format!(
            "{} with {:?} as Retry-After",
            answer.status,
            answer.header("retry-after")
        ));
    }
    let hex_digits = |run: &[u8]| run.iter().all(u8::is_ascii_hexdigit);
    if answer.body.windows(64).any(hex_digits) {
        return Err("the answer contains what could be a MAC".to_owned());
    }
    Ok(())
}

fn settings(vector: &Vector, clock: TestClock) -> Settings {
    Settings {
        secrets: vector.secrets.clone(),
        options: vector.options.clone(),
        clock,
        ..Settings::default()
    }
}

fn headers(vector: &Vector) -> Vec<(String, Vec<u8>)> {
    vector
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.bytes()))
        .collect()
}
