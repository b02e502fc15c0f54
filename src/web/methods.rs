//! The payment methods a page offers: those that some account which takes orders serves.

use crate::account::AccountState;
use crate::app::App;
use crate::channel::Method as Serves;
use crate::money::Currency;
use crate::web::pages::product::MethodChoice;
use crate::web::visitor::Visitor;
use crate::web::words::Method;

/// The methods buyers can choose for a currency: those some enabled account serves.
pub fn methods(app: &App, currency: Currency) -> Vec<Method> {
    let accounts = app.accounts.all();
    Serves::ALL
        .iter()
        .filter(|method| {
            accounts.iter().any(|account| {
                account.facts.state == AccountState::Enabled
                    && account.channel.is_ok()
                    && account.facts.currency == currency
                    && account.facts.methods.contains(method)
            })
        })
        .filter_map(|method| Method::parse(method.as_str()))
        .collect()
}

/// The methods as radio cards, the asked one (or the first) chosen. Buyers pay no fee on top.
pub fn method_choices(
    app: &App,
    visitor: &Visitor,
    currency: Currency,
    asked: &str,
) -> Vec<MethodChoice> {
    let methods = methods(app, currency);
    let asked = Method::parse(asked).filter(|method| methods.contains(method));
    let chosen = asked.or_else(|| methods.first().copied());
    methods
        .into_iter()
        .map(|method| MethodChoice {
            method,
            chosen: Some(method) == chosen,
            fee: visitor.words().fee_none().to_owned(),
            hint: None,
            unavailable: None,
            fee_ppm: 0,
            fee_minor: 0,
        })
        .collect()
}
