//! Unpacks the seeds for a run, and packs what a run found worth keeping.

use std::path::Path;
use std::{env, fs, io};

use nano_webhook_fuzz::seeds;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["unpack", target, directory] => {
            fs::create_dir_all(directory)?;
            for (number, seed) in seeds::of(target).iter().enumerate() {
                fs::write(format!("{directory}/seed-{number:05}"), seed)?;
            }
            Ok(())
        }
        ["pack", target, directory] => seeds::keep(target, seeds::read(Path::new(directory))),
        _ => Err(io::Error::other(
            "usage: seeds unpack|pack TARGET DIRECTORY",
        )),
    }
}
