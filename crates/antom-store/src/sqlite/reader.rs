use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use futures_channel::oneshot;
use rusqlite::Connection;

use super::SqliteOptions;
use super::connection::reading;
use super::session::SqliteSession;
use crate::error::StoreError;

type Job = Box<dyn FnOnce(&mut SqliteSession<'_>) + Send>;

/// The threads that read.
#[derive(Clone)]
pub(super) struct Readers {
    jobs: Sender<Job>,
}

impl Readers {
    pub(super) fn start(path: &Path, options: &SqliteOptions) -> Result<Self, StoreError> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..options.readers {
            let (connection, queue) = (reading(path, options)?, Arc::clone(&queue));
            thread::Builder::new()
                .name("antom-sqlite-reader".into())
                .spawn(move || read(&connection, &queue))
                .map_err(|error| StoreError::Backend {
                    step: "starting a reader",
                    source: Box::new(error),
                })?;
        }
        Ok(Self { jobs })
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SqliteSession<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let gone = || StoreError::Backend { step: "reading from SQLite", source: "the readers ended".into() };
        let job: Job = Box::new(move |session| {
            // Who asked may have gone.
            let _ = answer.send(work(session));
        });
        self.jobs.send(job).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

/// Goes on until every handle is gone.
fn read(connection: &Connection, queue: &Mutex<Receiver<Job>>) {
    let mut session = SqliteSession::new(connection, None);
    loop {
        // One thread waits at the queue, the others for the lock: whoever has a job lets go of it first.
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(&mut session),
            Err(_) => return,
        }
    }
}
