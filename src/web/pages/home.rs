//! Home: categories, search, product cards.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::{Delivery, Layout, Picture, StockBand};
use crate::web::words::Words;

/// `GET /`, also with `?q=` and `?category=`.
#[derive(Template, Clone, Debug)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub layout: Layout,
    /// A sentence of the seller's under the heading.
    pub intro: Option<String>,
    /// What was searched for; empty without a search.
    pub query: String,
    /// Slug of the chosen category, kept by the search form.
    pub category: Option<String>,
    /// The categories, without “all”, which the page adds itself.
    pub categories: Vec<CategoryLink>,
    /// What is on offer.
    pub products: Vec<ProductCard>,
}

/// A category to choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CategoryLink {
    /// Goes to `/?category={slug}`.
    pub slug: String,
    /// Its name in the page's language.
    pub name: String,
}

/// One product of the list; leads to `/p/{slug}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductCard {
    /// Part of its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// One line about it.
    pub summary: String,
    /// Lowest price, formatted, or the word for nothing to pay.
    pub price: String,
    /// Whether variants cost more than `price`.
    pub price_from: bool,
    /// How much is left.
    pub stock: StockBand,
    /// How it is delivered.
    pub delivery: Delivery,
    /// Drawn on its tile where it has no picture.
    pub icon: Icon,
    /// Its picture, else a tile is drawn.
    pub picture: Option<Picture>,
}

impl HomePage {
    fn filtered(&self) -> bool {
        !self.query.is_empty() || self.category.is_some()
    }

    fn found(&self, words: Words) -> String {
        words.results(self.products.len() as u64)
    }

    fn is_current(&self, slug: &str) -> bool {
        self.category.as_deref() == Some(slug)
    }
}
