//! An authorization of a buyer, and the token it brings.
//!
//! ```text
//!              shown              code             token
//!  Consulting ───────► Waiting ─────────► Applying ───────► Active ◄──────► Refreshing
//!      │                  │                  │                 │                │
//!      │ refused          │ 15 min           │ refused, 60 s   │ Revoke         │ Revoke
//!      ▼                  ▼                  ▼                 ▼                ▼
//!    Ended              Ended              Ended  ◄─────── Revoking  (buyer cancels: Ended from anywhere)
//! ```
//!
//! Form and rules are those of [`payment`](super::payment): pure, committed before a step is taken, facts
//! never refused.
//!
//! ```
//! # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
//! # use kit::verified;
//! use antom_core::flow::Observed;
//! use antom_core::flow::token::{Grant, Input, NewGrant, NextStep};
//! use antom_core::signature::ClientId;
//! use antom_core::time::UnixTime;
//! # let message = verified("/notify", r#"{"authorizationNotifyType":"AUTHCODE_CREATED","authState":"q83uhFXpWm5rTnB2kYdLcE",
//! #     "authCode":"CODE","result":{"resultCode":"SUCCESS","resultStatus":"S"}}"#);
//!
//! let now = UnixTime::from_secs(1_700_000_000);
//! let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
//! let new = NewGrant::new(client, "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH")?;
//! let turn = Grant::begin(&new, now);
//! assert_eq!(turn.step, NextStep::Consult); // Commit `turn.next`, then call consult.
//!
//! // The buyer authorized; the notification is verified and brings the code.
//! let fact = Observed::of(&message)?;
//! let turn = turn.next.apply(&Input::noticed(&fact).expect("an authorization"), now)?;
//! assert!(matches!(turn.step, NextStep::Apply { .. })); // Commit, then call applyToken.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod facts;
mod input;
mod tick;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub use input::{
    CodeFact, ConsultFact, Input, NextStep, Refused, RevokeFact, TokenEvent, TokenFact, Transition,
};

use crate::flow::LoadError;
use crate::flow::fact::Show;
use crate::flow::stored::{choice, load, record, save};
use crate::secret::{Personal, Secret};
use crate::signature::ClientId;
use crate::time::UnixTime;

/// How long an authorization waits for its notification before the buyer is asked to start again.
pub const CODE_WAIT: Duration = Duration::from_secs(15 * 60);
/// How long an authorization code lives.
pub const CODE_LIFE: Duration = Duration::from_secs(60);
/// How long before its expiry a token is refreshed, at the latest.
pub const REFRESH_AHEAD: Duration = Duration::from_secs(10 * 24 * 3600);

record! {
    /// A token with what belongs to it.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::active;
    /// # let grant = active();
    /// // The buyer authorized, and the token came.
    /// let token = grant.token().unwrap();
    /// assert_eq!(token.expires.unwrap().to_rfc3339(), "2023-12-14T22:13:20Z");
    /// assert!(token.refresh_token.is_some());
    /// // Tokens pay: no log shows them.
    /// assert!(!format!("{token:?}").contains(token.access_token.expose()));
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct TokenSet {
        /// What pays.
        pub access_token: Secret<String>,
        /// When it ends; without one it lives as the payment method's table says, up to a hundred years.
        pub expires: Option<UnixTime>,
        /// What refreshes it; some methods give none.
        pub refresh_token: Option<Secret<String>>,
        /// When the refresh token ends.
        pub refresh_expires: Option<UnixTime>,
        /// The buyer's account, masked by the gateway; may be shown to the buyer.
        pub user_login_id: Option<Personal<String>>,
    }
}

choice! {
    /// How far an authorization is.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{active, grant};
    /// use antom_core::flow::token::GrantState;
    /// # let (begun, active) = (grant(), active());
    ///
    /// assert_eq!(begun.state(), &GrantState::Consulting);
    /// // Once the token came:
    /// assert_eq!(active.state(), &GrantState::Active);
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum GrantState {
        /// Consult was sent, or may have been.
        Consulting,
        /// The buyer is shown a code or page.
        Waiting,
        /// The code is being turned into a token.
        Applying,
        /// The token pays.
        Active,
        /// The token pays, and is being refreshed.
        Refreshing,
        /// A revocation is stored: the token no longer pays and is not refreshed.
        Revoking,
        /// Over.
        Ended {
            /// Why.
            why: EndReason,
        },
    }
}

choice! {
    /// Why an authorization is over.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::grant;
    /// use antom_core::flow::token::{EndReason, Input, NextStep};
    /// # let grant = grant();
    ///
    /// // The buyer's quarter of an hour is over.
    /// let due = grant.due().unwrap();
    /// let turn = grant.apply(&Input::Tick, due)?;
    /// assert_eq!(turn.step, NextStep::Ended(EndReason::NoCode));
    /// # Ok::<(), antom_core::flow::token::Refused>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum EndReason {
        /// Consult was refused, or its answer never came; start again with a new state.
        NotConsulted {
            /// The result code.
            code: Option<String>,
        },
        /// The buyer did not authorize in time, or was never shown where to.
        NoCode,
        /// The code was refused at its first and only use.
        CodeRefused {
            /// The result code.
            code: Option<String>,
        },
        /// The code may have become a token that nobody here knows. Report it; a later notification may
        /// still bring the token.
        Orphaned,
        /// Revoked by the merchant.
        Revoked,
        /// The token that was revoked is dead, but a refresh whose answer never came may have made a newer
        /// one that nobody here knows. Report it; if the answer comes after all, that token is revoked too.
        RevokeUnproven,
        /// Cancelled in the buyer's wallet.
        CancelledByBuyer,
        /// The token's time is over.
        Expired,
    }
}

record! {
    /// An authorization and its token.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, active};
    /// use antom_core::flow::token::{Grant, GrantState, Input};
    /// # let grant = active();
    ///
    /// assert_eq!((grant.buyer(), grant.method()), ("buyer-7", "GCASH"));
    /// assert!(grant.client_id().is_sandbox() && grant.auth_state().len() >= 22);
    /// let token = grant.usable(NOW).expect("it pays now").clone();
    /// assert!(grant.knows_token(&token) && grant.superseded().is_empty());
    /// assert_eq!(grant.state(), &GrantState::Active);
    /// assert!(grant.due().is_some(), "it is refreshed before it ends");
    /// assert_eq!(&grant.token().unwrap().access_token, &token);
    /// assert_eq!(Grant::load(grant.save().expose())?, grant);
    ///
    /// // From the moment a revocation is stored the token pays no more, whatever the gateway answers.
    /// let turn = grant.apply(&Input::Revoke, NOW)?;
    /// assert!(turn.next.usable(NOW).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Grant {
        client_id: ClientId,
        accept_tls: bool,
        auth_state: String,
        buyer: String,
        method: String,
        state: GrantState,
        show: Option<Show>,
        code: Option<Secret<String>>,
        token: Option<TokenSet>,
        superseded: Vec<Secret<String>>,
        generation: u32,
        refresh_in_flight: bool,
        jitter_ms: i64,
        since: UnixTime,
        deadline: UnixTime,
        due: Option<UnixTime>,
        sends: u32,
        tries: u32,
    }
}

/// What an authorization begins with; all of it is stored before consult is sent.
///
/// ```
/// use antom_core::flow::token::{Grant, NewGrant, NextStep};
/// use antom_core::signature::ClientId;
/// use antom_core::time::UnixTime;
///
/// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// // Of random bits: the example's text stands in for them.
/// let new = NewGrant::new(client, "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH")?;
/// let turn = Grant::begin(&new, UnixTime::from_secs(1_700_000_000));
/// assert_eq!(turn.step, NextStep::Consult);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewGrant {
    /// The account.
    pub client_id: ClientId,
    /// The `authState`: random, at least 128 bits, never used before.
    pub auth_state: String,
    /// The merchant's reference of the buyer who is logged in.
    pub buyer: String,
    /// The payment method, the `customerBelongsTo` of the calls.
    pub method: String,
    /// Whether facts that are proven by the channel alone count.
    pub accept_tls: bool,
    /// Pulls this token's refresh forward, so that tokens of one day are not refreshed in one minute. Take a
    /// random part of a day.
    pub jitter: Duration,
}

/// Why an authorization cannot begin.
///
/// ```
/// use antom_core::flow::token::{NewGrant, WeakState};
/// use antom_core::signature::ClientId;
///
/// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
/// assert_eq!(NewGrant::new(client, "order-42", "buyer-7", "GCASH"), Err(WeakState { length: 8 }));
/// # Ok::<(), antom_core::signature::ClientIdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the authState must have at least 22 characters, which is what 128 random bits take; this one has {length}"
)]
pub struct WeakState {
    /// Its length.
    pub length: usize,
}

impl NewGrant {
    /// An authorization of a buyer with a payment method.
    ///
    /// # Errors
    ///
    /// The state is too short to be unguessable.
    pub fn new(
        client_id: ClientId,
        auth_state: impl Into<String>,
        buyer: impl Into<String>,
        method: impl Into<String>,
    ) -> Result<Self, WeakState> {
        let auth_state = auth_state.into();
        match auth_state.len() {
            // 22 characters of base64 carry 128 bits.
            length @ 0..22 => Err(WeakState { length }),
            _ => Ok(Self {
                client_id,
                auth_state,
                buyer: buyer.into(),
                method: method.into(),
                accept_tls: false,
                jitter: Duration::ZERO,
            }),
        }
    }
}

/// The version of the stored form.
const VERSION: i64 = 1;

impl Grant {
    /// Begins an authorization. Commit it, then take the step, which is to call consult.
    ///
    /// ```
    /// use antom_core::flow::token::{Grant, GrantState, NewGrant, NextStep};
    /// use antom_core::signature::ClientId;
    /// use antom_core::time::UnixTime;
    ///
    /// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
    /// let new = NewGrant::new(client, "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH")?;
    /// let turn = Grant::begin(&new, UnixTime::from_secs(1_700_000_000));
    /// assert_eq!((turn.next.state(), turn.step), (&GrantState::Consulting, NextStep::Consult));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn begin(new: &NewGrant, now: UnixTime) -> Transition {
        let grant = Self {
            client_id: new.client_id.clone(),
            accept_tls: new.accept_tls,
            auth_state: new.auth_state.clone(),
            buyer: new.buyer.clone(),
            method: new.method.clone(),
            state: GrantState::Consulting,
            show: None,
            code: None,
            token: None,
            superseded: Vec::new(),
            generation: 0,
            refresh_in_flight: false,
            jitter_ms: i64::try_from(new.jitter.as_millis()).unwrap_or(0),
            since: now,
            deadline: now.saturating_add(CODE_WAIT),
            due: Some(now.saturating_add(CODE_WAIT)),
            sends: 1,
            tries: 0,
        };
        Transition { next: grant, step: NextStep::Consult, events: Vec::new() }
    }

    /// Takes over a token that was made before this authorization was followed here, such as one of another
    /// system. It is refreshed like any other. Nothing here proves that it lives; the first payment with it
    /// says so.
    ///
    /// ```
    /// use antom_core::flow::token::{Grant, GrantState, NewGrant, TokenSet};
    /// use antom_core::signature::ClientId;
    /// use antom_core::time::UnixTime;
    ///
    /// let client = ClientId::new("SANDBOX_5Y0000000000000001")?;
    /// let new = NewGrant::new(client, "q83uhFXpWm5rTnB2kYdLcE", "buyer-7", "GCASH")?;
    /// let token = TokenSet {
    ///     access_token: "281010".into(),
    ///     expires: None,
    ///     refresh_token: None,
    ///     refresh_expires: None,
    ///     user_login_id: None,
    /// };
    /// let turn = Grant::adopt(&new, token, UnixTime::from_secs(1_700_000_000));
    /// assert_eq!(turn.next.state(), &GrantState::Active);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn adopt(new: &NewGrant, token: TokenSet, now: UnixTime) -> Transition {
        let mut grant = Self::begin(new, now).next;
        grant.sends = 0;
        facts::adopt(grant, token, now)
    }

    /// The account.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The `authState`.
    #[must_use]
    pub fn auth_state(&self) -> &str {
        &self.auth_state
    }

    /// The merchant's reference of the buyer.
    #[must_use]
    pub fn buyer(&self) -> &str {
        &self.buyer
    }

    /// The payment method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> &GrantState {
        &self.state
    }

    /// The token, whether or not it still pays.
    #[must_use]
    pub fn token(&self) -> Option<&TokenSet> {
        self.token.as_ref()
    }

    /// Older access tokens of this authorization, which notifications may still name.
    #[must_use]
    pub fn superseded(&self) -> &[Secret<String>] {
        &self.superseded
    }

    /// The token to pay with now; `None` once a revocation is stored, or after the token's time.
    #[must_use]
    pub fn usable(&self, now: UnixTime) -> Option<&Secret<String>> {
        let token = self.token.as_ref()?;
        let alive = token.expires.is_none_or(|expires| now < expires);
        let pays = matches!(self.state, GrantState::Active | GrantState::Refreshing);
        (alive && pays).then_some(&token.access_token)
    }

    /// When the next [`Input::Tick`] is due.
    #[must_use]
    pub fn due(&self) -> Option<UnixTime> {
        self.due
    }

    /// Whether a notification that names this token is about this authorization, in any generation.
    #[must_use]
    pub fn knows_token(&self, token: &Secret<String>) -> bool {
        self.token.as_ref().is_some_and(|known| known.access_token == *token)
            || self.superseded.contains(token)
    }

    /// What there is to do when no input asks for more.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::active;
    /// use antom_core::flow::token::NextStep;
    /// # let grant = active();
    ///
    /// // The token lives thirty days, and is refreshed ten days before its end.
    /// let NextStep::TickAt(due) = grant.resting_step() else { panic!("nothing waits") };
    /// assert!(due < grant.token().unwrap().expires.unwrap());
    /// assert_eq!(grant.due(), Some(due));
    /// ```
    #[must_use]
    pub fn resting_step(&self) -> NextStep {
        match (&self.state, self.due) {
            (GrantState::Ended { why }, _) => NextStep::Ended(why.clone()),
            (_, Some(due)) => NextStep::TickAt(due),
            (_, None) => NextStep::Usable,
        }
    }

    /// The version of the stored form that this program writes and reads.
    pub const STATE_VERSION: i64 = VERSION;

    /// The text to store. It holds tokens: encrypt it.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("grant", VERSION, self)
    }

    /// An authorization from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no authorization. Leave the row as it is.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("grant", VERSION, text)
    }
}
