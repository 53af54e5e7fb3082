use alloc::string::String;

use crate::fact::{Proof, Verified};
use crate::flow::stored::{LoadError, choice, load, record, save};
use crate::secret::Secret;
use crate::signature::ClientId;
use crate::time::UnixTime;

choice! {
    /// Which kind of message a fact comes from.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::fact::Proof;
    /// use antom_core::flow::{Evidence, Source};
    /// # let message = verified("/notify", "{}");
    ///
    /// // `message` is a notification whose signature held.
    /// let evidence = Evidence::of(Source::Notification, &message);
    /// assert_eq!(evidence.source(), Source::Notification);
    /// assert_ne!(evidence.source(), Source::PaymentInquiry);
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Source {
        /// The answer to pay.
        PayReply,
        /// The answer to cancel.
        CancelReply,
        /// The answer to capture.
        CaptureReply,
        /// The answer to refund.
        RefundReply,
        /// The answer to inquiryPayment.
        PaymentInquiry,
        /// The answer to inquiryRefund.
        RefundInquiry,
        /// The answer to consult.
        ConsultReply,
        /// The answer to applyToken.
        TokenReply,
        /// The answer to revoke.
        RevokeReply,
        /// A notification.
        Notification,
    }
}

record! {
    /// By what right something is recorded: the kind of message, its proof, whom it was for and when it was
    /// signed.
    ///
    /// It is made from verified bytes only, and kept with everything that rests on it.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::verified;
    /// use antom_core::flow::{Evidence, Source};
    /// # let message = verified("/notify", "{}");
    ///
    /// let evidence = Evidence::of(Source::Notification, &message);
    /// assert!(evidence.proof().is_signed());
    /// assert_eq!(evidence.source(), Source::Notification);
    /// assert_eq!(evidence.client_id().unwrap().as_str(), "SANDBOX_5Y0000000000000001");
    /// assert_eq!(evidence.time(), message.time());
    /// // It goes to the store with whatever rests on it, and comes back the same.
    /// assert_eq!(Evidence::load(evidence.save().expose())?, evidence);
    /// # Ok::<(), antom_core::flow::LoadError>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Evidence {
        source: Source,
        proof: Proof,
        client_id: Option<ClientId>,
        time: UnixTime,
    }
}

impl Evidence {
    /// The evidence that a verified message is.
    #[must_use]
    pub fn of(source: Source, message: &Verified) -> Self {
        Self {
            source,
            proof: message.proof().clone(),
            client_id: message.client_id().cloned(),
            time: message.time(),
        }
    }

    /// The text to store.
    #[must_use]
    pub fn save(&self) -> Secret<String> {
        save("evidence", 1, self)
    }

    /// Evidence from a trusted store.
    ///
    /// # Errors
    ///
    /// The text is of another version, or no evidence.
    pub fn load(text: &str) -> Result<Self, LoadError> {
        load("evidence", 1, text)
    }

    /// The kind of message.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// What proves the message.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The client id for which it was verified; `None` with an API key.
    #[must_use]
    pub fn client_id(&self) -> Option<&ClientId> {
        self.client_id.as_ref()
    }

    /// The signed time of the message.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// Whether a flow of this account may act on it: money rules 1 and 2.
    pub(crate) fn check(&self, account: &ClientId, accept_tls: bool) -> Result<(), Unfit> {
        if !accept_tls && !self.proof.is_signed() {
            return Err(Unfit::Unsigned);
        }
        match &self.client_id {
            Some(id) if id == account => Ok(()),
            Some(_) => Err(Unfit::OtherClient),
            // Only bytes without a signature have no client id.
            None if self.proof.is_signed() => Err(Unfit::OtherClient),
            None => Ok(()),
        }
    }

    /// Evidence that no message stands behind.
    #[cfg(feature = "simulation")]
    pub(crate) fn new(source: Source, proof: Proof, client_id: Option<ClientId>, time: UnixTime) -> Self {
        Self { source, proof, client_id, time }
    }

    #[cfg(test)]
    pub(crate) fn for_test(source: Source, proof: Proof, client_id: Option<&str>, time: UnixTime) -> Self {
        Self { source, proof, client_id: client_id.map(|id| ClientId::new(id).unwrap()), time }
    }
}

choice! {
    /// Why a fact changes nothing.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{NOW, PAID, observed, paid};
    /// use antom_core::flow::Unfit;
    /// use antom_core::flow::payment::{Event, Input};
    /// # let (payment, fact) = (paid(), observed(PAID));
    ///
    /// // The order is paid already; the notification is repeated.
    /// let again = payment.apply(&Input::noticed(&fact).unwrap(), NOW)?;
    /// assert_eq!(again.events, [Event::Ignored { attempt: Some("PAY-1".into()), why: Unfit::Stale }]);
    /// assert_eq!(again.next, payment);
    /// # Ok::<(), antom_core::flow::payment::Refused>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Unfit {
        /// It is proven by the channel alone, and this flow takes signed facts only.
        Unsigned,
        /// It was verified for another client id.
        OtherClient,
        /// It is about an object this flow does not know.
        NotOurs,
        /// It lacks what it would have to say: an amount, a status, a token.
        Insufficient,
        /// Its status is one this SDK has never heard of.
        UnknownStatus,
        /// It repeats what is known or was true before.
        Stale,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::EventId;
    use crate::signature::KeyVersion;

    #[test]
    fn evidence_comes_back_as_it_was_stored() {
        let answer = Proof::Signature(KeyVersion::FIRST).into();
        for proof in [Proof::Tls, Proof::Recovered { event: EventId::new("E"), answer }] {
            let evidence =
                Evidence::for_test(Source::Notification, proof, Some("SANDBOX_1"), UnixTime::from_secs(7));
            assert_eq!(Evidence::load(evidence.save().expose()), Ok(evidence));
        }
        assert!(Evidence::load("{}").is_err());
    }
}
