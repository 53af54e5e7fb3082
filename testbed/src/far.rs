//! The other side of the wire, as the simulated world sees it.

use antom_core::flow::Show;
use antom_core::flow::payment::Input;
use antom_core::time::UnixTime;
use antom_store::InboxEntry;

use crate::book::{Ask, State};
use crate::call::Call;
use crate::fault::Dice;

/// A pay request's content.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What is asked for.
    pub ask: Ask,
    /// Whether it is at a counter: then the buyer gets a code.
    pub in_store: bool,
}

/// What is true about a payment, as nobody but the gateway knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// How far it is.
    pub state: State,
    /// The amount.
    pub amount: u64,
    /// What was taken.
    pub taken: u64,
    /// What was given back.
    pub returned: u64,
}

/// Why a call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing left the merchant.
    NotSent,
    /// Nobody knows.
    Lost,
}

/// What happens by itself, and what is on its way to the merchant.
#[derive(Debug)]
pub struct Effects<D, T> {
    /// Notifications that leave now.
    pub deliveries: Vec<D>,
    /// Moments at which the far side wants to be woken.
    pub timers: Vec<(UnixTime, T)>,
}

impl<D, T> Default for Effects<D, T> {
    fn default() -> Self {
        Self { deliveries: Vec::new(), timers: Vec::new() }
    }
}

/// A gateway with its buyers, and how messages to and from it are made and read.
pub trait Far {
    /// A request on its way.
    type Request: Clone;
    /// What the caller keeps until the answer is there.
    type Pending;
    /// An answer on its way.
    type Response;
    /// A notification on its way.
    type Delivery: Clone;
    /// A moment of its own.
    type Timer;

    /// The body of a pay request, to be frozen.
    fn body(&mut self, call: Call, terms: Terms) -> Vec<u8>;
    /// The merchant makes a request; `stored` is the frozen body of pay. `None` when it cannot be made.
    fn request(
        &mut self,
        now: UnixTime,
        call: Call,
        terms: Terms,
        payment_id: Option<&str>,
        stored: Option<&[u8]>,
    ) -> Option<(Self::Pending, Self::Request)>;
    /// The request arrives.
    fn arrive(&mut self, now: UnixTime, request: Self::Request, dice: &mut Dice) -> Self::Response;
    /// The merchant reads the answer.
    fn read(
        &mut self,
        now: UnixTime,
        call: Call,
        pending: Self::Pending,
        answer: Result<Self::Response, Missing>,
        dice: &mut Dice,
    ) -> Input;
    /// The buyer sees a code or a page.
    fn shown(&mut self, now: UnixTime, order: u32, attempt: u8, show: &Show, dice: &mut Dice);
    /// A moment has come.
    fn timer(&mut self, now: UnixTime, timer: Self::Timer, dice: &mut Dice);
    /// What came of all that.
    fn effects(&mut self) -> Effects<Self::Delivery, Self::Timer>;
    /// The notifications of this span that were not acknowledged, the newest first, as the recovery lists
    /// them. Nothing where the far side has no recovery.
    fn missed(&mut self, _from: UnixTime, _to: UnixTime) -> Vec<Self::Delivery> {
        Vec::new()
    }
    /// The merchant reads a notification; `None` when it proves nothing.
    fn open(&mut self, now: UnixTime, delivery: &Self::Delivery, dice: &mut Dice) -> Option<InboxEntry>;
    /// The merchant's acknowledgement arrives.
    fn acknowledged(&mut self, now: UnixTime, delivery: &Self::Delivery);
    /// The gateway signs with a new key from now on.
    fn rotate(&mut self);
    /// The merchant learns of the newest key.
    fn learn(&mut self);
    /// The truth about a payment; `None` when the gateway has none.
    fn truth(&mut self, now: UnixTime, order: u32, attempt: u8) -> Option<Truth>;
    /// How many payments of an order charge the buyer.
    fn charges(&mut self, now: UnixTime, order: u32) -> usize;
}
