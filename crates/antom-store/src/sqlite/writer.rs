use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use futures_channel::oneshot;

use super::SqliteOptions;
use super::connection::writing;
use super::session::SqliteSession;
use crate::error::StoreError;

/// The most jobs of one transaction: enough that the disk is not the limit, few enough that nobody waits long.
const MOST: usize = 128;

/// The thread that writes.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: Sender<Box<dyn Job>>,
}

/// Told once the transaction is on the disk, or is not.
type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Something to do in a transaction, with whom to tell.
trait Job: Send {
    /// Does it; says whether what was written is kept.
    fn run(self: Box<Self>, session: &mut SqliteSession<'_>) -> (bool, Tell);
    /// It cannot be done.
    fn refuse(self: Box<Self>, error: StoreError);
}

struct Task<W, T> {
    work: W,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Job for Task<W, T>
where
    W: FnMut(&mut SqliteSession<'_>) -> Result<Done<T>, StoreError> + Send + 'static,
    T: Send + 'static,
{
    fn run(self: Box<Self>, session: &mut SqliteSession<'_>) -> (bool, Tell) {
        let Self { mut work, answer } = *self;
        let (keep, result) = match work(session) {
            Ok(Done::Keep(value)) => (true, Ok(value)),
            Ok(Done::Undo(value)) => (false, Ok(value)),
            Err(error) => (false, Err(error)),
        };
        let tell = move |committed: Result<(), StoreError>| {
            // Who asked may have gone.
            let _ = answer.send(result.and_then(|value| committed.map(|()| value)));
            // What was written is freed when nobody waits for it any more.
            drop(work);
        };
        (keep, Box::new(tell))
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.answer.send(Err(error));
    }
}

/// What work came to.
pub(super) enum Done<T> {
    /// What was written is kept.
    Keep(T),
    /// What was written is undone.
    Undo(T),
}

impl Writer {
    pub(super) fn start(path: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        let connection = writing(path, options)?;
        let (jobs, queue) = channel();
        let probe = options.probe.clone();
        thread::Builder::new()
            .name("antom-sqlite-writer".into())
            .spawn(move || write(SqliteSession::new(&connection, probe.as_ref()), &queue))
            .map_err(|error| StoreError::Backend { step: "starting the writer", source: Box::new(error) })?;
        Ok(Self { jobs })
    }

    /// Does work in the next transaction; answers when it is on the disk. The work is on its way when this
    /// returns.
    pub(super) fn run<T, W>(&self, work: W) -> impl Future<Output = Result<T, StoreError>> + Send + use<T, W>
    where
        W: FnMut(&mut SqliteSession<'_>) -> Result<Done<T>, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // Where it is not sent, the answer's sender is dropped with it.
        let _ = self.jobs.send(Box::new(Task { work, answer }));
        async {
            answered.await.map_err(|_| StoreError::Backend {
                step: "writing to SQLite",
                source: "the writer's thread ended".into(),
            })?
        }
    }
}

/// Goes on until every handle is gone.
fn write(mut session: SqliteSession<'_>, queue: &Receiver<Box<dyn Job>>) {
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        jobs.extend(queue.try_iter().take(MOST - 1));
        transaction(&mut session, jobs);
    }
}

/// One durable transaction for all jobs. One that fails is undone by itself and the others go on; what ends
/// the transaction ends all of it.
fn transaction(session: &mut SqliteSession<'_>, jobs: Vec<Box<dyn Job>>) {
    let mut jobs = jobs.into_iter();
    let mut tells = Vec::with_capacity(jobs.len());
    let done = session
        .say("beginning a transaction", "BEGIN IMMEDIATE")
        .and_then(|()| work(session, &mut jobs, &mut tells))
        .and_then(|kept| match kept {
            true => session.say("committing", "COMMIT"),
            false => session.say("undoing a transaction", "ROLLBACK"),
        });
    if done.is_err() && !session.connection.is_autocommit() {
        // If this fails, too, the beginning of the next transaction says so.
        let _ = session.say("undoing a transaction", "ROLLBACK");
    }
    for tell in tells {
        tell(match &done {
            Ok(()) => Ok(()),
            Err(error) => Err(error.again()),
        });
    }
    if let Err(error) = &done {
        jobs.for_each(|job| job.refuse(error.again()));
    }
}

/// Does the jobs; whether anything of it is to be kept.
fn work(
    session: &mut SqliteSession<'_>,
    jobs: &mut std::vec::IntoIter<Box<dyn Job>>,
    tells: &mut Vec<Tell>,
) -> Result<bool, StoreError> {
    let alone = jobs.len() == 1;
    let mut kept = false;
    while jobs.len() > 0 {
        if !alone {
            session.say("beginning a change", "SAVEPOINT change")?;
        }
        let Some(job) = jobs.next() else { break };
        let (keep, tell) = job.run(session);
        tells.push(tell);
        kept |= keep;
        // A failure such as a full disk may have ended the whole transaction: nothing more may be written.
        if session.connection.is_autocommit() {
            return Err(StoreError::Backend {
                step: "writing to SQLite",
                source: "the transaction was ended by a failure; nothing of it was written".into(),
            });
        }
        if !alone {
            if !keep {
                session.say("undoing a change", "ROLLBACK TO change")?;
            }
            session.say("ending a change", "RELEASE change")?;
        }
    }
    Ok(kept)
}
