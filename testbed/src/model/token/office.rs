//! The side that gives out codes and tokens, and how the machine hears of it.

use std::time::Duration;

use antom_core::fact::Proof;
use antom_core::flow::simulation::{code, consult, evidence, revoke, token};
use antom_core::flow::token::{CODE_LIFE, Input, REFRESH_AHEAD, TokenFact, TokenSet};
use antom_core::flow::{Answer, Evidence, Show, Source};
use antom_core::signature::{ClientId, KeyVersion};
use antom_core::time::UnixTime;

use super::{AUTH_STATE, BEGIN, Notice};

/// A call of the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// consult.
    Consult,
    /// applyToken with the code of this number.
    Apply(u8),
    /// applyToken with the refresh token of this generation.
    Refresh(u8),
    /// revoke of the access token of this generation.
    Revoke(u8),
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Said {
    /// Done; a token of this generation, where one was asked for.
    Done(u8),
    /// Refused, with this code.
    No(&'static str),
}

/// What the gateway knows about the authorization.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Office {
    /// Whether it was asked for.
    pub asked: bool,
    /// When each code was made.
    pub codes: Vec<i64>,
    /// The code that became a token.
    pub used: Option<u8>,
    /// How many codes became tokens.
    pub authorizations: u8,
    /// The generation of the newest token, from 1.
    pub generation: u8,
    /// Whether that one pays.
    pub live: bool,
}

impl Office {
    /// Answers, and tells what there is to tell.
    pub(super) fn serve(&mut self, wanted: Wanted, now: i64, repeats: bool) -> (Said, Option<Notice>) {
        match wanted {
            Wanted::Consult => {
                self.asked = true;
                (Said::Done(0), None)
            }
            Wanted::Apply(number) if self.used == Some(number) => match repeats && self.live {
                true => (Said::Done(self.generation), None),
                false => (Said::No("INVALID_CODE"), None),
            },
            Wanted::Apply(number) => {
                let made = self.codes.get(usize::from(number)).copied();
                let life = i64::try_from(CODE_LIFE.as_millis()).unwrap_or(0);
                if made.is_none_or(|made| now >= made.saturating_add(life)) {
                    return (Said::No("INVALID_CODE"), None);
                }
                self.used = Some(number);
                self.authorizations = self.authorizations.saturating_add(1);
                self.generation = 1;
                self.live = true;
                (Said::Done(1), Some(Notice::Created(1)))
            }
            Wanted::Refresh(generation) if self.live && generation == self.generation => {
                self.generation = self.generation.saturating_add(1);
                (Said::Done(self.generation), None)
            }
            // The same refresh token again: the same answer again.
            Wanted::Refresh(generation) if self.live && generation.saturating_add(1) == self.generation => {
                (Said::Done(self.generation), None)
            }
            Wanted::Refresh(_) => (Said::No("INVALID_REFRESH_TOKEN"), None),
            Wanted::Revoke(generation) if self.live && generation == self.generation => {
                self.live = false;
                (Said::Done(0), Some(Notice::Cancelled(generation)))
            }
            // Dead, or replaced by a newer one, which lives on.
            Wanted::Revoke(_) => (Said::No("INVALID_ACCESS_TOKEN"), None),
        }
    }
}

fn access(generation: u8) -> String {
    format!("access-{generation}")
}

/// The number at the end of a token or code.
pub(super) fn generation_of(text: &str) -> u8 {
    text.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(u8::MAX)
}

fn set(generation: u8) -> TokenSet {
    // The first one is refreshed after an hour; the second one lives as long as the buyer wants.
    let life = REFRESH_AHEAD.saturating_add(Duration::from_secs(3600));
    TokenSet {
        access_token: access(generation).into(),
        expires: (generation < 2).then(|| UnixTime::from_millis(BEGIN).saturating_add(life)),
        refresh_token: (generation < 2).then(|| format!("refresh-{generation}").into()),
        refresh_expires: None,
        user_login_id: None,
    }
}

fn by(client: &ClientId, source: Source, at: i64) -> Evidence {
    evidence(source, Proof::Signature(KeyVersion::FIRST), Some(client.clone()), UnixTime::from_millis(at))
}

fn fact(client: &ClientId, source: Source, generation: Option<u8>, code: Option<&str>) -> TokenFact {
    token(by(client, source, BEGIN), Some(AUTH_STATE.into()), generation.map(set), code.map(Into::into))
}

/// What the machine hears of an answer.
pub(super) fn answered(client: &ClientId, wanted: Wanted, said: Option<Said>) -> Input {
    // `first_send` speaks of the exchange: each of its requests is sent once.
    let shape = |source| match said {
        None => Answer::Unresolved,
        Some(Said::Done(generation)) => Answer::Done(fact(client, source, Some(generation), None)),
        Some(Said::No(code)) => {
            Answer::Refused { fact: fact(client, source, None, Some(code)), first_send: true }
        }
    };
    match wanted {
        Wanted::Consult => Input::ConsultAnswered(match said {
            Some(Said::Done(_)) => {
                let show =
                    Show::Redirect { url: Some("https://wallet.example".into()), app: None, scheme: None };
                Answer::Done(consult(by(client, Source::ConsultReply, BEGIN), Some(show), None))
            }
            _ => Answer::Unresolved,
        }),
        Wanted::Apply(_) => Input::ApplyAnswered(shape(Source::TokenReply)),
        Wanted::Refresh(_) => Input::RefreshAnswered(shape(Source::TokenReply)),
        Wanted::Revoke(generation) => {
            let fact = |code| revoke(by(client, Source::RevokeReply, BEGIN), code);
            let answer = match said {
                None => Answer::Unresolved,
                Some(Said::Done(_)) => Answer::Done(fact(None)),
                Some(Said::No(code)) => Answer::Refused { fact: fact(Some(code.into())), first_send: true },
            };
            Input::RevokeAnswered { access_token: access(generation).into(), answer }
        }
    }
}

/// What the machine hears of a notification.
pub(super) fn noticed(client: &ClientId, notice: Notice) -> Input {
    match notice {
        Notice::Code(number, at) => Input::CodeNoticed(code(
            by(client, Source::Notification, at),
            Some(AUTH_STATE.into()),
            Some(format!("code-{number}").into()),
        )),
        Notice::Created(generation) => {
            Input::TokenNoticed(fact(client, Source::Notification, Some(generation), None))
        }
        Notice::Cancelled(generation) => {
            Input::CancelNoticed(fact(client, Source::Notification, Some(generation), None))
        }
    }
}
