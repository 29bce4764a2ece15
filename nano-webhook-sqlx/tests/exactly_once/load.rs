//! A provider that sends each delivery until it is answered 200.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use nano_webhook_core::{Secret, Signer, UnixTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::receiver::SECRET;

const AT_ONCE: usize = 16;

/// The provider's pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// No delivery may take longer, faults included.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Clone)]
pub struct Load {
    client: reqwest::Client,
    signer: Arc<Signer>,
    /// What tasks begin with: a database may have those of earlier runs.
    pub prefix: String,
    /// Where the receivers listen now.
    pub urls: Arc<RwLock<[String; 2]>>,
    seen: Arc<Mutex<Seen>>,
}

/// Answers by status (0: none), and the deliveries that were acknowledged.
#[derive(Clone, Default)]
pub struct Seen {
    pub answers: BTreeMap<u16, usize>,
    pub acknowledged: Vec<String>,
}

impl Load {
    pub fn new(urls: [String; 2]) -> Self {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(30));
        Self {
            client: client.build().unwrap(),
            prefix: format!("task_{:016x}_", fastrand::u64(..)),
            signer: Arc::new(Signer::new(Secret::new(SECRET).unwrap())),
            urls: Arc::new(RwLock::new(urls)),
            seen: Arc::default(),
        }
    }

    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    /// Sends deliveries of new tasks: a quarter twice at once, and a quarter again
    /// afterwards.
    pub async fn send_all(&self, tasks: std::ops::Range<usize>, mut random: fastrand::Rng) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut sending = JoinSet::new();
        for number in tasks {
            let place = Arc::clone(&places).acquire_owned().await.unwrap();
            let (load, fate, first) = (self.clone(), random.u8(..4), random.bool());
            sending.spawn(async move {
                let task = format!("{}{number}", load.prefix);
                let send = |receiver| load.send(&task, receiver);
                match fate {
                    0 => drop(tokio::join!(send(0), send(1))),
                    1 => {
                        send(first.into()).await;
                        send((!first).into()).await;
                    }
                    _ => send(first.into()).await,
                }
                drop(place);
            });
        }
        while let Some(sent) = sending.join_next().await {
            sent.unwrap();
        }
    }

    async fn send(&self, task: &str, first: usize) {
        let body = format!(
            r#"{{"event":"job.completed","task_id":"{task}","data":{{"url":"https://cdn.example.com/1.png"}}}}"#
        );
        let began = Instant::now();
        for receiver in [first, 1 - first].into_iter().cycle() {
            let url = self.urls.read().unwrap()[receiver].clone();
            let signed = self.signer.sign(UnixTime::now(), body.as_bytes());
            let request = signed.to_pairs().into_iter().fold(
                self.client.post(url).body(body.clone()),
                |request, (name, value)| request.header(name, value),
            );
            let answer = request.send().await;
            let status = answer.map_or(0, |answer| answer.status().as_u16());
            {
                let mut seen = self.seen.lock().unwrap();
                *seen.answers.entry(status).or_default() += 1;
                if status == 200 {
                    seen.acknowledged.push(task.to_owned());
                    return;
                }
            }
            assert!(matches!(status, 0 | 503), "{task}: {status}");
            assert!(began.elapsed() < PATIENCE, "{task}: no 200 in {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
