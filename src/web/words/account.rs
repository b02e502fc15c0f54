//! The states of a channel account, as people call them.

use super::{Shape, Tag, Tone, Words};
use crate::account::{Account, AccountState};

impl Words {
    /// What a state is called.
    #[must_use]
    pub const fn account_state(self, state: AccountState) -> &'static str {
        match state {
            AccountState::Enabled => self.accounts_enabled(),
            AccountState::Draining => self.accounts_draining(),
            AccountState::Off => self.accounts_off(),
        }
    }

    /// The state of an account as a coloured word; one that does not start says so.
    #[must_use]
    pub fn account_tag(self, account: &Account) -> Tag {
        let state = account.facts.state;
        let starts = account.channel.is_ok() || state == AccountState::Off;
        let (text, tone, shape) = match (starts, state) {
            (false, _) => (self.accounts_broken(), Tone::Bad, Shape::Square),
            (true, AccountState::Enabled) => (self.account_state(state), Tone::Ok, Shape::Dot),
            (true, AccountState::Draining) => {
                (self.account_state(state), Tone::Warn, Shape::Diamond)
            }
            (true, AccountState::Off) => (self.account_state(state), Tone::Mute, Shape::Ring),
        };
        Tag {
            text: text.to_owned(),
            tone,
            shape,
        }
    }
}
