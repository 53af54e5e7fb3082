//! What can happen at a moment, and what comes of it.

use antom_core::flow::Unfit;
use antom_core::flow::token::{EndReason, GrantState, Input, NextStep, TokenEvent, Transition};
use antom_core::time::UnixTime;

use super::office::{answered, generation_of, noticed};
use super::{Act, Heard, Message, Moment, Notice, Row, Tokens, Wanted, Worker};

fn at(millis: i64) -> UnixTime {
    UnixTime::from_millis(millis)
}

impl Message {
    fn is_of(&self, number: u8) -> bool {
        matches!(self, Self::Request(_, known) | Self::Answer(_, known, _) if *known == number)
    }

    /// The office tells of tokens until it is heard; all else can be lost.
    fn can_be_lost(&self) -> bool {
        !matches!(self, Self::Notice(Notice::Created(_) | Notice::Cancelled(_)))
    }
}

impl Moment {
    /// Brings what has no order into one.
    pub(super) fn tidy(&mut self) {
        self.net.sort_by_cached_key(|message| format!("{message:?}"));
        if matches!(self.workers, [Worker::Idle, _]) {
            self.workers.swap(0, 1);
        }
    }

    fn idle(&self) -> Option<usize> {
        self.workers.iter().position(|worker| *worker == Worker::Idle)
    }

    fn take_up(&mut self, heard: Heard) {
        let row = self.row.clone();
        if let Some(place) = self.idle() {
            self.set(place, Worker::Read(row, heard));
        }
    }

    /// The store parks the end of a token that nobody here knows, and hands it over once it is known.
    fn park(&mut self, turn: &Transition, heard: Heard) {
        let stranger = TokenEvent::Ignored { why: Unfit::NotOurs };
        if let Heard::Notice(Notice::Cancelled(generation)) = heard
            && turn.events.contains(&stranger)
        {
            self.parked.push(generation);
        }
        let known = turn.next.token().map(|token| generation_of(token.access_token.expose()));
        if let Some(place) = self.parked.iter().position(|parked| Some(*parked) == known) {
            self.parked.remove(place);
            self.net.extend(known.map(|known| Message::Notice(Notice::Cancelled(known))));
        }
    }

    fn set(&mut self, place: usize, worker: Worker) {
        if let Some(slot) = self.workers.get_mut(place) {
            *slot = worker;
        }
    }
}

impl Tokens {
    pub(super) fn possible(&self, moment: &Moment, acts: &mut Vec<Act>) {
        let grant = moment.row.grant();
        let due = grant.due().is_some_and(|due| due <= at(moment.now));
        if moment.idle().is_some() {
            if moment.left.revoke && matches!(grant.state(), GrantState::Active | GrantState::Refreshing) {
                acts.push(Act::Revoke);
            }
            if due {
                acts.push(Act::Tick);
            }
        }
        for (place, worker) in moment.workers.iter().enumerate() {
            match worker {
                Worker::Idle => continue,
                Worker::Read(..) => acts.push(Act::Commit(place)),
                Worker::Bound(..) => acts.push(Act::Send(place)),
                Worker::Waits(_, number) => {
                    let under_way = moment.net.iter().any(|message| message.is_of(*number));
                    if !under_way || moment.left.losses > 0 {
                        acts.push(Act::GiveUp(place));
                    }
                }
            }
            if moment.left.crashes > 0 {
                acts.push(Act::Crash(place));
            }
        }
        for (place, message) in moment.net.iter().enumerate() {
            if place > 0 && moment.net.get(place - 1) == Some(message) {
                continue;
            }
            if !matches!(message, Message::Notice(_)) || moment.idle().is_some() {
                acts.push(Act::Deliver(place));
                if moment.left.doubles > 0 {
                    acts.push(Act::Double(place));
                }
            }
            if moment.left.losses > 0 && message.can_be_lost() {
                acts.push(Act::Lose(place));
            }
        }
        let seen = moment.office.asked && moment.left.codes > 0;
        if seen && !moment.office.live {
            acts.push(Act::Authorize);
        }
        if moment.office.live && moment.left.buyer_cancels {
            acts.push(Act::BuyerCancels);
        }
        let quiet =
            moment.net.is_empty() && moment.workers.iter().all(|worker| *worker == Worker::Idle) && !due;
        if let (true, Some(due)) = (quiet, grant.due()) {
            acts.push(Act::Pass(due.as_millis()));
        }
    }

    pub(super) fn happen(&self, moment: &mut Moment, act: Act) {
        match act {
            Act::Revoke => {
                moment.left.revoke = false;
                moment.take_up(Heard::Revoke);
            }
            Act::Tick => moment.take_up(Heard::Tick),
            Act::Commit(place) => self.commit(moment, place),
            Act::Send(place) => {
                let Some(Worker::Bound(wanted)) = moment.workers.get(place).cloned() else { return };
                moment.calls = moment.calls.saturating_add(1);
                let number = moment.calls;
                moment.net.push(Message::Request(wanted, number));
                moment.set(place, Worker::Waits(wanted, number));
            }
            Act::GiveUp(place) => {
                let Some(Worker::Waits(wanted, number)) = moment.workers.get(place).cloned() else { return };
                if moment.net.iter().any(|message| message.is_of(number)) {
                    moment.left.losses -= 1;
                }
                let row = moment.row.clone();
                moment.set(place, Worker::Read(row, Heard::Answer(wanted, None)));
            }
            Act::Crash(place) => {
                moment.left.crashes -= 1;
                let lost = moment.workers.get(place).cloned();
                moment.set(place, Worker::Idle);
                match lost {
                    // It was not acknowledged, so it comes again.
                    Some(Worker::Read(_, Heard::Notice(notice))) => moment.net.push(Message::Notice(notice)),
                    // A person whose click was lost clicks again.
                    Some(Worker::Read(_, Heard::Revoke)) => moment.left.revoke = true,
                    _ => {}
                }
            }
            Act::Deliver(place) => {
                let message = moment.net.remove(place);
                self.arrive(moment, message);
            }
            Act::Double(place) => {
                moment.left.doubles -= 1;
                if let Some(message) = moment.net.get(place).cloned() {
                    self.arrive(moment, message);
                }
            }
            Act::Lose(place) => {
                moment.left.losses -= 1;
                moment.net.remove(place);
            }
            Act::Authorize => {
                moment.left.codes -= 1;
                let number = u8::try_from(moment.office.codes.len()).unwrap_or(u8::MAX);
                moment.office.codes.push(moment.now);
                moment.net.push(Message::Notice(Notice::Code(number, moment.now)));
            }
            Act::BuyerCancels => {
                moment.left.buyer_cancels = false;
                moment.office.live = false;
                moment.net.push(Message::Notice(Notice::Cancelled(moment.office.generation)));
            }
            Act::Pass(to) => moment.now = to,
        }
    }

    fn arrive(&self, moment: &mut Moment, message: Message) {
        match message {
            Message::Request(wanted, number) => {
                let (said, notice) = moment.office.serve(wanted, moment.now, self.repeats);
                moment.net.push(Message::Answer(wanted, number, said));
                moment.net.extend(notice.map(Message::Notice));
            }
            Message::Answer(wanted, number, said) => {
                let waits = |worker: &Worker| matches!(worker, Worker::Waits(_, known) if *known == number);
                if let Some(place) = moment.workers.iter().position(waits) {
                    let row = moment.row.clone();
                    moment.set(place, Worker::Read(row, Heard::Answer(wanted, Some(said))));
                }
            }
            Message::Notice(notice) => moment.take_up(Heard::Notice(notice)),
        }
    }

    fn commit(&self, moment: &mut Moment, place: usize) {
        let Some(Worker::Read(row, heard)) = moment.workers.get(place).cloned() else { return };
        if row != moment.row {
            let row = moment.row.clone();
            return moment.set(place, Worker::Read(row, heard));
        }
        moment.set(place, Worker::Idle);
        let input = match &heard {
            Heard::Tick => Input::Tick,
            Heard::Revoke => Input::Revoke,
            Heard::Answer(wanted, said) => answered(&self.client, *wanted, *said),
            Heard::Notice(notice) => noticed(&self.client, *notice),
        };
        let before = row.grant().state().clone();
        let Ok(turn) = row.grant().apply(&input, at(moment.now)) else { return };
        moment.broken = check_step(&before, &turn, at(moment.now));
        moment.told |= turn.events.iter().any(tells);
        moment.park(&turn, heard);
        if let Some(wanted) = call_of(&turn.step) {
            moment.set(place, Worker::Bound(wanted));
        }
        moment.row = Row::of(turn.next);
    }
}

/// Whether an event tells that a token may live which nobody here knows.
fn tells(event: &TokenEvent) -> bool {
    matches!(
        event,
        TokenEvent::Ended { why: EndReason::Orphaned | EndReason::RevokeUnproven | EndReason::Expired }
    )
}

fn call_of(step: &NextStep) -> Option<Wanted> {
    Some(match step {
        NextStep::Consult => Wanted::Consult,
        NextStep::Apply { auth_code } => Wanted::Apply(generation_of(auth_code.expose())),
        NextStep::Refresh { refresh_token } => Wanted::Refresh(generation_of(refresh_token.expose())),
        NextStep::Revoke { access_token } => Wanted::Revoke(generation_of(access_token.expose())),
        _ => return None,
    })
}

/// The rule that a step breaks.
fn check_step(before: &GrantState, turn: &Transition, now: UnixTime) -> Option<&'static str> {
    let after = turn.next.state();
    let dying = matches!(before, GrantState::Revoking);
    if dying && matches!(turn.step, NextStep::Refresh { .. } | NextStep::Apply { .. }) {
        return Some("a stored revocation stops refreshes");
    }
    if dying && turn.next.usable(now).is_some() {
        return Some("a stored revocation stops pays");
    }
    let ended = matches!(before, GrantState::Ended { .. });
    let heals = GrantState::Ended { why: EndReason::Orphaned };
    let heals = *before == heals
        || matches!(before, GrantState::Ended { why: EndReason::CodeRefused { .. } | EndReason::Expired });
    if ended && !heals && matches!(after, GrantState::Active | GrantState::Refreshing | GrantState::Applying)
    {
        return Some("what is over stays over");
    }
    None
}
