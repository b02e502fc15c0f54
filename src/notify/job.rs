//! Keeps the outbox's promises: collects the facts, renders or signs, sends, says how it went.

mod buyer;
mod owner;

use std::sync::Arc;
use std::time::Duration;

use super::outbox::{self, After, Claimed, Kind, Topic};
use super::webhook::{self, DeliveredItem, OrderDelivered, rfc3339};
use super::{Alarm, GoodsWord, ItemLine, Lang, MailFacts, News, OrderFacts, Unit, Wait, render};
use crate::app::{App, Live};
use crate::catalog;
use crate::clock::{MINUTE, Millis};
use crate::delivery;
use crate::ids::{OrderId, RefundId, ViewToken};
use crate::jobs::{Crew, Step, StepError};
use crate::money::Money;
use crate::notify::alert::Severity;
use crate::order::{self, Item, Order};
use crate::outbound::{Limits, Reach};
use crate::random::Derived;
use crate::refund;
use crate::seal::Secret;
use crate::store::{Db, StoreError, apart};
use crate::zone::Zone;

/// Promises of one kind that are on their way at once. A receiver that is slow holds one of
/// these places for as long as [`PATIENCE`], and the others go on.
const AT_ONCE: usize = 16;
/// Longer than the slowest send, so that no other worker takes a row that is being sent.
const LEASE: Millis = 5 * MINUTE;
/// A server that says nothing for so long is cut off.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a promise was not kept this time.
struct Broken {
    /// Trying again cannot help.
    permanent: bool,
    said: String,
}

impl Broken {
    fn for_good(said: impl std::fmt::Display) -> Self {
        Broken {
            permanent: true,
            said: said.to_string(),
        }
    }

    fn for_now(said: impl std::fmt::Display) -> Self {
        Broken {
            permanent: false,
            said: said.to_string(),
        }
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Broken::for_now(error)
    }
}

/// Begins to keep promises of one kind that are due, as many as there are places for.
pub async fn deliver(app: &Arc<App>, crew: &mut Crew, kind: Kind) -> Result<Step, StepError> {
    let now = app.clock.now();
    let free = crew.free(kind.as_str(), AT_ONCE);
    if free == 0
        || !app
            .store
            .read(move |db| outbox::is_due(db, kind, now))
            .await?
    {
        return Ok(Step::Idle);
    }
    let limit = i64::try_from(free)?;
    let claim = app
        .store
        .write(move |db| outbox::claim(db, kind, now, limit, LEASE))
        .await?;
    if !claim.work.is_empty() {
        crate::fault::point("outbox_claimed");
    }
    let step = Step::of(claim.work.len() + claim.dead.len());
    for promise in claim.work {
        let app = Arc::clone(app);
        crew.start(kind.as_str(), async move { Ok(keep(&app, promise).await?) });
    }
    // After the work is begun: what cannot be told must not leave it claimed and undone.
    for id in &claim.dead {
        tell_dead(app, id.as_str(), "its worker died on the last try").await?;
    }
    Ok(step)
}

/// Brings back promises that a clock which was set back has put too far ahead; how many.
pub async fn set_back(app: &App) -> Result<usize, StepError> {
    let now = app.clock.now();
    let far = app
        .store
        .read(move |db| outbox::too_far_ahead(db, now, LEASE))
        .await?;
    let found = far.len();
    if found > 0 {
        app.store
            .write(move |db| outbox::bring_back(db, &far, now, LEASE))
            .await?;
    }
    Ok(found)
}

async fn keep(app: &App, promise: Claimed) -> Result<(), StoreError> {
    let live = app.live();
    let sent = tokio::time::timeout(PATIENCE, apart(send(app, &live, &promise)))
        .await
        .unwrap_or_else(|_| Err(Broken::for_now("no answer in time")));
    crate::fault::point("after_send");
    let (id, token, now) = (promise.id.clone(), promise.token, app.clock.now());
    let after = match sent {
        Ok(()) => {
            app.store
                .write(move |db| outbox::finish(db, &id, token, now))
                .await?
        }
        Err(broken) => {
            tracing::warn!(promise = %promise.id, topic = promise.topic, cause = broken.said,
                "a promise was not kept this time");
            app.store
                .write(move |db| outbox::fail(db, &id, token, &broken.said, now, broken.permanent))
                .await?
        }
    };
    metrics::counter!("vendgate_outbox_total", "topic" => promise.topic.clone(),
        "after" => match after { After::Done => "done", After::Again { .. } => "again",
            After::Dead => "dead", After::Stale => "stale" })
    .increment(1);
    // A dead alert mail raises no further alert: that would never end.
    if after == After::Dead && promise.topic() != Some(Topic::AdminAlert) {
        tell_dead(
            app,
            promise.id.as_str(),
            "it was tried for days, or refused for good",
        )
        .await?;
    }
    Ok(())
}

async fn tell_dead(app: &App, id: &str, why: &'static str) -> Result<(), StoreError> {
    let (promises, now, id) = (app.promises(), app.clock.now(), id.to_owned());
    let seed: [u8; 32] = (*app.random).bytes();
    app.store
        .write(move |db| {
            let alarm = Alarm {
                kind: "outbox_dead",
                cause: &format!("outbox/{id}"),
                severity: Severity::Warning,
                body: format!("Promise {id} is given up: {why}. See it with `vendgate mail list`."),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await
}

async fn send(app: &App, live: &Live, promise: &Claimed) -> Result<(), Broken> {
    let topic = promise
        .topic()
        .ok_or_else(|| Broken::for_good("an unknown topic"))?;
    match promise.kind {
        Kind::Mail => {
            let Some(facts) = mail_facts(app, live, promise, topic).await? else {
                return Ok(());
            };
            let mail = render(&facts).map_err(Broken::for_good)?;
            crate::fault::point_of("before_send", topic.as_str());
            live.mailer.send(&mail).await.map_err(|e| Broken {
                permanent: e.permanent,
                said: e.said,
            })
        }
        Kind::Webhook => {
            let Some(key) = &live.webhook_key else {
                return Err(Broken::for_now("no webhook secret is set"));
            };
            let (at, data) = delivered_facts(app, promise).await?;
            let body = webhook::body(topic, at, &data).map_err(|e| Broken::for_good(e.said))?;
            let url = &live.settings.webhook_url;
            let request = webhook::sign(url, key, &promise.id, app.clock.now(), body);
            crate::fault::point_of("before_send", topic.as_str());
            let reply = app
                .outbound
                .send(&request, Reach::Public, Limits::default())
                .await
                .map_err(Broken::for_now)?;
            webhook::read(reply.status).map_err(|e| Broken {
                permanent: e.permanent,
                said: e.said,
            })
        }
    }
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

async fn bought(app: &App, promise: &Claimed) -> Result<Bought, Broken> {
    let id = promise
        .order_id
        .clone()
        .ok_or_else(|| Broken::for_good("it names no order"))?;
    Ok(app.store.read(move |db| read_bought(db, &id)).await?)
}

/// A mail of this promise to one reader, in their language.
fn addressed(
    app: &App,
    live: &Live,
    promise: &Claimed,
    (lang, to): (Lang, String),
    news: News,
) -> MailFacts {
    let settings = &live.settings;
    MailFacts {
        id: promise.id.clone(),
        at: promise.created_at,
        lang,
        to,
        shop: match lang {
            Lang::En if !settings.name_en.is_empty() => settings.name_en.clone(),
            _ => settings.name.clone(),
        },
        base_url: app.base_url.to_string(),
        support: settings.contact.clone(),
        news,
    }
}

/// What the mail says; none = there is nobody to tell.
async fn mail_facts(
    app: &App,
    live: &Live,
    promise: &Claimed,
    topic: Topic,
) -> Result<Option<MailFacts>, Broken> {
    let settings = &live.settings;
    let zone = Zone::or_utc(&settings.time_zone);
    if topic == Topic::BuyerLink {
        return buyer::link(app, live, promise).await;
    }
    if let Some(news) = owner::news(app, promise, topic, zone).await? {
        if settings.admin_email.is_empty() {
            return Err(Broken::for_good("no admin_email is set"));
        }
        let owner = (Lang::Zh, settings.admin_email.clone());
        return Ok(Some(addressed(app, live, promise, owner, news)));
    }
    let bought = bought(app, promise).await?;
    let order = &bought.order;
    let lang = Lang::of_tag(&order.locale);
    let to = app
        .sealer
        .open_text(&order.email, &Order::email_place(&order.id))
        .map_err(Broken::for_good)?;
    let link = link(app, promise, &order.id, order.order_no.as_str()).await?;
    let words = order_facts(&bought, lang, link, zone);
    let news = match topic {
        Topic::OrderDelivered => News::Delivered {
            order: words,
            word: GoodsWord::Key,
            goods: units(app, &bought, lang)?,
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
            let (refund, refunded_at) = refund_words(app, promise, order, lang, zone).await?;
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
            text: buyer::message(app, promise).await?.1,
        },
        Topic::BuyerLink | Topic::AdminAlert | Topic::AdminLowStock | Topic::AdminRequest => {
            return Err(Broken::for_good("not about an order"));
        }
    };
    Ok(Some(addressed(app, live, promise, (lang, to), news)))
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

fn units(app: &App, bought: &Bought, lang: Lang) -> Result<Vec<Unit>, Broken> {
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
                content: Secret::new(unit.content),
            }
        })
        .collect())
}

/// A link that opens the order: one token for each promise, the same at every try.
async fn link(
    app: &App,
    promise: &Claimed,
    order: &OrderId,
    order_no: &str,
) -> Result<String, Broken> {
    let token = ViewToken::derived(&app.sealer, promise.id.as_str());
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
    promise: &Claimed,
    order: &Order,
    lang: Lang,
    zone: Zone,
) -> Result<(String, String), Broken> {
    #[derive(serde::Deserialize)]
    struct Payload {
        refund_id: Option<RefundId>,
    }
    let payload: Payload = promise.payload().map_err(Broken::for_good)?;
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

async fn delivered_facts(app: &App, promise: &Claimed) -> Result<(Millis, OrderDelivered), Broken> {
    let bought = bought(app, promise).await?;
    let order = bought.order;
    let delivered_at = order.delivered_at.unwrap_or(promise.created_at);
    let data = OrderDelivered {
        order_no: order.order_no.to_string(),
        amount: order.amount.0,
        currency: order.currency.to_string(),
        paid_at: rfc3339(order.paid_at.unwrap_or(promise.created_at)),
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
