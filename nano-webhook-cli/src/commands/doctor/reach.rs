use std::time::Duration;

use nano_webhook_fetch::{Reach, names_loopback};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::kinds;
use super::probe::Prober;
use super::report::Report;
use crate::exit::chain;
use crate::http::{Target, port};

const CONNECT: Duration = Duration::from_secs(5);

/// Does the name resolve, and do its addresses accept connections?
pub(super) async fn check(target: &Target, report: &mut Report) -> bool {
    let host = target.url.host().unwrap_or_default();
    report.checked("the URL");
    let addresses = match Reach::Anywhere.resolve(host, port(&target.url)).await {
        Ok(addresses) => addresses,
        Err(error) => {
            report.add(kinds::URL_UNRESOLVED, chain(&error));
            return false;
        }
    };
    let (mut refused, count) = (Vec::new(), addresses.len());
    for address in addresses {
        let why = match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", CONNECT.as_secs()),
        };
        refused.push(format!("{address}: {why}"));
    }
    let is_reachable = refused.len() < count;
    if !is_reachable {
        report.add(kinds::URL_UNREACHABLE, refused.join("; "));
    } else if !refused.is_empty() && !names_loopback(host) {
        report.add(kinds::ADDRESS_UNREACHABLE, refused.join("; "));
    }
    if !is_https(target) && !names_loopback(host) {
        report.add(kinds::URL_PLAIN, "the URL is http");
    }
    is_reachable
}

/// Does it speak TLS and HTTP? A GET carries nothing secret.
pub(super) async fn answers(prober: &mut Prober<'_>, report: &mut Report) -> bool {
    let Err(failure) = prober.get(prober.target).await else {
        return true;
    };
    let kind = match is_https(prober.target) && failure.message.contains("cannot be reached") {
        true => kinds::URL_TLS,
        false => kinds::URL_SILENT,
    };
    report.add(kind, failure.message);
    false
}

fn is_https(target: &Target) -> bool {
    target.url.scheme_str() == Some("https")
}
