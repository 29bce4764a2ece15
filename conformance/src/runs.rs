use std::collections::HashMap;
use std::hash::Hash;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use nano_webhook_core::{Delivery, UnixTime, WebhookError};
use nano_webhook_test_kit::{Response, SignedRequest};

use crate::answers::{has_status, leaks_nothing, shortened};
use crate::event_json::{event_json, same};
use crate::table::{Check, ensure, report};
use crate::target::Target;
use crate::trial::{Trial, Way};
use crate::vectors::{Vector, vectors};

const AT_ONCE: usize = 8;

/// Every vector that can go over a socket: with a `Content-Length`, in chunks,
/// and over HTTP/2.
pub async fn run_vectors_over_http(target: &impl Target) {
    let mut results = Vec::new();
    let mut vectors = vectors();
    vectors.retain(|vector| vector.transport.is_none());
    let settings = |vector: &Vector| (vector.secrets.clone(), vector.options.clone());
    for group in by(vectors, settings) {
        // One server for all vectors with the same settings. Its clock is set for
        // each time.
        let settings = group[0].settings();
        let server = target.start(settings.clone()).await;
        let trial = Trial::new(&server, settings);
        for at_one_time in by(group, |vector| vector.now_ms) {
            trial.settings.clock.set(at_one_time[0].now_ms);
            let checks = at_one_time.iter().map(|vector| each_way(&trial, vector));
            let checked: Vec<_> = stream::iter(checks).buffered(AT_ONCE).collect().await;
            results.extend(checked.into_iter().flatten());
        }
    }
    report("vectors over HTTP", &results, 760 * 3);
}

fn by<K: Eq + Hash>(
    vectors: Vec<Vector>,
    key: impl Fn(&Vector) -> K,
) -> impl Iterator<Item = Vec<Vector>> {
    let mut groups: HashMap<K, Vec<Vector>> = HashMap::new();
    for vector in vectors {
        groups.entry(key(&vector)).or_default().push(vector);
    }
    groups.into_values()
}

async fn each_way(trial: &Trial, vector: &Vector) -> Vec<(String, Check)> {
    let request = SignedRequest {
        method: "POST",
        path: "/webhook".to_owned(),
        headers: vector.header_bytes(),
        body: vector.body(),
    };
    let mut results = Vec::new();
    for (way, how) in Way::ALL {
        let answer = trial.send(way, &request).await;
        let result = answer.and_then(|answer| check(trial, vector, &request, &answer));
        results.push((format!("{}, {how}", vector.name), result));
    }
    results
}

fn check(trial: &Trial, vector: &Vector, request: &SignedRequest, answer: &Response) -> Check {
    if let Some(code) = &vector.expect.code {
        trial.rejected(answer, code)?;
    }
    has_status(answer, vector.expect.status)?;
    leaks_nothing(answer, &trial.settings, Some(request))?;
    let (got, wanted) = (answer.json(), vector.delivery());
    let holds = answer.status != 200 || same(&got, &wanted);
    let [got, wanted] = [got, wanted].map(|json| shortened(&json.to_string()));
    ensure(holds, format!("got {got}, not {wanted}"))
}

/// How many bytes of the body are pushed at a time.
const CHUNKS: [(usize, &str); 3] = [
    (1, "byte by byte"),
    (7, "in odd chunks"),
    (64, "in chunks as long as the hash's blocks"),
];

/// Every vector through core, with no framework: as a whole, and in chunks.
pub fn run_vectors_in_core() {
    let mut results = Vec::new();
    for vector in vectors() {
        let now = UnixTime::from_millis(vector.now_ms);
        let verifier = vector.settings().verifier();
        let headers = vector.header_bytes();
        let body = vector.body();
        let mut add = |how: &str, verdict| {
            let name = format!("{}, {how}", vector.name);
            results.push((name, check_in_core(&vector, verdict)));
        };

        add("whole", verifier.verify(&headers, body.clone(), now));
        let mut announced = headers.clone();
        let length = body.len().to_string().into_bytes();
        announced.push(("Content-Length".to_owned(), length));
        let verdict = verifier.verify(&announced, body.clone(), now);
        add("whole, with its length", verdict);

        for (size, how) in CHUNKS {
            let verdict = verifier.begin(&headers, now).and_then(|mut verification| {
                for chunk in body.chunks(size) {
                    verification.push(Bytes::copy_from_slice(chunk))?;
                    // Some frameworks hand these out.
                    verification.push(Bytes::new())?;
                }
                verification.finish()
            });
            add(how, verdict);
        }
    }
    report("vectors in core", &results, 3750);
}

fn check_in_core(vector: &Vector, verdict: Result<Delivery, WebhookError>) -> Check {
    let expect = &vector.expect;
    match verdict {
        Ok(delivery) => {
            let (got, wanted) = (event_json(&delivery), vector.delivery());
            let holds = expect.status == 200 && same(&got, &wanted);
            ensure(holds, format!("got {got}, not {wanted}"))
        }
        Err(error) => {
            let got = (error.status(), Some(error.code()));
            let holds = got == (expect.status, expect.code.as_deref());
            ensure(holds, format!("got {error:?}, not {expect:?}"))
        }
    }
}
