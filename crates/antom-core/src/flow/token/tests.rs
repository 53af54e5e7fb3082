use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::fact::Proof;
use crate::flow::evidence::{Evidence, Source, Unfit};
use crate::flow::fact::Answer;
use crate::flow::kit::{at, client, signed};
use crate::signature::KeyVersion;

const STATE: &str = "0123456789abcdef012345";
const DAY: i64 = 24 * 3600;

struct Bench {
    grant: Grant,
    now: UnixTime,
    events: Vec<TokenEvent>,
}

impl Bench {
    fn new() -> Self {
        let new = NewGrant::new(client(), STATE, "buyer-7", "GCASH").unwrap();
        let turn = Grant::begin(&new, at(0));
        assert_eq!(turn.step, NextStep::Consult);
        Self { grant: turn.next, now: at(0), events: Vec::new() }
    }

    fn applying() -> Self {
        let mut bench = Self::new();
        assert_eq!(
            bench.step(Input::CodeNoticed(code("CODE-1"))),
            NextStep::Apply { auth_code: "CODE-1".into() }
        );
        bench
    }

    fn active() -> Self {
        let mut bench = Self::applying();
        bench.step(Input::ApplyAnswered(Answer::Done(token(Some(set(
            "A-1",
            Some("R-1"),
            Some(at(365 * DAY)),
        ))))));
        assert_eq!(bench.grant.state(), &GrantState::Active);
        bench
    }

    fn step(&mut self, input: Input) -> NextStep {
        let turn = self.grant.apply(&input, self.now).unwrap();
        self.grant = turn.next;
        self.events.extend(turn.events);
        turn.step
    }

    fn tick(&mut self) -> NextStep {
        self.now = self.now.max(self.grant.due().expect("nothing is due"));
        self.step(Input::Tick)
    }

    fn pays(&self) -> Option<&str> {
        self.grant.usable(self.now).map(|token| token.expose().as_str())
    }

    fn ended(&self) -> Option<EndReason> {
        match self.grant.state() {
            GrantState::Ended { why } => Some(why.clone()),
            _ => None,
        }
    }
}

fn code(text: &str) -> CodeFact {
    CodeFact {
        evidence: Evidence::for_test(
            Source::Notification,
            Proof::Signature(KeyVersion::FIRST),
            Some(client().as_str()),
            at(0),
        ),
        auth_state: Some(STATE.into()),
        code: Some(text.into()),
    }
}

fn set(access: &str, refresh: Option<&str>, expires: Option<UnixTime>) -> TokenSet {
    TokenSet {
        access_token: access.into(),
        expires,
        refresh_token: refresh.map(Into::into),
        refresh_expires: None,
        user_login_id: None,
    }
}

fn token(token: Option<TokenSet>) -> TokenFact {
    TokenFact {
        evidence: signed(Source::TokenReply),
        auth_state: Some(STATE.into()),
        token,
        result_code: None,
    }
}

fn revoked(token: &str, answer: Answer<RevokeFact>) -> Input {
    Input::RevokeAnswered { access_token: token.into(), answer }
}

fn refused(code: &str, first_send: bool) -> Answer<TokenFact> {
    Answer::Refused { fact: TokenFact { result_code: Some(code.into()), ..token(None) }, first_send }
}

fn revoke_fact() -> RevokeFact {
    RevokeFact { evidence: signed(Source::RevokeReply), result_code: None }
}

#[test]
fn a_code_becomes_a_token() {
    let mut bench = Bench::new();
    let show = Show::Code { text: "https://qr".into(), image: None, expires: None };
    let fact =
        ConsultFact { evidence: signed(Source::ConsultReply), show: Some(show.clone()), result_code: None };
    let step = bench.step(Input::ConsultAnswered(Answer::Done(fact)));
    assert_eq!(step, NextStep::Show { show, tick_at: at(900) });
    assert_eq!(bench.step(Input::CodeNoticed(code("C"))), NextStep::Apply { auth_code: "C".into() });
    // Delivered again: not applied twice.
    assert!(matches!(bench.step(Input::CodeNoticed(code("C"))), NextStep::TickAt(_)));
    bench.step(Input::ApplyAnswered(Answer::Done(token(Some(set("A-1", None, None))))));
    assert_eq!(bench.grant.resting_step(), NextStep::Usable, "a token without an end needs nothing");
    assert_eq!(bench.pays(), Some("A-1"));
}

#[test]
fn the_notification_may_overtake_the_answer() {
    let mut bench = Bench::applying();
    bench.step(Input::ConsultAnswered(Answer::Unresolved));
    assert_eq!(bench.grant.state(), &GrantState::Applying);
}

#[test]
fn short_states_are_refused() {
    assert_eq!(NewGrant::new(client(), "short", "b", "GCASH"), Err(WeakState { length: 5 }));
}

#[test]
fn no_code_in_a_quarter_of_an_hour_ends_it_and_a_late_code_is_not_used() {
    let mut bench = Bench::new();
    bench.tick();
    assert_eq!((bench.now, bench.ended()), (at(900), Some(EndReason::NoCode)));
    bench.step(Input::CodeNoticed(code("LATE")));
    assert!(bench.events.contains(&TokenEvent::LateCode));
    assert_eq!(bench.pays(), None);
}

#[test]
fn a_second_code_never_becomes_a_second_token() {
    let mut bench = Bench::active();
    let step = bench.step(Input::CodeNoticed(code("CODE-2")));
    assert!(!matches!(step, NextStep::Apply { .. }));
    assert!(bench.events.contains(&TokenEvent::LateCode));
}

#[test]
fn codes_for_others_change_nothing() {
    let mut bench = Bench::new();
    bench.step(Input::CodeNoticed(CodeFact { auth_state: Some("another".into()), ..code("C") }));
    bench.step(Input::CodeNoticed(CodeFact { auth_state: None, ..code("C") }));
    bench.step(Input::CodeNoticed(CodeFact { code: None, ..code("C") }));
    let tls = Evidence::for_test(Source::Notification, Proof::Tls, None, at(0));
    bench.step(Input::CodeNoticed(CodeFact { evidence: tls, ..code("C") }));
    let why = [Unfit::NotOurs, Unfit::NotOurs, Unfit::Insufficient, Unfit::Unsigned];
    assert_eq!(bench.events, why.map(|why| TokenEvent::Ignored { why }));
    assert_eq!(bench.grant.state(), &GrantState::Consulting);
}

#[test]
fn no_answer_is_repeated_with_the_same_code_until_its_minute_is_over() {
    let mut bench = Bench::applying();
    let mut tries = 1;
    while bench.grant.state() == &GrantState::Applying {
        bench.step(Input::ApplyAnswered(Answer::Unresolved));
        if let NextStep::Apply { auth_code } = bench.tick() {
            assert_eq!(auth_code.expose(), "CODE-1");
            assert!(bench.now < at(60));
            tries += 1;
        }
    }
    assert!(tries > 10);
    assert_eq!((bench.now, bench.ended()), (at(60), Some(EndReason::Orphaned)));
    // The notification heals the lost answer.
    bench.step(Input::TokenNoticed(token(Some(set("A-1", None, None)))));
    assert_eq!(bench.pays(), Some("A-1"));
}

#[test]
fn a_refusal_is_final_alone_and_an_orphan_after_an_unresolved_try() {
    let mut bench = Bench::applying();
    bench.step(Input::ApplyAnswered(refused("INVALID_AUTHCODE", true)));
    assert_eq!(bench.ended(), Some(EndReason::CodeRefused { code: Some("INVALID_AUTHCODE".into()) }));

    let mut bench = Bench::applying();
    bench.step(Input::ApplyAnswered(Answer::Unresolved));
    bench.tick();
    bench.step(Input::ApplyAnswered(refused("INVALID_AUTHCODE", true)));
    assert_eq!(bench.ended(), Some(EndReason::Orphaned));
}

#[test]
fn a_success_without_a_token_is_repeated() {
    let mut bench = Bench::applying();
    bench.step(Input::ApplyAnswered(Answer::Done(token(None))));
    assert_eq!(bench.tick(), NextStep::Apply { auth_code: "CODE-1".into() });
}

#[test]
fn a_token_is_refreshed_ten_days_ahead_and_pays_meanwhile() {
    let mut bench = Bench::active();
    assert_eq!(bench.tick(), NextStep::Refresh { refresh_token: "R-1".into() });
    assert_eq!(bench.now, at(355 * DAY));
    assert_eq!(bench.pays(), Some("A-1"));
    // A lost answer repeats the same refresh token.
    bench.step(Input::RefreshAnswered(Answer::Unresolved));
    assert_eq!(bench.tick(), NextStep::Refresh { refresh_token: "R-1".into() });
    bench.step(Input::RefreshAnswered(Answer::Done(token(Some(set(
        "A-2",
        Some("R-2"),
        Some(at(720 * DAY)),
    ))))));
    assert_eq!(bench.pays(), Some("A-2"));
    assert!(bench.grant.knows_token(&"A-1".into()));
    // Only the newest refresh token from now on.
    assert_eq!(bench.tick(), NextStep::Refresh { refresh_token: "R-2".into() });
}

#[test]
fn jitter_pulls_forward_and_never_back() {
    let mut new = NewGrant::new(client(), STATE, "b", "GCASH").unwrap();
    new.jitter = Duration::from_secs(3600);
    let mut bench = Bench { grant: Grant::begin(&new, at(0)).next, now: at(0), events: Vec::new() };
    bench.step(Input::CodeNoticed(code("C")));
    bench.step(Input::ApplyAnswered(Answer::Done(token(Some(set("A", Some("R"), Some(at(365 * DAY))))))));
    assert_eq!(bench.grant.due(), Some(at(355 * DAY - 3600)));
}

#[test]
fn a_refused_refresh_is_reported_daily_until_the_end() {
    let mut bench = Bench::active();
    let mut asked = 0;
    while bench.ended().is_none() {
        if let NextStep::Refresh { .. } = bench.tick() {
            asked += 1;
            bench.step(Input::RefreshAnswered(refused("PROCESS_FAIL", true)));
        }
    }
    assert!((9..=12).contains(&asked), "{asked}");
    assert_eq!(bench.ended(), Some(EndReason::Expired));
    assert_eq!(bench.pays(), None);
}

#[test]
fn a_stored_revocation_stops_pays_and_refreshes() {
    let mut bench = Bench::active();
    assert_eq!(bench.step(Input::Revoke), NextStep::Revoke { access_token: "A-1".into() });
    assert_eq!(bench.pays(), None);
    bench.step(revoked("A-1", Answer::Unresolved));
    assert_eq!(bench.tick(), NextStep::Revoke { access_token: "A-1".into() });
    bench.step(revoked("A-1", Answer::Done(revoke_fact())));
    assert_eq!(bench.ended(), Some(EndReason::Revoked));
    assert_eq!(bench.grant.due(), None);
}

#[test]
fn the_notification_of_a_revocation_may_overtake_its_answer() {
    let mut bench = Bench::active();
    bench.step(Input::Revoke);
    bench.step(Input::CancelNoticed(token(Some(set("A-1", None, None)))));
    assert_eq!(bench.ended(), Some(EndReason::Revoked));
    bench.step(revoked("A-1", Answer::Done(revoke_fact())));
    assert_eq!(bench.ended(), Some(EndReason::Revoked));
}

#[test]
fn a_token_unknown_to_the_gateway_is_as_good_as_revoked() {
    let mut bench = Bench::active();
    bench.step(Input::Revoke);
    let fact = RevokeFact { result_code: Some("INVALID_ACCESS_TOKEN".into()), ..revoke_fact() };
    bench.step(revoked("A-1", Answer::Refused { fact, first_send: true }));
    assert_eq!(bench.ended(), Some(EndReason::Revoked));
}

#[test]
fn a_revocation_whose_refresh_has_no_answer_is_not_proven() {
    // The gateway may have replaced the token by one that nobody here knows.
    let mut bench = Bench::active();
    bench.tick();
    bench.step(Input::Revoke);
    let fact = RevokeFact { result_code: Some("INVALID_ACCESS_TOKEN".into()), ..revoke_fact() };
    bench.step(revoked("A-1", Answer::Refused { fact, first_send: true }));
    assert_eq!(bench.ended(), Some(EndReason::RevokeUnproven));
    // Its answer comes after all: that token dies as well.
    let late = token(Some(set("A-2", None, None)));
    let step = bench.step(Input::RefreshAnswered(Answer::Done(late)));
    assert_eq!(step, NextStep::Revoke { access_token: "A-2".into() });
}

#[test]
fn the_end_of_an_older_token_proves_nothing_about_the_newer() {
    let mut bench = Bench::active();
    bench.tick();
    bench.step(Input::Revoke);
    bench.step(Input::RefreshAnswered(Answer::Done(token(Some(set("A-2", None, None))))));
    let fact = RevokeFact { result_code: Some("INVALID_ACCESS_TOKEN".into()), ..revoke_fact() };
    bench.step(revoked("A-1", Answer::Refused { fact, first_send: true }));
    assert_eq!(*bench.grant.state(), GrantState::Revoking);
    bench.step(revoked("A-2", Answer::Done(revoke_fact())));
    assert_eq!(bench.ended(), Some(EndReason::Revoked));
}

#[test]
fn a_token_that_is_told_heals_a_refusal_of_its_code() {
    // The network doubled the request: the first copy made the token, the second one was refused.
    let mut bench = Bench::applying();
    bench.step(Input::ApplyAnswered(refused("INVALID_CODE", true)));
    assert!(matches!(bench.ended(), Some(EndReason::CodeRefused { .. })));
    bench.step(Input::TokenNoticed(token(Some(set("A-1", Some("R-1"), None)))));
    assert_eq!(bench.pays(), Some("A-1"));
}

#[test]
fn a_refresh_that_answers_after_the_revocation_is_revoked_too() {
    for revoked_first in [false, true] {
        let mut bench = Bench::active();
        bench.tick();
        bench.step(Input::Revoke);
        if revoked_first {
            bench.step(revoked("A-1", Answer::Done(revoke_fact())));
        }
        let late = token(Some(set("A-2", Some("R-2"), None)));
        let step = bench.step(Input::RefreshAnswered(Answer::Done(late)));
        assert_eq!(step, NextStep::Revoke { access_token: "A-2".into() });
        assert_eq!(bench.pays(), None);
        assert_eq!(bench.grant.token().unwrap().access_token.expose(), "A-2", "stored before it is revoked");
    }
}

#[test]
fn the_buyers_cancellation_of_any_generation_ends_it() {
    for name in ["A-1", "A-2"] {
        let mut bench = Bench::active();
        bench.tick();
        bench.step(Input::RefreshAnswered(Answer::Done(token(Some(set("A-2", None, None))))));
        let mut fact = token(Some(set(name, None, None)));
        fact.auth_state = None;
        bench.step(Input::CancelNoticed(fact));
        assert_eq!(bench.ended(), Some(EndReason::CancelledByBuyer));
        assert_eq!(bench.pays(), None);
    }
    let mut bench = Bench::active();
    bench.step(Input::CancelNoticed(token(Some(set("UNKNOWN", None, None)))));
    assert_eq!(bench.pays(), Some("A-1"));
}

#[test]
fn nothing_secret_is_shown_and_nothing_is_lost_when_stored() {
    let mut bench = Bench::active();
    bench.tick();
    let shown = alloc::format!("{:?}", bench.grant);
    assert!(!shown.contains("A-1") && !shown.contains("R-1"), "{shown}");
    let text = bench.grant.save();
    assert_eq!(Grant::load(text.expose()).unwrap(), bench.grant);
    assert!(!alloc::format!("{text:?}").contains("A-1"));
}

fn fact() -> impl Strategy<Value = TokenFact> {
    (0..4_u8, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(name, refresh, ends, bound)| {
        let names = ["A-1", "A-2", "A-3"];
        let set = names
            .get(usize::from(name))
            .map(|name| set(name, refresh.then_some("R"), ends.then(|| at(400 * DAY))));
        TokenFact { auth_state: bound.then(|| String::from(STATE)), ..token(set) }
    })
}

fn answer<F: core::fmt::Debug + Clone + 'static>(
    fact: impl Strategy<Value = F> + 'static,
) -> impl Strategy<Value = Answer<F>> {
    (fact, 0..6_u8).prop_map(|(fact, kind)| match kind {
        0 | 1 => Answer::Done(fact),
        2 => Answer::Accepted(fact),
        3 => Answer::Refused { fact, first_send: true },
        4 => Answer::Unresolved,
        _ => Answer::NotSent,
    })
}

fn input() -> impl Strategy<Value = Input> {
    prop_oneof![
        prop_oneof![Just("C-1"), Just("C-2")].prop_map(|text| Input::CodeNoticed(code(text))),
        fact().prop_map(Input::TokenNoticed),
        fact().prop_map(Input::CancelNoticed),
        answer(fact()).prop_map(Input::ApplyAnswered),
        answer(fact()).prop_map(Input::RefreshAnswered),
        Just(Input::Revoke),
        (prop_oneof![Just("A-1"), Just("A-2")], answer(Just(revoke_fact())))
            .prop_map(|(token, answer)| revoked(token, answer)),
        Just(Input::Tick),
        Just(Input::Tick),
        Just(Input::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_keeps_the_token_rules(inputs in proptest::collection::vec(input(), 1..60)) {
        let mut bench = Bench::new();
        let mut codes = Vec::new();
        let mut wanted_dead = false;
        for input in inputs {
            if matches!(input, Input::Tick) {
                bench.now = bench.grant.due().map_or(bench.now, |due| due.max(bench.now));
            }
            let before = bench.grant.clone();
            let Ok(turn) = before.apply(&input, bench.now) else { continue };
            wanted_dead |= matches!(input, Input::Revoke);
            bench.grant = turn.next;
            if let NextStep::Apply { auth_code } = &turn.step {
                codes.push(auth_code.expose().clone());
                codes.dedup();
            }
            prop_assert!(codes.len() <= 1, "two codes were applied for one authorization");
            if wanted_dead {
                prop_assert!(bench.grant.usable(bench.now).is_none(), "a token to be revoked pays");
                prop_assert!(!matches!(turn.step, NextStep::Refresh { .. }), "a token to be revoked is refreshed");
            }
            if before.state() != bench.grant.state() && matches!(bench.grant.state(), GrantState::Ended { .. }) {
                prop_assert!(!turn.events.is_empty(), "ended silently");
            }
            prop_assert_eq!(&Grant::load(bench.grant.save().expose()).unwrap(), &bench.grant);
        }
    }
}
