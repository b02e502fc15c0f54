//! Buying under an id: placed once, paid once, however often it is begun.
//!
//! What the product page's form and the API do with an id that `idempotency` gave them (or with
//! a new one). The id may have been used by a process that died: then its order is taken up, an
//! attempt is opened only if there is none, and the caller gets the same view token.

use crate::app::App;
use crate::channel::{Buyer, Method};
use crate::ids::{OrderId, ViewToken};
use crate::order::{self, Order, Placed};
use crate::payment;
use crate::store::StoreError;
use crate::web::checkout::{self, Asked};
use crate::web::idempotency::Refusal;
use crate::web::order_cookie;

/// A placed order.
pub struct Bought {
    /// As it was placed; what happened since is in the database.
    pub order: Order,
    /// Opens it.
    pub token: ViewToken,
    /// Why no attempt was opened, if none was. The order is kept all the same.
    pub unpaid: Option<payment::Error>,
}

impl Refusal for order::Error {
    fn nothing_made(&self) -> bool {
        !matches!(self, order::Error::Store(_))
    }
}

/// Places the order `id`, or takes it up if it is placed, and opens its first attempt.
///
/// An error other than [`order::Error::Store`] means that nothing was placed. After `Store`
/// nobody knows: call again with the same id.
pub async fn buy(
    app: &App,
    id: &OrderId,
    resumed: bool,
    asked: Asked,
    method: Option<Method>,
    buyer: Buyer,
) -> Result<Bought, order::Error> {
    let before = if resumed {
        existing(app, id).await?
    } else {
        None
    };
    let (placed, fresh) = match before {
        Some(order) => (take_up(app, order).await?, false),
        None => match checkout::place(app, id.clone(), asked, buyer).await {
            Ok(placed) => (placed, true),
            // Two holders of one id at the same time: the other was first.
            Err(order::Error::Store(error @ StoreError::Constraint(_))) => {
                let order = existing(app, id).await?.ok_or(error)?;
                (take_up(app, order).await?, false)
            }
            Err(error) => return Err(error),
        },
    };
    let Placed { order, token } = placed;
    let unpaid = match fresh || lacks_attempt(app, &order).await? {
        true => checkout::pay(app, &order, method, buyer).await.err(),
        false => None,
    };
    Ok(Bought {
        order,
        token,
        unpaid,
    })
}

async fn existing(app: &App, id: &OrderId) -> Result<Option<Order>, StoreError> {
    let id = id.clone();
    match app.store.read(move |db| order::store::by_id(db, &id)).await {
        Ok(order) => Ok(Some(order)),
        Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn take_up(app: &App, order: Order) -> Result<Placed, StoreError> {
    let token = order_cookie::token_of(app, &order.id).await?;
    Ok(Placed { order, token })
}

async fn lacks_attempt(app: &App, order: &Order) -> Result<bool, StoreError> {
    if !order.state.is_payable() {
        return Ok(false);
    }
    let id = order.id.clone();
    let attempts = app
        .store
        .read(move |db| payment::store::attempts_of(db, &id))
        .await?;
    Ok(attempts.is_empty())
}
