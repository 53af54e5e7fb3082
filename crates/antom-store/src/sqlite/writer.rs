use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use futures_channel::oneshot;
use rusqlite::Connection;

use super::connection::{failed, writing};
use super::session::SqliteSession;
use super::{Probe, SqliteOptions};
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
    W: FnOnce(&mut SqliteSession<'_>) -> Result<Done<T>, StoreError> + Send,
    T: Send + 'static,
{
    fn run(self: Box<Self>, session: &mut SqliteSession<'_>) -> (bool, Tell) {
        let Self { work, answer } = *self;
        let (keep, result) = match work(session) {
            Ok(Done::Keep(value)) => (true, Ok(value)),
            Ok(Done::Undo(value)) => (false, Ok(value)),
            Err(error) => (false, Err(error)),
        };
        let tell = move |committed: Result<(), StoreError>| {
            // Who asked may have gone.
            let _ = answer.send(result.and_then(|value| committed.map(|()| value)));
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
            .spawn(move || write(connection, &queue, probe.as_ref()))
            .map_err(|error| StoreError::Backend { step: "starting the writer", source: Box::new(error) })?;
        Ok(Self { jobs })
    }

    /// Does work in the next transaction; answers when it is on the disk.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<Done<T>, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone =
            || StoreError::Backend { step: "writing to SQLite", source: "the writer's thread ended".into() };
        self.jobs.send(Box::new(Task { work, answer })).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Goes on until every handle is gone.
fn write(mut connection: Connection, queue: &Receiver<Box<dyn Job>>, probe: Option<&Probe>) {
    while let Ok(first) = queue.recv() {
        let mut jobs = vec![first];
        jobs.extend(queue.try_iter().take(MOST - 1));
        Transaction { connection: &mut connection, probe }.run(jobs);
    }
}

struct Transaction<'a> {
    connection: &'a mut Connection,
    probe: Option<&'a Probe>,
}

impl Transaction<'_> {
    fn say(&self, step: &'static str, sql: &str) -> Result<(), StoreError> {
        if let Some(probe) = self.probe {
            probe();
        }
        let run = |sql| self.connection.prepare_cached(sql)?.execute([]);
        run(sql).map(drop).map_err(|error| failed(step, error))
    }

    /// One durable transaction for all jobs. One that fails is undone by itself and the others go on; what ends
    /// the transaction ends all of it.
    fn run(&mut self, jobs: Vec<Box<dyn Job>>) {
        let mut jobs = jobs.into_iter();
        let mut tells = Vec::with_capacity(jobs.len());
        let done = self
            .say("beginning a transaction", "BEGIN IMMEDIATE")
            .and_then(|()| self.work(&mut jobs, &mut tells))
            .and_then(|kept| match kept {
                true => self.say("committing", "COMMIT"),
                false => self.say("undoing a transaction", "ROLLBACK"),
            });
        if done.is_err() && !self.connection.is_autocommit() {
            // If this fails, too, the beginning of the next transaction says so.
            let _ = self.say("undoing a transaction", "ROLLBACK");
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
        &mut self,
        jobs: &mut std::vec::IntoIter<Box<dyn Job>>,
        tells: &mut Vec<Tell>,
    ) -> Result<bool, StoreError> {
        let alone = jobs.len() == 1;
        let mut kept = false;
        while jobs.len() > 0 {
            if !alone {
                self.say("beginning a change", "SAVEPOINT change")?;
            }
            let Some(job) = jobs.next() else { break };
            let (keep, tell) =
                job.run(&mut SqliteSession { connection: &mut *self.connection, probe: self.probe });
            tells.push(tell);
            kept |= keep;
            // A failure such as a full disk may have ended the whole transaction: nothing more may be written.
            if self.connection.is_autocommit() {
                return Err(StoreError::Backend {
                    step: "writing to SQLite",
                    source: "the transaction was ended by a failure; nothing of it was written".into(),
                });
            }
            if !alone {
                if !keep {
                    self.say("undoing a change", "ROLLBACK TO change")?;
                }
                self.say("ending a change", "RELEASE change")?;
            }
        }
        Ok(kept)
    }
}
