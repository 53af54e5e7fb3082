//! What a message says, with its evidence: the only thing that moves a machine of this module.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::flow::evidence::Evidence;
use crate::flow::stored::{choice, record};
use crate::money::Amount;
use crate::secret::{Personal, Secret};
use crate::time::UnixTime;

choice! {
    /// What a message says about a payment, capture or refund. Nothing here is a bare `S`.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{PAID, verified};
    /// use antom_core::flow::{Observed, Says};
    /// # let message = verified("/notify", PAID);
    ///
    /// match Observed::of(&message)? {
    ///     Observed::Payment(fact) => assert_eq!(fact.says(), &Says::Success),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Says {
        /// It succeeded. For a card payment that means authorised.
        Success,
        /// It failed for good.
        Failed,
        /// It was cancelled.
        Cancelled,
        /// It is under way, or waits for the buyer.
        Processing,
        /// Nothing about the object.
        Nothing,
        /// A status this SDK has never heard of.
        Unknown {
            /// The status as it came.
            status: String,
        },
    }
}

choice! {
    /// What the buyer is shown or sent to. Texts and URLs may open a payment, so `Debug` hides them.
    ///
    /// ```
    /// use antom_core::flow::Show;
    ///
    /// let show = Show::Code { text: "281666040092".into(), image: None, expires: None };
    /// if let Show::Code { text, .. } = &show {
    ///     assert_eq!(text.expose(), "281666040092"); // What is drawn as a QR code.
    /// }
    /// // A log must not open a payment.
    /// assert!(!format!("{show:?}").contains("281666040092"));
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Show {
        /// A code to draw.
        Code {
            /// The text of the code.
            text: Secret<String>,
            /// An address of a ready picture, if one was given.
            image: Option<Secret<String>>,
            /// When the code ends, if it says so.
            expires: Option<UnixTime>,
        },
        /// A page or app to send the buyer to.
        Redirect {
            /// The web address.
            url: Option<Secret<String>>,
            /// An address that opens the app.
            app: Option<Secret<String>>,
            /// An address the app claims as its own.
            scheme: Option<Secret<String>>,
        },
    }
}

record! {
    /// What the issuer found out about the card, as raw codes, and what later payments need.
    ///
    /// ```
    /// use antom_core::flow::Card;
    ///
    /// let card = Card { brand: Some("VISA".into()), cvv: Some("Y".into()), ..Card::default() };
    /// assert_eq!(card.brand.as_deref(), Some("VISA"));
    /// assert!(card.token.is_none(), "the card was not stored");
    /// ```
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    pub struct Card {
        /// The address check.
        pub avs: Option<String>,
        /// The security code check.
        pub cvv: Option<String>,
        /// The electronic commerce indicator of 3-D Secure.
        pub eci: Option<String>,
        /// The brand.
        pub brand: Option<String>,
        /// The last four digits.
        pub last_four: Option<Personal<String>>,
        /// The stored-card token.
        pub token: Option<Secret<String>>,
        /// The network transaction id, for merchant-initiated payments.
        pub network_transaction_id: Option<Secret<String>>,
    }
}

impl Card {
    /// Takes over what the newer fact knows and keeps the rest.
    pub(crate) fn merge(&mut self, newer: &Self) {
        let Self { avs, cvv, eci, brand, last_four, token, network_transaction_id } = newer;
        update(&mut self.avs, avs);
        update(&mut self.cvv, cvv);
        update(&mut self.eci, eci);
        update(&mut self.brand, brand);
        update(&mut self.last_four, last_four);
        update(&mut self.token, token);
        update(&mut self.network_transaction_id, network_transaction_id);
    }
}

fn update<T: Clone>(old: &mut Option<T>, new: &Option<T>) {
    if new.is_some() {
        old.clone_from(new);
    }
}

choice! {
    /// A movement of money that belongs to a payment.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{MovementKind, Observed};
    /// # let message = verified("/notify", r#"{"notifyType":"CAPTURE_RESULT","captureRequestId":"CAP-1","captureId":"1",
    /// #     "paymentId":"20231114001","captureAmount":{"currency":"EUR","value":"1050"},"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#);
    ///
    /// // A notification of the type CAPTURE_RESULT.
    /// let Observed::Movement(fact) = Observed::of(&message)? else { panic!("no movement") };
    /// assert_eq!(fact.kind(), MovementKind::Capture);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MovementKind {
        /// Taking what was authorised.
        Capture,
        /// Giving back what was taken.
        Refund,
    }
}

record! {
    /// What a message says about a capture or a refund.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{MovementKind, Observed, Says, Source};
    /// # let message = verified("/notify", r#"{"notifyType":"REFUND_RESULT","refundRequestId":"REF-1","refundId":"1",
    /// #     "refundStatus":"SUCCESS","refundAmount":{"currency":"EUR","value":"500"},"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#);
    ///
    /// // A notification of the type REFUND_RESULT.
    /// let Observed::Movement(fact) = Observed::of(&message)? else { panic!("no movement") };
    /// assert_eq!((fact.kind(), fact.says()), (MovementKind::Refund, &Says::Success));
    /// assert_eq!(fact.request_id(), Some("REF-1"));
    /// assert_eq!(fact.payment_id(), None); // A refund notification does not name the payment.
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MovementFact {
        pub(crate) evidence: Evidence,
        pub(crate) kind: MovementKind,
        pub(crate) says: Says,
        pub(crate) request_id: Option<String>,
        pub(crate) id: Option<String>,
        pub(crate) payment_id: Option<String>,
        pub(crate) amount: Option<Amount>,
        pub(crate) code: Option<String>,
    }
}

record! {
    /// What a message says about the update of an authorised amount.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{Observed, Says, Source};
    /// # let message = verified("/notify", r#"{"notifyType":"UPDATE_AMOUNT_RESULT","updateRequestId":"UPD-1","paymentRequestId":"PAY-1",
    /// #     "paymentId":"20231114001","paymentAmount":{"currency":"EUR","value":"2000"},"result":{"resultStatus":"S","resultCode":"SUCCESS"}}"#);
    ///
    /// // A notification of the type UPDATE_AMOUNT_RESULT.
    /// let Observed::Amount(fact) = Observed::of(&message)? else { panic!("no update") };
    /// assert_eq!(fact.says(), &Says::Success);
    /// assert_eq!((fact.request_id(), fact.payment_id()), (Some("PAY-1"), Some("20231114001")));
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AmountFact {
        pub(crate) evidence: Evidence,
        pub(crate) says: Says,
        pub(crate) update_id: Option<String>,
        pub(crate) request_id: Option<String>,
        pub(crate) payment_id: Option<String>,
        pub(crate) amount: Option<Amount>,
        pub(crate) code: Option<String>,
        pub(crate) auth_expires: Option<UnixTime>,
    }
}

impl AmountFact {
    /// What it says.
    #[must_use]
    pub fn says(&self) -> &Says {
        &self.says
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The `paymentRequestId`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The `paymentId`.
    #[must_use]
    pub fn payment_id(&self) -> Option<&str> {
        self.payment_id.as_deref()
    }
}

record! {
    /// What a message says about a payment.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{PAID, verified};
    /// use antom_core::flow::{Observed, Says, Source};
    /// # let message = verified("/notify", PAID);
    ///
    /// // A notification of the type PAYMENT_RESULT.
    /// let Observed::Payment(fact) = Observed::of(&message)? else { panic!("no payment") };
    /// assert_eq!(fact.says(), &Says::Success);
    /// assert_eq!((fact.request_id(), fact.payment_id()), (Some("PAY-1"), Some("20231114001")));
    /// assert_eq!(fact.evidence().source(), Source::Notification);
    /// # Ok::<(), antom_core::fact::NotificationError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PaymentFact {
        pub(crate) evidence: Evidence,
        pub(crate) says: Says,
        pub(crate) request_id: Option<String>,
        pub(crate) payment_id: Option<String>,
        pub(crate) merchant_account: Option<String>,
        pub(crate) amount: Option<Amount>,
        pub(crate) code: Option<String>,
        pub(crate) card: Option<Box<Card>>,
        pub(crate) auth_expires: Option<UnixTime>,
        pub(crate) in_review: Option<bool>,
        pub(crate) show: Option<Show>,
        pub(crate) movements: Vec<MovementFact>,
    }
}

impl MovementFact {
    /// A fact that says nothing yet.
    pub(crate) fn new(kind: MovementKind, evidence: Evidence) -> Self {
        Self {
            evidence,
            kind,
            says: Says::Nothing,
            request_id: None,
            id: None,
            payment_id: None,
            amount: None,
            code: None,
        }
    }

    /// Capture or refund.
    #[must_use]
    pub fn kind(&self) -> MovementKind {
        self.kind
    }

    /// What it says.
    #[must_use]
    pub fn says(&self) -> &Says {
        &self.says
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The capture or refund request id.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The payment it belongs to; refund notifications do not say.
    #[must_use]
    pub fn payment_id(&self) -> Option<&str> {
        self.payment_id.as_deref()
    }
}

impl PaymentFact {
    /// A fact that says nothing yet.
    pub(crate) fn new(evidence: Evidence) -> Self {
        Self {
            evidence,
            says: Says::Nothing,
            request_id: None,
            payment_id: None,
            merchant_account: None,
            amount: None,
            code: None,
            card: None,
            auth_expires: None,
            in_review: None,
            show: None,
            movements: Vec::new(),
        }
    }

    /// What it says.
    #[must_use]
    pub fn says(&self) -> &Says {
        &self.says
    }

    /// By what right.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The `paymentRequestId`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The `paymentId`.
    #[must_use]
    pub fn payment_id(&self) -> Option<&str> {
        self.payment_id.as_deref()
    }
}

/// What a call came to, as far as a machine is concerned.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{NOW, sent};
/// use antom_core::flow::payment::{Input, PaymentState};
/// use antom_core::flow::{Answer, PaymentFact};
/// # use antom_core::flow::payment::Product;
/// # let payment = sent(Product::InStore);
///
/// // The call timed out: nobody knows, and the order says so.
/// let answer: Answer<PaymentFact> = Answer::Unresolved;
/// assert!(answer.fact().is_none());
/// let turn = payment.apply(&Input::PayAnswered { request_id: "PAY-1".into(), answer }, NOW)?;
/// assert_eq!(turn.next.state(), PaymentState::Unresolved);
/// # Ok::<(), antom_core::flow::payment::Refused>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<F> {
    /// `S`.
    Done(F),
    /// `U`, and a complete answer: under way.
    Accepted(F),
    /// `F`. `first_send` says that this call put the request on the wire once only.
    Refused {
        /// What the refusal says.
        fact: F,
        /// Whether the call sent it once only.
        first_send: bool,
    },
    /// Nobody knows: no answer, an unproven one, or an unknown one.
    Unresolved,
    /// Nothing left this machine.
    NotSent,
}

impl<F> Answer<F> {
    /// The fact, if there is one.
    #[must_use]
    pub fn fact(&self) -> Option<&F> {
        match self {
            Self::Done(fact) | Self::Accepted(fact) | Self::Refused { fact, .. } => Some(fact),
            Self::Unresolved | Self::NotSent => None,
        }
    }
}
