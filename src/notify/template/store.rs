//! Queries of mail templates.

use diesel::prelude::*;

use super::Wording;
use crate::clock::Millis;
use crate::notify::mail::Lang;
use crate::notify::outbox::Topic;
use crate::store::schema::mail_template;
use crate::store::{Db, StoreError, both};

/// The texts of one mail in one language, if it has some of its own, and since when.
pub fn get(db: &mut Db, topic: Topic, lang: Lang) -> Result<Option<(Wording, Millis)>, StoreError> {
    let row: Option<(String, String, String, Millis)> = mail_template::table
        .find((topic, lang))
        .select((
            mail_template::subject,
            mail_template::opening,
            mail_template::closing,
            mail_template::changed_at,
        ))
        .get_result(db)
        .optional()?;
    Ok(row.map(|(subject, opening, closing, at)| {
        let template = Wording {
            subject,
            opening,
            closing,
        };
        (template, at)
    }))
}

/// Which mails have texts of their own, and since when. Topics of a newer version are left out.
pub fn all(db: &mut Db) -> Result<Vec<(Topic, Lang, Millis)>, StoreError> {
    let rows: Vec<(String, String, Millis)> = mail_template::table
        .select((
            mail_template::topic,
            mail_template::lang,
            mail_template::changed_at,
        ))
        .load(db)?;
    let known = rows
        .into_iter()
        .filter_map(|(topic, lang, at)| Some((Topic::parse(&topic)?, Lang::parse(&lang)?, at)));
    Ok(known.collect())
}

/// Writes texts; none at all brings the usual ones back. False = they are no longer those of
/// `since`: somebody else was first, and nothing was written.
pub fn put(
    db: &mut Db,
    topic: Topic,
    lang: Lang,
    template: &Wording,
    since: Option<Millis>,
    now: Millis,
) -> Result<bool, StoreError> {
    let key = (mail_template::topic.eq(topic), mail_template::lang.eq(lang));
    let texts = (
        mail_template::subject.eq(&template.subject),
        mail_template::opening.eq(&template.opening),
        mail_template::closing.eq(&template.closing),
        mail_template::changed_at.eq(now),
    );
    if since.is_none() && template.is_empty() {
        return Ok(get(db, topic, lang)?.is_none());
    }
    let touched = match since {
        None => both!(db, |c| diesel::insert_into(mail_template::table)
            .values((key, texts))
            .on_conflict_do_nothing()
            .execute(c))?,
        Some(since) => {
            let as_seen = mail_template::table
                .find((topic, lang))
                .filter(mail_template::changed_at.eq(since));
            match template.is_empty() {
                true => diesel::delete(as_seen).execute(db)?,
                false => diesel::update(as_seen).set(texts).execute(db)?,
            }
        }
    };
    Ok(touched == 1)
}
