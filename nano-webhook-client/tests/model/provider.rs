use serde_json::{Value, json};

use crate::transport::{Answer, Request};
use crate::url::same_url;

pub(crate) const URL: &str = "https://a.com/hook";

pub(crate) type Events = &'static [&'static str];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hook {
    pub(crate) shown: Value,
    pub(crate) secret: String,
}

/// A model of the provider.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    ids: fn(u64) -> Value,
    /// How it changes what it stores.
    pub(crate) change: fn(&mut Value),
    /// Of how many entries a list shows the oldest, and of those the newest.
    pub(crate) cut: [usize; 2],
    pub(crate) page: usize,
    /// Whether a list may show the horizon.
    pub(crate) lags: bool,
    pub(crate) hooks: Vec<Hook>,
    /// What was stored when a run last waited.
    pub(crate) horizon: Vec<Hook>,
    made: u64,
    /// The methods of all calls.
    pub(crate) calls: Vec<String>,
}

impl Provider {
    /// With webhooks that were stored before.
    pub(crate) fn new(before: &[(&str, Events, &str)], ids: fn(u64) -> Value) -> Self {
        let mut provider = Self {
            ids,
            change: |_| {},
            cut: [usize::MAX; 2],
            page: usize::MAX,
            lags: false,
            hooks: Vec::new(),
            horizon: Vec::new(),
            made: 0,
            calls: Vec::new(),
        };
        for (url, events, status) in before {
            provider.made += 1;
            let id = ids(provider.made);
            let shown = json!({ "id": id, "url": url, "events": events, "status": status });
            let secret = "old".to_owned();
            provider.hooks.push(Hook { shown, secret });
        }
        provider.horizon.clone_from(&provider.hooks);
        provider
    }

    pub(crate) fn active(&self) -> impl Iterator<Item = &Hook> {
        self.hooks.iter().filter(|Hook { shown, .. }| {
            same_url(shown["url"].as_str().unwrap(), URL) && shown["status"] != "pending"
        })
    }

    pub(crate) fn ids(&self) -> Vec<u64> {
        let ids = self.hooks.iter().map(|hook| hook.shown["id"].as_u64());
        ids.map(Option::unwrap).collect()
    }

    /// Without a request: time passes.
    pub(crate) fn serve(&mut self, request: Option<&Request>, stale: bool) -> Answer {
        let Some(request) = request else {
            self.horizon.clone_from(&self.hooks);
            return Answer::default();
        };
        self.calls.push(request.method().to_string());
        match request.method().as_str() {
            "GET" => self.list(request.uri().query(), stale),
            "POST" => {
                self.made += 1;
                let mut shown: Value = serde_json::from_slice(request.body()).unwrap();
                let secret = shown.as_object_mut().unwrap().remove("secret_key");
                (shown["id"], shown["status"]) = ((self.ids)(self.made), "active".into());
                (self.change)(&mut shown);
                let answer = answer(200, &json!({ "success": true, "data": shown }));
                let secret = secret.unwrap().as_str().unwrap().to_owned();
                self.hooks.push(Hook { shown, secret });
                answer
            }
            _ => {
                let id = request.uri().path().rsplit('/').next().unwrap();
                let before = self.hooks.len();
                self.hooks
                    .retain(|hook| hook.shown["id"].to_string().trim_matches('"') != id);
                let found = self.hooks.len() < before;
                answer(if found { 200 } else { 404 }, &json!({ "success": true }))
            }
        }
    }

    fn list(&self, query: Option<&str>, stale: bool) -> Answer {
        let stored = if stale { &self.horizon } else { &self.hooks };
        let [oldest, newest] = self.cut;
        let shown = stored.iter().take(oldest).map(|hook| &hook.shown);
        let shown: Vec<_> = shown.skip(stored.len().saturating_sub(newest)).collect();
        let from = query.and_then(|query| query.strip_prefix("from="));
        let from = from.map_or(0, |from| from.parse().unwrap());
        let entries: Vec<_> = shown.iter().skip(from).take(self.page).collect();
        let to = from.saturating_add(self.page);
        let next = (to < shown.len()).then(|| format!("?from={to}"));
        let body = json!({ "success": true, "data": entries, "next": next });
        answer(200, &body)
    }
}

fn answer(status: u16, body: &Value) -> Answer {
    let mut answer = Answer::new(body.to_string().into());
    *answer.status_mut() = status.try_into().unwrap();
    answer
}
