use super::facts::Turn;
use super::{EndReason, GrantState};

impl Turn {
    pub(super) fn tick(&mut self) {
        if self.grant.due.is_none_or(|due| due > self.now) {
            return;
        }
        match self.grant.state {
            // A buyer who comes later starts again; a code of this try is not used.
            GrantState::Consulting | GrantState::Waiting => self.end(EndReason::NoCode),
            // A code that nobody ever sent expires without harm; any other may live on as a token.
            GrantState::Applying if self.now >= self.grant.deadline => {
                let sent = self.grant.sends > 0;
                self.end(if sent { EndReason::Orphaned } else { EndReason::NoCode });
            }
            GrantState::Applying => self.send_apply(),
            GrantState::Active | GrantState::Refreshing => self.tick_live(),
            GrantState::Revoking => self.send_revoke(),
            GrantState::Ended { .. } => self.grant.due = None,
        }
    }

    fn tick_live(&mut self) {
        let Some(token) = &self.grant.token else { return self.end(EndReason::Expired) };
        let expired = token.expires.is_some_and(|expires| expires <= self.now);
        let refresh_ended = token.refresh_expires.is_some_and(|expires| expires <= self.now);
        // Within its life a token is refreshed as often as it takes; at its end there must be one last try.
        if expired && (self.grant.tries > 0 || token.refresh_token.is_none() || refresh_ended) {
            self.end(EndReason::Expired);
        } else if token.refresh_token.is_some() && !refresh_ended {
            let end = token.expires;
            self.send_refresh();
            if !expired {
                self.grant.due = self.grant.due.into_iter().chain(end).min();
            }
        } else {
            self.grant.due = token.expires;
        }
    }
}
