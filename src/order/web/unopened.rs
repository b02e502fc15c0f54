//! An order of which something does not open with the shop's keys: a key is missing from the
//! ring, or a row was altered. Its buyer cannot mend that, so the shop is told.

use super::view::Seen;
use crate::app::App;
use crate::notify::Alarm;
use crate::notify::alert::{self, Severity};
use crate::random::Derived;
use crate::store::StoreError;

/// Tells the shop once for each order of which something does not open. Whether it was told;
/// false also where nothing is wrong.
pub(super) async fn tell(app: &App, seen: &Seen) -> bool {
    let goods = seen.goods.iter();
    let goods = goods.filter_map(|unit| unit.open(&app.sealer).err());
    let said = seen.requests.iter().flat_map(|thread| &thread.messages);
    let said = said.filter_map(|message| message.text(&app.sealer).err());
    let shut: Vec<_> = goods.chain(said).collect();
    let Some(why) = shut.first() else {
        return false;
    };
    let order = &seen.order;
    tracing::error!(order = %order.order_no, cause = %why, "goods or messages do not open");
    let body = format!(
        "{} goods or messages of order {} do not open ({why}). Its buyer has paid and cannot see \
         them: put the missing line back into the key ring and restart, or send others by hand \
         and answer on the order's page.",
        shut.len(),
        order.order_no,
    );
    match raise(app, format!("unopened/{}", order.id), body).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(cause = %error, "nobody could be told that goods do not open");
            false
        }
    }
}

/// Raises the alert, unless it is up: a page that is looked at often writes once.
async fn raise(app: &App, cause: String, body: String) -> Result<(), StoreError> {
    let known = cause.clone();
    if app.store.read(move |db| alert::is_up(db, &known)).await? {
        return Ok(());
    }
    let (promises, now) = (app.promises(), app.clock.now());
    let seed: [u8; 32] = (*app.random).bytes();
    app.store
        .write(move |db| {
            let alarm = Alarm {
                kind: "unopened",
                cause: &cause,
                severity: Severity::Critical,
                body: body.clone(),
            };
            promises.alarm(db, &Derived::from_seed(seed), alarm, now)
        })
        .await
}
