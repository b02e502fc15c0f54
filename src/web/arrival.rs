//! How long the body of a request may take to arrive (X69): the server itself cuts off heads, and
//! waits for bodies for ever.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep};

/// Every body has this long.
const PATIENCE: Duration = Duration::from_secs(30);
/// And a second more for so many bytes that have come: a slow line may send a large file, a line
/// that is only held open ends.
const EACH_SECOND: usize = 16 * 1024;

/// Whether reading a body failed because it came too late.
pub fn is_late(error: &actix_web::Error) -> bool {
    let error = error.as_error::<PayloadError>();
    matches!(error, Some(PayloadError::Io(cause)) if cause.kind() == io::ErrorKind::TimedOut)
}

/// The body of a request on its way.
pub struct Arriving {
    late: Rc<Cell<bool>>,
    payload: Option<Rc<RefCell<Payload>>>,
}

/// Gives the body of a request its time; one that takes longer ends in an error for which
/// [`is_late`] holds.
pub fn watch(request: &mut ServiceRequest) -> Arriving {
    let late = Rc::new(Cell::new(false));
    let payload = match request.take_payload() {
        Payload::None => None,
        payload => Some(Rc::new(RefCell::new(payload))),
    };
    if let Some(payload) = &payload {
        let watched = Watched {
            payload: Rc::clone(payload),
            began: Instant::now(),
            time: Box::pin(sleep(PATIENCE)),
            bytes: 0,
            late: Rc::clone(&late),
        };
        let boxed: Pin<Box<dyn Stream<Item = Chunk>>> = Box::pin(watched);
        request.set_payload(boxed.into());
    }
    Arriving { late, payload }
}

impl Arriving {
    /// The answer, as 408 if the body came too late. Its line ends with it unless the whole body
    /// is there: the server would otherwise go on reading chunks that nobody wants, for ever.
    pub fn answered<B: MessageBody + 'static>(
        self,
        mut response: ServiceResponse<B>,
    ) -> ServiceResponse<EitherBody<B, Held>> {
        if self.late.get() {
            response.response_mut().head_mut().status = StatusCode::REQUEST_TIMEOUT;
        }
        match self.payload {
            None => response.map_into_left_body(),
            Some(payload) => response.map_body(|_, body| {
                EitherBody::right(Held {
                    body: body.boxed(),
                    _payload: payload,
                })
            }),
        }
    }
}

/// An answer that holds on to the body of its request: the server reads what is left of a body
/// only when nobody holds it any more.
pub struct Held {
    body: BoxBody,
    _payload: Rc<RefCell<Payload>>,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}

type Chunk = Result<Bytes, PayloadError>;

struct Watched {
    payload: Rc<RefCell<Payload>>,
    began: Instant,
    time: Pin<Box<Sleep>>,
    bytes: usize,
    late: Rc<Cell<bool>>,
}

impl Stream for Watched {
    type Item = Chunk;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Chunk>> {
        // Asked first: whoever sends a letter now and then always has one ready.
        if self.time.as_mut().poll(cx).is_ready() {
            self.late.set(true);
            let cause = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(PayloadError::Io(cause))));
        }
        let next = Pin::new(&mut *self.payload.borrow_mut()).poll_next(cx);
        if let Poll::Ready(Some(Ok(chunk))) = &next {
            self.bytes = self.bytes.saturating_add(chunk.len());
            let more = u64::try_from(self.bytes / EACH_SECOND).unwrap_or(u64::MAX);
            let more = Duration::from_secs(more);
            if let Some(end) = self.began.checked_add(PATIENCE.saturating_add(more)) {
                self.time.as_mut().reset(end);
            }
        }
        next
    }
}
