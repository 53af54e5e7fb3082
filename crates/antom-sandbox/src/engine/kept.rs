//! Objects by their ids, so many at most.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Objects by their ids, the oldest first. Nothing here grows beyond what it was made for.
#[derive(Debug)]
pub(super) struct Kept<T> {
    max: usize,
    objects: BTreeMap<String, T>,
    age: VecDeque<String>,
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
        Self { max: max.max(1), objects: BTreeMap::new(), age: VecDeque::new(), touched: None }
    }

    pub(super) fn get(&self, id: &str) -> Option<&T> {
        self.objects.get(id)
    }

    /// The object, which may change.
    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let object = self.objects.get_mut(id)?;
        touch(&mut self.touched, id);
        Some(object)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.objects.values()
    }

    pub(super) fn is_full(&self) -> bool {
        self.objects.len() >= self.max
    }

    /// The oldest one.
    pub(super) fn oldest(&self) -> Option<(&str, &T)> {
        let id = self.age.front()?;
        Some((id, self.objects.get(id)?))
    }

    /// Takes the oldest one for the youngest.
    pub(super) fn spare_oldest(&mut self) {
        if !self.age.is_empty() {
            self.age.rotate_left(1);
        }
    }

    /// Takes one in, or puts it in the place of the one with its id. Gives those that had to go for it.
    pub(super) fn insert(&mut self, id: &str, object: T) -> Vec<T> {
        let mut gone = Vec::new();
        if !self.objects.contains_key(id) {
            while self.is_full() {
                let Some(oldest) = self.age.front().cloned() else { break };
                gone.extend(self.remove(&oldest));
            }
            self.age.push_back(id.to_owned());
        }
        touch(&mut self.touched, id);
        self.objects.insert(id.to_owned(), object);
        gone
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        let object = self.objects.remove(id)?;
        touch(&mut self.touched, id);
        match self.age.front() {
            Some(oldest) if oldest == id => drop(self.age.pop_front()),
            _ => self.age.retain(|known| known != id),
        }
        Some(object)
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
        touched.into_iter().map(|id| (id.clone(), self.objects.get(&id))).collect()
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
