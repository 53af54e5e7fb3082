use alloc::string::String;
use alloc::vec::Vec;

use super::{EndReason, Grant, TokenSet};
use crate::flow::evidence::{Evidence, Unfit};
use crate::flow::fact::{Answer, Show};
use crate::flow::stored::{choice, load, record, save};
use crate::flow::{LoadError, Observed};
use crate::secret::Secret;
use crate::time::UnixTime;

record! {
    /// What consult answered.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConsultFact {
        pub(crate) evidence: Evidence,
        pub(crate) show: Option<Show>,
        pub(crate) result_code: Option<String>,
    }
}

record! {
    /// An authorization code, told by a notification.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CodeFact {
        pub(crate) evidence: Evidence,
        pub(crate) auth_state: Option<String>,
        pub(crate) code: Option<Secret<String>>,
    }
}

record! {
    /// A token, or the end of one.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TokenFact {
        pub(crate) evidence: Evidence,
        pub(crate) auth_state: Option<String>,
        pub(crate) token: Option<TokenSet>,
        pub(crate) result_code: Option<String>,
    }
}

record! {
    /// What revoke answered.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct RevokeFact {
        pub(crate) evidence: Evidence,
        pub(crate) result_code: Option<String>,
    }
}

impl CodeFact {
    /// The `authState` it is for.
    #[must_use]
    pub fn auth_state(&self) -> Option<&str> {
        self.auth_state.as_deref()
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

impl TokenFact {
    /// The `authState` it is for, where it says so.
    #[must_use]
    pub fn auth_state(&self) -> Option<&str> {
        self.auth_state.as_deref()
    }

    /// The access token it names.
    #[must_use]
    pub fn access_token(&self) -> Option<&Secret<String>> {
        self.token.as_ref().map(|token| &token.access_token)
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// What an authorization hears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// What the call of consult came to.
    ConsultAnswered(Answer<ConsultFact>),
    /// The buyer authorized: a notification brought the code.
    CodeNoticed(CodeFact),
    /// A notification brought the token itself.
    TokenNoticed(TokenFact),
    /// The buyer cancelled in the wallet.
    CancelNoticed(TokenFact),
    /// What the call of applyToken with the code came to.
    ApplyAnswered(Answer<TokenFact>),
    /// What the call of applyToken with the refresh token came to.
    RefreshAnswered(Answer<TokenFact>),
    /// The merchant wants the token dead.
    Revoke,
    /// What the call of revoke came to.
    RevokeAnswered {
        /// The access token that was to be revoked: a refresh may have replaced it meanwhile.
        access_token: Secret<String>,
        /// The answer.
        answer: Answer<RevokeFact>,
    },
    /// Nothing but time went by.
    Tick,
}

impl Input {
    /// What an authorization hears by a notification; `None` when it is about something else than one.
    #[must_use]
    pub fn noticed(fact: &Observed) -> Option<Self> {
        Some(match fact {
            Observed::Code(fact) => Self::CodeNoticed((**fact).clone()),
            Observed::Token(fact) => Self::TokenNoticed((**fact).clone()),
            Observed::TokenCancelled(fact) => Self::CancelNoticed((**fact).clone()),
            _ => return None,
        })
    }
}

/// What one input came to. Commit `next` and `events` as one, then take the step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "commit the transition before taking its step"]
pub struct Transition {
    /// The authorization afterwards.
    pub next: Grant,
    /// The one thing to do next.
    pub step: NextStep,
    /// What is worth telling.
    pub events: Vec<TokenEvent>,
}

/// The one thing to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Call consult, once.
    Consult,
    /// Show the buyer this, then tick at the time.
    Show {
        /// What.
        show: Show,
        /// When to tick.
        tick_at: UnixTime,
    },
    /// Call applyToken with the code, at once; the same parameters each time.
    Apply {
        /// The code.
        auth_code: Secret<String>,
    },
    /// Call applyToken with the newest refresh token; the same parameters each time.
    Refresh {
        /// The refresh token.
        refresh_token: Secret<String>,
    },
    /// Call revoke.
    Revoke {
        /// The token.
        access_token: Secret<String>,
    },
    /// Tick at this time.
    TickAt(UnixTime),
    /// The token pays and needs nothing.
    Usable,
    /// Over.
    Ended(EndReason),
}

/// Why a wish cannot be granted. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// There is no live token.
    #[error("there is no live token to revoke")]
    NoToken,
}

choice! {
    /// What is worth telling.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum TokenEvent {
        /// The token pays.
        Activated,
        /// A newer token took over.
        Refreshed,
        /// The gateway will not refresh; ask the buyer again before the token ends.
        RefreshRefused {
            /// The result code.
            code: Option<String>,
        },
        /// The gateway will not revoke; it is asked again.
        RevokeRefused {
            /// The result code.
            code: Option<String>,
        },
        /// A code came for an authorization that no longer wants one. It was not used.
        LateCode,
        /// The authorization is over.
        Ended {
            /// Why.
            why: EndReason,
        },
        /// A fact changed nothing, and why.
        Ignored {
            /// Why.
            why: Unfit,
        },
    }
}

impl TokenEvent {
    /// The text to store.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("token_event", 1, self)
    }

    /// An event from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no event.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("token_event", 1, text)
    }
}
