//! A case as staff see it: with its order, what the buyer wrote into the form (who delivers by
//! hand needs it), and what may be done now.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Failed;
use crate::money::Money;
use crate::order::{Item, Order};
use crate::payment::{CaseView, Deed};
use crate::seal::Sealer;
use crate::zone::iso;

/// For programs.
pub(super) fn json(sealer: &Sealer, view: &CaseView) -> Result<Value, Failed> {
    let notes: Vec<_> = view
        .notes
        .iter()
        .map(|(at, who, what)| json!({"at": iso(*at), "actor": who, "body": what}))
        .collect();
    let order = match &view.order {
        Some((order, items)) => Some(json!({
            "order_no": order.order_no,
            "state": order.state,
            "amount": order.amount,
            "refunded_amount": order.refunded_amount,
            "currency": order.currency,
            "items": items.iter().map(item_json).collect::<Vec<_>>(),
            "fields": fields(sealer, order)?,
        })),
        None => None,
    };
    Ok(json!({
        "case": view.case, "notes": notes, "order": order, "refund": view.refund,
        "may": view.deeds,
    }))
}

fn item_json(item: &Item) -> Value {
    json!({
        "name": item.name_zh, "delivery": item.delivery, "quantity": item.quantity,
        "delivered": item.delivered, "owed": item.quantity - item.delivered,
        "unit_price": item.unit_price,
    })
}

/// What the buyer wrote into the form, opened.
fn fields(sealer: &Sealer, order: &Order) -> Result<BTreeMap<String, String>, Failed> {
    let Some(sealed) = &order.fields else {
        return Ok(BTreeMap::new());
    };
    let text = sealer
        .open_text(sealed, &Order::fields_place(&order.id))
        .map_err(|e| Failed::Told(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| Failed::Told(format!("the buyer's fields: {e}")))
}

/// For people.
pub(super) fn text(sealer: &Sealer, view: &CaseView) -> Result<String, Failed> {
    let case = &view.case;
    let money = Money::new(case.amount, case.currency).display_with_code();
    let mut lines = vec![
        format!("{} {} ({})", case.id, case.kind, case.state),
        format!(
            "{money}, due {}, proposal: {}",
            iso(case.due_at),
            case.proposal
        ),
        case.summary.clone(),
    ];
    if let Some((order, items)) = &view.order {
        let cost = order.money().display_with_code();
        lines.push(format!(
            "order {} ({}), {cost}",
            order.order_no, order.state
        ));
        for item in items {
            lines.push(format!(
                "  {} × {}, {} owed ({})",
                item.name_zh,
                item.quantity,
                item.quantity - item.delivered,
                item.delivery
            ));
        }
        for (key, value) in fields(sealer, order)? {
            lines.push(format!("  {key}: {}", one_line(&value)));
        }
    }
    if let Some(refund) = &view.refund {
        let back = Money::new(refund.amount, refund.currency).display_with_code();
        let failure = refund.failure.as_deref().unwrap_or("no answer yet");
        lines.push(format!(
            "refund {} of {back} through {}: {} after {} tries ({failure})",
            refund.merchant_refund_no, refund.account_id, refund.state, refund.tries
        ));
    }
    if let Some(resolution) = &case.resolution {
        lines.push(format!("ended: {resolution}"));
    }
    for (at, who, what) in &view.notes {
        lines.push(format!("{} {who}: {what}", iso(*at)));
    }
    lines.push(may(case.id.as_str(), &view.deeds));
    Ok(lines.join("\n"))
}

fn may(id: &str, deeds: &[Deed]) -> String {
    if deeds.is_empty() {
        return "nothing is to be done".to_owned();
    }
    let mut text = "you may:".to_owned();
    for deed in deeds {
        let (command, says) = match deed {
            Deed::Deliver => (
                "deliver",
                "hand the goods out (--content-file FILE for each unit owed by hand)",
            ),
            Deed::Refund => ("refund", "send the money back"),
            Deed::WentBack => ("went-back", "the refund went back"),
            Deed::DidNotGoBack => ("did-not-go-back", "it did not: send it again"),
            Deed::GiveUp => (
                "did-not-go-back --give-up",
                "it did not: decide again about the money",
            ),
            Deed::Close => ("close", "nothing more is to be done"),
        };
        // Writing into a String cannot fail.
        let _ = write!(text, "\n  vendgate case {command} {id} --note …   {says}");
    }
    text
}

/// What a buyer wrote, without what could move a terminal's cursor.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
