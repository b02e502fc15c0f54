//! Checkout: what the product page and the API do when somebody buys. Checks what was sent,
//! places the order and opens its first attempt; both callers only parse and render.

use std::collections::BTreeMap;

use crate::app::App;
use crate::channel::{Buyer, Method};
use crate::ids::{OrderId, OrderNo};
use crate::order::{self, Limits, Order, Placed, Placement, Terms, Tools};
use crate::payment::{self, Choice, Opened};
use crate::seal::Secret;
use crate::store::StoreError;
use crate::web::{client, hashing};

/// What a buyer sent, parsed and not yet believed.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The variant's id or sku.
    pub variant: String,
    /// How many.
    pub quantity: i64,
    /// Where the goods go.
    pub email: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    /// Custom fields by key.
    pub fields: BTreeMap<String, String>,
    /// The order password, if one was set.
    pub password: Option<Secret>,
}

/// Places an order under an id the caller made (and may make again after a crash). What was
/// placed under that id before is not placed twice: then the caller gets no token.
pub async fn place(
    app: &App,
    id: OrderId,
    asked: Asked,
    buyer: Buyer,
) -> Result<Placed, order::Error> {
    let email = check_email(&asked.email)?;
    let settings = app.live().settings;
    let password_hash = match asked.password {
        None => None,
        Some(password) => Some(hash_password(app, password).await?),
    };
    let tools = Tools {
        sealer: &app.sealer,
        clock: &*app.clock,
        random: &*app.random,
    };
    let terms = Terms {
        time_to_pay: settings.time_to_pay(),
        limits: Limits {
            unpaid_per_network: settings.unpaid_per_network,
            unpaid_per_email: settings.unpaid_per_email,
        },
    };
    let placement = Placement {
        variant: asked.variant,
        quantity: asked.quantity,
        email,
        locale: asked.locale,
        fields: asked
            .fields
            .into_iter()
            .map(|(key, value)| (key, value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        password_hash,
        network: client::network_of(buyer.ip),
    };
    let placed = order::place(&app.store, &tools, terms, id, placement).await?;
    metrics::counter!("vendgate_orders_placed_total").increment(1);
    Ok(placed)
}

/// Opens an attempt for an order, by a method or the recommended one.
pub async fn pay(
    app: &App,
    order: &Order,
    method: Option<Method>,
    buyer: Buyer,
) -> Result<Opened, payment::Error> {
    // An account that was just enabled serves, one that was just disabled does not (R129).
    if let Err(cause) = app.follow_configuration().await {
        tracing::error!(%cause, "the configuration could not be followed");
    }
    let choice = Choice {
        method,
        buyer,
        return_url: return_url(app, &order.order_no),
    };
    payment::open(&app.till(), &order.id, &choice).await
}

/// Where channels send a buyer afterwards. It proves nothing (X07): the page asks the channel.
pub fn return_url(app: &App, no: &OrderNo) -> String {
    format!("{}/o/{no}/return", app.base_url)
}

/// An address goods can be sent to, without surrounding blanks. The form is checked here; the
/// truth is a mail that arrives.
pub fn check_email(text: &str) -> Result<String, order::Error> {
    let wrong = |reason| order::Error::Invalid {
        field: "email".to_owned(),
        reason,
    };
    let email = text.trim();
    if email.is_empty() {
        return Err(wrong("is required"));
    }
    let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"".contains(c);
    let Some((local, domain)) = email.rsplit_once('@') else {
        return Err(wrong("is not an email address"));
    };
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && !l.starts_with('-')
            && !l.ends_with('-')
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let sound = email.len() <= 254
        && !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| plain(c) && c != '@')
        && domain.contains('.')
        && domain.split('.').all(label);
    if sound {
        Ok(email.to_owned())
    } else {
        Err(wrong("is not an email address"))
    }
}

async fn hash_password(app: &App, password: Secret) -> Result<Secret, order::Error> {
    let length = password.reveal().chars().count();
    if !(4..=hashing::LONGEST).contains(&length) {
        return Err(order::Error::Invalid {
            field: "password".to_owned(),
            reason: "has 4 to 100 characters",
        });
    }
    Ok(hashing::hash(app, &hashing::BUYERS, password).await?)
}

/// Whether a password is the order's. Costs the same whether or not the order has one;
/// [`StoreError::Busy`] when too many wait for the like.
pub async fn is_password(order: Option<&Order>, password: Secret) -> Result<bool, StoreError> {
    let hash = order.and_then(|order| order.password_hash.clone());
    hashing::is(&hashing::BUYERS, password, hash).await
}

/// The buyer looks at an unpaid order: its open attempts are asked about within seconds.
pub async fn page_is_open(app: &App, order: &Order) -> Result<(), StoreError> {
    if !order.state.is_payable() {
        return Ok(());
    }
    payment::hasten(&app.till(), std::slice::from_ref(&order.id)).await
}

#[cfg(test)]
mod tests {
    use super::check_email;

    /// X40: nothing that could become a second header or a second recipient is an address.
    #[test]
    fn only_plain_addresses_are_taken() {
        for good in [
            "a@b.cn",
            " buyer+tag@mail.example.com ",
            "o'neil_1@x-y.example",
        ] {
            assert_eq!(
                check_email(good).ok().as_deref(),
                Some(good.trim()),
                "{good}"
            );
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.cn",
            "a@",
            "a b@c.cn",
            "a@b.cn\r\nBcc: x@y.cn",
            "a@b..cn",
            "a@-b.cn",
            "<a@b.cn>",
            "a@b.cn,c@d.cn",
            "a@b@c.cn",
            "买家@例子.中国",
            "a\0@b.cn",
            "\"a\"@b.cn",
        ] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
        assert!(check_email(&format!("{}@b.cn", "a".repeat(65))).is_err());
    }
}
