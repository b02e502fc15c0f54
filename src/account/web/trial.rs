//! Asking a channel about a number that nobody ever used: the one question that moves nothing and
//! still needs the right address, merchant and keys. The right answer is "no such order".

use crate::account::{AccountRow, open};
use crate::app::App;
use crate::channel::{Class, Failure, Lookup, Misconfigured, QueryAnswer};
use crate::ids::external_no;
use crate::outbound::{Limits, Reach, SendError};

/// How a trial ended.
#[derive(Debug)]
pub(super) enum Trial {
    /// The channel answered as it should.
    Works,
    /// It claims to know the number.
    Odd,
    /// The account does not start.
    Broken(Misconfigured),
    /// Nobody answered.
    Silent(SendError),
    /// The channel refused us, in its words.
    Refused(String),
    /// It answered what no channel of this kind says, or that it cannot answer now.
    Strange(String),
}

/// How long a person waits for it.
const PATIENCE: u64 = 8;

/// Asks.
pub(super) async fn ask(app: &App, row: &AccountRow) -> Trial {
    let channel = match open(row, &app.sealer) {
        Ok(channel) => channel,
        Err(wrong) => return Trial::Broken(wrong),
    };
    let now = app.clock.now();
    let lookup = Lookup {
        merchant_no: external_no("VG", now, &*app.random),
        channel_trade_no: None,
        now,
        nonce: app.random.bytes(),
    };
    let limits = Limits {
        budget: std::time::Duration::from_secs(PATIENCE),
        ..Limits::default()
    };
    let request = channel.query(&lookup);
    let reply = match app.outbound.send(&request, Reach::Configured, limits).await {
        Ok(reply) => reply,
        Err(error) => return Trial::Silent(error),
    };
    match channel.read_query(&lookup, &reply) {
        Ok(QueryAnswer::NotFound) => Trial::Works,
        Ok(_) => Trial::Odd,
        Err(Failure { class, code, .. }) => match class {
            Class::Misconfigured => Trial::Refused(code),
            _ => Trial::Strange(code),
        },
    }
}
