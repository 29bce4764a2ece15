use bytes::Bytes;
use http::HeaderMap;

use crate::answer::Answer;
use crate::same_url::same_url;
use crate::transport::Request;

pub(crate) const URL: &str = "https://a.com/hook";

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hook {
    pub(crate) id: String,
    url: String,
    pub(crate) events: String,
    status: &'static str,
    pub(crate) secret: String,
}

impl Hook {
    fn json(&self) -> String {
        let Self {
            id,
            url,
            events,
            status,
            ..
        } = self;
        format!(r#"{{"id":{id},"url":"{url}","events":{events},"status":"{status}"}}"#)
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Ids {
    #[default]
    Ascending,
    Descending,
    Texts,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    Oldest,
    Newest,
}

/// How the provider changes what it stores.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Stored {
    #[default]
    AsSent,
    Slash,
    Event,
    Pending,
    Case,
}

/// A model of the provider.
#[derive(Clone, Debug, Default)]
pub(crate) struct Provider {
    pub(crate) ids: Ids,
    pub(crate) stored: Stored,
    pub(crate) cut: Option<(Cut, usize)>,
    /// Entries of a page; 0 for no pages.
    pub(crate) page: usize,
    /// Whether a list may show the horizon.
    pub(crate) lags: bool,
    pub(crate) hooks: Vec<Hook>,
    /// What was stored when a run last waited.
    pub(crate) horizon: Vec<Hook>,
    made: usize,
}

impl Provider {
    pub(crate) fn active(&self) -> impl Iterator<Item = &Hook> {
        (self.hooks.iter()).filter(|hook| same_url(&hook.url, URL) && hook.status != "pending")
    }

    /// As stored before any run.
    pub(crate) fn add(&mut self, events: &str) {
        self.insert(events, "old", "active", URL.to_owned());
        self.horizon.clone_from(&self.hooks);
    }

    fn insert(&mut self, events: &str, secret: &str, status: &'static str, url: String) -> String {
        self.made += 1;
        let id = match self.ids {
            Ids::Ascending => self.made.to_string(),
            Ids::Descending => (100 - self.made).to_string(),
            // In no order.
            Ids::Texts => format!("\"{}{}\"", ["m", "c", "x", "a"][self.made % 4], self.made),
        };
        let (events, secret) = (events.to_owned(), secret.to_owned());
        let hook = Hook {
            id,
            url,
            events,
            status,
            secret,
        };
        let json = hook.json();
        self.hooks.push(hook);
        json
    }

    pub(crate) fn serve(&mut self, request: &Request, stale: bool) -> Answer {
        match request.method.as_str() {
            "GET" => self.list(request.uri.query(), stale),
            "POST" => self.create(&request.body),
            _ => self.delete(request.uri.path().rsplit('/').next().unwrap()),
        }
    }

    fn list(&self, query: Option<&str>, stale: bool) -> Answer {
        let stored = if stale { &self.horizon } else { &self.hooks };
        let shown: Vec<_> = match self.cut {
            Some((Cut::Oldest, entries)) => stored.iter().take(entries).collect(),
            Some((Cut::Newest, entries)) => stored.iter().rev().take(entries).collect(),
            None => stored.iter().collect(),
        };
        let from: usize = query.map_or(0, |query| {
            query.strip_prefix("from=").unwrap().parse().unwrap()
        });
        let size = if self.page == 0 {
            shown.len()
        } else {
            self.page
        };
        let entries: Vec<_> = shown
            .iter()
            .skip(from)
            .take(size)
            .map(|hook| hook.json())
            .collect();
        let next = match from + size < shown.len() {
            true => format!(r#","next":"?from={}""#, from + size),
            false => String::new(),
        };
        answer(
            200,
            format!(r#"{{"success":true,"data":[{}]{next}}}"#, entries.join(",")),
        )
    }

    fn create(&mut self, body: &Bytes) -> Answer {
        let sent: serde_json::Value = serde_json::from_slice(body).unwrap();
        let events = sent["events"].to_string();
        let secret = sent["secret_key"].as_str().unwrap();
        let url = sent["url"].as_str().unwrap().to_owned();
        let stored = match self.stored {
            Stored::AsSent => self.insert(&events, secret, "active", url),
            Stored::Slash => self.insert(&events, secret, "active", url + "/"),
            Stored::Event => self.insert(&events.replace(']', ",\"ping\"]"), secret, "active", url),
            Stored::Pending => self.insert(&events, secret, "pending", url),
            Stored::Case => self.insert(&events, secret, "Active", url),
        };
        answer(200, format!(r#"{{"success":true,"data":{stored}}}"#))
    }

    fn delete(&mut self, id: &str) -> Answer {
        let before = self.hooks.len();
        self.hooks.retain(|hook| hook.id.trim_matches('"') != id);
        match self.hooks.len() < before {
            true => answer(200, r#"{"success":true}"#.to_owned()),
            false => answer(404, String::new()),
        }
    }
}

fn answer(status: u16, body: String) -> Answer {
    let headers = HeaderMap::new();
    Answer {
        status,
        headers,
        body: body.into(),
    }
}
