//! What is on sale at one moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::print::Prints;
use crate::catalog::{self, Category, Field, OnOff, Product, Variant};
use crate::ids::ProductId;
use crate::stock;
use crate::store::{Db, StoreError};

/// All goods on sale.
#[derive(Debug, Default)]
pub struct Goods {
    /// All shelves, in order.
    pub categories: Vec<Category>,
    /// What can be bought, in order of shelf and place.
    pub products: Vec<Arc<OnSale>>,
    /// What pages were drawn of them.
    pub prints: Prints,
    by_slug: HashMap<String, Arc<OnSale>>,
    withdrawn: HashSet<String>,
}

/// A product with all that its page shows of it.
#[derive(Debug)]
pub struct OnSale {
    /// Its row.
    pub product: Product,
    /// Its variants on sale, in order and at least one, each with how many are left; none =
    /// without end.
    pub variants: Vec<(Variant, Option<i64>)>,
    told: Arc<Told>,
}

/// What is made from the product's row alone.
#[derive(Debug)]
struct Told {
    fields: Result<Vec<Field>, String>,
    description_zh: String,
    description_en: String,
    searched: String,
}

impl Told {
    fn of(product: &Product) -> Self {
        let texts = [
            &product.name_zh,
            &product.name_en,
            &product.summary_zh,
            &product.summary_en,
        ];
        Told {
            fields: product.asks().map_err(|cause| cause.to_string()),
            description_zh: catalog::to_html(&product.description_zh),
            description_en: catalog::to_html(&product.description_en),
            searched: texts.map(|text| text.to_lowercase()).join("\n"),
        }
    }
}

impl OnSale {
    /// A product as its page shows it, whether or not it is on sale.
    pub fn of(product: Product, variants: Vec<(Variant, Option<i64>)>) -> Self {
        let told = Arc::new(Told::of(&product));
        OnSale {
            product,
            variants,
            told,
        }
    }

    /// What the buyer is asked for; an error is a row that nothing of ours has written.
    pub fn fields(&self) -> Result<&[Field], StoreError> {
        let fields = self.told.fields.as_deref();
        fields.map_err(|cause| {
            StoreError::corrupt(format!("fields of {}: {cause}", self.product.slug))
        })
    }

    /// The Chinese description as sanitised HTML.
    pub fn description_zh(&self) -> &str {
        &self.told.description_zh
    }

    /// The English description as sanitised HTML.
    pub fn description_en(&self) -> &str {
        &self.told.description_en
    }

    /// Whether a search in lower case finds it.
    pub fn is_found_by(&self, needle: &str) -> bool {
        self.told.searched.lines().any(|text| text.contains(needle))
    }
}

impl Goods {
    /// Reads them; texts that stayed as they were `known` are not made into HTML again.
    pub(super) fn read(db: &mut Db, known: Option<&Goods>) -> Result<Self, StoreError> {
        let left = stock::left_of_all(db)?;
        let mut variants: HashMap<ProductId, Vec<Variant>> = HashMap::new();
        for variant in catalog::store::variants(db)? {
            if variant.state == OnOff::On {
                let of = variants.entry(variant.product_id.clone()).or_default();
                of.push(variant);
            }
        }
        let mut goods = Goods {
            categories: catalog::store::categories(db)?,
            withdrawn: catalog::store::slugs(db)?.into_iter().collect(),
            ..Goods::default()
        };
        for product in catalog::store::products_on_sale(db)? {
            let Some(variants) = variants.remove(&product.id) else {
                continue;
            };
            let counted = |variant: Variant| {
                let left = left.of(product.delivery, &variant.id);
                (variant, left)
            };
            let variants = variants.into_iter().map(counted).collect();
            let before = known.and_then(|known| known.by_slug.get(&product.slug));
            let told = match before {
                Some(before) if before.product == product => Arc::clone(&before.told),
                _ => Arc::new(Told::of(&product)),
            };
            goods.withdrawn.remove(&product.slug);
            let slug = product.slug.clone();
            let on_sale = Arc::new(OnSale {
                product,
                variants,
                told,
            });
            goods.by_slug.insert(slug, Arc::clone(&on_sale));
            goods.products.push(on_sale);
        }
        Ok(goods)
    }

    /// The product under a slug.
    pub fn by_slug(&self, slug: &str) -> Option<&Arc<OnSale>> {
        self.by_slug.get(slug)
    }

    /// Whether a product was on sale under a slug and is no more.
    pub fn was_withdrawn(&self, slug: &str) -> bool {
        self.withdrawn.contains(slug)
    }
}
