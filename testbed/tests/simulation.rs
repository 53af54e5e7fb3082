//! The simulation keeps the money rules, and the same seed is the same run.

use antom_testbed::fault::{Fault, Level};
use antom_testbed::run::{Mode, Run, run};

fn settled(payments: u64, seed: u64, level: Level, mode: Mode) {
    let (outcome, _) = run(Run { payments, seed, level, mode, lines: false });
    assert_eq!(outcome.violations, 0, "{:#?}", outcome.first);
    assert_eq!(outcome.settled, payments);
    if level == Level::Heavy {
        let quiet: Vec<&str> =
            [Fault::AnswerLost, Fault::NoticeLost, Fault::CrashAfterCommit, Fault::StaleCommit]
                .into_iter()
                .filter(|fault| outcome.faults.get(*fault) == 0)
                .map(Fault::name)
                .collect();
        assert!(quiet.is_empty(), "never happened: {quiet:?}");
        assert!(mode == Mode::Wire || outcome.recovered > 0, "the recovery found nothing");
    }
}

#[test]
fn every_payment_settles_and_no_rule_breaks() {
    settled(200, 11, Level::None, Mode::Typed);
    settled(300, 12, Level::Light, Mode::Typed);
    settled(1_500, 13, Level::Heavy, Mode::Typed);
}

#[test]
fn through_real_bytes_as_well() {
    settled(60, 21, Level::None, Mode::Wire);
    settled(400, 22, Level::Heavy, Mode::Wire);
}

#[test]
fn the_same_seed_gives_the_same_trace_byte_for_byte() {
    for mode in [Mode::Typed, Mode::Wire] {
        let once = |seed| run(Run { payments: 120, seed, level: Level::Heavy, mode, lines: true });
        let (first, text) = once(5);
        assert_eq!(once(5), (first, text.clone()));
        assert!(text.lines().count() > 1_000);
        assert_ne!(once(6).1, text);
    }
}
