use core::fmt;
use core::future::Future;
use core::pin::Pin;

use crate::error::StoreError;
use crate::rows::Subject;

/// A row that is held under a lease and not read yet.
///
/// Each is opened by itself, so that one that cannot be, such as a row under a key that is gone, fails alone
/// and holds nothing else up.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::block_on;
/// use antom_store::{Claimed, Subject};
///
/// # block_on(async {
/// // A row of a backend in memory, and one that is decrypted when it is opened.
/// let subject = Subject::Order("ORDER-1".into());
/// assert_eq!(Claimed::open_row(subject.clone(), 1).open().await?, 1);
/// let sealed = Claimed::sealed_row(subject.clone(), |_| async { Ok(2) });
/// assert_eq!(sealed.subject(), &subject);
/// assert_eq!(sealed.open().await?, 2);
/// # Ok(()) });
/// ```
pub struct Claimed<T> {
    subject: Subject,
    form: Form<T>,
}

enum Form<T> {
    Open(T),
    Sealed(Opening<T>),
}

/// Begun only when the row is opened: a future that waits in a batch is larger than what it is made of.
type Opening<T> =
    Box<dyn FnOnce(Subject) -> Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>> + Send>;

impl<T> Claimed<T> {
    /// A row of a backend that keeps it as it is.
    #[must_use]
    pub fn open_row(subject: Subject, row: T) -> Self {
        Self { subject, form: Form::Open(row) }
    }

    /// A row that is decrypted and read when it is opened.
    #[must_use]
    pub fn sealed_row<F>(subject: Subject, open: impl FnOnce(Subject) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<T, StoreError>> + Send + 'static,
    {
        Self { subject, form: Form::Sealed(Box::new(move |subject| Box::pin(open(subject)))) }
    }

    /// What the row is about.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Reads the row.
    ///
    /// # Errors
    ///
    /// It cannot be decrypted, or it was written by a newer program. It stays held until the lease ends.
    pub async fn open(self) -> Result<T, StoreError> {
        match self.form {
            Form::Open(row) => Ok(row),
            Form::Sealed(open) => open(self.subject).await,
        }
    }
}

/// Says what it is about, and not what is in it.
impl<T> fmt::Debug for Claimed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed").field("subject", &self.subject).finish_non_exhaustive()
    }
}
