use crate::http::Connection;
use crate::report::Report;
use crate::signed::SignedRequest;
use crate::target::Target;
use crate::verdicts::check_problem;

/// A handler that asks for a delivery which nothing has verified.
pub(super) async fn run(target: &impl Target, report: &mut Report) {
    let server = target.start_unconfigured().await;
    let mut connection = Connection::open(server.addr).await;
    let answer = connection
        .exchange(&SignedRequest::for_task("x").whole())
        .await;
    let result = answer.and_then(|answer| match answer.status {
        500 => check_problem(&answer, "not_configured"),
        other => Err(format!("got {other}")),
    });
    report.add("not configured", result);
}
