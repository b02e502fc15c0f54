//! Answers, the faults that keep them from arriving, and the log of what came in.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Extensions;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, rt};
use diesel::prelude::*;

use super::gateway::Gateway;
use super::model::LogRow;
use super::schema::log;

/// How long a switched-off answer keeps a client waiting.
const HANG: Duration = Duration::from_secs(30);

/// Rows the log keeps.
const KEPT: i64 = 100_000;

/// An answer that is ready to leave.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Answer {
    /// An answer of JSON.
    pub(super) fn json(status: u16, body: &serde_json::Value) -> Answer {
        Answer {
            status,
            content_type: "application/json",
            headers: Vec::new(),
            body: body.to_string(),
        }
    }

    /// Says that the gateway itself is broken; says nothing about the payment.
    pub(super) fn broken() -> Answer {
        Answer {
            status: 500,
            content_type: "text/plain; charset=utf-8",
            headers: Vec::new(),
            body: "internal error\n".to_owned(),
        }
    }
}

/// What a switch does to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No answer; the connection closes after 30 s.
    Hang,
    /// The connection closes at once.
    Reset,
    /// A 500 without meaning.
    Http500,
    /// The first half of the answer, unsigned.
    Malformed,
}

/// What came in, for the log.
pub(super) struct Seen {
    pub(super) kind: &'static str,
    pub(super) merchant: Option<String>,
    pub(super) merchant_no: Option<String>,
    pub(super) body: String,
    at: Instant,
}

impl Seen {
    /// Something of this kind came in now.
    pub(super) fn new(kind: &'static str, body: String) -> Seen {
        Seen {
            kind,
            merchant: None,
            merchant_no: None,
            body,
            at: Instant::now(),
        }
    }

    /// Which payment it is about.
    pub(super) fn about(&mut self, merchant: &str, merchant_no: &str) {
        self.merchant = Some(merchant.to_owned());
        self.merchant_no = Some(merchant_no.to_owned());
    }
}

/// A second handle on a client's connection, to close it without an answer.
struct Wire(TcpStream);

/// Keeps a [`Wire`] beside every connection.
pub(super) fn on_connect(connection: &dyn Any, kept: &mut Extensions) {
    if let Some(stream) = connection.downcast_ref::<rt::net::TcpStream>()
        && let Ok(copy) = stream.as_fd().try_clone_to_owned()
    {
        kept.insert(Wire(TcpStream::from(copy)));
    }
}

impl Gateway {
    /// Logs what came in and lets the answer leave, or does to it what `fault` says.
    pub(super) async fn reply(
        self: &Arc<Self>,
        req: &HttpRequest,
        seen: Seen,
        answer: Answer,
        fault: Option<Fault>,
    ) -> HttpResponse {
        let status = match fault {
            None | Some(Fault::Malformed) => Some(answer.status),
            Some(Fault::Http500) => Some(500),
            Some(Fault::Hang | Fault::Reset) => None,
        };
        self.log_row(LogRow {
            at: self.now(),
            direction: "in".to_owned(),
            kind: seen.kind.to_owned(),
            merchant: seen.merchant,
            merchant_no: seen.merchant_no,
            verb: req.method().to_string(),
            path: req.path().to_owned(),
            status: status.map(i32::from),
            ms: i64::try_from(seen.at.elapsed().as_millis()).ok(),
            body: seen.body,
        });
        match fault {
            None => write(&answer, &answer.body),
            Some(Fault::Http500) => write(&Answer::broken(), "internal error\n"),
            Some(Fault::Malformed) => {
                let half = answer.body.floor_char_boundary(answer.body.len() / 2);
                let unsigned = Answer {
                    headers: Vec::new(),
                    ..answer
                };
                write(&unsigned, &unsigned.body[..half])
            }
            Some(Fault::Hang) => {
                tokio::select! {
                    () = tokio::time::sleep(HANG) => {}
                    () = self.stopped() => {}
                }
                cut(req)
            }
            Some(Fault::Reset) => cut(req),
        }
    }

    /// Adds a row to the log, in the order of the calls.
    pub(super) fn log_row(&self, row: LogRow) {
        self.db.note(move |conn| {
            let id: i64 = diesel::insert_into(log::table)
                .values(row)
                .returning(log::id)
                .get_result(conn)?;
            if id % 1_000 == 0 {
                diesel::delete(log::table.filter(log::id.le(id - KEPT))).execute(conn)?;
            }
            Ok(())
        });
    }
}

fn write(answer: &Answer, body: &str) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type(answer.content_type);
    for (name, value) in &answer.headers {
        response.insert_header((*name, value.as_str()));
    }
    response.body(body.to_owned())
}

fn cut(req: &HttpRequest) -> HttpResponse {
    if let Some(Wire(stream)) = req.conn_data::<Wire>() {
        // It may be gone already; then there is nothing left to cut.
        let _ = stream.shutdown(Shutdown::Both);
    }
    HttpResponse::InternalServerError().force_close().finish()
}
