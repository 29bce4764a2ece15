use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::Vector;
use super::form::check;

/// Fewer than this, and somebody has lost a file.
const AT_LEAST: usize = 750;

/// All vectors of all files.
///
/// # Panics
/// If a file is not of the form that `conformance/README.md` describes: a vector
/// that is skipped in silence judges nothing.
#[must_use]
pub fn vectors() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    match load(&folder) {
        Ok(vectors) if vectors.len() >= AT_LEAST => vectors,
        Ok(vectors) => panic!(
            "{}: {} vectors only, there were {AT_LEAST}",
            folder.display(),
            vectors.len()
        ),
        Err(error) => panic!("{error}"),
    }
}

fn load(folder: &Path) -> Result<Vec<Vector>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry.map_err(|error| error.to_string())?.path());
    }
    files.sort();
    let mut names = HashSet::new();
    let mut all = Vec::new();
    for path in files {
        let file = path.display();
        let text = fs::read_to_string(&path).map_err(|error| format!("{file}: {error}"))?;
        let vectors: Vec<Vector> =
            serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
        if vectors.is_empty() {
            return Err(format!("{file}: no vectors"));
        }
        for vector in &vectors {
            check(vector).map_err(|error| format!("{file}: {}: {error}", vector.name))?;
            if !names.insert(vector.name.clone()) {
                return Err(format!("{file}: there are two {}", vector.name));
            }
        }
        all.extend(vectors);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_well_formed() {
        assert!(vectors().len() >= AT_LEAST);
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let error = load(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(error.contains("/nowhere/at/all"), "{error}");
    }
}
