//! Finding an order again.

use askama::Template;

use crate::web::assets::icon;
use crate::web::layout::Layout;
use crate::web::pages::orders::OrderRow;

/// `GET /orders`, and the answer to a `POST` there that found nothing.
///
/// The form sends `csrf`, `order_no` and `secret` (email or order password). A hit answers 303 to
/// `/o/{order_no}`; a miss shows this page again with [`missed`](Self::missed), whatever was wrong.
#[derive(Template, Clone, Debug)]
#[template(path = "lookup.html")]
pub struct LookupPage {
    /// The frame.
    pub layout: Layout,
    /// The number that was typed.
    pub order_no: String,
    /// The email that was typed; a password is never sent back, so leave it empty if in doubt.
    pub secret: String,
    /// Whether nothing matched.
    pub missed: bool,
    /// Orders placed in this browser, newest first.
    pub recent: Vec<OrderRow>,
}
