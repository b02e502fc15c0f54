//! The form of the settings: what stands in it, and what was typed as lines of a file.

use std::collections::BTreeMap;

use toml::Value;

use super::SECRET;
use crate::money::Currency;
use crate::notify::webhook::SigningKey;
use crate::notify::{is_address, is_sender};
use crate::settings::{LatePolicy, Settings};
use crate::web::admin::field::{Errors, Field, Input};
use crate::web::words::Words;

/// Settings that are whole numbers.
const NUMBERS: &[&str] = &["minutes_to_pay", "unpaid_per_network", "unpaid_per_email"];
/// Settings that are text.
const TEXTS: &[&str] = &[
    "name",
    "name_en",
    "currency",
    "time_zone",
    "contact",
    "brand_colour",
    "announcement",
    "announcement_en",
    "footer_note",
    "footer_note_en",
    "policy",
    "policy_en",
    "mail_from",
    "admin_email",
    "late_money",
    "webhook_url",
];
/// The most letters of a policy that a browser takes; the setting itself counts bytes.
const LONGEST_POLICY: usize = 20_000;

/// Fields under one heading.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) fields: Vec<Field>,
    /// Whether short fields stand beside each other.
    pub(super) beside: bool,
    /// A new webhook secret can be made here.
    pub(super) secret: bool,
}

/// What stands in the fields, by their names.
pub(super) type Values = BTreeMap<String, String>;

/// Whether what was typed sends orders or alarms elsewhere.
pub(super) fn is_sensitive(values: &Values, stored: &Settings) -> bool {
    let get = |id: &str| values.get(id).map_or("", |value| value.trim());
    get("webhook_url") != stored.webhook_url
        || get("admin_email") != stored.admin_email
        || !get(SECRET).is_empty()
}

/// What was typed, as lines of a file; what cannot be one is noted. A text that stands as it
/// stood, but for blanks around it, is no wish: forms trim, and break lines in their own way.
pub(super) fn wish(
    words: Words,
    values: &Values,
    stored: &Settings,
    errors: &mut Errors,
) -> Vec<(String, Value)> {
    let get = |id: &str| values.get(id).map_or("", |value| value.trim());
    let mut refuse = |id: &str, reason: &str| {
        errors.add(id, words.reason_of(&label(words, id), id, reason));
    };
    let before = values_of(stored);
    let mut shop = Vec::new();
    for id in TEXTS.iter().filter(|id| values.contains_key(**id)) {
        let typed = get(id).replace("\r\n", "\n");
        if before.get(*id).is_none_or(|stood| stood.trim() != typed) {
            shop.push(((*id).to_owned(), Value::String(typed)));
        }
    }
    for id in NUMBERS {
        match get(id).parse::<i64>() {
            Ok(number) => shop.push(((*id).to_owned(), Value::Integer(number))),
            Err(_) => refuse(id, "is a whole number"),
        }
    }
    let goods = get("mail_goods") == "on";
    shop.push(("mail_goods".to_owned(), Value::Boolean(goods)));
    if !is_sender(get("mail_from")) {
        refuse("mail_from", "is an email address");
    }
    if !get("admin_email").is_empty() && !is_address(get("admin_email")) {
        refuse("admin_email", "is an email address");
    }
    match get(SECRET) {
        "" => {}
        typed if typed.parse::<SigningKey>().is_ok() => {
            shop.push((SECRET.to_owned(), Value::String(typed.to_owned())));
        }
        _ => refuse(SECRET, "is whsec_ and 24 to 64 random bytes in base64"),
    }
    shop
}

/// What the fields show of these settings.
pub(super) fn values_of(stored: &Settings) -> Values {
    let all = serde_json::to_value(stored).unwrap_or_default();
    let mut values = Values::new();
    for id in TEXTS.iter().chain(NUMBERS) {
        let value = match &all[*id] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        values.insert((*id).to_owned(), value);
    }
    if stored.mail_goods {
        values.insert("mail_goods".to_owned(), "on".to_owned());
    }
    values
}

/// What a setting is called.
pub(super) fn label(words: Words, key: &str) -> String {
    match key {
        "name" => words.settings_name(),
        "name_en" => words.settings_name_en(),
        "currency" => words.settings_currency(),
        "time_zone" => words.settings_time_zone(),
        "contact" => words.settings_contact(),
        "brand_colour" => words.settings_colour(),
        "announcement" => words.settings_announcement(),
        "announcement_en" => words.settings_announcement_en(),
        "footer_note" => words.settings_footer(),
        "footer_note_en" => words.settings_footer_en(),
        "policy" => words.settings_policy(),
        "policy_en" => words.settings_policy_en(),
        "mail_from" => words.settings_mail_from(),
        "admin_email" => words.settings_admin_email(),
        "mail_goods" => words.settings_mail_goods(),
        "minutes_to_pay" => words.settings_minutes(),
        "unpaid_per_network" => words.settings_per_network(),
        "unpaid_per_email" => words.settings_per_email(),
        "late_money" => words.settings_late_money(),
        "webhook_url" => words.settings_webhook_url(),
        SECRET => words.settings_webhook_secret(),
        other => return other.to_owned(),
    }
    .to_owned()
}

/// The fields with these values; `set` = there is a webhook secret.
pub(super) fn groups(words: Words, values: &Values, set: bool) -> Vec<Group> {
    let field = |id: &str, input: Input| {
        let value = values.get(id).cloned().unwrap_or_default();
        Field::new(id, label(words, id), input).value(value)
    };
    let line = |id: &str| field(id, Input::Line("text"));
    let number = |id: &str, hint: &str| {
        field(id, Input::Line("text"))
            .hint(hint)
            .most(9)
            .required()
            .narrow()
    };
    let policy = |id: &str| {
        let (rows, code) = (8, false);
        field(id, Input::Area { rows, code }).most(LONGEST_POLICY)
    };
    let currencies = Currency::ALL.iter();
    let currencies = currencies.map(|c| (c.code().to_owned(), c.code().to_owned()));
    let late = [
        (LatePolicy::Deliver, words.settings_late_deliver()),
        (LatePolicy::Refund, words.settings_late_refund()),
    ];
    let late = late.map(|(policy, name)| (policy.to_string(), name.to_owned()));
    let group = |name, fields| Group {
        name,
        fields,
        beside: false,
        secret: false,
    };
    let keep = match set {
        true => words.settings_webhook_set(),
        false => words.settings_webhook_unset(),
    };
    vec![
        group(
            words.settings_shop(),
            vec![
                line("name").most(60).required(),
                line("name_en").most(60).hint(words.settings_name_en_hint()),
                field("currency", Input::Choice(currencies.collect()))
                    .hint(words.settings_currency_hint())
                    .narrow(),
                line("time_zone")
                    .hint(words.settings_time_zone_hint())
                    .required(),
                line("contact").hint(words.settings_contact_hint()),
            ],
        ),
        group(
            words.settings_look(),
            vec![
                line("brand_colour")
                    .most(7)
                    .hint(words.settings_colour_hint())
                    .narrow(),
                line("announcement").hint(words.settings_announcement_hint()),
                line("announcement_en").hint(words.settings_english_hint()),
                line("footer_note").hint(words.settings_footer_hint()),
                line("footer_note_en").hint(words.settings_english_hint()),
            ],
        ),
        group(
            words.settings_policies(),
            vec![
                policy("policy").hint(words.settings_policy_hint()),
                policy("policy_en").hint(words.settings_english_hint()),
            ],
        ),
        group(
            words.settings_mail(),
            vec![
                line("mail_from")
                    .hint(words.settings_mail_from_hint())
                    .required(),
                field("admin_email", Input::Line("email"))
                    .hint(words.settings_admin_email_hint())
                    .most(254),
                field("mail_goods", Input::Tick).hint(words.settings_mail_goods_hint()),
            ],
        ),
        Group {
            beside: true,
            ..group(
                words.settings_orders(),
                vec![
                    number("minutes_to_pay", words.settings_minutes_hint()),
                    number("unpaid_per_network", words.settings_per_network_hint()),
                    number("unpaid_per_email", words.settings_per_email_hint()),
                ],
            )
        },
        group(
            words.settings_late(),
            vec![field("late_money", Input::Choice(late.to_vec()))],
        ),
        Group {
            secret: true,
            ..group(
                words.settings_webhook(),
                vec![
                    field("webhook_url", Input::Line("url"))
                        .hint(words.settings_webhook_url_hint())
                        .most(500),
                    field(
                        SECRET,
                        Input::Secret {
                            autocomplete: "off",
                        },
                    )
                    .hint(keep),
                ],
            )
        },
    ]
}
