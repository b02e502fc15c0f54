//! Failures: what happened, what was kept, what to do, and a number to quote.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::Layout;
use crate::web::words::Words;

/// Any page that could not be shown. Needs no database: with `Layout::new` it can be rendered to
/// static bytes at start.
#[derive(Template, Clone, Debug)]
#[template(path = "failure.html")]
pub struct FailurePage {
    /// The frame.
    pub layout: Layout,
    /// What went wrong.
    pub failure: Failure,
    /// More about it in the page's language, where the server knows more.
    pub detail: Option<String>,
    /// Seconds after which it is worth trying again (429, 503).
    pub retry_after: Option<u64>,
    /// Number under which the log knows this request.
    pub request_id: String,
}

/// The kinds of failure.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Failure {
    /// 400: the request could not be read (a form from an old page, a broken link).
    BadRequest,
    /// 403: not allowed, or the form's token has expired.
    Forbidden,
    /// 404.
    NotFound,
    /// 410: it was here.
    Gone,
    /// 422: read, but it cannot be done.
    Refused,
    /// 429.
    TooMany,
    /// 500.
    Internal,
    /// 503: maintenance or overload.
    Unavailable,
}

impl Failure {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::BadRequest,
        Self::Forbidden,
        Self::NotFound,
        Self::Gone,
        Self::Refused,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
    ];

    /// HTTP status.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Gone => 410,
            Self::Refused => 422,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }

    /// Title of the page, for [`Layout::title`](crate::web::layout::Layout::title) as well.
    #[must_use]
    pub const fn title(self, words: Words) -> &'static str {
        match self {
            Self::BadRequest => words.fail_bad_request(),
            Self::Forbidden => words.fail_forbidden(),
            Self::NotFound => words.fail_not_found(),
            Self::Gone => words.fail_gone(),
            Self::Refused => words.fail_refused(),
            Self::TooMany => words.fail_too_many(),
            Self::Internal => words.fail_internal(),
            Self::Unavailable => words.fail_unavailable(),
        }
    }

    /// What was kept.
    const fn kept(self, words: Words) -> &'static str {
        match self {
            Self::NotFound | Self::Gone => words.kept_nothing_lost(),
            Self::BadRequest | Self::Forbidden | Self::Refused | Self::TooMany => {
                words.kept_not_sent()
            }
            Self::Internal | Self::Unavailable => words.kept_orders(),
        }
    }

    /// What to do.
    const fn todo(self, words: Words) -> &'static str {
        match self {
            Self::NotFound => words.do_check_address(),
            Self::Gone => words.do_choose_other(),
            Self::BadRequest | Self::Forbidden => words.do_reload(),
            Self::Refused => words.do_mend(),
            Self::TooMany => words.do_wait(),
            Self::Internal => words.do_retry(),
            Self::Unavailable => words.do_come_back(),
        }
    }

    /// What was kept, for staff: they change things.
    pub(crate) const fn kept_of_staff(self, words: Words) -> &'static str {
        match self {
            Self::Internal | Self::Unavailable => words.kept_orders(),
            _ => words.kept_unchanged(),
        }
    }

    /// What staff can do: they look for no goods.
    pub(crate) const fn todo_of_staff(self, words: Words) -> &'static str {
        match self {
            Self::NotFound | Self::Gone => words.do_check_list(),
            other => other.todo(words),
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::NotFound | Self::Gone => icon::NOTHING,
            Self::TooMany | Self::Unavailable => icon::CLOCK,
            _ => icon::ALERT,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::NotFound | Self::Gone => "t-mute",
            Self::Internal => "t-bad",
            _ => "t-warn",
        }
    }
}
