//! What staff do about a money case: deliver, refund, say what became of a refund, note, close.

use std::sync::Arc;

use serde_json::json;

use super::by_hand;
use super::deeds::{CaseFacts, Deed};
use super::fulfil;
use super::give_back::{send_back, send_excess_back};
use super::model::Error;
use super::standing::facts;
use super::store;
use super::till::Till;
use super::why::Why;
use crate::case::{self, MoneyCase};
use crate::clock::Millis;
use crate::ids::{CaseId, NoteId};
use crate::ledger::{self, postings};
use crate::money::{Minor, Money};
use crate::notify::Promises;
use crate::order::{self, Change, Event, Order, State};
use crate::random::Random;
use crate::refund::{self, Found};
use crate::seal::{Sealer, Secret};
use crate::staff::audit::{Actor, Entry};
use crate::store::Db;

/// What staff decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseAction {
    /// Hand the goods out for the money that came; with one content for each unit that a person
    /// delivers.
    Deliver(Vec<Secret>),
    /// Send the money back.
    Refund,
    /// The refund went back: it was seen in the channel's console.
    WentBack,
    /// The refund did not go back: it is sent again with its number.
    DidNotGoBack,
    /// The refund did not go back and is given up: the case is open for another decision.
    GiveUp,
    /// Nothing more is to be done, because of this.
    Close(String),
}

impl CaseAction {
    /// Which deed it is.
    pub fn deed(&self) -> Deed {
        match self {
            CaseAction::Deliver(_) => Deed::Deliver,
            CaseAction::Refund => Deed::Refund,
            CaseAction::WentBack => Deed::WentBack,
            CaseAction::DidNotGoBack => Deed::DidNotGoBack,
            CaseAction::GiveUp => Deed::GiveUp,
            CaseAction::Close(_) => Deed::Close,
        }
    }
}

/// Acts on an open case as `actor` (`staff:…`) from a command; see [`act_as`].
pub async fn act(
    till: &Till,
    id: &CaseId,
    action: CaseAction,
    actor: &str,
    note: &str,
) -> Result<MoneyCase, Error> {
    let actor = Actor::of_command(actor);
    let name = format!("case.{}", action.deed());
    let object = ("case", id.as_str());
    let line = Entry::new(&actor, &name, object, till.clock.now(), &*till.random);
    act_as(till, id, action, line, note).await
}

/// Acts on an open case as whoever `line` names, with a note; returns the case as it is then.
/// The line of the audit log is written in the same write. What the case does not allow is
/// refused whole, and says what may be done instead.
pub async fn act_as(
    till: &Till,
    id: &CaseId,
    action: CaseAction,
    line: Entry,
    note: &str,
) -> Result<MoneyCase, Error> {
    if let CaseAction::Deliver(contents) = &action {
        by_hand::check(contents)?;
    }
    let (id, note, seed) = (id.clone(), note.to_owned(), till.seed());
    let hand = Hand {
        sealer: Arc::clone(&till.sealer),
        promises: till.promises(),
        actor: line.actor().to_owned(),
        line,
        now: till.clock.now(),
    };
    let case = till
        .store
        .write(move |db| hand.act(db, &seed.random(), &id, &action, &note))
        .await?;
    if let Some(order) = &case.order_id {
        till.moved(order);
    }
    Ok(case)
}

/// Whoever acts, and with what.
struct Hand {
    sealer: Arc<Sealer>,
    promises: Promises,
    actor: String,
    line: Entry,
    now: Millis,
}

impl Hand {
    fn act(
        &self,
        db: &mut Db,
        random: &dyn Random,
        id: &CaseId,
        action: &CaseAction,
        note: &str,
    ) -> Result<MoneyCase, Error> {
        let found = case::store::by_id(db, id)?.ok_or(Error::Unknown)?;
        let mut order = match &found.order_id {
            Some(order) => Some(order::store::lock(db, order)?),
            None => None,
        };
        let was = order.as_ref().map(|order| order.state);
        // Read again under the locks: what another hand did meanwhile counts.
        let found = case::store::lock(db, id)?;
        let facts = facts(db, &found, order.as_ref(), self.now)?;
        facts.allows(action.deed()).map_err(Error::NotPossible)?;
        if !note.is_empty() {
            let note_id = NoteId::new(self.now, random);
            case::store::add_note(db, &note_id, id, &self.actor, note, self.now)?;
        }
        match (action, &mut order) {
            (CaseAction::Close(why), _) => {
                case::store::close(db, id, why, self.now)?;
            }
            (_, None) => return Err(Error::NotPossible(Why::NoOrder)),
            (CaseAction::Deliver(contents), Some(order)) => {
                self.deliver(db, random, &found, &facts, order, contents)?;
            }
            (CaseAction::Refund, Some(order)) => {
                let (actor, now) = (&self.actor, self.now);
                send_back(db, &found, &facts, order, actor, random, now)?;
            }
            (CaseAction::WentBack, Some(order)) => {
                self.found(db, random, &found, order, Found::WentBack)?;
            }
            (CaseAction::DidNotGoBack, Some(order)) => {
                self.found(db, random, &found, order, Found::NotYet)?;
            }
            (CaseAction::GiveUp, Some(order)) => {
                self.found(db, random, &found, order, Found::Never)?;
            }
        }
        let after = case::store::by_id(db, id)?.ok_or(Error::Unknown)?;
        let told = |case: &MoneyCase, state: Option<State>, note: &str| json!({"state": case.state, "refund": case.refund_id, "order": state, "note": note});
        let now = order.as_ref().map(|order| order.state);
        let (before, after_all) = (told(&found, was, ""), told(&after, now, note));
        let line = self.line.clone().changed(&before, &after_all);
        line.write(db)?;
        Ok(after)
    }

    fn found(
        &self,
        db: &mut Db,
        random: &dyn Random,
        case: &MoneyCase,
        order: &mut Order,
        found: Found,
    ) -> Result<(), Error> {
        let refund = case.refund_id.as_ref().ok_or(Error::Unknown)?;
        let said = (found, self.actor.as_str());
        refund::found(db, &self.promises, order, refund, said, random, self.now)?;
        Ok(())
    }

    /// Hands out all that is there. Money that is held pays the order first, and only if
    /// everything is there; what came beyond the price goes back, and the case closes with that
    /// refund instead of now.
    fn deliver(
        &self,
        db: &mut Db,
        random: &dyn Random,
        case: &MoneyCase,
        facts: &CaseFacts,
        order: &mut Order,
        contents: &[Secret],
    ) -> Result<(), Error> {
        let now = self.now;
        let before = match facts.held {
            Some(_) => vec![self.allocate(db, random, case, order)?],
            None => Vec::new(),
        };
        let by_hand = by_hand::hand_out(db, &self.sealer, random, &order.id, contents, now)?;
        let mut handed = fulfil::hand_out(db, &self.sealer, random, &order.id, now)?;
        handed.now += by_hand;
        if handed.now == 0 || (!before.is_empty() && handed.missing > 0) {
            return Err(Error::NotPossible(Why::NotEnough));
        }
        fulfil::record(db, &self.promises, random, order, before, handed, now)?;
        let excess = match (&case.receipt_id, facts.held) {
            (Some(receipt), Some(held)) => {
                let excess = held.amount.minus(order.amount)?;
                (excess > Minor::ZERO).then_some((receipt, excess))
            }
            _ => None,
        };
        if let Some((receipt, excess)) = excess {
            send_excess_back(db, case, receipt, order, excess, random, now)?;
        } else if order.state == State::Delivered {
            case::store::close(db, &case.id, "delivered", now)?;
        }
        Ok(())
    }

    /// Gives held money to its order, so that goods may leave; the change to take first.
    fn allocate(
        &self,
        db: &mut Db,
        random: &dyn Random,
        case: &MoneyCase,
        order: &Order,
    ) -> Result<Change, Error> {
        let receipt_id = case.receipt_id.as_ref().ok_or(Error::Unknown)?;
        let receipt = store::receipt(db, receipt_id)?;
        let attempt_id = receipt.attempt_id.clone().ok_or(Error::Unknown)?;
        let attempt = store::attempt(db, &attempt_id)?;
        if store::lock_part(db, &attempt.payment_id, &attempt.part_id)? {
            return Err(Error::NotPossible(Why::PaidAlready));
        }
        let received = postings::Received {
            receipt: &receipt.id,
            seller: &receipt.seller_id,
            account: &receipt.account_id,
            money: Money::new(receipt.amount, receipt.currency),
        };
        let posting = postings::allocate(received, order.amount)?;
        ledger::post(
            db,
            fulfil::random_journal(self.now, random),
            &posting,
            self.now,
        )?;
        store::capture_part(db, &attempt.payment_id, &attempt.part_id, order.amount)?;
        let detail = json!({"receipt": receipt.id, "case": case.id, "amount": receipt.amount});
        Ok(Change::new(Event::PaymentCaptured, &self.actor, detail))
    }
}

/// Adds a note to a case, open or closed, as `actor` from a command; see [`add_note_as`].
pub async fn add_note(till: &Till, id: &CaseId, actor: &str, body: &str) -> Result<(), Error> {
    let actor = Actor::of_command(actor);
    let object = ("case", id.as_str());
    let line = Entry::new(&actor, "case.note", object, till.clock.now(), &*till.random);
    add_note_as(till, id, line, body).await
}

/// Adds a note to a case, open or closed, as whoever `line` names.
pub async fn add_note_as(till: &Till, id: &CaseId, line: Entry, body: &str) -> Result<(), Error> {
    let (id, actor, body) = (id.clone(), line.actor().to_owned(), body.to_owned());
    let line = line.changed(&json!({}), &json!({"note": body}));
    let now = till.clock.now();
    let note_id = NoteId::new(now, &*till.random);
    till.store
        .write(move |db| -> Result<(), Error> {
            case::store::by_id(db, &id)?.ok_or(Error::Unknown)?;
            case::store::add_note(db, &note_id, &id, &actor, &body, now)?;
            Ok(line.write(db)?)
        })
        .await
}
