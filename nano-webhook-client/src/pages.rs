use http::HeaderMap;
use http::header::LINK;
use serde_json::{Map, Value};

use crate::base_url::BaseUrl;

/// What an answer says about further pages of the list. The provider documents
/// one list without pages; APIs of this kind introduce pages later.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// Links to the next page.
    links: Vec<String>,
    /// A field or header that promises more, without a link.
    more: Option<String>,
    /// The largest number of entries and of pages that the answer promises.
    pub(crate) entries: u64,
    pub(crate) pages: u64,
}

impl Pages {
    pub(crate) fn read(headers: &HeaderMap, envelope: &Map<String, Value>) -> Self {
        let mut found = Self::default();
        for value in headers.get_all(LINK) {
            found.links.extend(value.to_str().ok().and_then(next_link));
        }
        for (name, value) in headers {
            if let (Some(name), Ok(text)) = (name.as_str().strip_prefix("x-"), value.to_str()) {
                found.field(name, &text.parse().unwrap_or_else(|_| text.into()));
            }
        }
        for (name, value) in envelope.iter().filter(|(name, _)| *name != "data") {
            found.field(name, value);
            // `meta`, `pagination`, `links`
            for (name, value) in value.as_object().into_iter().flatten() {
                found.field(name, value);
            }
        }
        found
    }

    /// The next page, if one is promised, or what promises a page that cannot be
    /// found.
    pub(crate) fn next(&self, base_url: &BaseUrl) -> Result<Option<http::Uri>, String> {
        match (self.links.first(), &self.more) {
            (Some(link), _) => match base_url.page(link) {
                Some(page) => Ok(Some(page)),
                None => Err("its link to the next page leads to another address".to_owned()),
            },
            (None, Some(more)) => Err(format!("`{more}` promises another page")),
            (None, None) => Ok(None),
        }
    }

    fn field(&mut self, name: &str, value: &Value) {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        match (plain.as_str(), value) {
            (
                "totalpages" | "pages" | "pagecount" | "pagetotal" | "lastpage",
                Value::Number(number),
            ) => self.pages = self.pages.max(number.as_u64().unwrap_or(0)),
            (
                "total" | "totalcount" | "totalitems" | "totalentries" | "totalresults" | "count",
                Value::Number(number),
            ) => self.entries = self.entries.max(number.as_u64().unwrap_or(0)),
            (next, Value::String(link))
                if is_next(next) && (link.contains('?') || link.contains("://")) =>
            {
                self.links.push(link.clone());
            }
            (sign, value) if promises_more(sign) && is_set(value) => {
                self.more = Some(name.to_owned());
            }
            _ => {}
        }
    }
}

fn is_next(name: &str) -> bool {
    const KINDS: [&str; 8] = [
        "page", "cursor", "token", "url", "uri", "link", "offset", "marker",
    ];
    name.strip_prefix("next")
        .is_some_and(|rest| rest.is_empty() || KINDS.iter().any(|kind| rest.starts_with(kind)))
}

fn promises_more(name: &str) -> bool {
    is_next(name)
        || name.starts_with("has") && (name.contains("more") || name.contains("next"))
        || matches!(
            name,
            "more" | "truncated" | "istruncated" | "incomplete" | "partial"
        )
}

fn is_set(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(set) => *set,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => fields.values().any(is_set),
    }
}

/// The target of `rel="next"` (RFC 8288).
fn next_link(header: &str) -> Option<String> {
    header.split('<').skip(1).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let relations = parameter.trim().to_ascii_lowercase();
            let relations = relations.strip_prefix("rel").map(str::trim_start);
            let relations = relations.and_then(|value| value.strip_prefix('='));
            relations.is_some_and(|relations| {
                (relations.split([' ', '"', ',', '\''])).any(|relation| relation == "next")
            })
        });
        is_next.then(|| target.trim().to_owned())
    })
}
