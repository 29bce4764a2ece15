//! The page. The list is fixed: no path of a request reaches the file system.

macro_rules! assets {
    ($($path:literal: $file:literal, $content_type:expr;)*) => {
        /// Its type and its text.
        pub(crate) fn find(path: &str) -> Option<(&'static str, &'static str)> {
            match path {
                $($path => Some(($content_type, include_str!(concat!("../page/", $file)))),)*
                _ => None,
            }
        }
    };
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

assets! {
    "/": "index.html", "text/html; charset=utf-8";
    "/style.css": "style.css", "text/css; charset=utf-8";
    "/icon.svg": "icon.svg", "image/svg+xml";
    "/api.js": "api.js", JAVASCRIPT;
    "/app.js": "app.js", JAVASCRIPT;
    "/bytes.js": "bytes.js", JAVASCRIPT;
    "/chart.js": "chart.js", JAVASCRIPT;
    "/compare.js": "compare.js", JAVASCRIPT;
    "/detail.js": "detail.js", JAVASCRIPT;
    "/dom.js": "dom.js", JAVASCRIPT;
    "/keys.js": "keys.js", JAVASCRIPT;
    "/list.js": "list.js", JAVASCRIPT;
    "/send.js": "send.js", JAVASCRIPT;
    "/store.js": "store.js", JAVASCRIPT;
    "/words.js": "words.js", JAVASCRIPT;
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn each_file_of_the_page_is_served() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/page");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let path = format!("/{}", name.replace("index.html", ""));
            assert!(find(&path).is_some(), "{path}");
        }
    }
}
