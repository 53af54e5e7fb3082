//! One payment from its request to its end, for programs without a store.

use antom_core::api::payments::{CancelRequest, InquiryPaymentRequest, PayRequest};
use antom_core::flow::payment::{Event, Input, NextStep, Plan, Product, Refused};
use antom_core::flow::{Answer, LedgerEntry, Show, payment as flow};
use antom_core::outcome::{CallError, CallErrorKind};
use antom_core::time::TimeError;

use crate::{Client, attempt};

/// A payment that one program sees through: it pays, shows the buyer what there is to show, inquires in the
/// rhythm of the product, and cancels at the expiry, until everything is known.
///
/// Nothing is stored. A program that ends on the way leaves a payment behind of which it knows nothing; then
/// inquire by its `paymentRequestId`, or cancel it. Where that must not happen keep an order table: the store.
///
/// ```no_run
/// # async fn example(client: antom::Client, request: antom::core::api::payments::PayRequest)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// use antom::Payment;
/// use antom::core::flow::Show;
/// use antom::core::flow::payment::Product;
///
/// let settled = Payment::new(request, Product::InStore)
///     .settle(&client, |show| {
///         if let Show::Code { text, .. } = show {
///             println!("draw {}", text.expose());
///         }
///     })
///     .await?;
/// if settled.payment.may_ship() {
///     println!("paid");
/// }
/// # Ok(()) }
/// ```
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, PAID, client, request};
/// use antom::Payment;
/// use antom::core::flow::payment::{Plan, Product};
/// # let (client, request) = (client(&[PAID]), request());
///
/// # block_on(async {
/// let settled = Payment::new(request, Product::Cashier)
///     .with_plan(Plan { ship_on_authorisation: true, ..Plan::default() })
///     .not_cancellable()
///     .settle(&client, |show| println!("the buyer is sent to {show:?}"))
///     .await?;
/// assert!(settled.payment.may_ship());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone)]
pub struct Payment {
    request: PayRequest,
    product: Product,
    plan: Plan,
    cancellable: bool,
}

/// What a payment came to.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, PAID, client, request};
/// use antom::Payment;
/// use antom::core::flow::EntryKind;
/// use antom::core::flow::payment::{PaymentState, Product};
/// # let (client, request) = (client(&[PAID]), request());
///
/// # block_on(async {
/// // The gateway answered that the payment succeeded, at once.
/// let settled = Payment::new(request, Product::Cashier).settle(&client, |_| {}).await?;
/// assert!(matches!(settled.payment.state(), PaymentState::Paid { .. }));
/// assert_eq!(settled.ledger[0].kind, EntryKind::Captured);
/// assert!(!settled.events.is_empty());
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// The state: [`state`](flow::Payment::state) says what happened to the money,
    /// [`may_ship`](flow::Payment::may_ship) whether goods may leave. A card that the merchant captures is
    /// settled here as soon as it is authorised.
    pub payment: flow::Payment,
    /// What moved, with its evidence.
    pub ledger: Vec<LedgerEntry>,
    /// What happened on the way. A contradiction is among them and waits for a person.
    pub events: Vec<Event>,
}

/// Why a payment was not begun. Nothing was sent.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, client, request};
/// use antom::core::flow::payment::{Product, Refused};
/// use antom::{Payment, SettleError};
/// # let (client, request) = (client(&[]), request());
///
/// # block_on(async {
/// // Its time is over before it begins.
/// let request = request.with_payment_expiry_time("2023-11-14T22:00:00Z");
/// let refused = Payment::new(request, Product::Cashier).settle(&client, |_| {}).await.unwrap_err();
/// assert!(matches!(refused, SettleError::Refused(Refused::Expired)));
/// # Ok(()) });
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// The client has no client id.
    #[error("settling a payment needs a client with a client id")]
    NoClientId,
    /// The request's `paymentExpiryTime` is no time.
    #[error("settling a payment: paymentExpiryTime: {0}")]
    Expiry(#[source] TimeError),
    /// The request cannot be paid, such as for an expiry that is over.
    #[error("settling a payment: {0}")]
    Refused(#[source] Refused),
    /// The request could not be written or signed.
    #[error("settling a payment: {0}")]
    Call(#[source] CallError),
}

impl Payment {
    /// A payment by this request. Without a `paymentExpiryTime` it gets that of its product, counted from
    /// when it is sent: one minute by token, two days for bank transfers, else fourteen minutes.
    #[must_use]
    pub fn new(request: PayRequest, product: Product) -> Self {
        Self { request, product, plan: Plan::default(), cancellable: true }
    }

    /// With choices of the merchant, such as to ship when a card is authorised.
    #[must_use]
    pub fn with_plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// For a payment that cannot be cancelled, such as by contract: it is inquired until it is final. Methods that
    /// know no cancellation ([`CancelWindow`](antom_core::flow::CancelWindow)) need no word.
    #[must_use]
    pub fn not_cancellable(mut self) -> Self {
        self.cancellable = false;
        self
    }

    /// Pays and waits until everything is known. `show` is told what to show the buyer, each time it
    /// changes. It returns with a state that is not final only when a person has to look at it: after a
    /// contradiction, or when the gateway settled nothing for a day.
    ///
    /// # Errors
    ///
    /// Nothing was sent.
    pub async fn settle(
        mut self,
        client: &Client,
        mut show: impl FnMut(&Show),
    ) -> Result<Settled, SettleError> {
        let client = match self.product {
            Product::InStore => client.in_store(),
            _ => client.clone(),
        };
        let client_id = client.profile().client_id().ok_or(SettleError::NoClientId)?;
        let (product, now) = (self.product, client.inner.now());
        let new = attempt::of(client_id, &mut self.request, product, self.cancellable, now);
        let new = new.map_err(SettleError::Expiry)?;
        let order = self.request.order.reference_order_id.clone().unwrap_or_else(|| new.request_id.clone());
        let payment = flow::Payment::new(order, self.plan);
        let mut turn = payment.apply(&Input::Pay(new), client.inner.now()).map_err(SettleError::Refused)?;
        let (mut ledger, mut events, mut shown) = (Vec::new(), Vec::new(), None);
        loop {
            ledger.append(&mut turn.entries);
            events.append(&mut turn.events);
            let now = client.inner.now();
            let input = match turn.step {
                NextStep::Send { request_id } | NextStep::SendAgain { request_id } => {
                    let call = client.payments().pay(&self.request).await;
                    Input::PayAnswered { request_id, answer: Answer::pay(&begun(call, &turn.next)?) }
                }
                NextStep::Inquire { request_id, .. } => {
                    let inquiry = InquiryPaymentRequest::new().with_payment_request_id(request_id.clone());
                    let answer = Answer::inquiry(&client.payments().inquiry_payment(&inquiry).await);
                    Input::Inquired { request_id, answer }
                }
                NextStep::Cancel { request_id, .. } => {
                    let cancel = CancelRequest::new().with_payment_request_id(request_id.clone());
                    let answer = Answer::cancel(&client.payments().cancel(&cancel).await);
                    Input::CancelAnswered { request_id, answer }
                }
                NextStep::ShowCode { show: what, tick_at, .. }
                | NextStep::Redirect { show: what, tick_at, .. } => {
                    if shown.as_ref() != Some(&what) {
                        show(&what);
                        shown = Some(what);
                    }
                    client.inner.sleep(tick_at.since(now)).await;
                    Input::Tick
                }
                NextStep::InquireNotBefore(at) => {
                    client.inner.sleep(at.since(now)).await;
                    Input::Tick
                }
                _ => return Ok(Settled { payment: turn.next, ledger, events }),
            };
            turn = match turn.next.apply(&input, client.inner.now()) {
                Ok(turn) => turn,
                // Facts and ticks are never refused.
                Err(refused) => return Err(SettleError::Refused(refused)),
            };
        }
    }
}

/// A request that cannot be written or signed will not be later either. Once one may have left, no error ends
/// the payment.
fn begun<T>(
    call: Result<T, CallError>,
    payment: &flow::Payment,
) -> Result<Result<T, CallError>, SettleError> {
    match call {
        Err(error)
            if !matches!(error.kind, CallErrorKind::NotSent(_))
                && payment.current().is_none_or(|attempt| attempt.sends() <= 1) =>
        {
            Err(SettleError::Call(error))
        }
        call => Ok(call),
    }
}
