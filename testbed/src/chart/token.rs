//! The chart of an authorization and its token.

use std::collections::HashSet;
use std::time::Duration;

use antom_core::flow::simulation::{code, consult, revoke, token};
use antom_core::flow::token::{Grant, GrantState, Input, NewGrant, TokenFact, TokenSet};
use antom_core::flow::{Answer, Show, Source};
use antom_core::signature::ClientId;
use antom_core::time::UnixTime;

use super::{Chart, NOW, name, signed};

const STATE: &str = "a-state-of-some-32-characters-xx";
const DEPTH: usize = 8;

fn set(access: &str, life: Duration) -> TokenSet {
    TokenSet {
        access_token: access.into(),
        expires: Some(NOW.saturating_add(life)),
        refresh_token: Some("refresh".into()),
        refresh_expires: None,
        user_login_id: None,
    }
}

fn inputs(client: &ClientId) -> Vec<(&'static str, Input)> {
    let fact = |source, set: Option<TokenSet>| -> TokenFact {
        token(signed(client, source), Some(STATE.into()), set, None)
    };
    let year = Duration::from_secs(365 * 24 * 3600);
    let first = || Some(set("token-1", year));
    let second = || Some(set("token-2", year * 2));
    let show = Show::Redirect { url: Some("https://wallet".into()), app: None, scheme: None };
    let consulted = consult(signed(client, Source::ConsultReply), Some(show), None);
    let refused = consult(signed(client, Source::ConsultReply), None, Some("PARAM_ILLEGAL".into()));
    let made = code(signed(client, Source::Notification), Some(STATE.into()), Some("code".into()));
    let revoked = || revoke(signed(client, Source::RevokeReply), None);
    vec![
        ("consult answered", Input::ConsultAnswered(Answer::Done(consulted))),
        ("consult refused", Input::ConsultAnswered(Answer::Refused { fact: refused, first_send: true })),
        ("code told", Input::CodeNoticed(made)),
        ("token answered", Input::ApplyAnswered(Answer::Done(fact(Source::TokenReply, first())))),
        (
            "code refused",
            Input::ApplyAnswered(Answer::Refused { fact: fact(Source::TokenReply, None), first_send: true }),
        ),
        ("no answer", Input::ApplyAnswered(Answer::Unresolved)),
        ("token told", Input::TokenNoticed(fact(Source::Notification, first()))),
        ("refreshed", Input::RefreshAnswered(Answer::Done(fact(Source::TokenReply, second())))),
        (
            "refresh refused",
            Input::RefreshAnswered(Answer::Refused {
                fact: fact(Source::TokenReply, None),
                first_send: true,
            }),
        ),
        ("revoke wanted", Input::Revoke),
        (
            "revoked (S)",
            Input::RevokeAnswered { access_token: "token-1".into(), answer: Answer::Done(revoked()) },
        ),
        ("cancelled by the buyer", Input::CancelNoticed(fact(Source::Notification, first()))),
        ("time", Input::Tick),
    ]
}

fn look(grant: &Grant) -> String {
    match grant.state() {
        GrantState::Ended { why } => format!("Ended_{}", name(why)),
        state => name(state),
    }
}

pub(super) fn draw(client: &ClientId) -> Chart {
    let mut chart = Chart::default();
    let Ok(new) = NewGrant::new(client.clone(), STATE, "buyer-1", "GCASH") else { return chart };
    let inputs = inputs(client);
    let first = Grant::begin(&new, NOW).next;
    let mut seen = HashSet::new();
    let mut edge: Vec<(Grant, UnixTime)> = vec![(first, NOW)];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for (grant, now) in edge {
            for (by, input) in &inputs {
                let now =
                    if matches!(input, Input::Tick) { grant.due().unwrap_or(now).max(now) } else { now };
                let Ok(turn) = grant.apply(input, now) else { continue };
                chart.edge(&look(&grant), &look(&turn.next), by);
                let token = turn.next.token().map(|token| token.access_token.expose().clone());
                let due = turn.next.due().is_some();
                // How often a code was sent decides what a refusal means, and changes no length.
                let text = turn.next.save();
                let whole = matches!(turn.next.state(), GrantState::Applying).then(|| text.expose().clone());
                if seen.insert((look(&turn.next), token, due, text.expose().len(), whole)) {
                    next.push((turn.next, now));
                }
            }
        }
        edge = next;
    }
    chart
}
