//! What facts do to an authorization.

use alloc::string::String;
use alloc::vec::Vec;

use super::{
    CODE_LIFE, CodeFact, ConsultFact, EndReason, Grant, GrantState, Input, NextStep, REFRESH_AHEAD, Refused,
    RevokeFact, TokenEvent, TokenFact, TokenSet, Transition,
};
use crate::flow::evidence::{Evidence, Unfit};
use crate::flow::fact::Answer;
use crate::flow::timing;
use crate::secret::Secret;
use crate::time::UnixTime;
use core::time::Duration;

/// How many older access tokens are remembered; a refresh comes about once a year.
const MOST_SUPERSEDED: usize = 16;

/// The wait after a refused refresh.
const REFUSED_WAIT: Duration = Duration::from_secs(24 * 3600);

/// One authorization while an input is taken in.
pub(super) struct Turn {
    pub(super) grant: Grant,
    pub(super) now: UnixTime,
    pub(super) events: Vec<TokenEvent>,
    pub(super) step: Option<NextStep>,
}

impl Grant {
    /// Takes one input in. Pure: the same arguments give the same transition.
    ///
    /// # Errors
    ///
    /// There is nothing to revoke; nothing changed.
    pub fn apply(&self, input: &Input, now: UnixTime) -> Result<Transition, Refused> {
        let mut turn = Turn { grant: self.clone(), now, events: Vec::new(), step: None };
        match input {
            Input::ConsultAnswered(answer) => turn.consult_answered(answer),
            Input::CodeNoticed(fact) => turn.code_noticed(fact),
            Input::TokenNoticed(fact) => turn.token_noticed(fact),
            Input::CancelNoticed(fact) => turn.cancel_noticed(fact),
            Input::ApplyAnswered(answer) => turn.apply_answered(answer),
            Input::RefreshAnswered(answer) => turn.refresh_answered(answer),
            Input::Revoke => turn.revoke()?,
            Input::RevokeAnswered { access_token, answer } => turn.revoke_answered(access_token, answer),
            Input::Tick => turn.tick(),
        }
        let step = turn.step.unwrap_or_else(|| turn.grant.resting_step());
        Ok(Transition { next: turn.grant, step, events: turn.events })
    }
}

/// A token that was made elsewhere.
pub(super) fn adopt(grant: Grant, token: TokenSet, now: UnixTime) -> Transition {
    let mut turn = Turn { grant, now, events: Vec::new(), step: None };
    turn.take(&token);
    turn.grant.state = GrantState::Active;
    turn.plan_refresh();
    let step = turn.grant.resting_step();
    Transition { next: turn.grant, step, events: turn.events }
}

impl Turn {
    fn ignore(&mut self, why: Unfit) {
        self.events.push(TokenEvent::Ignored { why });
    }

    fn admits(&mut self, evidence: &Evidence) -> bool {
        match evidence.check(&self.grant.client_id, self.grant.accept_tls) {
            Ok(()) => true,
            Err(why) => {
                self.ignore(why);
                false
            }
        }
    }

    fn usable<'a, F>(&mut self, answer: &'a Answer<F>, evidence: impl Fn(&F) -> &Evidence) -> &'a Answer<F> {
        match answer.fact() {
            Some(fact) if !self.admits(evidence(fact)) => &Answer::Unresolved,
            _ => answer,
        }
    }

    pub(super) fn end(&mut self, why: EndReason) {
        self.grant.state = GrantState::Ended { why: why.clone() };
        self.grant.due = None;
        self.grant.show = None;
        self.grant.code = None;
        self.events.push(TokenEvent::Ended { why });
    }

    fn consult_answered(&mut self, answer: &Answer<ConsultFact>) {
        let answer = self.usable(answer, |fact| &fact.evidence);
        if self.grant.state != GrantState::Consulting {
            return;
        }
        match answer {
            Answer::Done(fact) | Answer::Accepted(fact) => match &fact.show {
                Some(show) => {
                    self.grant.state = GrantState::Waiting;
                    self.grant.show = Some(show.clone());
                    self.step = Some(NextStep::Show { show: show.clone(), tick_at: self.grant.deadline });
                }
                None => self.end(EndReason::NotConsulted { code: fact.result_code.clone() }),
            },
            Answer::Refused { fact, .. } => {
                self.end(EndReason::NotConsulted { code: fact.result_code.clone() })
            }
            // The buyer saw no code, so nothing can come of this state: the next try takes a new one.
            Answer::Unresolved | Answer::NotSent => self.end(EndReason::NotConsulted { code: None }),
        }
    }

    fn code_noticed(&mut self, fact: &CodeFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        if fact.auth_state.as_deref() != Some(self.grant.auth_state.as_str()) {
            return self.ignore(Unfit::NotOurs);
        }
        let Some(code) = &fact.code else { return self.ignore(Unfit::Insufficient) };
        match self.grant.state {
            // The notification may overtake the answer of consult.
            GrantState::Consulting | GrantState::Waiting => {
                self.grant.state = GrantState::Applying;
                self.grant.show = None;
                self.grant.code = Some(code.clone());
                // The code's minute began when it was made, not when it arrived; a clock ahead of ours
                // must not lengthen it.
                self.grant.deadline = fact.evidence.time().min(self.now).saturating_add(CODE_LIFE);
                self.grant.sends = 0;
                self.grant.tries = 0;
                self.send_apply();
            }
            _ if self.grant.code.as_ref() == Some(code) => self.ignore(Unfit::Stale),
            // A second code must not become a second live token.
            _ => self.events.push(TokenEvent::LateCode),
        }
    }

    pub(super) fn send_apply(&mut self) {
        let Some(auth_code) = self.grant.code.clone() else { return };
        self.grant.sends = self.grant.sends.saturating_add(1);
        self.wait_for_answer(Duration::from_secs(5));
        self.grant.due = self.grant.due.map(|due| due.min(self.grant.deadline.max(self.now)));
        self.step = Some(NextStep::Apply { auth_code });
    }

    fn apply_answered(&mut self, answer: &Answer<TokenFact>) {
        let answer = self.usable(answer, |fact| &fact.evidence);
        match answer {
            Answer::Done(fact) => match &fact.token {
                Some(token) => self.activate(token),
                None => self.repeat_soon(),
            },
            Answer::Refused { fact, first_send } if self.grant.state == GrantState::Applying => {
                // An `F` after an unresolved try may mean that the first try took the code.
                let only = *first_send && self.grant.sends <= 1;
                let code = fact.result_code.clone();
                self.end(if only { EndReason::CodeRefused { code } } else { EndReason::Orphaned });
            }
            Answer::NotSent => {
                self.grant.sends = self.grant.sends.saturating_sub(1);
                self.repeat_soon();
            }
            Answer::Refused { .. } | Answer::Accepted(_) | Answer::Unresolved => self.repeat_soon(),
        }
    }

    /// The same parameters again at the next tick, as the token pages ask for `U` and for no answer.
    fn repeat_soon(&mut self) {
        if self.grant.state == GrantState::Applying {
            self.grant.due = Some(self.now.saturating_add(Duration::from_secs(1)).min(self.grant.deadline));
        }
    }

    /// A token arrived for the code.
    fn activate(&mut self, token: &TokenSet) {
        match self.grant.state {
            GrantState::Applying => {}
            // The code brought a token after all: the answer was given up, or the refusal was that of a second
            // copy, which the network made.
            GrantState::Ended { why: EndReason::Orphaned | EndReason::CodeRefused { .. } } => {}
            _ => return self.ignore(Unfit::Stale),
        }
        self.take(token);
        self.grant.state = GrantState::Active;
        self.plan_refresh();
        self.events.push(TokenEvent::Activated);
    }

    /// Stores a token; the one before is remembered, for notifications may name it.
    fn take(&mut self, token: &TokenSet) {
        let mut token = token.clone();
        if let Some(old) = self.grant.token.take() {
            // Some methods keep the refresh token and give none again.
            if token.refresh_token.is_none() {
                token.refresh_token.clone_from(&old.refresh_token);
                token.refresh_expires = token.refresh_expires.or(old.refresh_expires);
            }
            if token.user_login_id.is_none() {
                token.user_login_id.clone_from(&old.user_login_id);
            }
            if old.access_token != token.access_token {
                if self.grant.superseded.len() >= MOST_SUPERSEDED {
                    self.grant.superseded.remove(0);
                }
                self.grant.superseded.push(old.access_token);
            }
        }
        self.grant.token = Some(token);
        self.grant.code = None;
        self.grant.generation = self.grant.generation.saturating_add(1);
        self.grant.sends = 0;
        self.grant.tries = 0;
    }

    /// Sets the moment to refresh: ten days and the jitter ahead of the end, never later; the end itself for
    /// a token that cannot be refreshed; none for one without an end.
    pub(super) fn plan_refresh(&mut self) {
        let Some(token) = &self.grant.token else { return };
        let jitter = Duration::from_millis(u64::try_from(self.grant.jitter_ms).unwrap_or(0));
        self.grant.due = token.expires.map(|expires| match token.refresh_token {
            Some(_) => expires.saturating_sub(REFRESH_AHEAD.saturating_add(jitter)).max(self.now),
            None => expires,
        });
    }

    fn token_noticed(&mut self, fact: &TokenFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        if fact.auth_state.as_deref() != Some(self.grant.auth_state.as_str()) {
            return self.ignore(Unfit::NotOurs);
        }
        match &fact.token {
            Some(token) if self.grant.knows_token(&token.access_token) => self.ignore(Unfit::Stale),
            Some(token) => self.activate(token),
            None => self.ignore(Unfit::Insufficient),
        }
    }

    fn cancel_noticed(&mut self, fact: &TokenFact) {
        if !self.admits(&fact.evidence) {
            return;
        }
        match fact.access_token() {
            Some(token) if self.grant.knows_token(token) => {
                if matches!(self.grant.state, GrantState::Ended { .. }) {
                    self.ignore(Unfit::Stale);
                } else if self.grant.state == GrantState::Revoking {
                    // The echo of our own revocation may overtake its answer.
                    self.end(EndReason::Revoked);
                } else {
                    self.end(EndReason::CancelledByBuyer);
                }
            }
            Some(_) => self.ignore(Unfit::NotOurs),
            None => self.ignore(Unfit::Insufficient),
        }
    }

    pub(super) fn send_refresh(&mut self) {
        let refresh = self.grant.token.as_ref().and_then(|token| token.refresh_token.clone());
        let Some(refresh_token) = refresh else { return };
        self.grant.state = GrantState::Refreshing;
        self.grant.refresh_in_flight = true;
        self.grant.sends = self.grant.sends.saturating_add(1);
        self.grant.tries = self.grant.tries.saturating_add(1);
        self.wait_for_answer(timing::movement_wait(self.grant.tries).max(Duration::from_secs(60)));
        self.step = Some(NextStep::Refresh { refresh_token });
    }

    fn refresh_answered(&mut self, answer: &Answer<TokenFact>) {
        let answer = self.usable(answer, |fact| &fact.evidence);
        let in_flight = self.grant.refresh_in_flight;
        match answer {
            Answer::Done(TokenFact { token: Some(token), .. }) if in_flight => {
                self.grant.refresh_in_flight = false;
                let revoking = self.grant.state == GrantState::Revoking;
                let expired = matches!(self.grant.state, GrantState::Ended { why: EndReason::Expired });
                let ended = !expired && matches!(self.grant.state, GrantState::Ended { .. });
                self.take(token);
                let unwanted = GrantState::Ended { why: EndReason::Revoked };
                let unproven = GrantState::Ended { why: EndReason::RevokeUnproven };
                if revoking || self.grant.state == unwanted || self.grant.state == unproven {
                    // The wish to revoke is older than this token: it dies as well.
                    self.send_revoke();
                } else if !ended {
                    self.grant.state = GrantState::Active;
                    self.plan_refresh();
                    self.events.push(TokenEvent::Refreshed);
                }
            }
            Answer::Refused { fact, .. } if self.grant.state == GrantState::Refreshing => {
                // The token pays on until its end, and there are days left: ask once a day, and say so.
                self.grant.state = GrantState::Active;
                self.wait_for_answer(REFUSED_WAIT);
                self.events.push(TokenEvent::RefreshRefused { code: fact.result_code.clone() });
            }
            Answer::NotSent if self.grant.state == GrantState::Refreshing => {
                self.grant.sends = self.grant.sends.saturating_sub(1);
            }
            // Unknown: the tick repeats it with the same refresh token.
            _ => {}
        }
    }

    fn revoke(&mut self) -> Result<(), Refused> {
        match self.grant.state {
            GrantState::Active | GrantState::Refreshing => {
                self.grant.tries = 0;
                self.send_revoke();
                Ok(())
            }
            GrantState::Revoking => Ok(()),
            _ => Err(Refused::NoToken),
        }
    }

    pub(super) fn send_revoke(&mut self) {
        let Some(access_token) = self.grant.token.as_ref().map(|token| token.access_token.clone()) else {
            return;
        };
        self.grant.state = GrantState::Revoking;
        self.grant.tries = self.grant.tries.saturating_add(1);
        self.wait_for_answer(timing::repeat_wait(self.grant.tries));
        self.step = Some(NextStep::Revoke { access_token });
    }

    fn revoke_answered(&mut self, access_token: &Secret<String>, answer: &Answer<RevokeFact>) {
        let answer = self.usable(answer, |fact| &fact.evidence);
        // The end of an older token proves nothing about the newer one that is being revoked.
        let asked = self.grant.token.as_ref().is_some_and(|token| token.access_token == *access_token);
        if self.grant.state != GrantState::Revoking || !asked {
            return;
        }
        match answer {
            Answer::Done(_) => self.end(EndReason::Revoked),
            // The gateway knows no such live token: it is as dead as it was to be.
            Answer::Refused { fact, .. } if fact.result_code.as_deref() == Some("INVALID_ACCESS_TOKEN") => {
                let newer = self.grant.refresh_in_flight;
                self.end(if newer { EndReason::RevokeUnproven } else { EndReason::Revoked });
            }
            Answer::Refused { fact, .. } => {
                self.events.push(TokenEvent::RevokeRefused { code: fact.result_code.clone() });
            }
            Answer::Accepted(_) | Answer::Unresolved | Answer::NotSent => {}
        }
    }

    fn wait_for_answer(&mut self, wait: Duration) {
        self.grant.due = Some(self.now.saturating_add(wait));
    }
}
