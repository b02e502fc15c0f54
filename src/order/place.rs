//! Placing an order: one write that freezes the price and holds the stock.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::json;

use super::apply::{first_event, write_events};
use super::limit;
use super::model::{Error, Item, Order};
use super::price::quote;
use super::state::State;
use super::store;
use crate::catalog::{self, Delivery, Product, Variant};
use crate::clock::{Clock, Millis};
use crate::ids::{ItemId, OrderId, OrderNo, PartId, PaymentId, ViewToken};
use crate::money::{Currency, Minor};
use crate::random::Random;
use crate::seal::{Sealer, Secret};
use crate::stock;
use crate::store::schema::{order_item, orders, payment, payment_part};
use crate::store::{Db, Store, StoreError, both};

/// What a buyer asks for, parsed but not yet believed.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The variant's id or sku.
    pub variant: String,
    /// How many.
    pub quantity: i64,
    /// Where the goods go; already checked for its form.
    pub email: String,
    /// `zh-CN` or `en`.
    pub locale: String,
    /// Custom fields by key.
    pub fields: BTreeMap<String, String>,
    /// The hash of the order password (argon2id), if the buyer set one.
    pub password_hash: Option<Secret>,
    /// The buyer's network, for the cap on unpaid stock: an IPv4 address or an IPv6 /64.
    pub network: String,
}

/// Caps on what unpaid orders may hold (X29), in units; settings of the shop.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one network.
    pub unpaid_per_network: i64,
    /// For one email address.
    pub unpaid_per_email: i64,
}

/// The shop's terms.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long a buyer has to pay, in milliseconds.
    pub time_to_pay: Millis,
    /// What unpaid orders may hold.
    pub limits: Limits,
}

/// What placing needs from outside.
pub struct Tools<'a> {
    /// Seals the address and the fields.
    pub sealer: &'a Sealer,
    /// Tells now.
    pub clock: &'a dyn Clock,
    /// Makes ids and the number.
    pub random: &'a dyn Random,
}

/// A placed order. The token is shown to the buyer once and stored only as its hash.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The row as written.
    pub order: Order,
    /// Opens the order.
    pub token: ViewToken,
}

/// Places an order. Everything the buyer could have lied about is looked up inside the one
/// write; a refusal leaves nothing behind.
pub async fn place(
    store: &Store,
    tools: &Tools<'_>,
    terms: Terms,
    order_id: OrderId,
    asked: Placement,
) -> Result<Placed, Error> {
    let now = tools.clock.now();
    let email = asked.email.trim().to_owned();
    let token = Order::token(tools.sealer, &order_id);
    let fields = serde_json::to_vec(&asked.fields).unwrap_or_default();
    let draft = Draft {
        order_no: OrderNo::new(tools.random),
        item_id: ItemId::new(now, tools.random),
        payment_id: PaymentId::new(now, tools.random),
        part_id: PartId::new(now, tools.random),
        email: tools.sealer.seal(
            email.as_bytes(),
            &Order::email_place(&order_id),
            tools.random,
        ),
        email_hash: email_hash(tools.sealer, &email),
        network_hash: tools.sealer.keyed_hash("network", asked.network.as_bytes()),
        fields: (!asked.fields.is_empty()).then(|| {
            let place = Order::fields_place(&order_id);
            tools.sealer.seal(&fields, &place, tools.random)
        }),
        token_hash: token.hash(),
        order_id,
        asked,
        terms,
        now,
    };
    let order = store.write(move |db| draft.write(db)).await?;
    Ok(Placed { order, token })
}

/// The keyed hash an address is found by: case and surrounding blanks do not matter.
pub fn email_hash(sealer: &Sealer, email: &str) -> String {
    sealer.keyed_hash("email", email.trim().to_lowercase().as_bytes())
}

/// All that is made before the write, so that the write can run twice.
struct Draft {
    order_id: OrderId,
    order_no: OrderNo,
    item_id: ItemId,
    payment_id: PaymentId,
    part_id: PartId,
    email: Vec<u8>,
    email_hash: String,
    network_hash: String,
    fields: Option<Vec<u8>>,
    token_hash: String,
    asked: Placement,
    terms: Terms,
    now: Millis,
}

impl Draft {
    fn write(&self, db: &mut Db) -> Result<Order, Error> {
        let (variant, product) =
            catalog::store::on_sale(db, &self.asked.variant)?.ok_or(Error::NotOnSale)?;
        let quantity = self.asked.quantity;
        let quote = quote(&variant, quantity)?;
        self.check_fields(&product)?;
        let held = self.hold_stock(db, &variant, &product)?;
        self.insert_payment(db, quote.amount, variant.currency)?;
        let mut order = self.order(quote.amount, &variant);
        let item = Item {
            id: self.item_id.clone(),
            order_id: self.order_id.clone(),
            seller_id: variant.seller_id.clone(),
            product_id: product.id.clone(),
            variant_id: variant.id.clone(),
            name_zh: full_name(&product.name_zh, &variant.name_zh),
            name_en: full_name(&product.name_en, &variant.name_en),
            delivery: product.delivery,
            unit_price: quote.unit_price,
            quantity,
            amount: quote.amount,
            currency: variant.currency,
            delivered: 0,
            held,
        };
        let detail = json!({
            "sku": variant.sku, "quantity": quantity, "unit_price": quote.unit_price,
            "amount": quote.amount, "currency": variant.currency,
        });
        let event = first_event(&mut order, "buyer", &detail);
        diesel::insert_into(orders::table)
            .values(&order)
            .execute(db)
            .map_err(StoreError::from)?;
        diesel::insert_into(order_item::table)
            .values(&item)
            .execute(db)
            .map_err(StoreError::from)?;
        write_events(db, &[event])?;
        store::add_token(db, &self.token_hash, &self.order_id, self.now)?;
        self.take_counters(db, &variant, held)?;
        Ok(order)
    }

    fn check_fields(&self, product: &Product) -> Result<(), Error> {
        let asks = product
            .asks()
            .map_err(|e| StoreError::corrupt(format!("fields of {}: {e}", product.slug)))?;
        catalog::check_fields(&asks, &self.asked.fields).map_err(|problem| Error::Invalid {
            field: format!("fields.{}", problem.key),
            reason: problem.reason,
        })?;
        Ok(())
    }

    /// Holds the units where the product reserves; otherwise only looks whether they are there.
    fn hold_stock(&self, db: &mut Db, variant: &Variant, product: &Product) -> Result<i64, Error> {
        let quantity = self.asked.quantity;
        match product.delivery {
            Delivery::Manual => Ok(0),
            Delivery::Reusable => {
                let card = stock::store::reusable_of(db, &variant.id)?;
                let card = card.ok_or(Error::SoldOut { left: 0 })?;
                let left = card
                    .use_limit
                    .map_or(stock::COUNT_CAP, |limit| (limit - card.used).max(0));
                if !stock::store::take_uses(db, &variant.id, quantity, self.now)? {
                    return Err(Error::SoldOut { left });
                }
                Ok(quantity)
            }
            Delivery::CardPool if product.reserves => {
                let got = stock::store::reserve_cards(
                    db,
                    &variant.id,
                    &self.item_id,
                    quantity,
                    self.now,
                )?;
                if got < quantity {
                    return Err(Error::SoldOut { left: got });
                }
                Ok(quantity)
            }
            Delivery::CardPool => {
                let left = stock::store::available_cards(db, &variant.id)?;
                if left < quantity {
                    return Err(Error::SoldOut { left });
                }
                Ok(0)
            }
        }
    }

    /// Counters come after the cards, in order of their names: every writer takes them so.
    fn take_counters(&self, db: &mut Db, variant: &Variant, held: i64) -> Result<(), Error> {
        let quantity = self.asked.quantity;
        let limits = self.terms.limits;
        limit::take_bought(db, &self.order_id, variant, &self.email_hash, quantity)?;
        if held == 0 {
            return Ok(());
        }
        let by_email = format!("unpaid/email/{}", self.email_hash);
        let by_network = format!("unpaid/network/{}", self.network_hash);
        let mut fits = |counter: &str, cap| -> Result<bool, StoreError> {
            limit::take(db, &self.order_id, counter, held, cap, "unpaid")
        };
        if fits(&by_email, limits.unpaid_per_email)?
            && fits(&by_network, limits.unpaid_per_network)?
        {
            Ok(())
        } else {
            Err(Error::TooManyUnpaid)
        }
    }

    fn insert_payment(
        &self,
        db: &mut Db,
        amount: Minor,
        currency: Currency,
    ) -> Result<(), StoreError> {
        diesel::insert_into(payment::table)
            .values((
                payment::id.eq(&self.payment_id),
                payment::currency.eq(currency),
                payment::amount.eq(amount),
                payment::captured.eq(Minor::ZERO),
                payment::created_at.eq(self.now),
            ))
            .execute(db)?;
        if amount > Minor::ZERO {
            let part = (
                payment_part::id.eq(&self.part_id),
                payment_part::payment_id.eq(&self.payment_id),
                payment_part::kind.eq("channel"),
                payment_part::currency.eq(currency),
                payment_part::amount.eq(amount),
                payment_part::captured.eq(false),
            );
            both!(db, |c| diesel::insert_into(payment_part::table)
                .values(part)
                .execute(c))?;
        }
        Ok(())
    }

    fn order(&self, amount: Minor, variant: &Variant) -> Order {
        let expires_at = self.now + self.terms.time_to_pay;
        // Nothing to pay: the sweeper finishes it at once if this process dies before it does.
        let next_check_at = if amount > Minor::ZERO {
            expires_at
        } else {
            self.now
        };
        Order {
            id: self.order_id.clone(),
            order_no: self.order_no.clone(),
            seller_id: variant.seller_id.clone(),
            payment_id: self.payment_id.clone(),
            state: State::PendingPayment,
            version: 1,
            refund_from: None,
            currency: variant.currency,
            amount,
            refunded_amount: Minor::ZERO,
            email: self.email.clone(),
            email_hash: self.email_hash.clone(),
            locale: self.asked.locale.clone(),
            password_hash: self
                .asked
                .password_hash
                .as_ref()
                .map(|hash| hash.reveal().to_owned()),
            fields: self.fields.clone(),
            event_seq: 0,
            event_head: String::new(),
            created_at: self.now,
            expires_at,
            paid_at: None,
            delivered_at: None,
            next_check_at: Some(next_check_at),
        }
    }
}

fn full_name(product: &str, variant: &str) -> String {
    match variant {
        "" => product.to_owned(),
        variant => format!("{product} · {variant}"),
    }
}
