//! A mail as the bytes of a message. Everything in it comes from the mail, so the same mail is
//! the same bytes.

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::mail::{Attachment, Mail};
use super::mailer::MailError;
use super::render::starts_or_hides_a_line;
use crate::clock::{Millis, SECOND};

/// The last second of the year 9999: a Date header knows no later one.
const LAST_DATE: Millis = 253_402_300_799 * SECOND;

/// The sender as configured: `shop@example.com` or `云栈数码 <shop@example.com>`. The mail library
/// reads no name that is not ASCII, though it writes every one.
pub(super) fn sender(text: &str) -> Option<Mailbox> {
    if text.chars().any(starts_or_hides_a_line) {
        return None;
    }
    let (name, address) = match text
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once('<'))
    {
        None => ("", text),
        Some((name, address)) => (name.trim().trim_matches('"'), address),
    };
    let name = (!name.is_empty()).then(|| name.to_owned());
    Some(Mailbox::new(name, address.parse().ok()?))
}

pub(super) fn message(mail: &Mail, from: &Mailbox) -> Result<Message, MailError> {
    named(mail)?;
    let to: Address = mail
        .to
        .parse()
        .map_err(|_| MailError::permanent("the recipient is not an address"))?;
    let from_name = from.name.clone().unwrap_or_else(|| mail.from_name.clone());
    let at = u64::try_from(mail.at.clamp(0, LAST_DATE)).unwrap_or(0);
    let builder = Message::builder()
        .message_id(Some(mail.message_id.clone()))
        .date(UNIX_EPOCH + Duration::from_millis(at))
        .from(Mailbox::new(Some(from_name), from.email.clone()))
        .to(Mailbox::new(None, to))
        .subject(&mail.subject)
        // Nobody's holiday notice should answer a shop.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ));
    // Quoted-printable writes every `=` as `=3D`, so no content can hold a boundary.
    let both = MultiPart::alternative()
        .boundary(format!("=_both_{}", mail.id))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.html)?);
    let built = match &mail.attachment {
        None => builder.multipart(both),
        Some(file) => builder.multipart(
            MultiPart::mixed()
                .boundary(format!("=_file_{}", mail.id))
                .multipart(both)
                .singlepart(attached(file)?),
        ),
    };
    built.map_err(|error| MailError::permanent(&error.to_string()))
}

/// The mail as a file that mail programs open, sent from `from`.
pub fn eml(mail: &Mail, from: &str) -> Result<Vec<u8>, MailError> {
    let from = sender(from).ok_or_else(|| MailError::permanent("the sender is not an address"))?;
    Ok(message(mail, &from)?.formatted())
}

/// Whether mails can come from this: an address, with or without a name.
pub fn is_sender(text: &str) -> bool {
    sender(text).is_some()
}

/// Whether this is one plain address.
pub fn is_address(text: &str) -> bool {
    text.parse::<Address>().is_ok() && !text.chars().any(char::is_control)
}

/// Ids go into file names and boundaries: letters, digits and dashes only.
fn named(mail: &Mail) -> Result<(), MailError> {
    let id = mail.id.as_str();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if id.is_empty() || id.len() > 40 || !id.bytes().all(plain) {
        return Err(MailError::permanent("the id of the mail is not one"));
    }
    Ok(())
}

fn part(kind: ContentType, text: &str) -> Result<SinglePart, MailError> {
    let body = encoded(
        text.to_owned().into(),
        ContentTransferEncoding::QuotedPrintable,
    )?;
    Ok(SinglePart::builder().content_type(kind).body(body))
}

fn attached(file: &Attachment) -> Result<SinglePart, MailError> {
    // As bytes, not as text: line ends stay what they are.
    let bytes = file.content.clone().into_bytes();
    let body = encoded(bytes.into(), ContentTransferEncoding::Base64)?;
    Ok(lettre::message::Attachment::new(file.name.clone()).body(body, ContentType::TEXT_PLAIN))
}

fn encoded(
    text: lettre::message::MaybeString,
    encoding: ContentTransferEncoding,
) -> Result<Body, MailError> {
    Body::new_with_encoding(text, encoding)
        .map_err(|_| MailError::permanent("the body cannot be encoded"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    /// A sender that the settings take is one that mails can come from: otherwise a shop would
    /// not start again after its owner has saved it.
    #[test]
    fn a_sender_of_the_settings_is_a_sender_of_mails() {
        let taken = |from: &str| {
            let settings = Settings {
                mail_from: from.to_owned(),
                ..Settings::default()
            };
            settings.check().is_ok()
        };
        for good in [
            "shop@localhost",
            "a.b+c@shop.example.com",
            "Shop <shop@example.com>",
            "云栈数码 <shop@example.com>",
            "Lantern Digital & Sons <shop@lantern.example>",
        ] {
            assert!(taken(good) && is_sender(good), "{good}");
        }
        for bad in [
            "",
            "@",
            "foo@",
            "@bar",
            "a b@c",
            "a@b..c",
            ".a@b",
            "a@b, c@d",
            "<a@b",
            "x<a@b>y",
            "a@b\r\nBcc: c@d",
            "\"<a@b>",
            "商店@example.com",
        ] {
            assert!(!taken(bad), "{bad:?}");
        }
    }
}
