//! The channel accounts: each opens, and its gateway answers.

use std::time::Duration;

use super::report::{Finding, bad, ok, warn};
use super::time;
use crate::account::{self, AccountRow, AccountState};
use crate::channel::{Reply, Request, Verb};
use crate::clock::{Clock, Millis, SECOND};
use crate::outbound::{Limits, NotSent, Outbound, Reach, SendError};
use crate::seal::Sealer;

const AREA: &str = "channels";
const LIMITS: Limits = Limits {
    budget: Duration::from_secs(8),
    body: 1 << 20,
};

/// Looks at every account that is not off, one after the other.
pub(super) async fn look(
    rows: &[AccountRow],
    sealer: &Sealer,
    outbound: &Outbound,
    clock: &dyn Clock,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if rows.iter().all(|row| row.state != AccountState::Enabled) {
        findings.push(warn(
            AREA,
            "no account takes orders",
            "enable one with `vendgate apply`: nothing can be paid for",
        ));
    }
    for row in rows {
        if row.state == AccountState::Off {
            findings.push(ok(AREA, format!("{} is off", row.id)));
            continue;
        }
        let wrong = account::open(row, sealer).err().map(|e| e.to_string());
        let request = Request {
            verb: Verb::Get,
            url: row.base_url.clone(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let before = clock.now();
        let answer = outbound.send(&request, Reach::Configured, LIMITS).await;
        let now = clock.now();
        findings.push(judge(row, wrong, &answer));
        findings.extend(clock_of(row, &answer, before, now));
    }
    findings
}

/// Whether it starts, and whether anybody is there.
pub(super) fn judge(
    row: &AccountRow,
    wrong: Option<String>,
    answer: &Result<Reply, SendError>,
) -> Finding {
    let (id, state, url) = (&row.id, row.state.as_str(), &row.base_url);
    if let Some(wrong) = wrong {
        return bad(
            AREA,
            format!("{id} ({state}) does not start: {wrong}"),
            "mend its lines and run `vendgate apply`",
        );
    }
    // One that takes no orders still has payments to watch.
    let away = |found: String, todo: &str| match row.state {
        AccountState::Enabled => bad(AREA, found, todo),
        _ => warn(AREA, found, todo),
    };
    match answer {
        Ok(reply) if reply.status < 500 => ok(
            AREA,
            format!("{id} ({state}) opens, and {url} answers ({})", reply.status),
        ),
        Ok(reply) => warn(
            AREA,
            format!("{id} ({state}): {url} answers {}", reply.status),
            "ask the channel whether it is down",
        ),
        Err(SendError::NotSent {
            kind: NotSent::Forbidden,
        }) => away(
            format!("{id} ({state}): {url} must not be reached"),
            "use https, or an address of this machine: over plain http keys and money are read \
             and changed on the way",
        ),
        Err(cause) => away(
            format!("{id} ({state}): {url} gives no answer: {cause}"),
            "see whether the address is right and the machine may reach it",
        ),
    }
}

/// Its clock, if it told one.
pub(super) fn clock_of(
    row: &AccountRow,
    answer: &Result<Reply, SendError>,
    before: Millis,
    now: Millis,
) -> Option<Finding> {
    let header = answer.as_ref().ok()?.header("date")?;
    let theirs = time::of_date_header(header)?;
    // The header tells whole seconds, some time between the question and the answer.
    let exact_to = SECOND + (now - before).max(0);
    Some(time::against(
        &format!("the server of {}", row.id),
        theirs,
        now,
        exact_to,
    ))
}
