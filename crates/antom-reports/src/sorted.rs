use crate::reconcile::OursKind;
use crate::theirs::Theirs;

/// Rows by kind and request id; those of the same id stay in the files' order.
#[derive(Debug)]
pub(crate) struct Sorted {
    /// In the files' order. Rows are large, so they stay where they are until they are taken.
    rows: Vec<Option<Theirs>>,
    order: std::vec::IntoIter<Place>,
}

/// A row's kind, the begin of its id, and where it stands. Most comparisons need look nowhere else in memory.
type Place = (Option<OursKind>, [u64; 2], usize);

impl Sorted {
    pub(crate) fn new(rows: Vec<Theirs>) -> Self {
        let mut order: Vec<Place> = Vec::with_capacity(rows.len());
        order.extend(rows.iter().map(Theirs::key).enumerate().map(|(at, (kind, id))| (kind, begin(id), at)));
        let id = |at: usize| rows.get(at).map(|row| row.key().1);
        order.sort_unstable_by(|a, b| {
            (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| id(a.2).cmp(&id(b.2))).then_with(|| a.2.cmp(&b.2))
        });
        Self { rows: rows.into_iter().map(Some).collect(), order: order.into_iter() }
    }

    /// The next row.
    pub(crate) fn peek(&self) -> Option<&Theirs> {
        let (_, _, at) = self.order.as_slice().first()?;
        self.rows.get(*at)?.as_ref()
    }

    /// Takes the next row if it is as it should be.
    pub(crate) fn next_if(&mut self, is: impl FnOnce(&Theirs) -> bool) -> Option<Theirs> {
        self.peek().is_some_and(is).then(|| self.next())?
    }
}

impl Iterator for Sorted {
    type Item = Theirs;

    fn next(&mut self) -> Option<Theirs> {
        let (_, _, at) = self.order.next()?;
        self.rows.get_mut(at)?.take()
    }
}

/// The first sixteen bytes as numbers of the same order.
fn begin(id: &str) -> [u64; 2] {
    let mut begin = [[0; 8]; 2];
    for (place, byte) in begin.as_flattened_mut().iter_mut().zip(id.bytes()) {
        *place = byte;
    }
    begin.map(u64::from_be_bytes)
}
