//! `staff`: the first administrator, and lost passwords. Whoever may run commands on the
//! machine may do this; no page can.

use clap::Subcommand;

use super::{Failed, print};
use crate::app::Desk;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::ids::ViewToken;
use crate::random::SystemRandom;
use crate::staff;
use crate::staff::audit::{Actor, Entry};

#[derive(Debug, Subcommand)]
pub(super) enum StaffCommand {
    /// A one-time link that makes the first administrator.
    First,
    /// A one-time link to a new password.
    Reset {
        /// Whose.
        email: String,
    },
    /// Turn the second factor off for somebody who has lost their phone.
    TotpOff {
        /// Whose.
        email: String,
    },
    /// Who works here.
    List,
}

/// Where a one-time link leads.
pub(super) fn url_of(base_url: &str, token: &ViewToken) -> String {
    format!("{base_url}/admin/link?token={}", token.reveal())
}

pub(super) async fn run(config: &Config, command: StaffCommand) -> Result<(), Failed> {
    let desk = Desk::open(config).await?;
    let base_url = config.base_url_at(config.listen);
    match command {
        StaffCommand::First => {
            let made = staff::first_link(&desk.store, &SystemClock, &SystemRandom).await?;
            let token = made.ok_or_else(|| {
                Failed::Told("there is an administrator already: see `vendgate staff list`".into())
            })?;
            print(&url_of(&base_url, &token))
        }
        StaffCommand::Reset { email } => {
            let email = email.trim().to_ascii_lowercase();
            let made = staff::reset_link(&desk.store, &email, &SystemClock, &SystemRandom).await;
            let token = made.map_err(|e| Failed::Told(e.to_string()))?;
            print(&url_of(&base_url, &token))
        }
        StaffCommand::TotpOff { email } => {
            let email = email.trim().to_ascii_lowercase();
            let actor = Actor {
                name: super::case::actor(),
                network: String::new(),
                request_id: String::new(),
            };
            let (now, object) = (SystemClock.now(), ("staff", ""));
            let line = Entry::new(&actor, "staff.totp_off", object, now, &SystemRandom);
            staff::totp::turn_off_for(&desk.store, &email, line)
                .await
                .map_err(|e| Failed::Told(e.to_string()))?;
            print("off: a password is enough until it is set up again")
        }
        StaffCommand::List => {
            let all = desk.store.read(staff::store::all).await?;
            let lines = all
                .iter()
                .map(|one| format!("{}  {}  {}\n", one.email, one.role, one.state));
            print(&lines.collect::<String>())
        }
    }
}
