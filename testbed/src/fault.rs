//! What goes wrong, and how often.

use crate::rng::Rng;

macro_rules! faults {
    ($( $variant:ident $name:literal $light:literal $heavy:literal; )*) => {
        /// One kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each is named by its text")]
        pub enum Fault { $( $variant, )* }

        impl Fault {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Its name in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// How often it happens in a million cases.
            fn rate(self, level: Level) -> u32 {
                match (self, level) {
                    (_, Level::None) => 0,
                    $( (Self::$variant, Level::Light) => $light, (Self::$variant, Level::Heavy) => $heavy, )*
                }
            }
        }
    };
}

faults! {
    NotSent "not_sent" 2_000 10_000;
    RequestLost "request_lost" 3_000 30_000;
    RequestDelayed "request_delayed" 3_000 30_000;
    RequestDoubled "request_doubled" 2_000 20_000;
    GatewayBusy "gateway_busy" 2_000 20_000;
    AnswerLost "answer_lost_after_commit" 4_000 40_000;
    AnswerBroken "answer_broken" 1_000 10_000;
    AnswerDelayed "answer_delayed" 3_000 30_000;
    UnknownStatus "unknown_status" 500 5_000;
    AmountAbsent "amount_absent" 500 10_000;
    NoticeLost "notice_lost" 5_000 100_000;
    NoticeDelayed "notice_delayed" 5_000 100_000;
    NoticeDoubled "notice_doubled" 5_000 50_000;
    Unverifiable "key_not_known_yet" 0 0;
    KeyRotated "key_rotated" 0 0;
    ClockJump "clock_jump" 100 1_000;
    CrashBeforeCommit "crash_before_commit" 1_000 10_000;
    CrashAfterCommit "crash_after_commit" 1_000 10_000;
    CrashBeforeAcknowledgement "crash_before_acknowledgement" 1_000 10_000;
    CrashInFlight "crash_in_flight" 300 3_000;
    SlowCommit "slow_commit" 3_000 30_000;
    StaleCommit "stale_commit" 0 0;
    StoreDown "store_down" 500 5_000;
    SuccessAfterCancel "success_after_cancel" 5_000 50_000;
    EventRepeated "event_repeated" 1_000 10_000;
}

/// How much goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Nothing.
    None,
    /// As on a bad day.
    Light,
    /// Far more than any real day brings.
    Heavy,
}

/// How often each fault happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts([u64; 32]);

impl Counts {
    /// One more.
    pub fn add(&mut self, fault: Fault) {
        if let Some(count) = self.0.get_mut(fault as usize) {
            *count += 1;
        }
    }

    /// How often it happened.
    #[must_use]
    pub fn get(&self, fault: Fault) -> u64 {
        self.0.get(fault as usize).copied().unwrap_or(0)
    }

    /// Both together.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

/// The dice.
#[derive(Debug)]
pub struct Dice {
    /// The numbers.
    pub rng: Rng,
    /// What came up.
    pub counts: Counts,
    level: Level,
}

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub fn new(seed: u64, level: Level) -> Self {
        Self { rng: Rng::new(seed), counts: Counts::default(), level }
    }

    /// Whether the fault happens here; if so it is counted.
    pub fn hit(&mut self, fault: Fault) -> bool {
        let hit = self.rng.chance(fault.rate(self.level));
        if hit {
            self.counts.add(fault);
        }
        hit
    }

    /// How much goes wrong.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }
}
