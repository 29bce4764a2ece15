//! The page. The list is fixed: no path of a request reaches the file system.

pub(crate) struct Asset {
    path: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! assets {
    ($($file:literal),* $(,)?) => {
        &[
            Asset { path: "/", text: include_str!("../page/index.html") },
            $(Asset {
                path: concat!("/", $file),
                text: include_str!(concat!("../page/", $file)),
            }),*
        ]
    };
}

const ASSETS: &[Asset] = assets![
    "api.js",
    "app.js",
    "bytes.js",
    "chart.js",
    "compare.js",
    "detail.js",
    "dom.js",
    "icon.svg",
    "keys.js",
    "list.js",
    "send.js",
    "store.js",
    "style.css",
    "words.js",
];

pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

impl Asset {
    pub(crate) fn content_type(&self) -> &'static str {
        match self.path.rsplit_once('.') {
            Some((_, "js")) => "text/javascript; charset=utf-8",
            Some((_, "css")) => "text/css; charset=utf-8",
            Some((_, "svg")) => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        }
    }
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
