/// What a run has found: it goes on after a difference, and tells all at the end.
pub(crate) struct Report {
    what: &'static str,
    checked: usize,
    differences: Vec<String>,
}

impl Report {
    pub(crate) fn new(what: &'static str) -> Self {
        Self {
            what,
            checked: 0,
            differences: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, name: &str, result: Result<(), String>) {
        self.checked += 1;
        if let Err(difference) = result {
            self.differences.push(format!("{name}: {difference}"));
        }
    }

    pub(crate) fn finish(self, at_least: usize) {
        assert!(
            self.differences.is_empty(),
            "{}: {} of {} differ\n{}",
            self.what,
            self.differences.len(),
            self.checked,
            self.differences.join("\n")
        );
        assert!(
            self.checked >= at_least,
            "{}: {} checks only",
            self.what,
            self.checked
        );
    }
}
