//! The words the API speaks, as its OpenAPI document lists them: taken from the types
//! themselves, so that a new state or method cannot be missing there.

use std::borrow::Cow;

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{RefOr, schema};
use utoipa::{PartialSchema, ToSchema};

use crate::money::Currency;
use crate::{catalog, channel, order, payment, web};

macro_rules! words {
    ($($name:ident = $shown:literal, $told:literal, $all:expr;)+) => {$(
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words: Vec<&str> = $all;
                ObjectBuilder::new()
                    .schema_type(schema::SchemaType::Type(Type::String))
                    .description(Some($told))
                    .enum_values(Some(words))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($shown)
            }
        }
    )+};
}

words! {
    OrderStates = "OrderState", "Where an order stands.",
        order::State::ALL.iter().map(|word| word.as_str()).collect();
    AttemptStates = "AttemptState", "Where an attempt to pay stands.",
        payment::AttemptState::ALL.iter().map(|word| word.as_str()).collect();
    PayKinds = "PayKind", "How a buyer pays.",
        channel::PayKind::ALL.iter().map(|word| word.as_str()).collect();
    Methods = "Method", "What a payment is made by.",
        channel::Method::ALL.iter().map(|word| word.as_str()).collect();
    Wishes = "MethodWish", "What a buyer picks; `recommended` lets the shop choose.",
        web::words::Method::ALL.iter().map(|word| word.code()).collect();
    Classes = "FailureClass", "What a failed attempt means.",
        channel::Class::ALL.iter().map(|word| word.as_str()).collect();
    Deliveries = "DeliveryKind", "How a product is delivered.",
        catalog::Delivery::ALL.iter().map(|word| word.as_str()).collect();
    Currencies = "Currency", "ISO 4217, or `COIN`, `USDT`; amounts are whole minor units of it.",
        Currency::ALL.iter().map(|currency| currency.code()).collect();
}
