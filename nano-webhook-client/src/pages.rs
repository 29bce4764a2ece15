use http::header::LINK;
use http::{HeaderMap, Uri};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::url::BaseUrl;

const TOTALS: &str = "total totalcount totalitems totalentries totalresults count";

/// What an answer says about further pages of the list. The provider documents
/// one list without pages; APIs of this kind introduce pages later.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// The link to the next page.
    link: Option<String>,
    /// A field or header that promises more, without a link.
    more: Option<String>,
    /// The largest number of entries and of pages that the answer promises.
    pub(crate) entries: u64,
    pub(crate) pages: u64,
}

impl Pages {
    pub(crate) fn read(headers: &HeaderMap, envelope: &Map<String, Value>) -> Self {
        let mut found = Self::default();
        let mut links = headers.get_all(LINK).iter();
        found.link = links.find_map(|value| next_link(value.to_str().ok()?));
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

    /// The next page, if one is promised. A promised page without a usable link is
    /// an error.
    pub(crate) fn next(&self, base_url: &BaseUrl) -> Result<Option<Uri>, Error> {
        let incomplete = |why: String| Error::new(ErrorKind::IncompleteList, why);
        match (&self.link, &self.more) {
            (Some(link), _) => base_url.page(link).map(Some).ok_or_else(|| {
                incomplete("its link to the next page leads to another address".to_owned())
            }),
            (None, Some(more)) => Err(incomplete(format!("`{more}` promises another page"))),
            (None, None) => Ok(None),
        }
    }

    fn field(&mut self, name: &str, value: &Value) {
        let plain = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "");
        let plain = plain.to_ascii_lowercase();
        let is_one_of = |names: &str| names.split(' ').any(|known| known == plain);
        let count = value.as_u64().unwrap_or(0);
        match value {
            Value::Number(_) if is_one_of("totalpages pages pagecount pagetotal lastpage") => {
                self.pages = self.pages.max(count);
            }
            Value::Number(_) if is_one_of(TOTALS) => self.entries = self.entries.max(count),
            Value::String(link)
                if is_next(&plain) && (link.contains('?') || link.contains("://")) =>
            {
                self.link.get_or_insert_with(|| link.clone());
            }
            _ if promises_more(&plain) && is_set(value) => self.more = Some(name.to_owned()),
            _ => {}
        }
    }
}

fn is_next(name: &str) -> bool {
    let mut kinds = "page cursor token url uri link offset marker".split(' ');
    let rest = name.strip_prefix("next");
    rest.is_some_and(|rest| rest.is_empty() || kinds.any(|kind| rest.starts_with(kind)))
}

fn promises_more(name: &str) -> bool {
    let others = ["more", "truncated", "istruncated", "incomplete", "partial"];
    is_next(name)
        || name.starts_with("has") && (name.contains("more") || name.contains("next"))
        || others.contains(&name)
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
        let is_next = parameters.to_ascii_lowercase().split(';').any(|parameter| {
            let (name, relations) = parameter.split_once('=').unwrap_or_default();
            let mut relations = relations.split([' ', '"', ',', '\'']);
            name.trim() == "rel" && relations.any(|relation| relation == "next")
        });
        is_next.then(|| target.trim().to_owned())
    })
}
