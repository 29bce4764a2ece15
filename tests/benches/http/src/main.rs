//! Servers of one thread over the loopback interface, bare and with what verifies, in turns.
//!
//! ```text
//! bench-http [--seconds 5] [--turns 5] [--connections 1,10,100] [--json FILE]
//! ```
//!
//! The load comes from this process. What a server costs is the processor time of its own
//! process, so a machine with two cores suffices.

mod actix_server;
mod axum_server;
mod load;
mod modes;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::load::load;
use crate::modes::{Case, Mode, Requests, cases};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    if let [command, framework, mode] = arguments.as_slice()
        && command == "serve"
    {
        let mode = (Mode::ALL.into_iter()).find(|known| known.name() == *mode);
        let mode = mode.ok_or("the mode is unknown")?;
        return match framework.as_str() {
            "axum" => axum_server::run(mode),
            _ => actix_server::run(mode),
        };
    }
    let option = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name, default| option(name).map_or(Ok(default), |text| text.parse());
    let (seconds, turns) = (number("--seconds", 5)?, number("--turns", 5)?);
    let connections = option("--connections").map_or("", String::as_str);
    let connections: Result<Vec<_>, _> = (connections.split(',').filter(|text| !text.is_empty()))
        .map(str::parse)
        .collect();
    let cases = cases(&connections?);
    let measured = measure(&cases, Duration::from_secs(seconds), turns)?;
    print(&measured);
    if let Some(file) = option("--json") {
        serde_json::to_writer_pretty(std::fs::File::create(file)?, &measured)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Measured {
    framework: &'static str,
    size: usize,
    connections: usize,
    name: &'static str,
    /// Of the best turn: the one that other processes left alone.
    per_second: f64,
    /// Processor time of a request, the median of all turns.
    micros: f64,
    /// Requests for a core, as a share of what the bare framework serves.
    of_bare: f64,
}

fn measure(cases: &[Case], time: Duration, turns: u64) -> Result<Vec<Measured>, Box<dyn Error>> {
    let mut servers: Vec<(&str, Mode, Server)> = Vec::new();
    for case in cases {
        let known =
            |server: &(&str, Mode, Server)| (server.0, server.1) == (case.framework, case.mode);
        if !servers.iter().any(known) {
            let server = Server::start(case.framework, case.mode)?;
            servers.push((case.framework, case.mode, server));
        }
    }
    let mut runs = vec![Vec::new(); cases.len()];
    for _ in 0..turns {
        for (case, runs) in cases.iter().zip(&mut runs) {
            let server =
                (servers.iter()).find(|server| (server.0, server.1) == (case.framework, case.mode));
            let (.., server) = server.ok_or("a server is missing")?;
            runs.push(server.load(case, time)?);
        }
    }
    let medians: Vec<f64> = runs
        .iter_mut()
        .map(|runs| {
            runs.sort_by(|one, other| one.1.total_cmp(&other.1));
            runs.get(runs.len() / 2).map_or(f64::NAN, |run| run.1)
        })
        .collect();
    let bare = |case: &Case| {
        let bare = |other: &Case| {
            (other.framework, other.mode) == (case.framework, Mode::Bare)
                && (other.size, other.connections) == (case.size, case.connections)
        };
        let place = cases.iter().position(bare);
        place
            .and_then(|place| medians.get(place))
            .copied()
            .unwrap_or(f64::NAN)
    };
    Ok(cases
        .iter()
        .zip(&runs)
        .zip(&medians)
        .map(|((case, runs), micros)| Measured {
            framework: case.framework,
            size: case.size,
            connections: case.connections,
            name: case.name,
            per_second: runs.iter().map(|run| run.0).fold(0.0, f64::max),
            micros: *micros,
            of_bare: bare(case) / micros,
        })
        .collect())
}

fn print(measured: &[Measured]) {
    println!(
        "framework   bytes  conns     best/s  µs of a core  of bare  GB for a core and second"
    );
    for case in measured {
        println!(
            "{:9} {:7} {:6} {:10.0} {:13.2} {:7.0} % {:10.2}  {}",
            case.framework,
            case.size,
            case.connections,
            case.per_second,
            case.micros,
            100.0 * case.of_bare,
            case.size as f64 / case.micros / 1000.0,
            case.name
        );
    }
}

struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(framework: &str, mode: Mode) -> Result<Self, Box<dyn Error>> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", framework, &mode.name()])
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("there is no output")?;
        let mut address = String::new();
        BufReader::new(output).read_line(&mut address)?;
        let address = address.trim().to_owned();
        Ok(Self { process, address })
    }

    /// Requests a second, and microseconds of a core for each.
    fn load(&self, case: &Case, time: Duration) -> Result<(f64, f64), Box<dyn Error>> {
        let mut started = None;
        let answers = load(&self.address, case, time, || {
            started = Some((Instant::now(), self.processor_seconds()));
        })?;
        let (began, before) = started.ok_or("no connection was opened")?;
        let before = before?;
        let processor = self.processor_seconds()? - before;
        let wrong = match case.requests {
            Requests::Forged => answers.accepted,
            _ => answers.refused,
        };
        if wrong > 0 || answers.all() == 0 {
            return Err(format!("{} {}: {answers:?}", case.framework, case.name).into());
        }
        let requests = answers.all() as f64;
        let per_second = requests / began.elapsed().as_secs_f64();
        Ok((per_second, 1e6 * processor / requests))
    }

    /// User and system time, from /proc, in hundredths of a second.
    fn processor_seconds(&self) -> Result<f64, Box<dyn Error>> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        let ticks: Result<Vec<u64>, _> = (fields.split(' ').skip(11).take(2))
            .map(str::parse)
            .collect();
        Ok(ticks?.into_iter().sum::<u64>() as f64 / 100.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
