//! The form of an account: its fields, and what was typed into them as the same wish a file makes.

use std::collections::BTreeMap;

use crate::account::AccountRow;
use crate::apply::{AccountWish, Amount, Problem};
use crate::channel::{Kind, Method};
use crate::ids::AccountId;
use crate::money::{Currency, Minor, Rate};
use crate::seal::{Sealer, Secret};
use crate::web::admin::{Errors, Field, Input};
use crate::web::words::{Method as Named, Words};

/// Where the form stands among the problems of a wish.
const AT: &str = "account";
/// What the names of credential fields begin with.
const CREDENTIAL: &str = "cred_";
/// Letters of a credential; a private key of 4096 bits has some 3,300.
const LONGEST_CREDENTIAL: usize = 10_000;

/// What stands in the fields, by their names.
pub(super) type Values = BTreeMap<String, String>;

/// The fields in their groups.
pub(super) struct Fields {
    pub(super) general: Vec<Field>,
    pub(super) limits: Vec<Field>,
    pub(super) keys: Vec<Field>,
}

impl Fields {
    /// All of them.
    pub(super) fn all(&mut self) -> impl Iterator<Item = &mut Field> {
        self.general
            .iter_mut()
            .chain(&mut self.limits)
            .chain(&mut self.keys)
    }
}

/// What a field or a credential is called.
pub(super) fn label(words: Words, key: &str) -> String {
    match key {
        "id" => words.accounts_id(),
        "kind" => words.accounts_kind(),
        "methods" => words.accounts_methods(),
        "base_url" => words.accounts_base_url(),
        "currency" => words.accounts_currency(),
        "fee" => words.accounts_fee(),
        "fixed" => words.accounts_fixed(),
        "min_amount" => words.accounts_min(),
        "max_amount" => words.accounts_max(),
        "priority" => words.accounts_priority(),
        "credentials" => words.accounts_credentials(),
        "version" => words.accounts_cred_version(),
        "pid" => words.accounts_cred_pid(),
        "merchant" => words.accounts_cred_merchant(),
        "key" => words.accounts_cred_key(),
        "merchant_private_key" => words.accounts_cred_private(),
        "platform_public_key" => words.accounts_cred_public(),
        "app_id" => words.accounts_cred_app_id(),
        "seller_id" => words.accounts_cred_seller_id(),
        "product" => words.accounts_cred_product(),
        "app_private_key" => words.accounts_cred_app_private(),
        "alipay_public_key" => words.accounts_cred_alipay_public(),
        "app_cert" => words.accounts_cred_app_cert(),
        "alipay_cert" => words.accounts_cred_alipay_cert(),
        "alipay_root_cert" => words.accounts_cred_alipay_root(),
        other => {
            let known = words.wechat_credential(other);
            known.map_or(other, |known| known.label)
        }
    }
    .to_owned()
}

/// The fields with these values; of credentials nothing is ever shown.
pub(super) fn fields(words: Words, kind: &Kind, new: bool, values: &Values) -> Fields {
    let value = |id: &str| values.get(id).cloned().unwrap_or_default();
    let field = |id: &str, input: Input| Field::new(id, label(words, id), input).value(value(id));
    let line = |id: &str| field(id, Input::Line("text"));
    let mut general = Vec::new();
    if new {
        general.push(
            line("id")
                .hint(words.accounts_id_hint())
                .most(40)
                .required()
                .narrow(),
        );
    }
    let methods = Method::ALL.iter().filter_map(|method| {
        let named = Named::parse(method.as_str()).filter(|m| *m != Named::Wallet)?;
        let on = value(&format!("methods_{method}")) == "on";
        Some((method.to_string(), named.name(words.lang()).to_owned(), on))
    });
    general.push(field("methods", Input::Ticks(methods.collect())));
    general.push(
        field("base_url", Input::Line("url"))
            .hint(words.accounts_base_url_hint())
            .most(500)
            .required(),
    );
    let currencies = Currency::ALL.iter();
    let currencies = currencies.map(|c| (c.code().to_owned(), c.code().to_owned()));
    let limits = vec![
        field("currency", Input::Choice(currencies.collect())).narrow(),
        line("fee")
            .hint(words.accounts_fee_hint())
            .most(12)
            .narrow(),
        line("fixed")
            .hint(words.accounts_fixed_hint())
            .most(20)
            .narrow(),
        line("min_amount")
            .hint(words.accounts_limit_hint())
            .most(20)
            .narrow(),
        line("max_amount")
            .hint(words.accounts_limit_hint())
            .most(20)
            .narrow(),
        line("priority")
            .hint(words.accounts_priority_hint())
            .most(9)
            .narrow(),
    ];
    let versions = kind.credentials.contains(&"version");
    let keys = kind.credentials.iter().map(|key| match kind.name {
        "wechat" => wechat(words, key, new),
        _ => credential(words, (key, versions), new, &value(&name_of(key))),
    });
    Fields {
        general,
        limits,
        keys: keys.collect(),
    }
}

fn name_of(credential: &str) -> String {
    format!("{CREDENTIAL}{credential}")
}

fn credential(words: Words, (key, versions): (&str, bool), new: bool, value: &str) -> Field {
    let choice = |unset: &str, options: &[(&str, &str)]| {
        let unset = if new { unset } else { words.accounts_keep() };
        let options = [("", unset)].into_iter().chain(options.iter().copied());
        let options = options.map(|(code, name)| (code.to_owned(), name.to_owned()));
        Input::Choice(options.collect())
    };
    let input = match key {
        "version" => choice(
            words.accounts_choose(),
            &[("v1", "V1 (MD5)"), ("v2", "V2 (RSA)")],
        ),
        "product" => choice(
            words.accounts_choose(),
            &[
                ("web", words.accounts_product_web()),
                ("qr", words.accounts_product_qr()),
                ("qr_wap", words.accounts_product_qr_wap()),
            ],
        ),
        key if key.contains("private_key") || key.contains("public_key") => Input::SecretArea,
        key if key.ends_with("_cert") => Input::SecretArea,
        _ => Input::Secret {
            autocomplete: "off",
        },
    };
    let hint = match key {
        "version" => words.accounts_cred_version_hint(),
        "key" if versions => words.accounts_cred_key_hint(),
        "merchant_private_key" => words.accounts_cred_private_hint(),
        "platform_public_key" => words.accounts_cred_public_hint(),
        "app_id" => words.accounts_cred_app_id_hint(),
        "seller_id" => words.accounts_cred_seller_id_hint(),
        "product" => words.accounts_cred_product_hint(),
        "app_private_key" => words.accounts_cred_app_private_hint(),
        "alipay_public_key" => words.accounts_cred_alipay_public_hint(),
        "app_cert" => words.accounts_cred_app_cert_hint(),
        "alipay_cert" => words.accounts_cred_alipay_cert_hint(),
        "alipay_root_cert" => words.accounts_cred_alipay_root_hint(),
        _ => "",
    };
    let shown = if matches!(key, "version" | "product") {
        value
    } else {
        ""
    };
    Field::new(&name_of(key), label(words, key), input)
        .hint(hint)
        .value(shown)
        .most(LONGEST_CREDENTIAL)
}

/// A credential of WeChat Pay.
fn wechat(words: Words, key: &str, new: bool) -> Field {
    let known = words.wechat_credential(key);
    let input = match key {
        "h5" => {
            let unset = match new {
                true => words.wechat_h5_default(),
                false => words.accounts_keep(),
            };
            let options = [
                ("", unset),
                ("on", words.wechat_h5_on()),
                ("off", words.wechat_h5_off()),
            ];
            Input::Choice(options.map(|(k, n)| (k.to_owned(), n.to_owned())).to_vec())
        }
        _ if known.is_some_and(|known| known.long) => Input::SecretArea,
        _ => Input::Secret {
            autocomplete: "off",
        },
    };
    let named = known.map_or_else(|| label(words, key), |known| known.label.to_owned());
    Field::new(&name_of(key), named, input)
        .hint(known.map_or("", |known| known.hint))
        .most(LONGEST_CREDENTIAL)
}

/// What stands in the fields of an account as it is.
pub(super) fn values_of(row: &AccountRow) -> Values {
    let whole = |minor: Option<Minor>| minor.map(|m| m.decimal(row.currency)).unwrap_or_default();
    let fee = row.fee.parse::<Rate>().unwrap_or(Rate::ZERO);
    let mut values = Values::from([
        ("base_url".to_owned(), row.base_url.clone()),
        ("currency".to_owned(), row.currency.code().to_owned()),
        ("fee".to_owned(), fee.percent()),
        ("fixed".to_owned(), row.fixed.decimal(row.currency)),
        ("min_amount".to_owned(), whole(row.min_amount)),
        ("max_amount".to_owned(), whole(row.max_amount)),
        ("priority".to_owned(), row.priority.to_string()),
    ]);
    for method in methods_of(row) {
        values.insert(format!("methods_{method}"), "on".to_owned());
    }
    values
}

/// What stands in the fields of a new one.
pub(super) fn values_of_new(kind: &Kind, currency: Currency) -> Values {
    Values::from([
        ("base_url".to_owned(), kind.home.to_owned()),
        ("currency".to_owned(), currency.code().to_owned()),
        ("fee".to_owned(), "0".to_owned()),
        ("fixed".to_owned(), "0".to_owned()),
        ("priority".to_owned(), "100".to_owned()),
    ])
}

fn methods_of(row: &AccountRow) -> Vec<Method> {
    serde_json::from_str(&row.methods).unwrap_or_default()
}

/// What was typed, as a wish; what cannot be one is noted.
pub(super) fn wish(
    words: Words,
    (id, kind): (&str, &Kind),
    values: &Values,
    stored: Option<&AccountRow>,
    sealer: &Sealer,
    errors: &mut Errors,
) -> Option<AccountWish> {
    let get = |id: &str| values.get(id).map_or("", |value| value.trim());
    let id: Option<AccountId> = id.parse().ok().filter(|_| id != "new");
    if id.is_none() {
        errors.add("id", words.accounts_id_wrong());
    }
    let currency = get("currency").parse::<Currency>();
    if currency.is_err() {
        errors.add("currency", words.accounts_currency_wrong());
    }
    let fee = match get("fee") {
        "" => Ok(Rate::ZERO),
        text => Rate::from_percent(text.trim_end_matches(['%', '％'])),
    };
    if fee.is_err() {
        errors.add("fee", words.accounts_fee_wrong());
    }
    let priority = match get("priority") {
        "" => Some(100),
        text => text.parse::<i32>().ok().filter(|priority| *priority >= 0),
    };
    if priority.is_none() {
        errors.add("priority", words.accounts_priority_wrong());
    }
    let methods = methods_typed(values, stored);
    if methods.is_empty() {
        errors.add("methods", words.accounts_methods_wrong());
    }
    let amount = |id: &str| {
        let text = if get(id).is_empty() { "0" } else { get(id) };
        Some(Amount::typed(&format!("{AT}.{id}"), text))
    };
    Some(AccountWish {
        at: AT.to_owned(),
        id: id?,
        kind: Some(kind.name.to_owned()),
        // A new one takes no orders before somebody has tested it and says so.
        state: stored
            .is_none()
            .then_some(crate::account::AccountState::Off),
        methods: Some(methods),
        base_url: Some(get("base_url").trim_end_matches('/').to_owned()),
        fee: Some(fee.ok()?),
        fixed: amount("fixed"),
        min_amount: amount("min_amount"),
        max_amount: amount("max_amount"),
        currency: Some(currency.ok()?),
        priority: Some(priority?),
        credentials: credentials(kind, values, stored, sealer),
    })
}

/// Those that were chosen: first what was chosen before, in its order (the first is the one that
/// is recommended), then what came to it.
fn methods_typed(values: &Values, stored: Option<&AccountRow>) -> Vec<Method> {
    let on = |method: &Method| {
        let value = values.get(&format!("methods_{method}"));
        value.is_some_and(|value| value == "on")
    };
    let mut methods = stored.map(methods_of).unwrap_or_default();
    methods.retain(|method| on(method));
    for method in Method::ALL {
        if on(method) && !methods.contains(method) {
            methods.push(*method);
        }
    }
    methods
}

/// All credentials as they will be, if any was typed: an empty field keeps what is stored, but
/// with another version of the protocol nothing is kept, and of sets that exclude each other only
/// the one that was typed into.
fn credentials(
    kind: &Kind,
    values: &Values,
    stored: Option<&AccountRow>,
    sealer: &Sealer,
) -> Option<BTreeMap<String, Secret>> {
    let typed = typed_credentials(kind, values);
    if typed.is_empty() && stored.is_some() {
        return None;
    }
    let kept = stored.and_then(|row| row.open_credentials(sealer).ok());
    Some(merged(kind, kept.unwrap_or_default(), typed))
}

type Credentials = BTreeMap<String, Secret>;

fn merged(kind: &Kind, mut kept: Credentials, typed: Credentials) -> Credentials {
    let version = |set: &Credentials| set.get("version").map(|v| v.reveal().to_owned());
    if version(&typed).is_some() && version(&typed) != version(&kept) {
        kept.clear();
    }
    let chosen = |set: &[&str]| set.iter().any(|key| typed.contains_key(*key));
    if kind.either.iter().any(|set| chosen(set)) {
        let given_up = kind.either.iter().filter(|set| !chosen(set));
        let given_up: Vec<&str> = given_up.flat_map(|set| set.iter().copied()).collect();
        kept.retain(|key, _| !given_up.contains(&key.as_str()));
    }
    kept.extend(typed);
    kept
}

fn typed_credentials(kind: &Kind, values: &Values) -> BTreeMap<String, Secret> {
    let typed = kind.credentials.iter().filter_map(|key| {
        let value = values.get(&name_of(key)).map(|value| value.trim())?;
        (!value.is_empty()).then(|| ((*key).to_owned(), Secret::new(value)))
    });
    typed.collect()
}

/// Whether somebody has to show that it is them: where money or keys go is about to change.
pub(super) fn needs_proof(kind: &Kind, values: &Values, stored: Option<&AccountRow>) -> bool {
    let Some(row) = stored else { return true };
    let moved = values
        .get("base_url")
        .is_some_and(|url| url.trim().trim_end_matches('/') != row.base_url);
    moved || !typed_credentials(kind, values).is_empty()
}

/// What a wish was refused for, beside the fields it is about.
pub(super) fn refused(words: Words, problems: &[Problem], errors: &mut Errors) {
    for problem in problems {
        let key = problem.key.strip_prefix(AT).unwrap_or(&problem.key);
        let key = key.trim_start_matches('.');
        let (field, key) = match key.strip_prefix("credentials.") {
            Some(key) => (name_of(key), key),
            None => (key.to_owned(), key),
        };
        let text = words.reason_of(&label(words, key), key, &problem.reason);
        errors.add(&field, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::KINDS;
    use crate::web::words::Lang;

    /// Who types into one of two sets that exclude each other gives up the other one; what
    /// belongs to neither stays.
    #[test]
    fn another_mode_takes_the_place_of_the_stored_one() {
        let kind = KINDS.iter().find(|kind| kind.name == "alipay");
        let kind = kind.expect("a kind with two modes");
        let set = |keys: &[&str]| -> Credentials {
            let all = keys
                .iter()
                .map(|key| ((*key).to_owned(), Secret::new(*key)));
            all.collect()
        };
        let keys = |all: Credentials| all.into_keys().collect::<Vec<_>>();
        let by_key = || set(&["app_id", "alipay_public_key"]);
        let by_certs = || set(&["app_id", "app_cert", "alipay_cert", "alipay_root_cert"]);
        let typed = set(&["app_cert", "alipay_cert", "alipay_root_cert"]);
        assert_eq!(keys(merged(kind, by_key(), typed)), keys(by_certs()));
        let typed = set(&["alipay_public_key"]);
        assert_eq!(keys(merged(kind, by_certs(), typed)), keys(by_key()));
        let typed = set(&["alipay_cert"]);
        assert_eq!(keys(merged(kind, by_certs(), typed)), keys(by_certs()));
        let typed = set(&["seller_id"]);
        let both = merged(kind, by_key(), typed);
        assert_eq!(keys(both), ["alipay_public_key", "app_id", "seller_id"]);
    }

    /// No page may show a key, typed or stored.
    #[test]
    fn a_credential_is_never_in_the_form() {
        for kind in KINDS {
            let typed = |key: &&str| (name_of(key), format!("SECRET-{key}"));
            let values: Values = kind.credentials.iter().map(typed).collect();
            let fields = fields(Lang::En.words(), kind, true, &values);
            assert_eq!(fields.keys.len(), kind.credentials.len());
            for field in &fields.keys {
                assert!(!field.to_string().contains("SECRET-"), "{field}");
                assert_ne!(field.label, field.id, "{field} has a name");
            }
        }
    }
}
