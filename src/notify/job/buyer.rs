//! What a buyer is told beside the walk of an order: a link to the orders of an address, and
//! what was said about one of them.

use super::Broken;
use super::facts::{Eyes, around};
use crate::app::{App, Live};
use crate::clock::MINUTE;
use crate::ids::{MessageId, RequestId};
use crate::notify::outbox::Matter;
use crate::notify::{Lang, MailFacts, News};
use crate::order::{self, Order, Proof};
use crate::random::Derived;
use crate::request;
use crate::store::StoreError;

/// The mail with a link to the orders of an address. It goes to the address that an order has,
/// never to one that somebody typed; without an order there is nobody to tell, and after its time
/// nothing to tell.
pub(super) async fn link(
    app: &App,
    live: &Live,
    matter: &Matter,
    eyes: Eyes,
) -> Result<Option<MailFacts>, Broken> {
    #[derive(serde::Deserialize)]
    struct Payload {
        email_hash: String,
        lang: Lang,
    }
    let Payload { email_hash, lang } = matter.payload().map_err(Broken::for_good)?;
    let wanted = email_hash.clone();
    let newest = app
        .store
        .read(move |db| order::store::of_email(db, &wanted, None, 1))
        .await?;
    let until = matter.created_at + order::PROVED_FOR;
    let Some(newest) = newest.first().filter(|_| app.clock.now() < until) else {
        return Ok(None);
    };
    let to = app
        .sealer
        .open_text(&newest.email, &Order::email_place(&newest.id))
        .map_err(Broken::for_good)?;
    // The same link at every try.
    let seed = app
        .sealer
        .keyed_hash("buyer.link", matter.id.as_str().as_bytes());
    let seed: [u8; 32] = hex::decode(seed)
        .ok()
        .and_then(|seed| seed.try_into().ok())
        .ok_or_else(|| Broken::for_good("no seed"))?;
    let proof = Proof { email_hash, until };
    let url = match eyes {
        Eyes::Receiver => {
            let token = proof.sealed(&app.sealer, &Derived::from_seed(seed));
            format!("{}/orders/mine?link={token}", app.base_url)
        }
        Eyes::Staff => format!("{}/orders/mine", app.base_url),
    };
    let minutes = order::PROVED_FOR / MINUTE;
    let news = News::Link { url, minutes };
    Ok(Some(around(app, live, matter, eyes, (lang, to), news)))
}

/// What a message is about.
pub(super) struct About {
    pub(super) request: RequestId,
    pub(super) order_no: String,
    pub(super) kind: String,
}

/// The message a promise names: what it is about, and its words.
pub(super) async fn message(app: &App, matter: &Matter) -> Result<(About, String), Broken> {
    #[derive(serde::Deserialize)]
    struct Payload {
        message_id: MessageId,
    }
    let Payload { message_id } = matter.payload().map_err(Broken::for_good)?;
    let found = app
        .store
        .read(move |db| -> Result<_, StoreError> {
            let Some(message) = request::store::message(db, &message_id)? else {
                return Ok(None);
            };
            let Some(request) = request::store::by_id(db, &message.request_id)? else {
                return Ok(None);
            };
            let order = order::store::by_id(db, &request.order_id)?;
            let about = About {
                order_no: order.order_no.to_string(),
                kind: request.kind.to_string(),
                request: request.id,
            };
            Ok(Some((about, message)))
        })
        .await?;
    let (about, message) = found.ok_or_else(|| Broken::for_good("the message is not there"))?;
    let text = message.text(&app.sealer).map_err(Broken::for_good)?;
    Ok((about, text))
}
