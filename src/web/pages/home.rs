//! Home: categories, search, product cards.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::{Delivery, Layout, Picture, StockBand};
use crate::web::words::Words;

/// Goods on one page; what is beyond stands on the next one.
pub const PER_PAGE: usize = 24;

/// `GET /`, also with `?q=`, `?category=` and `?page=`: which page it is stands in the address,
/// [`Layout::path`]. Every page gets all the goods and shows its own.
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
    /// What is on offer, on all pages.
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

    fn heading(&self) -> String {
        match (&*self.query, &*self.layout.title) {
            ("", "") => self.layout.shop_name.clone(),
            ("", title) => title.to_owned(),
            (query, _) => self.layout.w().search_title(query),
        }
    }

    /// What the address asks for, without what is ours: the page and the choice of a language.
    fn asked(&self) -> impl Iterator<Item = &str> {
        let (_, query) = self.layout.path.split_once('?').unwrap_or_default();
        let ours = |pair: &&str| pair.starts_with("page=") || pair.starts_with("lang=");
        query
            .split('&')
            .filter(move |pair| !pair.is_empty() && !ours(pair))
    }

    fn last_page(&self) -> usize {
        self.products.len().div_ceil(PER_PAGE).max(1)
    }

    /// The page that is asked for, if there is one; else the nearest.
    fn page(&self) -> usize {
        let (_, query) = self.layout.path.split_once('?').unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("page="));
        let number = asked.and_then(|number| number.parse().ok()).unwrap_or(1);
        self.last_page().min(number).max(1)
    }

    fn on_this_page(&self) -> impl Iterator<Item = &ProductCard> {
        let before = (self.page() - 1) * PER_PAGE;
        self.products.iter().skip(before).take(PER_PAGE)
    }

    fn address(&self, page: usize) -> String {
        let number = (page > 1).then(|| format!("page={page}"));
        let pairs: Vec<&str> = self.asked().chain(number.as_deref()).collect();
        match pairs.is_empty() {
            true => "/".to_owned(),
            false => format!("/?{}", pairs.join("&")),
        }
    }

    fn previous(&self) -> Option<String> {
        let page = self.page();
        (page > 1).then(|| self.address(page - 1))
    }

    fn next(&self) -> Option<String> {
        let page = self.page();
        (page < self.last_page()).then(|| self.address(page + 1))
    }

    fn place(&self, words: Words) -> String {
        words.page_of(self.page() as u64, self.last_page() as u64)
    }
}
