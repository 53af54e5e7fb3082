use std::time::Duration;

use antom_core::time::UnixTime;

/// How far the signed time of a delivery may lie from now.
///
/// It bounds how long a recorded delivery can be played back to an endpoint that has forgotten it; it
/// does not replace the [dedup key](crate::DedupKey), which makes a repeat harmless.
///
/// ```
/// use antom_webhook::Freshness;
/// use std::time::Duration;
///
/// // A machine whose clock nobody sets may need more room towards the future; never less towards the past.
/// let patient = Freshness { future: Duration::from_secs(900), ..Freshness::DEFAULT };
/// assert_eq!(patient.past, Duration::from_secs(26 * 3600));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// How old a delivery may be.
    pub past: Duration,
    /// How far ahead the gateway's clock may be.
    pub future: Duration,
}

impl Freshness {
    /// 26 hours into the past, 5 minutes into the future.
    ///
    /// A delivery is repeated for 24 hours and 22 minutes, and nothing says whether a repeat is dated
    /// afresh: a narrower window may lose the last ones.
    pub const DEFAULT: Self = Self { past: Duration::from_secs(26 * 3600), future: Duration::from_secs(300) };

    pub(crate) fn judge(&self, signed: UnixTime, now: UnixTime) -> Result<(), Staleness> {
        if now.since(signed) > self.past {
            return Err(Staleness::Late { by: now.since(signed).saturating_sub(self.past) });
        }
        if signed.since(now) > self.future {
            return Err(Staleness::Early { by: signed.since(now).saturating_sub(self.future) });
        }
        Ok(())
    }
}

impl Default for Freshness {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// On which side of the window a time lies, and how far outside.
///
/// ```
/// use antom_webhook::signature::ClientId;
/// use antom_webhook::testing::TestGateway;
/// use antom_webhook::time::UnixTime;
/// use antom_webhook::{FailedStep, Staleness, WebhookVerifier};
/// use std::time::Duration;
///
/// # let client_id = ClientId::new("SANDBOX_5Y0000000000000")?;
/// # let gateway = TestGateway::published(client_id.clone())?;
/// # let verifier = WebhookVerifier::builder(client_id, gateway.keyring().clone()).path("/notify").build()?;
/// # let sent = gateway.sign("/notify", "{}", UnixTime::from_secs(1_772_360_430))?;
/// // Somebody plays yesterday's delivery back, 27 hours later: one more than is allowed.
/// let now = UnixTime::from_secs(1_772_360_430).saturating_add(Duration::from_secs(27 * 3600));
/// let refused = verifier.verify(&sent.head(), sent.body().clone(), now).unwrap_err();
/// assert_eq!(refused.step(), &FailedStep::Freshness(Staleness::Late { by: Duration::from_secs(3600) }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staleness {
    /// Too old.
    Late {
        /// By how much more than allowed.
        by: Duration,
    },
    /// Dated in the future.
    Early {
        /// By how much more than allowed.
        by: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_window() {
        let now = UnixTime::from_secs(1_700_000_000);
        let second = Duration::from_secs(1);
        let judge = |signed| Freshness::DEFAULT.judge(signed, now);
        let (past, future) = (Freshness::DEFAULT.past, Freshness::DEFAULT.future);
        assert_eq!(judge(now), Ok(()));
        assert_eq!(judge(now.saturating_sub(past)), Ok(()));
        assert_eq!(judge(now.saturating_sub(past + second)), Err(Staleness::Late { by: second }));
        assert_eq!(judge(now.saturating_add(future)), Ok(()));
        assert_eq!(judge(now.saturating_add(future + second)), Err(Staleness::Early { by: second }));
    }

    #[test]
    fn the_whole_retry_schedule_fits() {
        let minutes = [2, 10, 10, 60, 120, 360, 900];
        let last = Duration::from_secs(minutes.iter().sum::<u64>() * 60);
        assert_eq!(last, Duration::from_secs(24 * 3600 + 22 * 60));
        assert!(last < Freshness::DEFAULT.past);
    }
}
