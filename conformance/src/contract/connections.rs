//! Connections that go on after an answer.

use crate::http::{Connection, Response};
use crate::report::Report;
use crate::settings::Settings;
use crate::signed::SignedRequest;
use crate::target::{Server, Target};

pub(super) async fn run(target: &impl Target, report: &mut Report) {
    let server = target.start(Settings::default()).await;
    let fine = || SignedRequest::for_task("kept");
    let mut forged = fine();
    forged.body.push(b' ');
    for (name, first, status) in [
        ("after a delivery", fine(), 200),
        ("after a forgery", forged, 401),
        ("after what is not an event", SignedRequest::new("[]"), 422),
    ] {
        let name = format!("the connection is kept {name}");
        report.add(&name, one_after_the_other(&server, &first, status).await);
    }
    report.add("two deliveries in one write", pipelined(&server).await);
    report.add("a fine head is told to go on", continued(&server).await);
}

async fn one_after_the_other(
    server: &Server,
    first: &SignedRequest,
    status: u16,
) -> Result<(), String> {
    let mut connection = Connection::open(server.addr).await;
    expect(&connection.exchange(&first.whole()).await?, status)?;
    let second = SignedRequest::for_task("second");
    let answer = connection.exchange(&second.whole()).await?;
    expect(&answer, 200)?;
    expect_task(&answer, "second")
}

async fn pipelined(server: &Server) -> Result<(), String> {
    let both = ["one", "two"]
        .map(|task| SignedRequest::for_task(task).whole())
        .concat();
    let mut connection = Connection::open(server.addr).await;
    connection.send(&both).await;
    for task in ["one", "two"] {
        let answer = connection.receive().await?;
        expect(&answer, 200)?;
        expect_task(&answer, task)?;
    }
    Ok(())
}

async fn continued(server: &Server) -> Result<(), String> {
    let request = SignedRequest::for_task("continued");
    let length = request.body.len();
    let head = request.head(&format!(
        "content-length: {length}\r\nexpect: 100-continue\r\n"
    ));
    let mut connection = Connection::open(server.addr).await;
    connection.send(&head).await;
    expect(&connection.receive().await?, 100)?;
    connection.send(&request.body).await;
    expect(&connection.receive().await?, 200)
}

fn expect(answer: &Response, status: u16) -> Result<(), String> {
    (answer.status == status)
        .then_some(())
        .ok_or_else(|| format!("got {} {:?}, not {status}", answer.status, answer.code()))
}

fn expect_task(answer: &Response, task: &str) -> Result<(), String> {
    let got = &answer.json()["event"]["task_id"];
    (got == task)
        .then_some(())
        .ok_or_else(|| format!("the handler saw {got}, not {task}"))
}
