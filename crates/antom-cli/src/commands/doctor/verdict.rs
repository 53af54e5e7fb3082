//! What the gateway's answer says about the set-up.

use std::time::Duration;

use antom::core::call::{RawAnswer, ReplyError, TransportError, TransportErrorKind, Window};
use antom::core::outcome::{CallErrorKind, Outcome, Reason};
use antom::core::profile::{Gateway, ProductFamily};

use super::Finding;
use super::probe::{Probe, Seen};
use crate::failure::causes;

/// A clock may differ by so much before it is worth a word.
const NOTABLE: Duration = Duration::from_secs(30);

/// The code of a verified answer to the question about nothing.
const EXPECTED: &str = "ORDER_NOT_EXIST";

pub(super) fn findings(gateway: &Gateway, chosen: &Probe, other: Option<&Probe>) -> Vec<Finding> {
    let mut findings = vec![channel(gateway, chosen), reachability(gateway, chosen)];
    findings.push(match chosen.seen {
        Some(seen) => clock(seen),
        None => Finding::skipped("clock", "not examined: no answer came"),
    });
    findings.push(answer(chosen));
    findings.push(path(chosen, other));
    findings
}

fn no_answer(probe: &Probe) -> Option<&TransportError> {
    match &probe.outcome {
        Err(error) => match &error.kind {
            CallErrorKind::NotSent(error) => Some(error),
            _ => None,
        },
        Ok(Outcome::Unresolved(unresolved)) => match &unresolved.reason {
            Reason::NoAnswer(error) => Some(error),
            _ => None,
        },
        Ok(_) => None,
    }
}

fn channel(gateway: &Gateway, probe: &Probe) -> Finding {
    const CHECK: &str = "secure channel";
    match no_answer(probe) {
        _ if !gateway.is_https() => Finding::good(CHECK, "none, and none is needed on this machine"),
        Some(error) if error.kind() == TransportErrorKind::Tls => Finding::problem(
            CHECK,
            causes(error),
            "install the system's root certificates (on Linux ca-certificates); if a proxy of the company opens secure \
             channels, have its root certificate installed; check the clock and the host name",
        ),
        Some(_) if !probe.was_answered() => Finding::skipped(CHECK, "not examined: no answer came"),
        _ => Finding::good(CHECK, "TLS 1.2 or newer, the certificate is valid for this host"),
    }
}

fn reachability(gateway: &Gateway, probe: &Probe) -> Finding {
    const CHECK: &str = "reachability";
    let origin = gateway.origin();
    let Some(error) = no_answer(probe) else {
        return Finding::good(CHECK, format!("{origin} answers"));
    };
    if error.kind() == TransportErrorKind::Tls {
        return Finding::skipped(CHECK, "not examined: there is no secure channel");
    }
    let fix = match error.kind() {
        TransportErrorKind::Connect => {
            "check the host's name and port, name resolution, and that a firewall lets this machine out; behind a proxy set \
             HTTPS_PROXY"
        }
        TransportErrorKind::Timeout => {
            "check the proxy and the firewall: something takes the connection and is silent"
        }
        _ => "something between this machine and the gateway breaks connections: check the proxy",
    };
    Finding::problem(CHECK, format!("{origin}: {}", causes(error)), fix)
}

/// How far this machine's clock is from the gateway's. Somewhere in between the two times of this machine the gateway
/// looked at its own.
fn clock(seen: Seen) -> Finding {
    const CHECK: &str = "clock";
    let Some(theirs) = seen.answered_at else {
        return Finding::skipped(CHECK, "not examined: the answer names no time");
    };
    let (before, after) = seen.between;
    // The answer's time may be cut to the second.
    let latest = theirs.saturating_add(Duration::from_secs(1));
    let (way, off) = match (theirs > after, latest < before) {
        (true, _) => ("behind", theirs.since(after)),
        (_, true) => ("ahead of", before.since(latest)),
        _ => ("", Duration::ZERO),
    };
    let says = match off.is_zero() {
        true => "this machine's clock and the gateway's agree".to_owned(),
        false => format!("this machine's clock is {} s {way} the gateway's", off.as_secs().max(1)),
    };
    let fix = "set the clock by the network (NTP): requests carry its time, and answers are compared with it";
    if off > Window::DEFAULT.skew {
        Finding::problem(CHECK, format!("{says}; answers this far off are not believed"), fix)
    } else if off > NOTABLE {
        Finding::warning(CHECK, says, fix)
    } else {
        Finding::good(CHECK, says)
    }
}

/// Whether each side believes the other's signature.
fn answer(probe: &Probe) -> Finding {
    const CHECK: &str = "answer";
    match &probe.outcome {
        Ok(outcome) => match (outcome.reply(), outcome) {
            (Some(reply), _) => {
                let code = reply.result().result_code.as_ref().map_or("", |code| code.as_str());
                let says = match reply.verified().proof().is_signed() {
                    true => "the gateway believed your signature, and its answer is verified",
                    false => {
                        "the gateway believed your API key; the secure channel alone vouches for its answer"
                    }
                };
                match code {
                    EXPECTED | "SUCCESS" => Finding::good(CHECK, says),
                    code => Finding::warning(
                        CHECK,
                        format!("{says}; yet it answers {} to a simple question", code.escape_debug()),
                        "look the code up in the documentation; is the account open for this product?",
                    ),
                }
            }
            (None, Outcome::Unresolved(unresolved)) => match &unresolved.reason {
                Reason::Unproven(error) => unproven(CHECK, error),
                _ => Finding::skipped(CHECK, "not examined: no answer came"),
            },
            _ => Finding::skipped(CHECK, "not examined: no answer came"),
        },
        Err(error) => match &error.kind {
            CallErrorKind::NotSent(_) => Finding::skipped(CHECK, "not examined: no answer came"),
            _ => Finding::problem(CHECK, causes(error), "check the private key with keys check"),
        },
    }
}

fn unproven(check: &'static str, error: &ReplyError) -> Finding {
    let fix = match error {
        ReplyError::Unsigned(untrusted) => rejected(untrusted.result_code.as_deref().unwrap_or_default()),
        ReplyError::HttpStatus(_) => {
            "this does not look like the gateway's own answer: check the gateway's URL, and a proxy in between".into()
        }
        ReplyError::Signature(_) => {
            "your side is in order, but --gateway-key is not the key the gateway signs with: copy Antom's public key for this \
             client id from the dashboard (sandbox and live have different ones)"
                .into()
        }
        ReplyError::OutsideWindow { .. } => "set this machine's clock by the network (NTP)".into(),
        ReplyError::ClientId => "the answer is for another account: check the gateway's URL, and a cache in between".into(),
        _ => "something between this machine and the gateway changes answers: check the proxy".to_owned(),
    };
    Finding::problem(check, causes(error), fix)
}

/// What to do when the gateway did not even sign its answer. Nobody vouches for the code in it: it is a hint.
fn rejected(code: &str) -> String {
    let fix = match code {
        _ if code.contains("SIGNATURE") => {
            "the gateway does not know your key: paste what `antom-dev keys show` prints for the private key into the \
             dashboard of this client id, and check --key-version"
        }
        _ if code.contains("CLIENT") => {
            "the gateway does not know the client id: copy it from the dashboard, and check that it belongs to this region"
        }
        _ if code.contains("KEY") => {
            "the gateway has no key of yours in this version: paste the public key into the dashboard, and check --key-version"
        }
        _ if code.contains("INTERFACE") => {
            "the gateway does not know the path: see the finding about the path"
        }
        _ if code.contains("ACCESS") => "the account may not do this: ask Antom to open the product for it",
        _ => "check client id, region, the public key in the dashboard, --key-version and --in-store",
    };
    fix.to_owned()
}

/// Which paths the gateway takes.
fn path(chosen: &Probe, other: Option<&Probe>) -> Finding {
    const CHECK: &str = "path";
    if !chosen.was_answered() {
        return Finding::skipped(CHECK, "not examined: no answer came");
    }
    let option = |family| match family {
        ProductFamily::Online => "without --in-store",
        ProductFamily::InStore => "with --in-store",
    };
    let works = |probe: &Probe| proven(&probe.outcome);
    match (works(chosen), other.map(|other| (works(other), other))) {
        (true, Some((true, other))) => Finding::good(
            CHECK,
            format!("{} works, and so does {} ({})", chosen.path, other.path, option(other.family)),
        ),
        (true, Some((false, other))) => Finding::good(
            CHECK,
            format!("{} works; {} ({}) does not", chosen.path, other.path, option(other.family)),
        ),
        (true, None) => Finding::good(CHECK, format!("{} works", chosen.path)),
        (false, Some((true, other))) => Finding::problem(
            CHECK,
            format!("{} does not work, {} does", chosen.path, other.path),
            format!("call this account's products {}", option(other.family)),
        ),
        (false, _) => {
            Finding::skipped(CHECK, format!("{} was tried; see the finding about the answer", chosen.path))
        }
    }
}

/// Whether the answer is a verified one.
fn proven<E>(outcome: &Result<Outcome<RawAnswer>, E>) -> bool {
    outcome.as_ref().is_ok_and(|outcome| outcome.reply().is_some())
}

#[cfg(test)]
mod tests {
    use antom::core::time::UnixTime;

    use super::*;
    use crate::commands::doctor::State;

    fn at(seconds: i64) -> UnixTime {
        UnixTime::from_secs(1_772_360_430 + seconds)
    }

    #[test]
    fn a_clock_is_judged_by_how_far_it_is_off() {
        for (theirs, state, says) in [
            (0, State::Good, "agree"),
            // Cut to the second, and looked at before the answer travelled.
            (-1, State::Good, "agree"),
            (2, State::Good, "agree"),
            (20, State::Good, "18 s behind"),
            (-20, State::Good, "19 s ahead of"),
            (60, State::Warning, "58 s behind"),
            (-60, State::Warning, "59 s ahead of"),
            (3600, State::Problem, "3598 s behind"),
            (-3600, State::Problem, "3599 s ahead of"),
        ] {
            let finding = clock(Seen { answered_at: Some(at(theirs)), between: (at(0), at(2)) });
            assert_eq!(finding.state, state, "{finding:?}");
            assert!(finding.says.contains(says), "{finding:?}");
            assert_eq!(finding.fix.is_some(), state != State::Good);
        }
        assert_eq!(clock(Seen { answered_at: None, between: (at(0), at(2)) }).state, State::Skipped);
    }

    #[test]
    fn a_rejection_has_a_fix_of_its_own() {
        let all = [
            "INVALID_SIGNATURE",
            "INVALID_CLIENT",
            "KEY_NOT_FOUND",
            "NO_INTERFACE_DEF",
            "ACCESS_DENIED",
            "NEW",
        ];
        let fixes: std::collections::BTreeSet<String> = all.into_iter().map(rejected).collect();
        assert_eq!(fixes.len(), all.len());
    }
}
