use core::future::poll_fn;
use core::task::{Poll, Waker};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Wakes who waits, in one process, for any runtime. Ringing is remembered by its count, so that nobody who
/// looked before the ring and waits after it sleeps through it.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    rings: u64,
    waiting: Vec<Waker>,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it rang.
    pub(crate) fn rings(&self) -> u64 {
        self.lock().rings
    }

    pub(crate) fn ring(&self) {
        let waiting = {
            let mut state = self.lock();
            state.rings = state.rings.wrapping_add(1);
            core::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until it rang more often than that.
    pub(crate) async fn rung_since(&self, rings: u64) {
        poll_fn(|context| {
            let mut state = self.lock();
            if state.rings != rings {
                return Poll::Ready(());
            }
            if !state.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                state.waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::future::Future as _;
    use core::pin::pin;
    use core::task::Context;

    #[test]
    fn a_ring_before_the_wait_is_not_slept_through() {
        let (bell, mut context) = (Bell::default(), Context::from_waker(Waker::noop()));
        let seen = bell.rings();
        let mut waits = pin!(bell.rung_since(seen));
        assert!(waits.as_mut().poll(&mut context).is_pending());
        bell.ring();
        assert!(waits.poll(&mut context).is_ready());
        assert!(pin!(bell.rung_since(seen)).poll(&mut context).is_ready());
        assert!(pin!(bell.rung_since(bell.rings())).poll(&mut context).is_pending());
    }
}
