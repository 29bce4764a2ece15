use std::env;
use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use nano_webhook_sqlx::sqlx::{self, AssertSqlSafe, Connection as _, PgConnection};
use nano_webhook_test_kit::{Fault, PostgresServer, Proxy};
use tokio::time::sleep;

use super::disk::Disk;
use super::run::{Run, control, forgotten, kill_one};
use crate::promotion::{Pair as _, PostgresPair};

fn run(url: &str) -> Run<'_> {
    Run {
        name: "Postgres",
        url,
        environment: &[],
        disk: None,
        apart: false,
    }
}

/// A server on a disk that obeys the test.
async fn server_on_a_disk(settings: &[&str]) -> (PostgresServer, Disk) {
    let mut disk = None;
    let server = PostgresServer::start_with(settings, |folder| {
        let disk = disk.insert(Disk::of(folder.join("data")));
        disk.environment()
    })
    .await;
    (server, disk.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: receivers and Postgres are killed under load"]
async fn receivers_and_postgres_are_killed() {
    let own = env::var("NANO_WEBHOOK_DATABASE_URL").ok();
    let mut server = match own {
        Some(_) => None,
        None => Some(PostgresServer::start().await),
    };
    let url = server.as_ref().map(PostgresServer::url).or(own).unwrap();
    let shown = run(&url).under(async |fleet, random| {
        if let Some(server) = &mut server
            && random.u8(..5) == 0
        {
            server.stop_at_once().await;
            server.start_again().await;
            return Continue("restarts of the server without a shutdown");
        }
        kill_one(fleet, random).await
    });
    shown.await.exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: receivers are killed under load, with effects apart from completions"]
async fn effects_apart_from_completions_are_doubled() {
    let server = PostgresServer::start().await;
    let url = server.url();
    let apart = Run {
        name: "control: Postgres, effects apart from completions",
        apart: true,
        ..run(&url)
    };
    let killed = async || apart.under(kill_one).await;
    control(killed, |shown| shown.twice > 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the power of Postgres is cut under load"]
async fn the_power_of_postgres_is_cut() {
    let cuts = async |settings: &[&str]| {
        let (mut server, disk) = server_on_a_disk(settings).await;
        let url = server.url();
        let shown = run(&url).under(async |fleet, _| {
            let acknowledged = fleet.seen().acknowledged;
            server.kill().await;
            disk.cut_power();
            server.start_again().await;
            match forgotten(&acknowledged, &url).await {
                0 => Continue("power cuts"),
                forgotten => Break(forgotten),
            }
        });
        shown.await
    };
    cuts(&[]).await.exactly_once();
    let off = async || cuts(&["synchronous_commit=off"]).await;
    control(off, |shown| shown.lost > 0).await;
}

/// Without room, Postgres rejects new pages, and ends when its log cannot grow.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the disk of Postgres is full under load"]
async fn the_disk_of_postgres_is_full() {
    let (mut server, disk) = server_on_a_disk(&[]).await;
    let url = server.url();
    let shown = run(&url).under(async |_, _| {
        disk.set("full", "growth");
        sleep(Duration::from_millis(1500)).await;
        disk.unset("full");
        let mut ended = false;
        while PgConnection::connect(&url).await.is_err() {
            if !server.is_alive() {
                // As an operator does.
                server.start_again().await;
                ended = true;
            }
            sleep(Duration::from_millis(50)).await;
        }
        Continue(match ended {
            true => "full disks that ended the server",
            false => "full disks",
        })
    });
    let shown = shown.await;
    assert!(shown.answers.contains_key(&503));
    shown.exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the clock of Postgres jumps under load"]
async fn the_clock_of_postgres_jumps() {
    let (server, disk) = server_on_a_disk(&[]).await;
    let url = server.url();
    let shown = run(&url).under(async |_, random| {
        disk.set("clock", random.i64(-3_000..3_000));
        Continue("jumps of the clock")
    });
    shown.await.exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: connections to Postgres are cut, or swallow packets, under load"]
async fn connections_to_postgres_fail() {
    let server = PostgresServer::start().await;
    let proxy = Proxy::start(server.address()).await;
    let url = format!("postgres://app@{}/postgres", proxy.address());
    let shown = run(&url).under(async |_, random| {
        let swallows = random.bool();
        if swallows {
            proxy.state().fault = Fault::Swallow { first: usize::MAX };
            sleep(Duration::from_millis(1500)).await;
            proxy.state().fault = Fault::None;
        }
        proxy.cut();
        Continue(match swallows {
            true => "networks that swallow packets for 1.5 s",
            false => "cuts of all connections",
        })
    });
    shown.await.exactly_once();
}

/// The handlers' pool has four connections, the store two of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: the pools of Postgres run dry under load"]
async fn the_pools_of_postgres_run_dry() {
    let server = PostgresServer::start().await;
    let url = server.url();
    let shown = run(&url).under(async |_, random| {
        let (table, dry) = match random.bool() {
            true => ("proof_counters", "0.7 s without the handlers' pool"),
            false => (
                "nano_webhook_claims",
                "0.7 s without the store's connections",
            ),
        };
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let lock = AssertSqlSafe(format!("LOCK TABLE {table}"));
        let lock = sqlx::raw_sql(lock).execute(&mut *transaction);
        lock.await.unwrap();
        sleep(Duration::from_millis(700)).await;
        transaction.rollback().await.unwrap();
        Continue(dry)
    });
    let shown = shown.await;
    assert!(shown.answers.contains_key(&503));
    shown.exactly_once();
}

/// An asynchronous standby forgets effects together with their completions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "long: a Postgres standby is promoted under load"]
async fn a_standby_of_postgres_is_promoted() {
    for synchronous in [false, true] {
        let mut pair = PostgresPair::start(synchronous).await;
        let url = pair.url();
        let (mut promoted, mut lost) = (false, 0);
        let name = match synchronous {
            true => "Postgres with a synchronous standby",
            false => "Postgres with an asynchronous standby",
        };
        let shown = Run { name, ..run(&url) }.under(async |fleet, random| {
            if !promoted {
                let replicated = fleet.seen().acknowledged;
                pair.catch_up().await;
                pair.fail_over().await;
                promoted = true;
                lost = forgotten(&fleet.seen().acknowledged, &url).await;
                assert_eq!(forgotten(&replicated, &url).await, 0);
                return Continue("promotions");
            }
            kill_one(fleet, random).await
        });
        let shown = shown.await;
        println!("{lost} forgotten by the standby");
        assert_eq!(lost == 0, synchronous);
        assert!(shown.lost <= lost && shown.twice == 0, "{shown:?}");
    }
}
