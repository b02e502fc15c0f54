//! The seller's own rules.

use askama::Template;

use crate::web::layout::Layout;

/// `GET /policy`
#[derive(Template, Clone, Debug)]
#[template(path = "policy.html")]
pub struct PolicyPage {
    /// The frame.
    pub layout: Layout,
    /// HTML that has been sanitised already.
    pub policy_html: String,
}
