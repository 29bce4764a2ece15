use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use fastrand::Rng;
use tokio::time::sleep;

use super::disk::Disk;
use super::run::{Run, Shown, Struck, control, forgotten, kill_one};
use crate::Fleet;

async fn run(name: &str, fault: impl AsyncFn(&Disk, &Fleet, &mut Rng) -> Struck) -> Shown {
    let disk = Disk::new();
    let run = Run {
        name,
        url: &disk.url(),
        environment: &disk.environment(),
        disk: Some(&disk),
        apart: false,
    };
    run.under(async |fleet, random| fault(&disk, fleet, random).await)
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: receivers on SQLite are killed under load"]
async fn receivers_on_sqlite_are_killed() {
    let kill = async |_: &Disk, fleet: &Fleet, random: &mut Rng| kill_one(fleet, random).await;
    run("SQLite", kill).await.exactly_once();
}

async fn cut_power(disk: &Disk, fleet: &Fleet) -> Struck {
    let acknowledged = fleet.seen().acknowledged;
    for receiver in 0..2 {
        fleet.kill(receiver).await;
    }
    disk.cut_power();
    let (_copy, url) = disk.copied();
    let forgotten = forgotten(&acknowledged, &url).await;
    if forgotten > 0 {
        // What a lying disk leaves is not usable.
        return Break(forgotten);
    }
    for receiver in 0..2 {
        fleet.replace(receiver).await;
    }
    Continue("power cuts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the power of SQLite is cut under load"]
async fn the_power_of_sqlite_is_cut() {
    let cut = async |disk: &Disk, fleet: &Fleet, _: &mut Rng| cut_power(disk, fleet).await;
    run("SQLite", cut).await.exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the power of SQLite is cut on a disk that ignores flushes"]
async fn a_disk_that_ignores_flushes_loses_deliveries() {
    let cut = async |disk: &Disk, fleet: &Fleet, _: &mut Rng| {
        disk.set("lies", "");
        sleep(Duration::from_millis(300)).await;
        cut_power(disk, fleet).await
    };
    let run = async || run("control: SQLite without flushes", cut).await;
    control(run, |shown| shown.lost > 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the disk of SQLite is full under load"]
async fn the_disk_of_sqlite_is_full() {
    let fill = async |disk: &Disk, _: &Fleet, _: &mut Rng| {
        disk.set("full", "");
        sleep(Duration::from_millis(300)).await;
        disk.unset("full");
        Continue("full disks")
    };
    run("SQLite", fill).await.exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the clock of SQLite jumps under load"]
async fn the_clock_of_sqlite_jumps() {
    let jump = async |disk: &Disk, _: &Fleet, random: &mut Rng| {
        disk.set("clock", random.i64(-3_000..3_000));
        Continue("jumps of the clock")
    };
    run("SQLite", jump).await.exactly_once();
}
