//! The words of the port: what a channel is asked and what it says.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::clock::Millis;
use crate::ids::text_enum;
use crate::money::{Currency, Minor};

text_enum! {
    /// What a buyer picks. Accounts serve methods; the router picks among accounts.
    pub enum Method {
        /// 支付宝.
        Alipay = "alipay",
        /// 微信支付.
        Wechat = "wechat",
        /// A bank card.
        Card = "card",
        /// PayPal.
        Paypal = "paypal",
        /// USDT on a chain.
        Usdt = "usdt",
        /// Online bank (网银).
        Bank = "bank",
        /// The buyer's balance in this shop.
        Wallet = "wallet",
    }
}

text_enum! {
    /// How the buyer pays: what the cashier page shows.
    pub enum PayKind {
        /// A link to the channel's own page.
        Redirect = "redirect",
        /// A code to scan (and a link, where the channel has a page for it).
        Qr = "qr",
        /// An address of a chain to send to.
        Wallet = "wallet",
        /// Nothing is to be paid.
        None = "none",
    }
}

text_enum! {
    /// What the buyer holds in the hand; some channels offer other ways to each.
    pub enum Device {
        /// A desktop browser.
        Desktop = "desktop",
        /// A phone's browser.
        Mobile = "mobile",
    }
}

/// What is known of the buyer at the moment of paying.
#[derive(Debug, Clone, Copy)]
pub struct Buyer {
    /// The buyer's own address (behind trusted proxies).
    pub ip: IpAddr,
    /// What the request's headers tell.
    pub device: Device,
}

/// One attempt to collect money, as a channel must see it.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Our number of this attempt, unique for ever.
    pub merchant_no: String,
    /// Locked for this attempt.
    pub amount: Minor,
    /// The currency of `amount`.
    pub currency: Currency,
    /// What the buyer picked (or the router for them).
    pub method: Method,
    /// What the buyer sees on the channel's page; the adapter shortens it to its limit.
    pub subject: String,
    /// Where notices go: our callback address of this account.
    pub notify_url: String,
    /// Where the buyer goes after paying.
    pub return_url: String,
    /// Who pays.
    pub buyer: Buyer,
    /// When this attempt ends, UTC.
    pub expires_at: Millis,
    /// Now, UTC, for channels that sign a time.
    pub now: Millis,
    /// 128 random bits for channels that sign a nonce.
    pub nonce: [u8; 16],
}

/// What to ask a channel about.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Our number of the attempt.
    pub merchant_no: String,
    /// The channel's number, once it is known.
    pub channel_trade_no: Option<String>,
    /// Now, UTC, for channels that sign a time.
    pub now: Millis,
    /// 128 random bits for channels that sign a nonce.
    pub nonce: [u8; 16],
}

/// Money to give back.
#[derive(Debug, Clone)]
pub struct RefundCharge {
    /// Our number of the attempt that was paid.
    pub merchant_no: String,
    /// The channel's number of it.
    pub channel_trade_no: String,
    /// Our number of this refund, one for ever.
    pub refund_no: String,
    /// What goes back.
    pub amount: Minor,
    /// What was paid.
    pub paid: Minor,
    /// The currency of both.
    pub currency: Currency,
    /// Where notices about it go: our callback address of this account.
    pub notify_url: String,
    /// Now, UTC, for channels that sign a time.
    pub now: Millis,
    /// 128 random bits for channels that sign a nonce.
    pub nonce: [u8; 16],
}

/// The verb of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// What `outbound` is to send. `Debug` shows neither query, headers nor body: some channels
/// want their key in them.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub verb: Verb,
    /// The whole address.
    pub url: String,
    /// Header names and values, content type included.
    pub headers: Vec<(&'static str, String)>,
    /// The bytes that were signed, exactly.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.url.split(['?', '#']).next().unwrap_or_default();
        write!(f, "{:?} {address} ({} bytes)", self.verb, self.body.len())
    }
}

/// What came back, whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The raw bytes.
    pub body: Vec<u8>,
}

impl Reply {
    /// The first header of a lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        first_header(&self.headers, name)
    }
}

/// How to begin an attempt: by asking the channel, or with nothing to ask.
#[derive(Debug, Clone)]
pub enum Start {
    /// Send this, then read the reply with `Channel::read_created`.
    Ask(Request),
    /// The channel needs no call (a signed link that the buyer's browser opens).
    Ready(Pay),
}

/// How the buyer can pay now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// What the page shows.
    pub kind: PayKind,
    /// A page of the channel; always there when one exists, for `qr` as well.
    pub url: Option<String>,
    /// The text of the code.
    pub qr: Option<String>,
    /// The channel's number, if it gave one already.
    pub channel_trade_no: Option<String>,
    /// The channel's own deadline, if it is earlier than ours.
    pub expires_at: Option<Millis>,
}

/// A text for buyers in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// 中文.
    pub zh: Cow<'static, str>,
    /// English.
    pub en: Cow<'static, str>,
}

impl Text {
    /// A fixed text.
    pub const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Text {
            zh: Cow::Borrowed(zh),
            en: Cow::Borrowed(en),
        }
    }
}

text_enum! {
    /// What a failure means for what we do next (design.md §5).
    pub enum Class {
        /// The channel or bank said no to this payment.
        Declined = "declined",
        /// The buyer gave up.
        BuyerCancelled = "buyer_cancelled",
        /// It may work later; nothing is wrong with us.
        Retryable = "retryable",
        /// Nobody knows whether it happened: ask, never repeat blindly.
        Unknown = "unknown",
        /// Our account, key or address is wrong: a person must act.
        Misconfigured = "misconfigured",
        /// The channel knows this number already: ask.
        Duplicate = "duplicate",
    }
}

/// Why a channel did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{class} ({code})")]
pub struct Failure {
    /// What it means.
    pub class: Class,
    /// The channel's own code or message, at most 200 characters, for staff and logs.
    pub code: String,
    /// What the buyer reads.
    pub text: Text,
    /// Whether it counts against the channel's health.
    pub counts: bool,
    /// Whether it is certain that the channel made nothing: only then is it safe to go on to
    /// another channel by ourselves (a documented error in a well-formed answer).
    pub nothing_made: bool,
}

/// Confirmed by the channel: money arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paid {
    /// The channel's number of the payment.
    pub channel_trade_no: String,
    /// What was paid, in minor units of `currency`.
    pub amount: Minor,
    /// The currency the channel named, or the only one the channel has.
    pub currency: Currency,
    /// When, by the channel's clock, if it says so; UTC.
    pub paid_at: Option<Millis>,
}

/// What a channel says when asked about an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryAnswer {
    /// Paid.
    Paid(Paid),
    /// Paid, and given back at the channel since, wholly or partly.
    GivenBack(Paid),
    /// Known, not paid yet, may still be.
    Waiting,
    /// Known and never payable again.
    Closed,
    /// The channel does not know the number: nothing was made, or not yet.
    NotFound,
}

/// Money a channel says has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyAt {
    /// What came.
    pub paid: Paid,
    /// Whether the channel has given it back since, wholly or partly.
    pub given_back: bool,
}

impl QueryAnswer {
    /// The money the answer tells of; otherwise the answer as it is.
    pub fn money(self) -> Result<MoneyAt, QueryAnswer> {
        match self {
            QueryAnswer::Paid(paid) => Ok(MoneyAt {
                paid,
                given_back: false,
            }),
            QueryAnswer::GivenBack(paid) => Ok(MoneyAt {
                paid,
                given_back: true,
            }),
            other => Err(other),
        }
    }
}

/// What a channel says when asked to close an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloseAnswer {
    /// It is closed, or never existed: no money can come.
    Closed,
    /// Too late, it is paid: ask for the facts.
    AlreadyPaid,
    /// The channel has nothing to close yet, but what the buyer holds (a code nobody scanned, a
    /// page nobody opened) can be paid until it expires: keep watching.
    MayStillPay,
}

/// What a channel says about a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundAnswer {
    /// The money is on its way back; asking again answers the same.
    Done {
        /// The channel's number of the refund, if it has one.
        channel_refund_no: Option<String>,
    },
    /// Accepted, not final: ask again later.
    Pending,
    /// The channel knows no such refund: it may be sent again with the same number.
    NotFound,
}

/// A notice as it came from the wire.
#[derive(Debug, Clone, Copy)]
pub struct RawNotice<'a> {
    /// GET or POST.
    pub verb: Verb,
    /// Of the notify address as the channel was given it, undecoded, without the query; some
    /// channels sign it.
    pub path: &'a str,
    /// Of the URL, undecoded, without `?`.
    pub query: &'a str,
    /// Header names in lower case, and values.
    pub headers: &'a [(String, String)],
    /// The raw bytes, at most 256 KiB.
    pub body: &'a [u8],
    /// When it came, UTC.
    pub now: Millis,
}

impl RawNotice<'_> {
    /// The first header of a lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        first_header(self.headers, name)
    }
}

text_enum! {
    /// The eleven checks of the callback pipeline (spec/standard.md), by name.
    pub enum Check {
        /// 1: size, method, content type.
        Form = "form",
        /// 2: path token, account state, usable credential.
        Account = "account",
        /// 3: parsed once, strictly.
        Parse = "parse",
        /// 4: the signature over the raw bytes or the exact field set.
        Signature = "signature",
        /// 5: timestamp and nonce window.
        Freshness = "freshness",
        /// 6: the merchant is us.
        Merchant = "merchant",
        /// 7: the attempt exists and was made on this account.
        Attempt = "attempt",
        /// 8: what the status means.
        Status = "status",
        /// 9: currency and amount are equal.
        Amount = "amount",
        /// 10: the channel's number is new, or ours.
        TradeNo = "trade_no",
        /// 11: the channel confirmed it when asked.
        Confirmed = "confirmed",
    }
}

/// A notice that is not authentic, or not for us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused at {check}: {reason}")]
pub struct Refused {
    /// The check that fired.
    pub check: Check,
    /// For staff and logs; holds nothing secret and nothing from the message.
    pub reason: &'static str,
    /// Our number, when the signature was right all the same (a stale timestamp): ask the
    /// channel about it at once instead of dropping money.
    pub ask_about: Option<String>,
}

impl Refused {
    /// A refusal after which nobody is asked.
    pub fn at(check: Check, reason: &'static str) -> Self {
        Refused {
            check,
            reason,
            ask_about: None,
        }
    }
}

text_enum! {
    /// What a status of a channel means to us (check 8).
    pub enum NoticeStatus {
        /// Money arrived.
        Paid = "paid",
        /// Still waiting.
        Pending = "pending",
        /// The channel says this attempt failed.
        Failed = "failed",
        /// Closed without money.
        Closed = "closed",
        /// About a refund.
        Refund = "refund",
        /// Nothing that concerns us.
        Ignore = "ignore",
    }
}

/// An authentic notice for one of our attempts, not yet compared with it; or one that is
/// [aside](Notice::aside).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Our number, as the channel repeats it; empty only for one that is aside.
    pub merchant_no: String,
    /// The channel's number of the payment.
    pub channel_trade_no: String,
    /// What it says.
    pub status: NoticeStatus,
    /// Missing is a failure of check 9 for `paid`, never a skip.
    pub amount: Option<Minor>,
    /// Missing is a failure of check 9 for `paid`, never a skip.
    pub currency: Option<Currency>,
    /// When it was paid by the channel's clock, UTC, if it says so.
    pub paid_at: Option<Millis>,
    /// Whether the channel has given the money back since, wholly or partly.
    pub given_back: bool,
}

impl Notice {
    /// An authentic notice about no payment (a kind of event that does not concern us): it is
    /// answered with success and moves nothing.
    pub fn aside() -> Self {
        Notice {
            merchant_no: String::new(),
            channel_trade_no: String::new(),
            status: NoticeStatus::Ignore,
            amount: None,
            currency: None,
            paid_at: None,
            given_back: false,
        }
    }

    /// Whether it is about no payment.
    pub fn is_aside(&self) -> bool {
        self.merchant_no.is_empty() && self.status == NoticeStatus::Ignore
    }
}

/// What we answer to a notice: byte-exact, because channels compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The content type.
    pub content_type: &'static str,
    /// The bytes.
    pub body: &'static str,
}

fn first_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}
