use super::super::HeaderList;
use super::most_likely;
use crate::exit::Failure;

pub(super) fn parse_lines(content: &[u8]) -> Result<HeaderList, Failure> {
    let lines = content.split(|byte| *byte == b'\n');
    let lines: Vec<&[u8]> = lines.map(<[u8]>::trim_ascii_end).collect();
    let sent: Vec<&[u8]> = lines.iter().filter_map(|line| sent_by_curl(line)).collect();
    if sent.iter().any(|line| is_start(line)) {
        return blocks(&sent, false);
    }
    let traced = traced(&lines);
    if !traced.is_empty() {
        return blocks(&traced, false);
    }
    let start = lines.iter().position(|line| is_start(line));
    blocks(
        lines.get(start.unwrap_or_default()..).unwrap_or_default(),
        true,
    )
}

/// `> Name: value`, also after a time (`--trace-time`) or an id (`--trace-ids`).
fn sent_by_curl(line: &[u8]) -> Option<&[u8]> {
    let mut rest = line;
    loop {
        if let Some(sent) = rest.strip_prefix(b">") {
            return Some(sent.trim_ascii());
        }
        if !matches!(rest.first()?, b'0'..=b'9' | b'[') {
            return None;
        }
        let space = rest.iter().position(|byte| *byte == b' ')?;
        rest = rest.get(space..)?.trim_ascii_start();
    }
}

/// `0016: Name: value` after `=> Send header`.
fn traced<'a>(lines: &[&'a [u8]]) -> Vec<&'a [u8]> {
    let mut is_sent = false;
    let mut traced = Vec::new();
    for line in lines {
        let text = String::from_utf8_lossy(line);
        if text.contains("=> ") || text.contains("<= ") || text.contains("== ") {
            is_sent = text.contains("=> Send header");
            continue;
        }
        if is_sent
            && let Some((offset, content)) = line.split_at_checked(6)
            && offset.ends_with(b": ")
        {
            traced.push(content);
        }
    }
    traced
}

/// A request line, or a status line.
fn is_start(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let is_version = |word: &[u8]| word.starts_with(b"HTTP/");
    words.next().is_some_and(is_version) || words.nth(1).is_some_and(is_version)
}

/// The heads among these lines, each of which ends with a blank line or where the next
/// one starts.
fn blocks(lines: &[&[u8]], is_strict: bool) -> Result<HeaderList, Failure> {
    let mut heads = vec![HeaderList::new()];
    let mut has_ended = false;
    for (position, line) in lines.iter().enumerate() {
        let head = match heads.last_mut() {
            Some(head) if !is_start(line) => head,
            _ => {
                heads.push(HeaderList::new());
                has_ended = false;
                continue;
            }
        };
        has_ended |= line.is_empty() && !head.is_empty();
        if has_ended || line.is_empty() {
            continue;
        }
        let colon = line.iter().skip(1).position(|byte| *byte == b':');
        // CGI and the shell's env.
        let equals = || line.iter().skip(1).position(|byte| *byte == b'=');
        match (colon, head.last_mut()) {
            // A folded line, or a value under its name.
            (None, Some((_, value))) if value.is_empty() || line.starts_with(b" ") => {
                value.extend_from_slice(line.trim_ascii());
                continue;
            }
            _ => {}
        }
        match colon.or_else(equals) {
            Some(separator) => {
                let (name, value) = line.split_at(separator.saturating_add(1));
                let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
                let value = value.get(1..).unwrap_or_default().trim_ascii();
                head.push((name, value.to_vec()));
            }
            None if is_strict => {
                return Err(Failure::usage(format!(
                    "--headers: line {} is not of the form Name: value",
                    position.saturating_add(1)
                )));
            }
            None => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    Ok(most_likely(heads))
}
