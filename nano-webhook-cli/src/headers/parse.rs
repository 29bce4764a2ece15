//! Headers in a file: a dump of a request, the output of `curl -v`, or JSON.

mod json;
mod lines;

use encoding_rs::Encoding;

use self::json::parse_json;
use self::lines::parse_lines;
use super::{FromFile, HeaderList};
use crate::exit::Failure;

/// Reads raw header lines (also with a request line before them and a body behind
/// them), the output of `curl -v` and `curl --trace-ascii`, what `listen --save`
/// wrote, and other JSON that has headers in it (an API gateway's event, a HAR file,
/// an object of names and values).
pub(crate) fn parse(content: &[u8]) -> Result<FromFile, Failure> {
    // PowerShell redirects into UTF-16.
    let text = match Encoding::for_bom(content) {
        Some((encoding, _)) => encoding.decode(content).0.into_owned().into_bytes(),
        None => content.to_vec(),
    };
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
    if text.trim_ascii_start().starts_with(b"{") || text.trim_ascii_start().starts_with(b"[") {
        return parse_json(text);
    }
    Ok(FromFile {
        headers: parse_lines(text)?,
        received_at: None,
    })
}

/// Of several heads, the last one with a signature.
fn most_likely(mut heads: Vec<HeaderList>) -> HeaderList {
    let has_signature = |head: &HeaderList| {
        let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
        (head.iter()).any(|(name, _)| plain(name).ends_with("nano-signature"))
    };
    match heads.iter().rposition(has_signature) {
        Some(position) => heads.swap_remove(position),
        None => heads.into_iter().next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As programs write the same two headers.
    #[test]
    fn files() {
        for content in [
            "X-Nano-Timestamp: 1734948000\nX-Nano-Signature: v1=00\n",
            "\u{feff}X-Nano-Timestamp:1734948000\r\nX-Nano-Signature:\tv1=00 \r\n\r\n",
            "POST /webhook HTTP/1.1\r\nX-Nano-Timestamp: 1734948000\r\nX-Nano-Signature: v1=00\r\n\r\n{\"event\":1}\n",
            "> POST /webhook HTTP/1.1\n> X-Nano-Timestamp: 1734948000\n> X-Nano-Signature: v1=00\n> \n",
            "*   Trying 127.0.0.1:3000...\n* Connected to 127.0.0.1\n> POST / HTTP/1.1\r\n> X-Nano-Timestamp: 1734948000\r\n> X-Nano-Signature: v1=00\r\n>\r\n* upload completely sent off: 2 bytes\n< HTTP/1.1 401 Unauthorized\r\n< content-type: text/plain\r\n<\r\n{ [5 bytes data]\n{}\n* Connection #0 left intact\n",
            "  % Total    % Received\n10:00:00.123456 [0-0] > POST / HTTP/2\n10:00:00.123456 [0-0] > X-Nano-Timestamp: 1734948000\n10:00:00.2 [0-0] > X-Nano-Signature: v1=00\n",
            "* [HTTP/2] [1] OPENED stream for https://a/\n* [HTTP/2] [1] [:method: POST]\n* [HTTP/2] [1] [x-nano-signature: v1=00]\n> POST / HTTP/2\n> X-Nano-Timestamp: 1734948000\n> X-Nano-Signature: v1=00\n",
            "== Info: Trying\n=> Send header, 80 bytes (0x50)\n0000: POST / HTTP/1.1\n0011: X-Nano-Timestamp: 1734948000\n002c: X-Nano-Signature: v1=00\n0040: \n=> Send data, 2 bytes (0x2)\n0000: {}\n",
            "X-Nano-Timestamp:\n1734948000\nX-Nano-Signature:\nv1=00\n",
            r#"{"received_at_ms":1,"headers":[["X-Nano-Timestamp","1734948000"],["X-Nano-Signature","v1=00"]]}"#,
            r#"{"requestContext":{},"headers":{"X-Nano-Timestamp":"1734948000","X-Nano-Signature":"v1=00"},"body":""}"#,
            r#"{"log":{"entries":[{"request":{"headers":[{"name":"X-Nano-Timestamp","value":"1734948000"},{"name":"X-Nano-Signature","value":"v1=00"}]}}]}}"#,
            r#"{"rawHeaders":["X-Nano-Timestamp","1734948000","X-Nano-Signature","v1=00"]}"#,
            r#" {"X-Nano-Timestamp":1734948000,"X-Nano-Signature":["v1=00"]}"#,
            "{'X-Nano-Timestamp': '1734948000', 'X-Nano-Signature': 'v1=00'}",
        ] {
            let mut found = parse(content.as_bytes()).unwrap().headers;
            // A JSON object has its members in no order that means anything.
            found.sort();
            let expected = [
                ("X-Nano-Signature".to_owned(), b"v1=00".to_vec()),
                ("X-Nano-Timestamp".to_owned(), b"1734948000".to_vec()),
            ];
            assert_eq!(found, expected, "{content}");
        }
    }

    #[test]
    fn no_headers() {
        for content in [
            "no header",
            "{",
            r#"{"a":{}}"#,
            r#"{"headers":[["a","€"]]}"#,
        ] {
            assert!(parse(content.as_bytes()).is_err(), "{content}");
        }
    }
}
