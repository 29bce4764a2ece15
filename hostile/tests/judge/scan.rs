//! What of a JSON document makes the documented check and ours differ (D2),
//! found without either: the document is known to be JSON, so brackets outside
//! of strings are nesting, and a quote opens or closes a string.

/// How deep arrays and objects are nested, and whether half a surrogate pair is
/// escaped, anywhere.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) depth: usize,
    pub(crate) lone_surrogate: bool,
}

impl Scan {
    pub(crate) fn of(json: &str) -> Self {
        let mut scan = Self::default();
        let mut open = 0_usize;
        // The units of the string that is being read.
        let mut string: Option<Vec<u16>> = None;
        let mut rest = json.chars();
        while let Some(char) = rest.next() {
            match (&mut string, char) {
                (None, '[' | '{') => {
                    open += 1;
                    scan.depth = scan.depth.max(open);
                }
                (None, ']' | '}') => open -= 1,
                (None, '"') => string = Some(Vec::new()),
                (None, _) => {}
                (Some(units), '"') => {
                    scan.lone_surrogate |= String::from_utf16(units).is_err();
                    string = None;
                }
                (Some(units), '\\') => match rest.next() {
                    Some('u') => {
                        let digits: String = rest.by_ref().take(4).collect();
                        units.push(u16::from_str_radix(&digits, 16).unwrap());
                    }
                    // Which character it is does not matter here.
                    _ => units.push(0),
                },
                (Some(units), char) => units.extend_from_slice(char.encode_utf16(&mut [0; 2])),
            }
        }
        scan
    }
}

#[test]
fn scans() {
    for (json, depth, lone_surrogate) in [
        ("1", 0, false),
        (r#"[{"[":"]"}]"#, 2, false),
        (r#"["\"[","\\"]"#, 1, false),
        (r#""\ud83d\ude00""#, 0, false),
        (r#""\ud83d""#, 0, true),
        (r#"{"\ude00":[]}"#, 2, true),
        (r#"["\ud83d","\ude00"]"#, 1, true),
        (r#""\\ud83d""#, 0, false),
    ] {
        let scan = Scan::of(json);
        assert_eq!(
            (scan.depth, scan.lone_surrogate),
            (depth, lone_surrogate),
            "{json}"
        );
    }
}
