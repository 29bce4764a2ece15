//! Unpacks the seeds for a run, and packs what a run found worth keeping.

use std::path::Path;
use std::{env, fs, io};

use nano_webhook_fuzz::seeds;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["unpack", target, directory] => unpack(target, Path::new(directory)),
        ["pack", target, directory] => {
            let files = seeds::files(Path::new(directory));
            seeds::keep(
                target,
                files.iter().map(fs::read).collect::<Result<_, _>>()?,
            )
        }
        _ => Err(io::Error::other(
            "usage: seeds unpack|pack TARGET DIRECTORY",
        )),
    }
}

fn unpack(target: &str, directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for (number, seed) in seeds::of(target).iter().enumerate() {
        fs::write(directory.join(format!("seed-{number:05}")), seed)?;
    }
    Ok(())
}
