//! What reading the documented payload costs by itself, in other ways.

use std::hint::black_box;

use serde::Deserialize;
use serde_json::Value;

use crate::delivery::COMPLETED;
use crate::rounds::Case;

#[derive(Deserialize)]
#[serde(tag = "event")]
#[expect(dead_code, reason = "it is only parsed")]
enum Tagged {
    #[serde(rename = "job.completed")]
    Completed(Fields),
    #[serde(rename = "job.failed")]
    Failed(Fields),
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only parsed")]
struct Flat {
    event: String,
    #[serde(flatten)]
    fields: Fields,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only parsed")]
struct Fields {
    task_id: String,
    task_type: Option<String>,
    status: Option<String>,
    timestamp: Option<String>,
    data: Data,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only parsed")]
struct Data {
    url: String,
    credits_charged: Option<u64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is only parsed")]
struct Plain {
    event: String,
    task_id: String,
    task_type: Option<String>,
    status: Option<String>,
    timestamp: Option<String>,
    data: Data,
}

pub(crate) fn ways(group: &'static str) -> Vec<Case> {
    vec![
        way::<Plain>(group, "serde_json: one flat struct"),
        way::<Tagged>(group, "serde_json: internally tagged enum"),
        way::<Flat>(group, "serde_json: struct with flatten"),
        way::<Value>(group, "serde_json: Value"),
    ]
}

fn way<T: for<'a> Deserialize<'a> + 'static>(group: &'static str, name: &'static str) -> Case {
    Case::new(group, name, || {
        serde_json::from_slice::<T>(black_box(COMPLETED.as_bytes())).expect("it is JSON")
    })
}
