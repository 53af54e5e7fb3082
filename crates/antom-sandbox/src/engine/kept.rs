//! Objects by their ids, so many at most.

use std::collections::{BTreeMap, BTreeSet};

/// Objects by their ids. Nothing here grows beyond what it was made for: the oldest goes for a new one.
#[derive(Debug)]
pub(super) struct Kept<T> {
    max: usize,
    /// Each with its place in the order of age.
    objects: BTreeMap<String, (u64, T)>,
    age: BTreeMap<u64, String>,
    /// The ids of what changed since somebody asked last; only while somebody asks.
    touched: Option<BTreeSet<String>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self::new(1)
    }
}

impl<T> Kept<T> {
    /// Room for so many, one at least.
    pub(super) fn new(max: usize) -> Self {
        Self { max: max.max(1), objects: BTreeMap::new(), age: BTreeMap::new(), touched: None }
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.objects.get(id).map(|(_, object)| object)
    }

    /// The object, which may change.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let (_, object) = self.objects.get_mut(id)?;
        touch(&mut self.touched, id);
        Some(object)
    }

    /// All of them, in the order of their ids.
    pub(super) fn values(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.objects.values().map(|(_, object)| object)
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= self.max
    }

    /// The oldest one.
    pub(super) fn oldest(&self) -> Option<(&str, &T)> {
        let (_, id) = self.age.first_key_value()?;
        Some((id, self.get(id)?))
    }

    /// Takes the oldest one for the youngest.
    pub(super) fn spare_oldest(&mut self) {
        let place = self.next_place();
        if let Some((_, id)) = self.age.pop_first()
            && let Some((known, _)) = self.objects.get_mut(&id)
        {
            *known = place;
            self.age.insert(place, id);
        }
    }

    /// Takes one in, or puts it in the place of the one with its id. Gives those that had to go for it.
    pub(super) fn insert(&mut self, id: &str, object: T) -> Vec<T> {
        touch(&mut self.touched, id);
        if let Some((_, known)) = self.objects.get_mut(id) {
            *known = object;
            return Vec::new();
        }
        let mut gone = Vec::new();
        while self.is_full() {
            let Some((_, oldest)) = self.age.pop_first() else { break };
            gone.extend(self.objects.remove(&oldest).map(|(_, object)| object));
            touch(&mut self.touched, &oldest);
        }
        let place = self.next_place();
        self.age.insert(place, id.to_owned());
        self.objects.insert(id.to_owned(), (place, object));
        gone
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        let (place, object) = self.objects.remove(id)?;
        self.age.remove(&place);
        touch(&mut self.touched, id);
        Some(object)
    }

    fn next_place(&self) -> u64 {
        self.age.last_key_value().map_or(0, |(last, _)| last.saturating_add(1))
    }

    /// Begins to take note of changes.
    #[cfg(feature = "state-file")]
    pub(super) fn watch(&mut self) {
        self.touched.get_or_insert_default();
    }

    /// What changed since the last call; `None` for what is gone.
    #[cfg(feature = "state-file")]
    pub(super) fn take_touched(&mut self) -> Vec<(String, Option<&T>)> {
        let touched = self.touched.as_mut().map(std::mem::take).unwrap_or_default();
        touched.into_iter().map(|id| (id.clone(), self.get(&id))).collect()
    }
}

fn touch(touched: &mut Option<BTreeSet<String>>, id: &str) {
    if let Some(touched) = touched {
        touched.insert(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_makes_room() {
        let mut kept = Kept::new(2);
        assert!(kept.insert("a", 1).is_empty());
        assert!(kept.insert("b", 2).is_empty());
        assert!(kept.insert("a", 3).is_empty(), "it has its place already");
        assert_eq!(kept.insert("c", 4), [3]);
        assert_eq!((kept.get("a"), kept.get("b"), kept.get("c")), (None, Some(&2), Some(&4)));
        kept.spare_oldest();
        assert_eq!(kept.oldest(), Some(("c", &4)));
        assert_eq!(kept.remove("b"), Some(2));
        assert_eq!((kept.remove("b"), kept.values().count()), (None, 1));
        assert_eq!(kept.insert("d", 5), Vec::<i32>::new());
        assert_eq!(kept.insert("e", 6), [4]);
    }

    #[cfg(feature = "state-file")]
    #[test]
    fn changes_are_told_once() {
        let mut kept = Kept::new(2);
        kept.insert("unseen", 0);
        kept.watch();
        kept.insert("a", 1);
        kept.insert("b", 2);
        *kept.get_mut("b").unwrap() = 3;
        let ids = |kept: &mut Kept<i32>| -> Vec<(String, Option<i32>)> {
            kept.take_touched().into_iter().map(|(id, value)| (id, value.copied())).collect()
        };
        let expected = [("a", Some(1)), ("b", Some(3)), ("unseen", None)];
        assert_eq!(ids(&mut kept), expected.map(|(id, value)| (id.to_owned(), value)));
        assert!(ids(&mut kept).is_empty());
        assert_eq!(kept.get("b"), Some(&3));
        assert!(ids(&mut kept).is_empty(), "looking changes nothing");
    }
}
