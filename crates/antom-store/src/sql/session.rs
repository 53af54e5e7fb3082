use antom_core::time::UnixTime;

use crate::error::StoreError;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
    /// Several numbers at once, for [`Session::meeting`].
    Ints(&'a [i64]),
}

impl<'a> Value<'a> {
    pub(crate) fn time(time: UnixTime) -> Self {
        Self::Int(time.as_millis())
    }

    pub(crate) fn or_null<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, make)
    }

    pub(crate) fn text(text: Option<&'a str>) -> Self {
        Self::or_null(text, Value::Text)
    }

    pub(crate) fn maybe_time(time: Option<UnixTime>) -> Self {
        Self::or_null(time, Self::time)
    }

    pub(crate) fn flag(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

/// A value that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row that was read, taken apart from the front.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cells(std::vec::IntoIter<Cell>);

impl From<Vec<Cell>> for Cells {
    fn from(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }
}

/// A column has another type than its table says.
#[derive(Debug, thiserror::Error)]
#[error("a column of the result has another type than its table says")]
struct Misread;

fn misread() -> StoreError {
    StoreError::Backend { step: "reading a row", source: Box::new(Misread) }
}

impl Cells {
    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.maybe_int()?.ok_or_else(misread)
    }

    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Cell::Int(number)) => Ok(Some(number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(misread()),
        }
    }

    /// A number that is never below zero.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.int()?).map_err(|_| misread())
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<UnixTime>, StoreError> {
        Ok(self.maybe_int()?.map(UnixTime::from_millis))
    }

    pub(crate) fn time(&mut self) -> Result<UnixTime, StoreError> {
        Ok(UnixTime::from_millis(self.int()?))
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or_else(misread)
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            _ => Err(misread()),
        }
    }

    pub(crate) fn blob(&mut self) -> Result<Vec<u8>, StoreError> {
        self.maybe_blob()?.ok_or_else(misread)
    }

    pub(crate) fn maybe_blob(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0.next() {
            Some(Cell::Blob(bytes)) => Ok(Some(bytes)),
            Some(Cell::Null) => Ok(None),
            _ => Err(misread()),
        }
    }
}

/// Statements with their values, one after another.
#[derive(Debug)]
pub(crate) struct Batch<'a> {
    /// Each with the place where its values end.
    statements: Vec<(&'static str, usize)>,
    values: Vec<Value<'a>>,
}

impl<'a> Batch<'a> {
    /// With room for what a change of an order writes.
    pub(crate) fn new() -> Self {
        Self { statements: Vec::with_capacity(16), values: Vec::with_capacity(64) }
    }

    pub(crate) fn add<const N: usize>(&mut self, sql: &'static str, values: [Value<'a>; N]) {
        self.values.extend(values);
        self.statements.push((sql, self.values.len()));
    }

    pub(crate) fn len(&self) -> usize {
        self.statements.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &[Value<'a>])> {
        let mut start = 0;
        self.statements.iter().map(move |&(sql, end)| {
            let first = core::mem::replace(&mut start, end);
            (sql, self.values.get(first..end).unwrap_or_default())
        })
    }
}

/// What a statement came to.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// How many rows it wrote, if it gives none.
    pub(crate) written: u64,
    /// The rows it gives.
    pub(crate) rows: Vec<Cells>,
}

/// A connection in whatever transaction its owner began. Statements of one session run one after another.
///
/// Its futures need not be `Send`: a connection to SQLite stays on its thread.
pub(crate) trait Session {
    /// Runs statements one after another. A database behind a network is sent all of them before the first is
    /// answered.
    async fn run_all(&mut self, statements: &Batch<'_>) -> Result<Vec<Ran>, StoreError>;

    /// Runs a statement.
    async fn run(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Ran, StoreError> {
        let one = Batch { statements: vec![(sql, values.len())], values: values.to_vec() };
        Ok(self.run_all(&one).await?.pop().unwrap_or_default())
    }

    /// Runs a statement; how many rows it wrote.
    async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(self.run(sql, values).await?.written)
    }

    /// Runs a statement that gives rows.
    async fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Cells>, StoreError> {
        Ok(self.run(sql, values).await?.rows)
    }

    /// The time by which leases go: the caller's, unless the database has a clock that all processes share.
    async fn now(&mut self, callers: UnixTime) -> Result<UnixTime, StoreError>;

    /// The statement that makes changes that make one of these keys known, and changes that park something
    /// under one of them, wait for each other. None for a database with one writer.
    fn meeting(&self) -> Option<&'static str> {
        None
    }

    /// The statement that claims due rows of a table.
    fn claim_states(&self, table: super::Table) -> &'static str {
        table.statements().claim
    }

    /// The statement that appends an event.
    fn put_event(&self) -> &'static str {
        super::statements::PUT_EVENT
    }
}
