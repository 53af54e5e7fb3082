//! What goes wrong on purpose.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use antom_core::api::models::ResultStatus;

/// Something that goes wrong. All but [`Refuse`](Self::Refuse) and [`Unknown`](Self::Unknown) first do what the
/// request asks for: what is lost is the answer, not the effect.
///
/// Each has a name, by which [`FromStr`] reads it and `Display` writes it:
///
/// ```
/// use std::time::Duration;
/// use antom_sandbox::engine::Fault;
///
/// assert_eq!("delay-30s".parse(), Ok(Fault::Delay(Duration::from_secs(30))));
/// assert_eq!(Fault::HtmlPage(503).to_string(), "html-503");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `S`: nothing goes wrong. For scripts.
    None,
    /// `U`: nothing happens, and the answer is `UNKNOWN_EXCEPTION`, signed.
    Unknown,
    /// `F-CODE` or `U-CODE`: nothing happens, and this result is the answer, signed.
    Refuse {
        /// The result code.
        code: String,
        /// The result status.
        status: ResultStatus,
    },
    /// `delay-30s`: the answer comes so much later, in real time.
    Delay(Duration),
    /// `no-answer`: the connection closes without an answer.
    NoAnswer,
    /// `reset`: the connection is reset without an answer.
    Reset,
    /// `truncated`: the answer ends in its middle; the signature is that of the whole.
    Truncated,
    /// `html-503`: an HTML page with this HTTP status stands where the answer should be.
    HtmlPage(u16),
    /// `wrong-signature`: the answer's signature belongs to other bytes.
    WrongSignature,
    /// `unsigned`: the answer carries no signature.
    Unsigned,
    /// `old-key`: the answer names a key version that was never used.
    OldKey,
    /// `foreign`: the answer is another request's, rightly signed for its own path.
    Foreign,
    /// `notify-twice`: the notification is sent twice at once.
    NotifyTwice,
    /// `notify-first`: the notification goes out before the answer.
    NotifyFirst,
    /// `notify-late-10m`: the first attempt to deliver comes so much later, by the sandbox's clock.
    NotifyLate(Duration),
    /// `notify-lost`: the notification is never delivered; it can be recovered.
    NotifyLost,
    /// `notify-bad-signature`: the first attempt to deliver carries another text's signature.
    NotifyBadSignature,
}

/// A text that names no fault.
///
/// ```
/// use antom_sandbox::engine::{Fault, parse_duration};
///
/// assert!("delay-forever".parse::<Fault>().is_err());
/// assert!(parse_duration("2 weeks").is_err_and(|error| error.to_string().contains("docs/sandbox.md")));
/// assert_eq!(parse_duration("10m")?.as_secs(), 600);
/// # Ok::<(), antom_sandbox::engine::UnknownFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no fault; docs/sandbox.md lists them")]
pub struct UnknownFault(String);

/// Reads `30s`, `10m`, `24h` or `3d`.
///
/// # Errors
///
/// The text is none of them.
///
/// ```
/// use antom_sandbox::engine::parse_duration;
///
/// assert_eq!(parse_duration("24h")?.as_secs(), 86_400);
/// # Ok::<(), antom_sandbox::engine::UnknownFault>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, UnknownFault> {
    let unknown = || UnknownFault(text.chars().take(40).collect());
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(unknown)?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(unknown()),
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(unknown());
    }
    let number: u32 = number.parse().map_err(|_| unknown())?;
    Ok(Duration::from_secs(u64::from(number).saturating_mul(unit)))
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let unknown = || UnknownFault(text.chars().take(40).collect());
        let code = |code: &str, status| {
            let valid = !code.is_empty()
                && code.len() <= 64
                && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if valid { Ok(Self::Refuse { code: code.to_owned(), status }) } else { Err(unknown()) }
        };
        Ok(match text {
            "S" => Self::None,
            "U" => Self::Unknown,
            "no-answer" => Self::NoAnswer,
            "reset" => Self::Reset,
            "truncated" => Self::Truncated,
            "wrong-signature" => Self::WrongSignature,
            "unsigned" => Self::Unsigned,
            "old-key" => Self::OldKey,
            "foreign" => Self::Foreign,
            "notify-twice" => Self::NotifyTwice,
            "notify-first" => Self::NotifyFirst,
            "notify-lost" => Self::NotifyLost,
            "notify-bad-signature" => Self::NotifyBadSignature,
            _ => match text.split_once('-').ok_or_else(unknown)? {
                ("F", rest) => return code(rest, ResultStatus::F),
                ("U", rest) => return code(rest, ResultStatus::U),
                ("delay", rest) => Self::Delay(parse_duration(rest)?),
                ("html", rest) => match rest.parse() {
                    Ok(status @ 200..=599) => Self::HtmlPage(status),
                    _ => return Err(unknown()),
                },
                ("notify", rest) => match rest.strip_prefix("late-") {
                    Some(rest) => Self::NotifyLate(parse_duration(rest)?),
                    None => return Err(unknown()),
                },
                _ => return Err(unknown()),
            },
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("S"),
            Self::Unknown => f.write_str("U"),
            Self::Refuse { code, status } => write!(f, "{}-{code}", status.as_str()),
            Self::Delay(time) => write!(f, "delay-{}s", time.as_secs()),
            Self::NoAnswer => f.write_str("no-answer"),
            Self::Reset => f.write_str("reset"),
            Self::Truncated => f.write_str("truncated"),
            Self::HtmlPage(status) => write!(f, "html-{status}"),
            Self::WrongSignature => f.write_str("wrong-signature"),
            Self::Unsigned => f.write_str("unsigned"),
            Self::OldKey => f.write_str("old-key"),
            Self::Foreign => f.write_str("foreign"),
            Self::NotifyTwice => f.write_str("notify-twice"),
            Self::NotifyFirst => f.write_str("notify-first"),
            Self::NotifyLate(time) => write!(f, "notify-late-{}s", time.as_secs()),
            Self::NotifyLost => f.write_str("notify-lost"),
            Self::NotifyBadSignature => f.write_str("notify-bad-signature"),
        }
    }
}

impl Fault {
    /// Whether it is the notification that goes wrong, and not the answer.
    ///
    /// ```
    /// use antom_sandbox::engine::Fault;
    ///
    /// assert!(!Fault::NoAnswer.is_of_notification());
    /// ```
    #[must_use]
    pub fn is_of_notification(&self) -> bool {
        use Fault::{NotifyBadSignature, NotifyFirst, NotifyLate, NotifyLost, NotifyTwice};
        matches!(self, NotifyTwice | NotifyFirst | NotifyLate(_) | NotifyLost | NotifyBadSignature)
    }
}

/// What goes wrong, request by request: `U,U,S` answers twice that nothing is known, and then as usual.
///
/// ```
/// use antom_sandbox::engine::{Fault, Script};
///
/// let script: Script = "U,no-answer,S".parse()?;
/// assert_eq!(script.steps(), [Fault::Unknown, Fault::NoAnswer, Fault::None]);
/// assert_eq!(Script::in_request_id("ORDER-7__U.no-answer.S"), Some(script));
/// assert_eq!(Script::in_request_id("ORDER-7"), None);
/// assert!("notify-lost".parse::<Fault>()?.is_of_notification());
/// # Ok::<(), antom_sandbox::engine::UnknownFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script(Vec<Fault>);

/// The most steps of a script.
const MOST_STEPS: usize = 32;

impl Script {
    /// The steps of a script.
    #[must_use]
    pub fn steps(&self) -> &[Fault] {
        &self.0
    }

    /// The script that a request id ends with, after two underscores; its steps are divided by dots: `ORDER-7__U.U.S`.
    #[must_use]
    pub fn in_request_id(id: &str) -> Option<Self> {
        id.rsplit_once("__")?.1.parse().ok()
    }
}

impl FromStr for Script {
    type Err = UnknownFault;

    /// Faults with commas or dots between them.
    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let steps: Vec<Fault> = text.split([',', '.']).map(str::parse).collect::<Result<_, _>>()?;
        if steps.len() > MOST_STEPS {
            return Err(UnknownFault(format!("more than {MOST_STEPS} steps")));
        }
        Ok(Self(steps))
    }
}

/// Which requests a fault meets.
///
/// ```
/// use antom_sandbox::engine::{Fault, FaultTarget};
/// use antom_sandbox::{Sandbox, SandboxConfig};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start(SandboxConfig::default()).await?;
/// // The next two payments happen, and their answers are lost.
/// let pay = FaultTarget::Operation("payments/pay".into());
/// sandbox.set_fault(pay.clone(), Fault::NoAnswer, Some(2));
/// // This payment's first answer is `U`.
/// sandbox.set_script(FaultTarget::RequestId("PAY-1".into()), "U,S".parse()?);
/// sandbox.clear_fault(&pay);
/// # assert_eq!(sandbox.unacknowledged(), 0);
/// # sandbox.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultTarget {
    /// All requests to an operation, such as `payments/pay`.
    Operation(String),
    /// The requests with this id: `paymentRequestId`, `captureRequestId`, `refundRequestId` or `authState`.
    RequestId(String),
}

/// How long what a target is told to lasts.
#[derive(Debug)]
enum Plan {
    /// So many requests, or until it is switched off.
    Same(Fault, Option<u32>),
    /// One step a request.
    Steps(VecDeque<Fault>),
}

/// Switched-on faults. One for a request id goes before one for an operation, and both before what a request id
/// itself ends with.
#[derive(Debug, Default)]
pub(super) struct Faults {
    plans: Vec<(FaultTarget, Plan)>,
    /// How many steps of their own scripts request ids have behind them; the oldest are forgotten.
    behind: VecDeque<(String, usize)>,
}

/// The most targets that are told something, and the most request ids whose steps are counted.
const MOST: usize = 1_000;

impl Faults {
    /// Switches a fault on: for so many requests, or until it is switched off. It replaces an earlier one.
    pub(super) fn set(&mut self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.clear(&target);
        if times != Some(0) {
            self.put(target, Plan::Same(fault, times));
        }
    }

    /// The next requests of a target meet the steps of a script, one each.
    pub(super) fn script(&mut self, target: FaultTarget, script: Script) {
        self.clear(&target);
        self.put(target, Plan::Steps(script.0.into()));
    }

    fn put(&mut self, target: FaultTarget, plan: Plan) {
        if self.plans.len() >= MOST {
            self.plans.remove(0);
        }
        self.plans.push((target, plan));
    }

    pub(super) fn clear(&mut self, target: &FaultTarget) {
        self.plans.retain(|(known, _)| known != target);
    }

    /// The fault that an answer meets; it counts as met.
    pub(super) fn meet(&mut self, operation: &str, reference: Option<&str>) -> Option<Fault> {
        self.next(operation, reference, false)
    }

    /// The fault that a notification meets; it counts as met.
    pub(super) fn meet_notice(&mut self, operation: &str, reference: Option<&str>) -> Option<Fault> {
        self.next(operation, reference, true)
    }

    fn next(&mut self, operation: &str, reference: Option<&str>, notice: bool) -> Option<Fault> {
        let by_id = |target: &FaultTarget| matches!(target, FaultTarget::RequestId(id) if Some(id.as_str()) == reference);
        let by_operation =
            |target: &FaultTarget| matches!(target, FaultTarget::Operation(name) if name == operation);
        let here = |plan: &Plan| {
            let next = match plan {
                Plan::Same(fault, _) => Some(fault),
                Plan::Steps(steps) => steps.front(),
            };
            next.is_some_and(|fault| fault.is_of_notification() == notice)
        };
        let find = |wanted: &dyn Fn(&FaultTarget) -> bool| {
            self.plans.iter().position(|(target, plan)| wanted(target) && here(plan))
        };
        let Some(index) = find(&by_id).or_else(|| find(&by_operation)) else {
            return self.own(reference?, notice);
        };
        let (_, plan) = self.plans.get_mut(index)?;
        let (fault, over) = match plan {
            Plan::Same(fault, times) => {
                *times = times.map(|left| left.saturating_sub(1));
                (Some(fault.clone()), *times == Some(0))
            }
            Plan::Steps(steps) => (steps.pop_front(), steps.is_empty()),
        };
        if over {
            self.plans.remove(index);
        }
        fault.filter(|fault| *fault != Fault::None)
    }

    /// What a request id itself asks for.
    fn own(&mut self, id: &str, notice: bool) -> Option<Fault> {
        let script = Script::in_request_id(id)?;
        let at = self.behind.iter().position(|(known, _)| known == id);
        let behind = at.and_then(|at| self.behind.get(at)).map_or(0, |(_, behind)| *behind);
        let fault = script.0.get(behind)?;
        if fault.is_of_notification() != notice {
            return None;
        }
        match at.and_then(|at| self.behind.get_mut(at)) {
            Some((_, behind)) => *behind = behind.saturating_add(1),
            None => {
                if self.behind.len() >= MOST {
                    self.behind.pop_front();
                }
                self.behind.push_back((id.to_owned(), 1));
            }
        }
        Some(fault.clone()).filter(|fault| *fault != Fault::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_before_operations_and_counts_run_out() {
        let mut faults = Faults::default();
        faults.set(FaultTarget::Operation("payments/pay".into()), Fault::NoAnswer, None);
        faults.set(FaultTarget::RequestId("R1".into()), Fault::Unsigned, Some(2));
        assert_eq!(faults.meet("payments/pay", Some("R1")), Some(Fault::Unsigned));
        assert_eq!(faults.meet("payments/cancel", Some("R1")), Some(Fault::Unsigned));
        assert_eq!(faults.meet("payments/pay", Some("R1")), Some(Fault::NoAnswer));
        assert_eq!(faults.meet("payments/cancel", Some("R1")), None);
        faults.clear(&FaultTarget::Operation("payments/pay".into()));
        assert_eq!(faults.meet("payments/pay", None), None);
    }

    #[test]
    fn scripts_go_step_by_step() {
        let mut faults = Faults::default();
        faults.script(FaultTarget::RequestId("R1".into()), "U,no-answer,S".parse().unwrap());
        let mut meet = || faults.meet("payments/pay", Some("R1"));
        assert_eq!(
            [meet(), meet(), meet(), meet()],
            [Some(Fault::Unknown), Some(Fault::NoAnswer), None, None]
        );
    }

    #[test]
    fn a_request_id_brings_its_own_script() {
        let mut faults = Faults::default();
        let mut meet = |id: &str| faults.meet("payments/pay", Some(id));
        assert_eq!(meet("R__U.html-502.S"), Some(Fault::Unknown));
        assert_eq!(meet("Q__reset"), Some(Fault::Reset));
        assert_eq!(meet("R__U.html-502.S"), Some(Fault::HtmlPage(502)));
        assert_eq!(meet("R__U.html-502.S"), None);
        assert_eq!(meet("Q__reset"), None);
        for plain in ["R", "R__", "R__nonsense", "A_B", "__"] {
            assert_eq!(meet(plain), None, "{plain}");
        }
    }

    #[test]
    fn faults_of_notifications_wait_for_notifications() {
        let mut faults = Faults::default();
        faults.set(FaultTarget::RequestId("R".into()), Fault::NotifyLost, Some(1));
        assert_eq!(faults.meet("payments/pay", Some("R")), None);
        assert_eq!(faults.meet_notice("payments/pay", Some("R")), Some(Fault::NotifyLost));
        assert_eq!(faults.meet("payments/pay", Some("Q__notify-lost")), None);
        assert_eq!(faults.meet_notice("payments/pay", Some("Q__notify-lost")), Some(Fault::NotifyLost));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut faults = Faults::default();
        for number in 0..3 * MOST {
            faults.set(FaultTarget::RequestId(number.to_string()), Fault::Reset, None);
            assert_eq!(faults.meet("", Some(&format!("{number}__U.U"))), Some(Fault::Unknown));
        }
        assert_eq!((faults.plans.len(), faults.behind.len()), (MOST, MOST));
    }

    proptest::proptest! {
        #[test]
        fn names_are_read_as_they_are_written(text in "[A-Za-z0-9_.,-]{0,24}") {
            if let Ok(fault) = text.parse::<Fault>() {
                proptest::prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
            }
            // Whatever the text is, reading ends.
            let _ = Script::in_request_id(&text);
        }
    }
}
