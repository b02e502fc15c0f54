//! The facts of a promise, collected when it is kept, and the mail that comes of them.

use super::{Broken, buyer, owner};
use crate::app::{App, Live};
use crate::catalog;
use crate::clock::Millis;
use crate::delivery;
use crate::ids::{OrderId, RefundId, ViewToken};
use crate::money::Money;
use crate::notify::outbox::{Matter, Topic};
use crate::notify::template::{self, TOPICS};
use crate::notify::webhook::{DeliveredItem, OrderDelivered, rfc3339};
use crate::notify::{
    GoodsWord, ItemLine, Lang, Mail, MailFacts, News, OrderFacts, TestMail, Unit, Wait, masked,
    render_with, sample,
};
use crate::order::{self, Item, Order};
use crate::refund;
use crate::seal::Secret;
use crate::store::{Db, StoreError};
use crate::zone::Zone;

/// For whom a mail is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// For whoever it is addressed to.
    Receiver,
    /// For staff who look at it: without goods, without a link that opens the order, the address
    /// masked. Nothing is written.
    Staff,
}

/// The mail of a promise, as it would be sent now; none = there is nobody to tell.
pub async fn letter_of(
    app: &App,
    live: &Live,
    matter: &Matter,
    eyes: Eyes,
) -> Result<Option<Mail>, Broken> {
    let topic = Topic::parse(&matter.topic).ok_or_else(|| Broken::for_good("an unknown topic"))?;
    let (facts, of) = match topic {
        Topic::MailTest => test_facts(app, live, matter, eyes)?,
        topic => match mail_facts(app, live, matter, topic, eyes).await? {
            Some(facts) => (facts, topic),
            None => return Ok(None),
        },
    };
    let own = match TOPICS.contains(&of) {
        false => None,
        true => {
            let lang = facts.lang;
            app.store
                .read(move |db| template::store::get(db, of, lang))
                .await?
        }
    };
    let own = own.map(|(own, _)| own).filter(|own| own.check().is_empty());
    let mail = render_with(&facts, &own.unwrap_or_default()).map_err(Broken::for_good)?;
    Ok(Some(mail))
}

struct Bought {
    order: Order,
    items: Vec<Item>,
    goods: Vec<delivery::Content>,
    usage: String,
}

fn read_bought(db: &mut Db, id: &OrderId) -> Result<Bought, StoreError> {
    let order = order::store::by_id(db, id)?;
    let items = order::store::items(db, id)?;
    let goods = delivery::store::of_order(db, id)?;
    let usage = match items.first() {
        Some(item) => {
            let product = catalog::store::product_by_id(db, &item.product_id)?;
            if Lang::of_tag(&order.locale) == Lang::Zh {
                product.usage_zh
            } else {
                product.usage_en
            }
        }
        None => String::new(),
    };
    Ok(Bought {
        order,
        items,
        goods,
        usage,
    })
}

async fn bought(app: &App, matter: &Matter) -> Result<Bought, Broken> {
    let id = matter
        .order_id
        .clone()
        .ok_or_else(|| Broken::for_good("it names no order"))?;
    Ok(app.store.read(move |db| read_bought(db, &id)).await?)
}

/// What surrounds the news.
pub(super) fn around(
    app: &App,
    live: &Live,
    matter: &Matter,
    eyes: Eyes,
    (lang, to): (Lang, String),
    news: News,
) -> MailFacts {
    let settings = &live.settings;
    MailFacts {
        id: matter.id.clone(),
        at: matter.created_at,
        lang,
        to: match eyes {
            Eyes::Receiver => to,
            Eyes::Staff => masked(&to),
        },
        shop: match lang {
            Lang::En if !settings.name_en.is_empty() => settings.name_en.clone(),
            _ => settings.name.clone(),
        },
        base_url: app.base_url.to_string(),
        support: settings.contact.clone(),
        news,
    }
}

/// A mail that staff sent themselves: made-up facts, and of which topic it shows the looks.
fn test_facts(
    app: &App,
    live: &Live,
    matter: &Matter,
    eyes: Eyes,
) -> Result<(MailFacts, Topic), Broken> {
    let test: TestMail = matter.payload().map_err(Broken::for_good)?;
    let to = hex::decode(&test.to).map_err(Broken::for_good)?;
    let to = app
        .sealer
        .open_text(&to, &TestMail::place(&matter.id))
        .map_err(Broken::for_good)?;
    let zone = Zone::or_utc(&live.settings.time_zone);
    let at = zone.date_time(matter.created_at, test.lang == Lang::Zh);
    let news = sample(test.topic, test.lang, &app.base_url, &at)
        .ok_or_else(|| Broken::for_good("no mail to buyers"))?;
    let facts = around(app, live, matter, eyes, (test.lang, to), news);
    Ok((facts, test.topic))
}

async fn mail_facts(
    app: &App,
    live: &Live,
    matter: &Matter,
    topic: Topic,
    eyes: Eyes,
) -> Result<Option<MailFacts>, Broken> {
    let settings = &live.settings;
    let zone = Zone::or_utc(&settings.time_zone);
    if topic == Topic::BuyerLink {
        return buyer::link(app, live, matter, eyes).await;
    }
    if let Some(news) = owner::news(app, matter, topic, zone).await? {
        if settings.admin_email.is_empty() {
            return Err(Broken::for_good("no admin_email is set"));
        }
        let owner = (Lang::Zh, settings.admin_email.clone());
        return Ok(Some(around(app, live, matter, eyes, owner, news)));
    }
    let bought = bought(app, matter).await?;
    let order = &bought.order;
    let lang = Lang::of_tag(&order.locale);
    let to = app
        .sealer
        .open_text(&order.email, &Order::email_place(&order.id))
        .map_err(Broken::for_good)?;
    let link = match eyes {
        Eyes::Receiver => link(app, matter, &order.id, order.order_no.as_str()).await?,
        Eyes::Staff => format!("{}/o/{}", app.base_url, order.order_no),
    };
    let words = order_facts(&bought, lang, link, zone);
    let news = match topic {
        Topic::OrderDelivered => News::Delivered {
            order: words,
            word: GoodsWord::Key,
            goods: units(app, &bought, lang, eyes)?,
            include_goods: settings.mail_goods,
            usage: bought.usage.clone(),
        },
        Topic::OrderPaidWaiting => News::PaidWaiting {
            order: words,
            wait: match order.state {
                order::State::InReview => Wait::Review,
                order::State::Delivering => Wait::Person,
                _ => Wait::Stock,
            },
        },
        Topic::OrderRefunded | Topic::OrderExpiredRefund => {
            let (refund, refunded_at) = refund_words(app, matter, order, lang, zone).await?;
            match topic {
                Topic::OrderRefunded => News::Refunded {
                    order: words,
                    refund,
                    refunded_at,
                },
                _ => News::ExpiredRefund {
                    order: words,
                    refund,
                },
            }
        }
        Topic::BuyerReply => News::Answered {
            order: words,
            text: buyer::message(app, matter).await?.1,
        },
        Topic::BuyerLink
        | Topic::AdminAlert
        | Topic::AdminLowStock
        | Topic::AdminRequest
        | Topic::MailTest => {
            return Err(Broken::for_good("not about an order"));
        }
    };
    Ok(Some(around(app, live, matter, eyes, (lang, to), news)))
}

fn order_facts(bought: &Bought, lang: Lang, link: String, zone: Zone) -> OrderFacts {
    let order = &bought.order;
    OrderFacts {
        order_no: order.order_no.to_string(),
        link,
        items: bought
            .items
            .iter()
            .map(|item| ItemLine {
                name: name_of(item, lang),
                quantity: item.quantity,
                amount: Money::new(item.amount, item.currency).display(),
            })
            .collect(),
        amount: order.money().display(),
        paid_at: order
            .paid_at
            .map(|at| zone.date_time(at, lang == Lang::Zh))
            .unwrap_or_default(),
    }
}

fn name_of(item: &Item, lang: Lang) -> String {
    match lang {
        Lang::Zh => item.name_zh.clone(),
        Lang::En => item.name_en.clone(),
    }
}

fn units(app: &App, bought: &Bought, lang: Lang, eyes: Eyes) -> Result<Vec<Unit>, Broken> {
    let many = bought.items.len() > 1;
    let opened = delivery::open_all(&app.sealer, &bought.goods).map_err(Broken::for_good)?;
    Ok(opened
        .into_iter()
        .map(|unit| {
            let item = bought.items.iter().find(|item| item.id == unit.item_id);
            let label = match item {
                Some(item) if many => format!("{} {}", name_of(item, lang), unit.unit_no),
                _ => String::new(),
            };
            Unit {
                label,
                content: Secret::new(match eyes {
                    Eyes::Receiver => unit.content,
                    Eyes::Staff => "••••••••".to_owned(),
                }),
            }
        })
        .collect())
}

/// A link that opens the order: one token for each promise, the same at every try.
async fn link(
    app: &App,
    matter: &Matter,
    order: &OrderId,
    order_no: &str,
) -> Result<String, Broken> {
    let token = ViewToken::derived(&app.sealer, matter.id.as_str());
    let (hash, id, now) = (token.hash(), order.clone(), app.clock.now());
    app.store
        .write(move |db| order::store::add_token(db, &hash, &id, now))
        .await?;
    Ok(format!(
        "{}/o/{order_no}?token={}",
        app.base_url,
        token.reveal()
    ))
}

async fn refund_words(
    app: &App,
    matter: &Matter,
    order: &Order,
    lang: Lang,
    zone: Zone,
) -> Result<(String, String), Broken> {
    #[derive(serde::Deserialize)]
    struct Payload {
        refund_id: Option<RefundId>,
    }
    let payload: Payload = matter.payload().map_err(Broken::for_good)?;
    let order_id = order.id.clone();
    let found = app
        .store
        .read(move |db| match payload.refund_id {
            Some(id) => refund::store::by_id(db, &id).map(Some),
            None => Ok::<_, StoreError>(refund::store::of_order(db, &order_id)?.pop()),
        })
        .await?;
    let refund = found.ok_or_else(|| Broken::for_good("the refund is not there"))?;
    Ok((
        Money::new(refund.amount, refund.currency).display(),
        zone.date_time(refund.changed_at, lang == Lang::Zh),
    ))
}

/// What the webhook of a delivered order says, and when that was.
pub(super) async fn delivered(
    app: &App,
    matter: &Matter,
) -> Result<(Millis, OrderDelivered), Broken> {
    let bought = bought(app, matter).await?;
    let order = bought.order;
    let delivered_at = order.delivered_at.unwrap_or(matter.created_at);
    let data = OrderDelivered {
        order_no: order.order_no.to_string(),
        amount: order.amount.0,
        currency: order.currency.to_string(),
        paid_at: rfc3339(order.paid_at.unwrap_or(matter.created_at)),
        delivered_at: rfc3339(delivered_at),
        items: bought
            .items
            .iter()
            .map(|item| DeliveredItem {
                variant: item.variant_id.to_string(),
                name: item.name_zh.clone(),
                quantity: item.quantity,
                amount: item.amount.0,
            })
            .collect(),
    };
    Ok((delivered_at, data))
}
