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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Answer;
    /// use antom_core::flow::token::ConsultFact;
    /// # use antom_core::api::authorizations::*;
    /// # let request = ConsultRequest::new("GCASH", "https://shop.example/back", [], "q83uhFXpWm5rTnB2kYdLcE", "WEB");
    /// # let call = called::<Consult>(&request, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"authUrl":"https://wallet.example"}"#);
    ///
    /// // `call` is what a driver brought back from consult.
    /// let answer: Answer<ConsultFact> = Answer::consult(&call);
    /// assert!(matches!(answer, Answer::Done(_)));
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ConsultFact {
        pub(crate) evidence: Evidence,
        pub(crate) show: Option<Show>,
        pub(crate) result_code: Option<String>,
    }
}

record! {
    /// An authorization code, told by a notification.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{Observed, Source};
    /// # let message = verified("/notify", r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"q83uhFXpWm5rTnB2kYdLcE",
    /// #     "authCode":"CODE","result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
    ///
    /// // A notification of the type AUTHCODE_CREATED.
    /// let Observed::Code(fact) = Observed::of(&message)? else { panic!("no code") };
    /// assert_eq!(fact.auth_state(), Some("q83uhFXpWm5rTnB2kYdLcE"));
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CodeFact {
        pub(crate) evidence: Evidence,
        pub(crate) auth_state: Option<String>,
        pub(crate) code: Option<Secret<String>>,
    }
}

record! {
    /// A token, or the end of one.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{Observed, Source};
    /// # let message = verified("/notify", r#"{"authorizationNotifyType":"TOKEN_CANCELED","accessToken":"281010",
    /// #     "result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
    ///
    /// // A notification of the type TOKEN_CANCELED: the buyer ended it in the wallet.
    /// let Observed::TokenCancelled(fact) = Observed::of(&message)? else { panic!("no token") };
    /// assert_eq!(fact.access_token().unwrap().expose(), "281010");
    /// assert_eq!(fact.auth_state(), None);
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
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
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::called;
    /// use antom_core::flow::Answer;
    /// use antom_core::flow::token::RevokeFact;
    /// # use antom_core::api::authorizations::*;
    /// # let call = called::<Revoke>(&RevokeRequest::new("281010"), r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
    ///
    /// // `call` is what a driver brought back from revoke.
    /// let answer: Answer<RevokeFact> = Answer::revoke(&call);
    /// assert!(answer.fact().is_some());
    /// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, grant, observed};
/// use antom_core::flow::token::{Input, NextStep};
/// # let (grant, fact) = (grant(), observed(r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"q83uhFXpWm5rTnB2kYdLcE",
/// #     "authCode":"CODE","result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#));
///
/// // `fact` is the notification that brought the authorization code. It is turned into a token at once.
/// let input = Input::noticed(&fact).expect("it is about an authorization");
/// let turn = grant.apply(&input, NOW)?;
/// assert!(matches!(turn.step, NextStep::Apply { auth_code } if auth_code.expose() == "CODE"));
/// # Ok::<(), antom_core::flow::token::Refused>(())
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, active};
/// use antom_core::flow::token::{Input, NextStep};
/// # let grant = active();
///
/// let turn = grant.apply(&Input::Revoke, NOW)?;
/// // Store `turn.next` and `turn.events` first; a worker may die right here.
/// assert!(turn.events.is_empty());
/// assert!(matches!(turn.step, NextStep::Revoke { .. }));
/// # Ok::<(), antom_core::flow::token::Refused>(())
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::grant;
/// use antom_core::flow::token::NextStep;
/// # let grant = grant();
///
/// // Nothing came back from consult yet: the next thing that happens is a tick.
/// assert_eq!(grant.resting_step(), NextStep::TickAt(grant.due().unwrap()));
/// ```
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
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, grant};
/// use antom_core::flow::token::{Input, Refused};
/// # let grant = grant();
///
/// // The buyer has not authorized yet.
/// assert_eq!(grant.apply(&Input::Revoke, NOW), Err(Refused::NoToken));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// There is no live token.
    #[error("there is no live token to revoke")]
    NoToken,
}

choice! {
    /// What is worth telling.
    ///
    /// ```
    /// use antom_core::flow::token::TokenEvent;
    ///
    /// let event = TokenEvent::RefreshRefused { code: Some("INVALID_TOKEN".into()) };
    /// assert_eq!(TokenEvent::load(event.save().expose())?, event);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
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
