use super::*;
use crate::catalog::{OnOff, Tier};
use crate::ids::{ProductId, SellerId, VariantId};
use crate::money::Currency;
use proptest::prelude::*;

fn variant(price: i64, tiers: &[(i64, i64)]) -> Variant {
    let tiers = tiers.iter().map(|(from, price)| Tier {
        from: *from,
        price: Minor(*price),
    });
    Variant {
        id: VariantId("v".to_owned()),
        product_id: ProductId("p".to_owned()),
        seller_id: SellerId::house(),
        sku: "sku".to_owned(),
        name_zh: String::new(),
        name_en: String::new(),
        price: Minor(price),
        currency: Currency::CNY,
        tiers: serde_json::to_string(&Tiers(tiers.collect())).expect("json"),
        min_quantity: 2,
        max_quantity: 50,
        buyer_limit: None,
        state: OnOff::On,
        position: 0,
        changed_at: 0,
    }
}

#[test]
fn a_tier_begins_at_its_quantity() {
    let variant = variant(2_990, &[(5, 2_790), (20, 2_490)]);
    let unit = |quantity| {
        quote(&variant, quantity)
            .map(|q| (q.unit_price.0, q.amount.0))
            .ok()
    };
    assert_eq!(unit(2), Some((2_990, 5_980)));
    assert_eq!(unit(4), Some((2_990, 11_960)));
    assert_eq!(unit(5), Some((2_790, 13_950)));
    assert_eq!(unit(19), Some((2_790, 53_010)));
    assert_eq!(unit(20), Some((2_490, 49_800)));
    assert_eq!(unit(50), Some((2_490, 124_500)));
}

#[test]
fn quantities_outside_the_limits_have_no_price() {
    let variant = variant(100, &[]);
    for quantity in [i64::MIN, -1, 0, 1, 51, i64::MAX] {
        assert!(
            matches!(
                quote(&variant, quantity),
                Err(Error::Quantity { min: 2, max: 50 })
            ),
            "{quantity}"
        );
    }
}

#[test]
fn tiers_that_cannot_be_read_sell_nothing() {
    let broken = Variant {
        tiers: "[{\"from\":".to_owned(),
        ..variant(100, &[])
    };
    assert!(matches!(quote(&broken, 2), Err(Error::Store(_))));
}

proptest! {
    /// X16: the amount is a price of the rows times the quantity, exactly; the order in which
    /// the tiers stand does not matter; nothing wraps.
    #[test]
    fn the_amount_is_a_listed_price_times_the_quantity(
        price in 0i64..=i64::MAX, quantity in 2i64..=50,
        mut tiers in prop::collection::vec((2i64..60, 0i64..1_000_000), 0..5),
    ) {
        tiers.sort_unstable();
        tiers.dedup_by_key(|tier| tier.0);
        let told = quote(&variant(price, &tiers), quantity);
        let unit = tiers
            .iter()
            .rfind(|(from, _)| *from <= quantity)
            .map_or(price, |(_, price)| *price);
        match unit.checked_mul(quantity) {
            Some(amount) => {
                let told = told.expect("a price");
                prop_assert_eq!((told.unit_price.0, told.amount.0), (unit, amount));
                tiers.reverse();
                prop_assert_eq!(quote(&variant(price, &tiers), quantity).ok(), Some(told));
            }
            None => prop_assert!(matches!(told, Err(Error::Money(_)))),
        }
    }
}
