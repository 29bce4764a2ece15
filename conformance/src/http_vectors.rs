use std::collections::HashMap;

use futures_util::StreamExt as _;
use futures_util::stream;
use nano_webhook_core::UnixTime;

use crate::answers::{has_status, leaks_nothing, shortened};
use crate::clock::TestClock;
use crate::event_json::same;
use crate::settings::Settings;
use crate::table::{Check, Report};
use crate::target::Target;
use crate::trial::Trial;
use crate::vectors::{Vector, vectors};
use crate::way::Way;
use nano_webhook_test_kit::Response;
use nano_webhook_test_kit::SignedRequest;

const AT_ONCE: usize = 8;

/// Every vector that can go over a socket: with a `Content-Length`, in chunks,
/// and over HTTP/2.
///
/// # Panics
/// With all that differs.
pub async fn run_vectors_over_http(target: &impl Target) {
    let mut report = Report::new("vectors over HTTP");
    let mut vectors = vectors();
    vectors.retain(|vector| vector.transport.is_none());
    for group in by(vectors, |vector| {
        (vector.secrets.clone(), vector.options.clone())
    }) {
        // One server for all vectors with the same settings. Its clock is set for
        // each time.
        let clock = TestClock::at(Settings::NOW);
        let settings = group[0].settings(clock.clone());
        let server = target.start(settings.clone()).await;
        let trial = Trial::new(&server, settings);
        for at_one_time in by(group, |vector| vector.now_ms) {
            clock.set(UnixTime::from_millis(at_one_time[0].now_ms));
            let checks = at_one_time.iter().map(|vector| each_way(&trial, vector));
            let mut results = stream::iter(checks).buffered(AT_ONCE);
            while let Some(results) = results.next().await {
                for (name, result) in results {
                    report.add(name, result);
                }
            }
        }
    }
    report.finish(760 * 3);
}

/// In groups with the same key.
fn by<K: Eq + std::hash::Hash>(
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
        headers: vector.header_bytes(),
        body: vector.body(),
    };
    let mut results = Vec::new();
    for way in Way::ALL {
        let answer = way.send(trial, &request).await;
        let result = answer.and_then(|answer| check(trial, vector, &request, way, &answer));
        results.push((format!("{}, {}", vector.name, way.how()), result));
    }
    results
}

fn check(
    trial: &Trial,
    vector: &Vector,
    request: &SignedRequest,
    way: Way,
    answer: &Response,
) -> Check {
    let expect = &vector.expect;
    if let Some(code) = &expect.code {
        way.refused(trial, answer, code)?;
        return has_status(answer, expect.status);
    }
    has_status(answer, expect.status)?;
    leaks_nothing(answer, &trial.settings, Some(request))?;
    let (got, wanted) = (answer.json(), vector.delivery());
    match same(&got, &wanted) {
        true => Ok(()),
        false => Err(format!(
            "got {}, not {}",
            shortened(&got.to_string()),
            shortened(&wanted.to_string())
        )),
    }
}
