//! What the shop answers, in the shape a test wants it.

use serde::Deserialize;

/// An order just placed, as the API answers it.
#[derive(Clone, Debug, Deserialize)]
pub struct Placed {
    /// What the buyer reads out on the phone.
    pub order_no: String,
    /// What lets the bearer see the order.
    pub view_token: String,
    /// A state of the order's life.
    pub state: String,
    /// In minor units.
    pub amount: i64,
    /// ISO code.
    pub currency: String,
    /// How to pay; absent for a free order.
    pub pay: Option<Pay>,
}

/// How to pay.
#[derive(Clone, Debug, Deserialize)]
pub struct Pay {
    /// `redirect`, `qr`, `wallet` or `none`.
    pub kind: String,
    /// The page to go to, whenever there is one.
    pub url: Option<String>,
    /// The text of the QR code.
    pub qr: Option<String>,
}

impl Placed {
    /// The page to pay at; panics when there is none.
    #[track_caller]
    pub fn pay_url(&self) -> &str {
        match self.pay.as_ref().and_then(|pay| pay.url.as_deref()) {
            Some(url) => url,
            None => panic!("order {} has no page to pay at: {self:?}", self.order_no),
        }
    }
}

/// What a command printed and how it ended.
#[derive(Clone, Debug)]
pub struct Cli {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Cli {
    /// Standard output of a command that must succeed.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(
            self.code, 0,
            "the command failed:\n{}{}",
            self.out, self.err
        );
        self.out
    }

    /// Standard error of a command that must fail.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_ne!(self.code, 0, "the command succeeded:\n{}", self.out);
        self.err
    }
}
