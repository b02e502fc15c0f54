//! Opening an attempt: decide, write it down, ask the channel, and go on to the next channel
//! only when this one provably made nothing.

use std::time::Duration;

use serde_json::json;

use super::model::{Attempt, AttemptState, Error, Source};
use super::plan::{WATCH, next_check};
use super::settle::{fact_of, settle};
use super::till::Till;
use super::{poll, store};
use crate::account::{Account, AccountState};
use crate::channel::{
    Buyer, Channel, Charge, Class, Failure, Method, Pay, PayKind, QueryAnswer, Start, Text,
};
use crate::clock::{Millis, SECOND};
use crate::ids::{AttemptId, OrderId, external_no};
use crate::money::Minor;
use crate::order::{self, Item, Order};
use crate::outbound::{Reach, SendError};
use crate::routing::{self, Ask, Candidate, Decision};
use crate::store::Db;

/// Channels one click may try: the first and two more (spec/routing.md "Failover").
const TRIES: usize = 3;
/// How long a buyer waits for a channel.
const CREATE_BUDGET: Duration = Duration::from_secs(5);
/// How long a lost answer is asked about before the page shows.
const ASK_BUDGET: Duration = Duration::from_secs(2);
/// Attempts an order may have in all.
const MOST_ATTEMPTS: i64 = 10;

/// What a click on "pay" led to.
#[derive(Debug, Clone)]
pub enum Opened {
    /// The attempt the page shows: created, or unknown (then it is being asked about).
    Attempt(Box<Attempt>),
    /// Every channel provably refused; the last failure tells why. The order stays payable.
    Refused(Failure),
    /// Nothing was to be paid; the order is settled.
    Free,
}

/// What the buyer chose and where they are.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What they picked; none = recommended.
    pub method: Option<Method>,
    /// Who pays.
    pub buyer: Buyer,
    /// Where the channel sends the buyer afterwards; a page of this shop.
    pub return_url: String,
}

/// Makes an attempt for a payable order, on the best account, with failover in the same click.
pub async fn open(till: &Till, order: &OrderId, choice: &Choice) -> Result<Opened, Error> {
    let id = order.clone();
    let (order, items) = till
        .store
        .read(move |db| -> Result<(Order, Vec<Item>), Error> {
            let order = order::store::by_id(db, &id)?;
            let items = order::store::items(db, &id)?;
            Ok((order, items))
        })
        .await?;
    if order.state.is_payable() && order.amount == Minor::ZERO {
        super::settle_free(till, &order.id).await?;
        return Ok(Opened::Free);
    }
    let subject = subject(&order, &items);
    let mut tried = Vec::new();
    let mut last = None;
    for _ in 0..TRIES {
        let ask = Ask {
            method: choice.method,
            amount: order.amount,
            currency: order.currency,
            exclude: tried.clone(),
        };
        let (decision, account) = decide(till, &ask);
        let Some((account, method)) = account.zip(decision.method) else {
            break;
        };
        tried.push(account.facts.id.clone());
        let planned = match plan(till, &order, &account, method, &decision).await? {
            Planned::New(attempt) => attempt,
            Planned::Already(attempt) => return Ok(Opened::Attempt(Box::new(attempt))),
        };
        match create(till, &account, planned, (choice, &subject), false).await? {
            Ok(attempt) => return Ok(Opened::Attempt(Box::new(attempt))),
            Err(failure) => last = Some(failure),
        }
    }
    last.map(Opened::Refused).ok_or(Error::NoChannel)
}

fn decide(till: &Till, ask: &Ask) -> (Decision, Option<std::sync::Arc<Account>>) {
    let candidates: Vec<Candidate> = till
        .accounts
        .all()
        .iter()
        .map(|account| candidate(account))
        .collect();
    let decision = routing::decide(&candidates, ask);
    let account = decision
        .chosen
        .as_ref()
        .and_then(|id| till.accounts.by_id(id));
    (decision, account)
}

/// An account as the router sees it.
pub(super) fn candidate(account: &Account) -> Candidate {
    let facts = &account.facts;
    Candidate {
        account: facts.id.clone(),
        enabled: facts.state == AccountState::Enabled,
        usable: account.channel.is_ok(),
        currency: facts.currency,
        min_amount: facts.min_amount,
        max_amount: facts.max_amount,
        methods: facts.methods.clone(),
        priority: facts.priority,
    }
}

enum Planned {
    /// To be made by this click.
    New(Attempt),
    /// Another click is making one right now (R140): the page shows that one.
    Already(Attempt),
}

/// A click that has not heard from its channel by now is not waited for.
pub(super) const IN_FLIGHT: Millis = 15 * SECOND;

/// Writes the attempt before anything is sent: from here on nothing can be forgotten.
async fn plan(
    till: &Till,
    order: &Order,
    account: &Account,
    method: Method,
    decision: &Decision,
) -> Result<Planned, Error> {
    let now = till.clock.now();
    let draft = Attempt {
        id: AttemptId::new(now, &*till.random),
        payment_id: order.payment_id.clone(),
        part_id: crate::ids::PartId(String::new()),
        order_id: order.id.clone(),
        seller_id: order.seller_id.clone(),
        n: 0,
        merchant_no: external_no("VG", now, &*till.random),
        account_id: account.facts.id.clone(),
        method,
        currency: order.currency,
        amount: order.amount,
        state: AttemptState::Planned,
        channel_trade_no: None,
        pay_kind: PayKind::None,
        pay_url: None,
        pay_qr: None,
        failure: None,
        decision: json!(decision).to_string(),
        checks: 0,
        created_at: now,
        changed_at: now,
        expires_at: order.expires_at,
        next_check_at: next_check(now, order.expires_at, now + WATCH, 0, 200),
        watched_until: now + WATCH,
    };
    let shortest = account
        .channel
        .as_ref()
        .map_or(0, |channel| channel.shortest_life());
    till.store
        .write(move |db| insert(db, draft.clone(), shortest, now))
        .await
}

fn insert(
    db: &mut Db,
    mut draft: Attempt,
    shortest: Millis,
    now: Millis,
) -> Result<Planned, Error> {
    let order = order::store::lock(db, &draft.order_id)?;
    if !order.state.is_payable() || order.expires_at <= now {
        return Err(Error::NotPayable);
    }
    let (part, amount) = store::channel_part(db, &order.payment_id)?.ok_or(Error::NotPayable)?;
    let before = store::attempts_of(db, &order.id)?;
    if let Some(last) = before.last()
        && last.state == AttemptState::Planned
        && now < last.created_at + IN_FLIGHT
    {
        return Ok(Planned::Already(last.clone()));
    }
    draft.n = before.last().map_or(1, |last| last.n + 1);
    if draft.n > MOST_ATTEMPTS {
        return Err(Error::TooManyAttempts);
    }
    draft.part_id = part;
    draft.amount = amount;
    // A channel that cannot make anything this short is asked for its shortest; our own
    // deadline closes it earlier (design.md §4 "Expiry").
    draft.expires_at = order.expires_at.max(now + shortest);
    store::insert_attempt(db, &draft)?;
    Ok(Planned::New(draft))
}

/// A create call whose answer was lost: the channel is asked once, at once. Unless it says that
/// money came, the same number is sent once more, which every channel answers with the same
/// payment (F27): there is never a second charge, because there is never a second number.
async fn recover(
    till: &Till,
    account: &Account,
    attempt: Attempt,
    asked: (&Choice, &str),
) -> Result<Result<Attempt, Failure>, Error> {
    let answer = poll::query(till, &attempt, poll::brief(ASK_BUDGET)).await;
    match answer.map(QueryAnswer::money) {
        Ok(Err(QueryAnswer::Waiting | QueryAnswer::NotFound)) => {
            create(till, account, attempt, asked, true).await
        }
        Ok(Ok(money)) => {
            settle(till, fact_of(&attempt, money, Source::Query), None).await?;
            let id = attempt.id.clone();
            let paid = till.store.read(move |db| store::attempt(db, &id)).await?;
            Ok(Ok(paid))
        }
        Ok(Err(_)) | Err(_) => Ok(Ok(attempt)),
    }
}

/// Asks the channel to make it. `Ok(Err(_))` = it provably made nothing.
async fn create(
    till: &Till,
    account: &Account,
    attempt: Attempt,
    (choice, subject): (&Choice, &str),
    again: bool,
) -> Result<Result<Attempt, Failure>, Error> {
    let Ok(channel) = &account.channel else {
        return Err(Error::NoChannel);
    };
    let charge = Charge {
        merchant_no: attempt.merchant_no.clone(),
        amount: attempt.amount,
        currency: attempt.currency,
        method: attempt.method,
        subject: subject.to_owned(),
        notify_url: account.facts.notify_url(&till.base_url),
        return_url: choice.return_url.clone(),
        buyer: choice.buyer,
        expires_at: attempt.expires_at,
        now: till.clock.now(),
        nonce: till.random.bytes(),
    };
    let answer = ask(till, &**channel, &charge).await;
    crate::fault::point("after_create");
    let was = attempt.state;
    let mut row = attempt;
    row.changed_at = till.clock.now();
    let outcome = match answer {
        Ok(pay) => {
            row.state = AttemptState::Created;
            row.pay_kind = pay.kind;
            row.pay_url = pay.url;
            row.pay_qr = pay.qr;
            row.channel_trade_no = pay.channel_trade_no;
            if let Some(theirs) = pay.expires_at {
                row.expires_at = row.expires_at.min(theirs);
            }
            Ok(())
        }
        // The second answer says nothing about the first call, whose outcome nobody knows.
        Err(failure) if failure.nothing_made && !again => {
            row.state = AttemptState::Refused;
            row.next_check_at = None;
            row.failure = Some(told(&failure));
            Err(failure)
        }
        Err(failure) => {
            row.state = AttemptState::Unknown;
            row.failure = Some(told(&failure));
            // Ask soon: the buyer is looking at the page.
            row.next_check_at = Some(row.changed_at + SECOND);
            Ok(())
        }
    };
    let written = row.clone();
    let moved = till
        .store
        .write(move |db| store::update_attempt(db, &written, was))
        .await?;
    if moved && row.state == AttemptState::Unknown && !again {
        return Box::pin(recover(till, account, row, (choice, subject))).await;
    }
    let word = if outcome.is_ok() {
        row.state.as_str()
    } else {
        "refused"
    };
    metrics::counter!("vendgate_attempts_total", "account" => account.facts.id.to_string(), "state" => word)
        .increment(1);
    if !moved {
        let id = row.id.clone();
        let stored = till.store.read(move |db| store::attempt(db, &id)).await?;
        // The schedule asked while the channel was still answering: the answer is the better
        // news. Money that was faster than the answer stands (F15).
        use AttemptState::{Expired, Planned, Refused, Unknown};
        let asked_meanwhile = matches!(stored.state, Planned | Unknown | Refused | Expired);
        if row.state == AttemptState::Created && asked_meanwhile {
            let (newer, was) = (row.clone(), stored.state);
            let written = till
                .store
                .write(move |db| store::update_attempt(db, &newer, was))
                .await?;
            if written {
                return Ok(Ok(row));
            }
        }
        return Ok(Ok(stored));
    }
    Ok(outcome.map(|()| row))
}

async fn ask(till: &Till, channel: &dyn Channel, charge: &Charge) -> Result<Pay, Failure> {
    let request = match channel.create(charge)? {
        Start::Ready(pay) => return Ok(pay),
        Start::Ask(request) => request,
    };
    crate::fault::point("before_create");
    match till
        .outbound
        .send(&request, Reach::Configured, poll::brief(CREATE_BUDGET))
        .await
    {
        Ok(reply) => channel.read_created(charge, &reply),
        Err(error) => Err(silence(&error)),
    }
}

/// A send that brought no reply: nothing left this machine, or nobody knows.
pub(super) fn silence(error: &SendError) -> Failure {
    let nothing_made = matches!(error, SendError::NotSent { .. });
    Failure {
        class: if nothing_made {
            Class::Retryable
        } else {
            Class::Unknown
        },
        code: error.to_string(),
        text: Text::fixed(
            "支付渠道暂时没有响应，请换一种支付方式，或稍后再试",
            "The payment channel does not respond. Choose another method, or try again later",
        ),
        counts: true,
        nothing_made,
    }
}

/// A failure as it is stored with its attempt.
pub(super) fn told(failure: &Failure) -> String {
    json!({"class": failure.class, "code": failure.code,
        "zh": failure.text.zh, "en": failure.text.en})
    .to_string()
}

fn subject(order: &Order, items: &[Item]) -> String {
    let Some(first) = items.first() else {
        return order.order_no.to_string();
    };
    let name = if order.locale == "en" {
        &first.name_en
    } else {
        &first.name_zh
    };
    format!("{name} × {}", first.quantity)
}
