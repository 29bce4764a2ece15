use http::Uri;
use nano_webhook_fetch::{UrlError, http_url, names_loopback};

use crate::error::Error;
use crate::id::WebhookId;

const PATH: &str = "/api/v1/webhooks";

/// Where the provider is, without the path of the API.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// Without a slash at its end.
    pub(crate) text: String,
    pub(crate) webhooks: Uri,
}

impl BaseUrl {
    /// The error never contains the text, which may contain a password.
    pub(crate) fn parse(text: &str, plain_http: bool) -> Result<Self, Error> {
        let invalid = |problem: &str| Error::invalid(format!("the base URL {problem}"));
        let not_absolute = || invalid("is not an absolute URL");
        if text.contains(['?', '#']) {
            return Err(invalid("has a query or a fragment"));
        }
        let url = http_url(text).map_err(|problem| match problem {
            UrlError::UserName => {
                invalid("has a user name or a password in it; give the key as Auth")
            }
            problem => invalid(&problem.to_string()),
        })?;
        let path = url.path().trim_end_matches('/');
        if path.ends_with("/api/v1") || path.ends_with(PATH) {
            return Err(invalid("ends with the path of the API; leave that out"));
        }
        let scheme = url.scheme_str().unwrap_or_default();
        let host = url.host().unwrap_or_default().to_ascii_lowercase();
        if scheme == "http" && !names_loopback(&host) && !plain_http {
            return Err(Error::invalid(format!(
                "the base URL is plain http to {host}, which would send the key unencrypted; \
                 use https, or allow plain http explicitly"
            )));
        }
        let authority = url.authority().map_or("", |it| it.as_str());
        let authority = authority.to_ascii_lowercase();
        let text = format!("{scheme}://{authority}{path}");
        let webhooks = format!("{text}{PATH}").parse();
        let webhooks = webhooks.map_err(|_| not_absolute())?;
        Ok(Self { text, webhooks })
    }

    pub(crate) fn webhook(&self, id: &WebhookId) -> Option<Uri> {
        // An id consists of characters that a path carries unescaped.
        format!("{}/{id}", self.webhooks).parse().ok()
    }

    /// The next page of the list, if the link can only mean that: the same
    /// origin and path with another query. The key is sent nowhere else.
    pub(crate) fn page(&self, link: &str) -> Option<Uri> {
        let webhooks = self.webhooks.to_string();
        let link = match link.as_bytes().first()? {
            b'?' => format!("{webhooks}{link}"),
            b'/' => format!("{}{link}", webhooks.strip_suffix(self.webhooks.path())?),
            _ => link.to_owned(),
        };
        let (address, _) = link.split_once('?')?;
        same_url(address, &webhooks).then(|| link.parse().ok())?
    }
}

/// Whether two texts name the same endpoint: the case of scheme and host, a
/// default port and an empty path make no difference. Texts that are not URLs are
/// compared byte by byte.
pub(crate) fn same_url(one: &str, other: &str) -> bool {
    one == other || normalised(one).is_some_and(|one| normalised(other) == Some(one))
}

fn normalised(text: &str) -> Option<String> {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let uri: Uri = text.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let authority = uri.authority()?.as_str();
    let (user, address) = authority.rsplit_once('@').unwrap_or(("", authority));
    let default = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let address = address.strip_suffix(default).unwrap_or(address);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let address = address.to_ascii_lowercase();
    Some(format!("{scheme}://{user}@{address}{target}#{fragment}"))
}
