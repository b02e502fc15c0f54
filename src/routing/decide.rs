//! The decision: filter, then priority. PURE.

use serde::Serialize;

use crate::channel::Method;
use crate::ids::{AccountId, text_enum};
use crate::money::{Currency, Minor};

/// What is to be collected.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What the buyer picked; none = recommended.
    pub method: Option<Method>,
    /// The attempt's amount.
    pub amount: Minor,
    /// Its currency.
    pub currency: Currency,
    /// Accounts this order has tried.
    pub exclude: Vec<AccountId>,
}

/// An account as the router sees it.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Which.
    pub account: AccountId,
    /// Takes new orders.
    pub enabled: bool,
    /// Its configuration is usable.
    pub usable: bool,
    /// What it collects.
    pub currency: Currency,
    /// Smallest payment.
    pub min_amount: Option<Minor>,
    /// Largest payment.
    pub max_amount: Option<Minor>,
    /// What it serves, preferred first.
    pub methods: Vec<Method>,
    /// Smaller is preferred.
    pub priority: i32,
}

text_enum! {
    /// Why an account is not chosen.
    pub enum Reason {
        /// This order tried it.
        Tried = "tried",
        /// Draining or off.
        State = "state",
        /// Its configuration is not usable.
        Misconfigured = "misconfigured",
        /// It does not serve the method.
        Method = "method",
        /// It collects another currency.
        Currency = "currency",
        /// Below its smallest payment.
        AmountMin = "amount_min",
        /// Above its largest payment.
        AmountMax = "amount_max",
        /// Another one is preferred.
        Priority = "priority",
    }
}

/// One account and why it was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Considered {
    /// Which.
    pub account: AccountId,
    /// Why not; none = chosen.
    pub reason: Option<Reason>,
}

/// What was decided, as it is stored with the attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// How it was decided.
    pub policy: &'static str,
    /// The account, if one is left.
    pub chosen: Option<AccountId>,
    /// By which method it collects.
    pub method: Option<Method>,
    /// Every account.
    pub candidates: Vec<Considered>,
}

/// Decides among `candidates`.
pub fn decide(candidates: &[Candidate], ask: &Ask) -> Decision {
    let reasons: Vec<Option<Reason>> = candidates.iter().map(|c| filter(c, ask)).collect();
    let chosen = candidates
        .iter()
        .zip(&reasons)
        .filter(|(_, reason)| reason.is_none())
        .map(|(candidate, _)| candidate)
        .min_by(|a, b| a.priority.cmp(&b.priority).then(a.account.cmp(&b.account)));
    Decision {
        policy: "priority",
        chosen: chosen.map(|c| c.account.clone()),
        method: chosen.and_then(|c| ask.method.or_else(|| c.methods.first().copied())),
        candidates: candidates
            .iter()
            .zip(reasons)
            .map(|(candidate, reason)| Considered {
                account: candidate.account.clone(),
                reason: match chosen {
                    Some(c) if c.account == candidate.account => None,
                    _ => Some(reason.unwrap_or(Reason::Priority)),
                },
            })
            .collect(),
    }
}

fn filter(candidate: &Candidate, ask: &Ask) -> Option<Reason> {
    let serves = match ask.method {
        Some(method) => candidate.methods.contains(&method),
        None => !candidate.methods.is_empty(),
    };
    let checks = [
        (ask.exclude.contains(&candidate.account), Reason::Tried),
        (!candidate.enabled, Reason::State),
        (!candidate.usable, Reason::Misconfigured),
        (!serves, Reason::Method),
        (candidate.currency != ask.currency, Reason::Currency),
        (
            candidate.min_amount.is_some_and(|min| ask.amount < min),
            Reason::AmountMin,
        ),
        (
            candidate.max_amount.is_some_and(|max| ask.amount > max),
            Reason::AmountMax,
        ),
    ];
    checks
        .into_iter()
        .find_map(|(fails, reason)| fails.then_some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, priority: i32) -> Candidate {
        Candidate {
            account: name.parse().expect("a name"),
            enabled: true,
            usable: true,
            currency: Currency::CNY,
            min_amount: None,
            max_amount: Some(Minor(50_000)),
            methods: vec![Method::Alipay, Method::Wechat],
            priority,
        }
    }

    fn ask(amount: i64) -> Ask {
        Ask {
            method: Some(Method::Alipay),
            amount: Minor(amount),
            currency: Currency::CNY,
            exclude: Vec::new(),
        }
    }

    fn chosen(candidates: &[Candidate], ask: &Ask) -> Option<String> {
        decide(candidates, ask).chosen.map(|a| a.to_string())
    }

    #[test]
    fn the_preferred_account_that_passes_every_filter_is_chosen() {
        let mut all = [candidate("b", 2), candidate("a", 1), candidate("c", 3)];
        assert_eq!(chosen(&all, &ask(100)).as_deref(), Some("a"));
        all[1].enabled = false;
        assert_eq!(chosen(&all, &ask(100)).as_deref(), Some("b"));
        let mut tried = ask(100);
        tried.exclude.push("b".parse().expect("a name"));
        let decision = decide(&all, &tried);
        assert_eq!(decision.chosen.map(|a| a.to_string()).as_deref(), Some("c"));
        let reasons: Vec<_> = decision.candidates.iter().map(|c| c.reason).collect();
        assert_eq!(reasons, [Some(Reason::Tried), Some(Reason::State), None]);
    }

    /// Acceptance case 4: compared in minor units.
    #[test]
    fn the_largest_payment_is_allowed_and_one_unit_more_is_not() {
        assert!(chosen(&[candidate("a", 1)], &ask(50_000)).is_some());
        let decision = decide(&[candidate("a", 1)], &ask(50_001));
        assert_eq!(decision.chosen, None);
        assert_eq!(decision.candidates[0].reason, Some(Reason::AmountMax));
    }

    #[test]
    fn recommended_takes_the_first_method_of_the_chosen_account() {
        let mut any = ask(100);
        any.method = None;
        assert_eq!(
            decide(&[candidate("a", 1)], &any).method,
            Some(Method::Alipay)
        );
    }
}
