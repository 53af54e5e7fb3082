//! How objects are found by other names than their own, and what will happen to them by themselves.

use std::collections::{BTreeMap, BTreeSet};

use antom_core::time::UnixTime;

use super::super::kept::Kept;

/// Something that will happen by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Timer {
    PaymentExpires(String),
    RefundDone {
        payment: String,
        refund: String,
    },
    AuthorizationExpires(String),
    DisputeAlert(String),
    DisputeEnds(String),
    VaultingExpires(String),
    /// A subscription is debited, ends, or was not agreed to in time.
    SubscriptionTurns(String),
}

/// A name that leads to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    PaymentOfRequest,
    PaymentOfCapture,
    PaymentOfRefund,
    PaymentOfRefundRequest,
    PaymentOfPage,
    AuthorizationOfState,
    AuthorizationOfCode,
    /// From the code or refresh token that it was given for.
    TokenOfSpent,
    TokenOfRefresh,
    VaultingOfPage,
    SubscriptionOfRequest,
    SubscriptionOfPage,
}

/// What is kept.
pub(super) trait Object {
    /// Its own name.
    fn id(&self) -> &str;
    /// Its other names.
    fn links(&self) -> Vec<(Link, &str)> {
        Vec::new()
    }
    /// What will happen to it as it stands.
    fn timers(&self) -> Vec<(UnixTime, Timer)> {
        Vec::new()
    }
}

/// The names and timers of everything. They follow from the objects.
#[derive(Debug, Default)]
pub(super) struct Index {
    links: BTreeMap<Link, BTreeMap<String, String>>,
    timers: BTreeSet<(UnixTime, Timer)>,
}

impl Index {
    pub(super) fn find(&self, link: Link, name: &str) -> Option<&str> {
        self.links.get(&link)?.get(name).map(String::as_str)
    }

    pub(super) fn next_timer(&self) -> Option<UnixTime> {
        self.timers.first().map(|(at, _)| *at)
    }

    pub(super) fn pop_timer(&mut self) -> Option<(UnixTime, Timer)> {
        self.timers.pop_first()
    }

    /// Takes an object in, or in the place of the one with its id; forgets those that had to go.
    pub(super) fn put<T: Object>(&mut self, kept: &mut Kept<T>, object: T) {
        let id = object.id().to_owned();
        if let Some(before) = kept.get(&id) {
            self.forget(before);
        }
        self.learn(&object);
        for gone in kept.insert(&id, object) {
            self.forget(&gone);
        }
    }

    pub(super) fn remove<T: Object>(&mut self, kept: &mut Kept<T>, id: &str) {
        if let Some(gone) = kept.remove(id) {
            self.forget(&gone);
        }
    }

    /// Changes an object, if it is there.
    pub(super) fn alter<T: Object>(&mut self, kept: &mut Kept<T>, id: &str, change: impl FnOnce(&mut T)) {
        let Some(object) = kept.get_mut(id) else { return };
        self.forget(object);
        change(object);
        self.learn(object);
    }

    fn learn(&mut self, object: &impl Object) {
        for (link, name) in object.links() {
            self.links.entry(link).or_default().insert(name.to_owned(), object.id().to_owned());
        }
        self.timers.extend(object.timers());
    }

    fn forget(&mut self, object: &impl Object) {
        for (link, name) in object.links() {
            if let Some(names) = self.links.get_mut(&link)
                && names.get(name).is_some_and(|id| id == object.id())
            {
                names.remove(name);
            }
        }
        for timer in object.timers() {
            self.timers.remove(&timer);
        }
    }
}
