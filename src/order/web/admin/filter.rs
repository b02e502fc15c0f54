//! What a list of orders is asked for, as it stands in its address.

use crate::app::App;
use crate::channel::Method;
use crate::ids::{AccountId, ProductId};
use crate::money::{Minor, Money};
use crate::order::list::{Filter, Number};
use crate::order::{self, State};
use crate::web::admin::Asked;
use crate::web::words::Words;
use crate::zone::Zone;

/// The names of all filters.
pub(super) const NAMES: &[&str] = &[
    "no", "email", "state", "method", "account", "product", "from_day", "to_day", "least", "most",
];

/// The filter of an address, or what of it cannot be read: the field, and a sentence.
pub(super) fn read(
    app: &App,
    asked: &Asked,
    words: Words,
) -> Result<Filter, Vec<(&'static str, &'static str)>> {
    let settings = app.live().settings;
    let zone = Zone::or_utc(&settings.time_zone);
    let mut wrong = Vec::new();
    let some = |name: &str| Some(asked.get(name)).filter(|text| !text.is_empty());
    let mut day = |name: &'static str, read: fn(Zone, &str) -> Option<i64>| {
        let found = some(name).map(|text| read(zone, text));
        if found == Some(None) {
            wrong.push((name, words.orders_bad_day()));
        }
        found.flatten()
    };
    let (from, until) = (day("from_day", Zone::day), day("to_day", Zone::day_after));
    let mut amount = |name: &'static str| {
        let found = some(name).map(|text| Minor::parse(text, settings.currency));
        match found {
            Some(Err(_)) => {
                wrong.push((name, words.orders_bad_amount()));
                None
            }
            Some(Ok(amount)) => Some(Money::new(amount, settings.currency)),
            None => None,
        }
    };
    let (least, most) = (amount("least"), amount("most"));
    let mut choice = |name: &'static str, is: &dyn Fn(&str) -> bool| {
        let found = some(name);
        if found.is_some_and(|text| !is(text)) {
            wrong.push((name, words.orders_bad_choice()));
        }
        found
    };
    let state = choice("state", &|text| State::parse(text).is_some());
    let method = choice("method", &|text| Method::parse(text).is_some());
    let account = choice("account", &|text| text.parse::<AccountId>().is_ok());
    let filter = Filter {
        number: some("no").map(|text| match text.parse() {
            Ok(no) => Number::Order(no),
            Err(_) => Number::Elsewhere(text.to_owned()),
        }),
        email_hash: some("email").map(|email| order::email_hash(&app.sealer, email)),
        state: state.and_then(State::parse),
        method: method.map(str::to_owned),
        account: account.and_then(|name| name.parse().ok()),
        product: some("product").map(|id| ProductId(id.to_owned())),
        from,
        until,
        least,
        most,
    };
    match wrong.is_empty() {
        true => Ok(filter),
        false => Err(wrong),
    }
}
