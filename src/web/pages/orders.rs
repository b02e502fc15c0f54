//! A list of orders: of this browser, or of an address that proved itself by a mailed link.

use askama::Template;

use crate::web::assets::icon;
use crate::web::layout::{Layout, Stamp};
use crate::web::words::Tag;

/// The orders a buyer may see.
#[derive(Template, Clone, Debug)]
#[template(path = "orders.html")]
pub struct OrdersPage {
    /// The frame.
    pub layout: Layout,
    /// The masked address, where the list belongs to one.
    pub email: Option<String>,
    /// The orders, newest first.
    pub orders: Vec<OrderRow>,
    /// Address of the next page of older ones.
    pub older_url: Option<String>,
}

/// An order in a list.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// Where it is shown.
    pub url: String,
    /// Its number.
    pub order_no: String,
    /// What was bought.
    pub item: String,
    /// Amount, formatted.
    pub amount: String,
    /// When it was placed.
    pub placed: Stamp,
    /// Its state ([`state_tag`](crate::web::words::state_tag)).
    pub state: Tag,
}
