//! What the owner is told.

use super::{Broken, buyer};
use crate::app::App;
use crate::notify::alert::Severity;
use crate::notify::outbox::{Matter, Topic};
use crate::notify::{AlertFacts, AskedFacts, LowStock, LowStockFacts, News};
use crate::zone::Zone;

/// The news of a promise to the owner; none = it is to somebody else.
pub(super) async fn news(
    app: &App,
    matter: &Matter,
    topic: Topic,
    zone: Zone,
) -> Result<Option<News>, Broken> {
    Ok(Some(match topic {
        Topic::AdminAlert => News::Alert(alert_facts(matter, zone)?),
        Topic::AdminLowStock => News::LowStock(low_stock_facts(matter, zone)?),
        Topic::AdminRequest => {
            let (about, text) = buyer::message(app, matter).await?;
            News::Asked(AskedFacts {
                order_no: about.order_no,
                kind: about.kind,
                link: format!("{}/admin/requests/{}", app.base_url, about.request),
                text,
                at: zone.date_time(matter.created_at, true),
            })
        }
        _ => return Ok(None),
    }))
}

fn alert_facts(matter: &Matter, zone: Zone) -> Result<AlertFacts, Broken> {
    #[derive(serde::Deserialize)]
    struct Payload {
        kind: String,
        severity: Severity,
        body: String,
    }
    let payload: Payload = matter.payload().map_err(Broken::for_good)?;
    let at = zone.date_time(matter.created_at, true);
    Ok(AlertFacts {
        severity: payload.severity.to_string(),
        kind: payload.kind,
        body: payload.body,
        at,
        link: String::new(),
    })
}

fn low_stock_facts(matter: &Matter, zone: Zone) -> Result<LowStockFacts, Broken> {
    let low: LowStock = matter.payload().map_err(Broken::for_good)?;
    Ok(LowStockFacts {
        name: format!("{} ({})", low.name, low.sku),
        left: low.left,
        threshold: low.threshold,
        at: zone.date_time(matter.created_at, true),
        link: String::new(),
    })
}
