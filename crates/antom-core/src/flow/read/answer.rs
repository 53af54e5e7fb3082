use crate::call::Reply;
use crate::flow::fact::Answer;
use crate::outcome::{CallError, Outcome};

/// What a call came to, with the fact its answer is. A call that failed before anything left this machine
/// is [`Answer::NotSent`].
pub(super) fn answer<T, F>(call: &Result<Outcome<T>, CallError>, read: impl Fn(&Reply<T>) -> F) -> Answer<F> {
    match call {
        Ok(Outcome::Completed(reply)) => Answer::Done(read(reply)),
        Ok(Outcome::Accepted(reply)) => Answer::Accepted(read(reply)),
        Ok(Outcome::Declined(declined)) => {
            Answer::Refused { fact: read(&declined.reply), first_send: declined.first_send }
        }
        Ok(Outcome::Unresolved(_)) => Answer::Unresolved,
        Err(_) => Answer::NotSent,
    }
}
