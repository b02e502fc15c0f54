//! Home: categories, search, product cards.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::{Delivery, Layout, Picture, StockBand};
use crate::web::words::Words;

/// Goods on one page; what is beyond stands on the next one.
pub const PER_PAGE: usize = 24;

/// `GET /`, also with `?q=`, `?category=` and `?page=`.
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
    /// What is on offer, on this page.
    pub products: Vec<ProductCard>,
    /// Which part of what was found this is.
    pub place: Place,
}

/// One page of several.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// From 1.
    pub page: usize,
    /// How many goods there are on all pages.
    pub found: usize,
}

impl Place {
    /// The page that is asked for, if there is one; else the nearest.
    #[must_use]
    pub fn of(asked: Option<&str>, found: usize) -> Self {
        let asked = asked.and_then(|number| number.parse().ok()).unwrap_or(1);
        let page = Place { page: 1, found }.last().min(asked).max(1);
        Place { page, found }
    }

    /// How many goods stand on the pages before.
    #[must_use]
    pub const fn before(self) -> usize {
        (self.page - 1) * PER_PAGE
    }

    /// The last page.
    #[must_use]
    pub fn last(self) -> usize {
        self.found.div_ceil(PER_PAGE).max(1)
    }
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
        words.results(self.place.found as u64)
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

    fn address(&self, page: usize) -> String {
        let number = (page > 1).then(|| format!("page={page}"));
        let pairs: Vec<&str> = self.asked().chain(number.as_deref()).collect();
        match pairs.is_empty() {
            true => "/".to_owned(),
            false => format!("/?{}", pairs.join("&")),
        }
    }

    fn previous(&self) -> Option<String> {
        let Place { page, .. } = self.place;
        (page > 1).then(|| self.address(page - 1))
    }

    fn next(&self) -> Option<String> {
        let Place { page, .. } = self.place;
        (page < self.place.last()).then(|| self.address(page + 1))
    }

    fn place_in_words(&self, words: Words) -> String {
        words.page_of(self.place.page as u64, self.place.last() as u64)
    }
}
