//! Product and checkout on one page: facts left, the purchase card right.

use askama::Template;

use crate::web::assets::{Icon, icon};
use crate::web::layout::{BigAmount, Delivery, Layout, Picture, StockBand};
use crate::web::words::Method;

/// `GET /p/{slug}`, and the answer to a `POST` there that could not be accepted.
///
/// The form sends `csrf`, `key`, `variant`, `quantity`, `method`, `email`, one `field_{id}` for each
/// custom field and `password`. With scripts off there is one more button, `update=1`: the handler
/// then places nothing and shows the page again with the new total and what was typed.
#[derive(Template, Clone, Debug)]
#[template(path = "product.html")]
pub struct ProductPage {
    /// The frame.
    pub layout: Layout,
    /// Shown to its seller before it is saved: a note says so, and nothing can be bought.
    pub preview: bool,
    /// Part of its address.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// One line about it.
    pub summary: String,
    /// Drawn on its tile where it has no picture.
    pub icon: Icon,
    /// Its picture, else a tile is drawn.
    pub picture: Option<Picture>,
    /// HTML that has been sanitised already; the only text of a page that is not escaped.
    pub description_html: String,
    /// How it is delivered.
    pub delivery: Delivery,
    /// A measured or promised time: “约 3 秒”. Only what the server knows.
    pub delivery_time: Option<String>,
    /// How much is left.
    pub stock: StockBand,
    /// The number in words (“128 件”) where the shop shows it.
    pub stock_count: Option<String>,
    /// Price and currency for search engines (`29.90`, `CNY`).
    pub offer: Option<Offer>,
    /// The purchase card.
    pub buy: BuyForm,
}

/// Price as search engines read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Plain decimal.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
    /// The whole address of the page.
    pub url: String,
}

/// The purchase card.
#[derive(Clone, Debug)]
pub struct BuyForm {
    /// Idempotency key of this form.
    pub key: String,
    /// Price of one unit of the chosen variant, formatted.
    pub price: String,
    /// Something the buyer must see before trying again, such as a changed price.
    pub notice: Option<String>,
    /// What has to be put right, in the order of the fields.
    pub errors: Vec<FieldError>,
    /// The variants; the choice is not shown when there is only one.
    pub variants: Vec<VariantChoice>,
    /// What is wrong with the choice of the variant.
    pub variant_error: Option<String>,
    /// How many.
    pub quantity: Quantity,
    /// How to pay; empty for goods that cost nothing.
    pub methods: Vec<MethodChoice>,
    /// What is wrong with the choice of the method.
    pub method_error: Option<String>,
    /// Where the goods are sent.
    pub email: TextInput,
    /// Questions of the product.
    pub fields: Vec<CustomField>,
    /// Error of the optional order password; the value is never sent back.
    pub password_error: Option<String>,
    /// Total for the present choice, formatted; `None` when it is zero.
    pub total: Option<String>,
    /// How scripts format an amount.
    pub money: MoneyFormat,
    /// For how long stock is held, in minutes; 0 where nothing is reserved.
    pub hold_minutes: u64,
}

/// An error and the id of the field it belongs to (`email`, `quantity`, `method-alipay`, …).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldError {
    /// Id of the element the summary links to; for a custom field `field_{id}`.
    pub id: String,
    /// What is wrong and how to mend it.
    pub text: String,
}

/// A variant as a radio card.
#[derive(Clone, Debug)]
pub struct VariantChoice {
    /// Value of the field `variant`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Price of one, formatted.
    pub price: String,
    /// The same in minor units, for the running total.
    pub unit_minor: i64,
    /// Whether it is chosen.
    pub chosen: bool,
    /// How much is left.
    pub stock: StockBand,
    /// Most that one order may take now.
    pub max: u64,
    /// Cheaper prices for many, lowest quantity first.
    pub tiers: Vec<Tier>,
}

/// From this quantity on, each unit costs this much.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tier {
    /// Lowest quantity.
    pub from: u64,
    /// Price of one, formatted.
    pub price: String,
    /// The same in minor units.
    pub unit_minor: i64,
}

/// The number field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quantity {
    /// What it shows (as typed, also when wrong).
    pub value: String,
    /// Least.
    pub min: u64,
    /// Most.
    pub max: u64,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// A payment method as a radio card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MethodChoice {
    /// Which.
    pub method: Method,
    /// Whether it is chosen.
    pub chosen: bool,
    /// What it costs the buyer in words (“免手续费”, “+1%”).
    pub fee: String,
    /// One line on how it works; the catalogue's own line when empty.
    pub hint: Option<String>,
    /// Why it cannot be used just now.
    pub unavailable: Option<String>,
    /// Fee in parts per million of the amount, for the running total.
    pub fee_ppm: u32,
    /// Fixed fee in minor units, for the running total.
    pub fee_minor: i64,
}

/// A text field with what was typed.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct TextInput {
    /// What it shows.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
}

/// A question of the product, sent as `field_{id}`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CustomField {
    /// Its id: letters, digits, `_`, `-`.
    pub id: String,
    /// The question.
    pub label: String,
    /// Help under the question.
    pub hint: Option<String>,
    /// What is wrong with the answer.
    pub error: Option<String>,
    /// Whether it must be answered.
    pub required: bool,
    /// How it is answered.
    pub kind: FieldKind,
}

/// How a custom field is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// One line of text.
    Text {
        /// What was typed.
        value: String,
        /// Longest answer.
        max: u32,
        /// A pattern browsers understand; the server checks its own.
        pattern: Option<String>,
    },
    /// One of several.
    Select {
        /// What was chosen; empty for nothing yet.
        value: String,
        /// The choices.
        options: Vec<String>,
    },
}

/// How an amount is written, so that the running total looks like the server's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoneyFormat {
    /// With `{}` for the figures: `¥{}`, `USD {}`.
    pub pattern: String,
    /// Digits after the point.
    pub exponent: u32,
}

impl BuyForm {
    /// Whether the chosen variant costs nothing.
    const fn free(&self) -> bool {
        self.total.is_none()
    }

    fn sold_out(&self) -> bool {
        self.variants.iter().all(|v| v.stock == StockBand::SoldOut)
    }

    /// Nobody can have more than one: there is no quantity to choose.
    fn single(&self) -> bool {
        let most = self.variants.iter().map(|v| v.max).max();
        self.quantity.error.is_none()
            && self.quantity.min == 1
            && most.is_some_and(|most| most <= 1)
    }

    /// Names method and amount, or says that nothing is to pay.
    fn button(&self, layout: &Layout) -> String {
        let words = layout.w();
        let method = self.methods.iter().find(|m| m.chosen).map(|m| m.method);
        match (&self.total, method) {
            (None, _) => words.get_free().to_owned(),
            (Some(amount), Some(method)) => method.pay_button(words, amount),
            (Some(amount), None) => words.pay_amount(amount),
        }
    }

    /// The pay button with its placeholders, for the script.
    fn button_pattern(&self, layout: &Layout) -> String {
        layout.w().pay_button("{m}", "{a}")
    }

    fn errors_title(&self, layout: &Layout) -> String {
        layout.w().errors_title(self.errors.len() as u64)
    }

    fn password_open(&self) -> bool {
        self.password_error.is_some()
    }
}

impl VariantChoice {
    fn tier_data(&self) -> String {
        let pairs: Vec<String> = self
            .tiers
            .iter()
            .map(|t| format!("{}:{}", t.from, t.unit_minor))
            .collect();
        pairs.join(",")
    }

    fn gone(&self) -> bool {
        self.stock == StockBand::SoldOut
    }
}

impl CustomField {
    /// Ids of the hint and the error, as far as they are there.
    fn described(&self) -> String {
        let id = &self.id;
        match (&self.hint, &self.error) {
            (None, None) => String::new(),
            (Some(_), None) => format!("field_{id}-h"),
            (None, Some(_)) => format!("field_{id}-e"),
            (Some(_), Some(_)) => format!("field_{id}-h field_{id}-e"),
        }
    }
}

impl MethodChoice {
    pub(super) fn hint<'a>(&'a self, layout: &Layout) -> &'a str {
        self.unavailable
            .as_deref()
            .or(self.hint.as_deref())
            .unwrap_or(self.method.hint(layout.lang))
    }
}
