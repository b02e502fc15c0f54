//! A mail that staff send to an address they type, to see how it looks there. It goes through the
//! outbox like every other mail, and only a few of them in an hour: the console is no way to send
//! mail to strangers.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::mail::Lang;
use super::outbox::{self, Kind, NewPromise, Topic};
use crate::clock::{HOUR, Millis};
use crate::ids::OutboxId;
use crate::random::Random;
use crate::seal::Sealer;
use crate::store::{Db, StoreError};

/// How many go out in one hour.
pub const PER_HOUR: usize = 10;

/// What a test mail needs: of which mail it shows the looks, and to whom it goes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestMail {
    /// Which mail.
    pub topic: Topic,
    /// In which language.
    pub lang: Lang,
    /// The address in hex, sealed for [`TestMail::place`].
    pub to: String,
}

impl TestMail {
    /// The associated data the address of a test mail is sealed with.
    pub fn place(id: &OutboxId) -> String {
        format!("outbox/{id}/to")
    }
}

/// A test mail before it is promised; made before the transaction.
#[derive(Debug, Clone)]
pub struct NewTest {
    id: OutboxId,
    mail: TestMail,
    now: Millis,
}

impl NewTest {
    /// A mail of this topic in this language to one address.
    pub fn new(
        (topic, lang): (Topic, Lang),
        to: &str,
        sealer: &Sealer,
        random: &dyn Random,
        now: Millis,
    ) -> Self {
        let id = OutboxId::new(now, random);
        let to = sealer.seal(to.as_bytes(), &TestMail::place(&id), random);
        let mail = TestMail {
            topic,
            lang,
            to: hex::encode(to),
        };
        NewTest { id, mail, now }
    }

    /// Promises it; false = this hour has had all of its mails. Each place of an hour has a name,
    /// and a name is taken once.
    pub fn promise(&self, db: &mut Db) -> Result<bool, StoreError> {
        let hour = self.now.div_euclid(HOUR);
        for place in 0..PER_HOUR {
            let promise = NewPromise {
                id: self.id.clone(),
                kind: Kind::Mail,
                topic: Topic::MailTest,
                dedupe: format!("mail.test/{hour}/{place}"),
                order_id: None,
                payload: json!(self.mail),
                now: self.now,
            };
            if outbox::enqueue(db, &promise)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
