use std::sync::Arc;

use antom_core::api::payments::PayRequest;
use antom_core::codec::Message as _;
use antom_core::flow::payment::{Input, NewCapture, NewRefund, NextStep, Payment, Product, Transition};
use antom_core::flow::{LedgerEntry, Show};
use antom_core::secret::Secret;
use antom_store::{Applied, BodyError, Change, FrozenBody, Write};

use super::book::{Heard, Said};
use super::calls::is_call;
use super::{Inner, ShopError};
use crate::attempt;

/// A shop's orders. See [`Shop::orders`](super::Shop::orders).
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, PAID, request, shop};
/// use antom::core::flow::payment::{NewRefund, Product};
/// use antom::prelude::*;
/// # let request = request();
/// # let shop = shop(&[PAID, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"refundRequestId":"REF-1","refundId":"1","refundAmount":{"currency":"EUR","value":"500"}}"#]);
///
/// # block_on(async {
/// let orders = shop.orders();
/// orders.create("ORDER-1").await?;
/// orders.pay("ORDER-1", request, Product::Cashier).await?; // The gateway says at once: paid.
/// assert!(orders.get("ORDER-1").await?.may_ship());
/// assert_eq!(orders.ledger("ORDER-1").await?[0].amount.to_string(), "EUR 10.50");
/// // The buyer comes back to the shop: nothing is left to ask.
/// orders.buyer_returned("ORDER-1", "PAY-1").await?;
///
/// let refund = NewRefund { request_id: "REF-1".into(), amount: Amount::new(Currency::EUR, 500), capture_id: None };
/// let turn = orders.refund("ORDER-1", refund).await?;
/// assert_eq!(turn.payment.current().unwrap().refunded(), 500);
/// assert!(orders.cancel("ORDER-1").await.is_err(), "what was refunded cannot be cancelled");
/// # Ok(()) });
/// ```
#[derive(Clone, Copy)]
pub struct Orders<'a> {
    pub(super) shop: &'a Arc<Inner>,
}

/// An order after something was done with it.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{block_on, WAITS, request, shop};
/// use antom::core::flow::Show;
/// use antom::core::flow::payment::{PaymentState, Product};
/// # let (request, shop) = (request(), shop(&[WAITS]));
///
/// # block_on(async {
/// let turn = shop.orders().pay("ORDER-1", request, Product::Cashier).await?;
/// // The gateway waits for the buyer: send them there. The workers do the rest.
/// assert!(matches!(turn.show(), Some(Show::Redirect { .. })));
/// assert_eq!(turn.payment.state(), PaymentState::Pending);
/// # Ok(()) });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderTurn {
    /// The order, as it is stored.
    pub payment: Payment,
    /// What there is to do next. The workers do it; what concerns the buyer is [`show`](Self::show).
    pub step: NextStep,
}

impl OrderTurn {
    /// The code to draw or the page to send the buyer to.
    #[must_use]
    pub fn show(&self) -> Option<&Show> {
        match &self.step {
            NextStep::ShowCode { show, .. } | NextStep::Redirect { show, .. } => Some(show),
            _ => None,
        }
    }
}

impl From<Transition> for OrderTurn {
    fn from(turn: Transition) -> Self {
        Self { payment: turn.next, step: turn.step }
    }
}

impl Orders<'_> {
    /// An order as it is stored.
    ///
    /// # Errors
    ///
    /// There is none with this id, or the store failed.
    pub async fn get(&self, order_id: &str) -> Result<Payment, ShopError> {
        let row = self.shop.store.order(order_id).await?.ok_or(ShopError::NotFound { what: "order" })?;
        Ok(row.payment)
    }

    /// What happened to an order's money, oldest first: at most a thousand lines.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn ledger(&self, order_id: &str) -> Result<Vec<LedgerEntry>, ShopError> {
        let rows = self.shop.store.ledger(order_id, 0, 1000).await?;
        Ok(rows.into_iter().map(|row| row.entry).collect())
    }

    /// Stores an order that nobody pays yet. [`pay`](Self::pay) does it, too, where it is not there; asking
    /// twice is the same as once.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn create(&self, order_id: &str) -> Result<Payment, ShopError> {
        let payment = Payment::new(order_id, self.shop.plan);
        let change = Change::write(Write::Order(Box::new(payment.clone())), None, self.shop.now());
        match self.shop.store.commit(change).await? {
            Applied::Changed(_) => Ok(payment),
            _ => self.get(order_id).await,
        }
    }

    /// Begins an attempt to pay: it is stored, then sent once. A lost answer is no error: the workers inquire
    /// until the payment is final, and send the same request again where that is needed and allowed.
    ///
    /// The request's `paymentRequestId` names the attempt: take a new one for each, and the same one to ask
    /// again whether this attempt was begun. Without a `paymentExpiryTime` it gets that of its product. A
    /// request with a card number is never stored: after a crash it is inquired or cancelled, not sent again.
    ///
    /// # Errors
    ///
    /// The order allows no attempt now, the request cannot be written, or the store failed before anything was
    /// sent. If it fails after the call, the answer is not stored and a worker asks for it.
    pub async fn pay(
        &self,
        order_id: &str,
        mut request: PayRequest,
        product: Product,
    ) -> Result<OrderTurn, ShopError> {
        let client_id = &self.shop.client_id;
        let new = attempt::of(client_id, &mut request, product, true, self.shop.now());
        let mut new = new.map_err(ShopError::Expiry)?;
        let bytes = Secret::new(request.to_json());
        let frozen = match FrozenBody::new(client_id.clone(), &new.request_id, bytes.expose()) {
            Ok(frozen) => Some(frozen),
            Err(BodyError::CardData) => None,
            Err(error) => return Err(ShopError::Body(error)),
        };
        new = new.with_replayable(frozen.is_some());
        let input = Input::Pay(new);
        let said = Said { body: frozen.as_ref(), ..Said::of(&input) };
        self.hear(order_id, said, Some(bytes.expose())).await
    }

    /// Begins an attempt to pay with the token of an authorization, without the buyer.
    ///
    /// # Errors
    ///
    /// As [`pay`](Self::pay); and the authorization must have a token that pays.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, request, shop};
    /// use antom::shop::ShopError;
    /// # let (request, shop) = (request(), shop(&[]));
    ///
    /// # block_on(async {
    /// // Nobody authorized this.
    /// let refused = shop.orders().pay_with_token("ORDER-1", request, "q83uhFXpWm5rTnB2kYdLcE").await;
    /// assert!(matches!(refused, Err(ShopError::NotFound { what: "authorization" })));
    /// # Ok(()) });
    /// ```
    pub async fn pay_with_token(
        &self,
        order_id: &str,
        mut request: PayRequest,
        auth_state: &str,
    ) -> Result<OrderTurn, ShopError> {
        let row = self.shop.store.grant(auth_state).await?;
        let grant = row.ok_or(ShopError::NotFound { what: "authorization" })?.grant;
        let token = grant.usable(self.shop.now()).ok_or(ShopError::NoUsableToken)?;
        request.payment_method.payment_method_type = Some(grant.method().into());
        request.payment_method.payment_method_id = Some(token.clone());
        self.pay(order_id, request, Product::Tokenised).await
    }

    /// Asks the gateway how an order's payment is. Who asks while somebody of this process is asking waits for
    /// that answer instead of asking again.
    ///
    /// # Errors
    ///
    /// There is no such order or attempt, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, WAITS, request, shop};
    /// use antom::core::flow::payment::Product;
    /// # let request = request();
    /// # let shop = shop(&[WAITS, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"paymentRequestId":"PAY-1","paymentId":"20231114001","paymentAmount":{"currency":"EUR","value":"1050"},"paymentStatus":"SUCCESS"}"#]);
    ///
    /// # block_on(async {
    /// shop.orders().pay("ORDER-1", request, Product::Cashier).await?; // It waits for the buyer.
    /// let turn = shop.orders().inquire_now("ORDER-1").await?;
    /// assert!(turn.payment.may_ship());
    /// # Ok(()) });
    /// ```
    pub async fn inquire_now(&self, order_id: &str) -> Result<OrderTurn, ShopError> {
        let before = self.revision(order_id).await?;
        let lane = self.shop.flights.lane(order_id);
        let _flight = lane.lock().await;
        let row = self.shop.store.order(order_id).await?.ok_or(ShopError::NotFound { what: "order" })?;
        let Some(attempt) = row.payment.current() else {
            return Err(ShopError::NotFound { what: "attempt to pay" });
        };
        // Somebody's answer came while this one waited.
        if Some(row.revision) != before {
            let step = row.payment.resting_step();
            return Ok(OrderTurn { payment: row.payment, step });
        }
        let step = NextStep::Inquire {
            request_id: attempt.request_id.clone(),
            payment_id: attempt.payment_id.clone(),
        };
        let turn = Transition { next: row.payment, step, entries: Vec::new(), events: Vec::new() };
        self.answer(order_id, turn, None).await
    }

    /// Tells that the buyer came back, or says "I have paid": the payment is inquired soon. What the address
    /// of the return says is no proof.
    ///
    /// # Errors
    ///
    /// There is no such order, or the store failed.
    pub async fn buyer_returned(&self, order_id: &str, request_id: &str) -> Result<OrderTurn, ShopError> {
        let input = Input::BuyerReturned { request_id: request_id.to_owned() };
        self.hear(order_id, Said::of(&input), None).await
    }

    /// Cancels an order: the intent is stored, then the gateway is asked, until it confirms. Nothing is paid
    /// or sent again from then on.
    ///
    /// # Errors
    ///
    /// It cannot be cancelled now, or the store failed.
    pub async fn cancel(&self, order_id: &str) -> Result<OrderTurn, ShopError> {
        self.hear(order_id, Said::of(&Input::Cancel), None).await
    }

    /// Captures authorised money. The same request id with the same values is the same capture.
    ///
    /// # Errors
    ///
    /// There is not that much to capture now, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, PAID, request, shop};
    /// use antom::core::flow::payment::{Capture, NewCapture, Product};
    /// use antom::prelude::*;
    /// # let request = request();
    /// # let shop = shop(&[PAID, r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S"},"captureRequestId":"CAP-1","captureId":"1","paymentId":"20231114001","captureAmount":{"currency":"EUR","value":"1050"}}"#]);
    ///
    /// # block_on(async {
    /// shop.orders().pay("ORDER-1", request, Product::Card { capture: Capture::Manual }).await?;
    /// let capture = NewCapture { request_id: "CAP-1".into(), amount: Amount::new(Currency::EUR, 1050), last: true };
    /// let turn = shop.orders().capture("ORDER-1", capture).await?;
    /// assert_eq!(turn.payment.current().unwrap().captured(), 1050);
    /// # Ok(()) });
    /// ```
    pub async fn capture(&self, order_id: &str, capture: NewCapture) -> Result<OrderTurn, ShopError> {
        self.hear(order_id, Said::of(&Input::Capture(capture)), None).await
    }

    /// Gives money back. The same request id with the same values is the same refund.
    ///
    /// # Errors
    ///
    /// There is not that much to give back, or the store failed.
    pub async fn refund(&self, order_id: &str, refund: NewRefund) -> Result<OrderTurn, ShopError> {
        self.hear(order_id, Said::of(&Input::Refund(refund)), None).await
    }

    /// Notes that a person looked at an order's contradictions.
    ///
    /// # Errors
    ///
    /// There is no such order, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, shop};
    /// use antom::core::flow::payment::PaymentState;
    /// # let shop = shop(&[]);
    ///
    /// # block_on(async {
    /// shop.orders().create("ORDER-1").await?;
    /// // There is none; the order stays as it is.
    /// let turn = shop.orders().conflicts_reviewed("ORDER-1").await?;
    /// assert_eq!(turn.payment.state(), PaymentState::Created);
    /// # Ok(()) });
    /// ```
    pub async fn conflicts_reviewed(&self, order_id: &str) -> Result<OrderTurn, ShopError> {
        self.hear(order_id, Said::of(&Input::ConflictsReviewed), None).await
    }

    /// Notes that a person decided, outside this program, that an attempt which was reported as never settled took no
    /// money. It is the only end of an attempt that rests on a decision instead of a proof: look the payment up at
    /// Antom first.
    ///
    /// # Errors
    ///
    /// It was not reported, there is no such order or attempt, or the store failed.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{block_on, WAITS, request, shop};
    /// use antom::core::flow::payment::{Product, Refused};
    /// use antom::shop::ShopError;
    /// # let (request, shop) = (request(), shop(&[WAITS]));
    ///
    /// # block_on(async {
    /// shop.orders().pay("ORDER-1", request, Product::Cashier).await?;
    /// // It was not reported as never settled: a decision is not a proof.
    /// let refused = shop.orders().write_off("ORDER-1", "PAY-1").await;
    /// assert!(matches!(refused, Err(ShopError::Refused(Refused::NotStuck))));
    /// # Ok(()) });
    /// ```
    pub async fn write_off(&self, order_id: &str, request_id: &str) -> Result<OrderTurn, ShopError> {
        let input = Input::WriteOff { request_id: request_id.to_owned() };
        self.hear(order_id, Said::of(&input), None).await
    }

    async fn revision(&self, order_id: &str) -> Result<Option<antom_store::Revision>, ShopError> {
        Ok(self.shop.store.order(order_id).await?.map(|row| row.revision))
    }

    /// Hears a wish, and makes the one call that it asks for.
    async fn hear(
        &self,
        order_id: &str,
        said: Said<'_>,
        bytes: Option<&[u8]>,
    ) -> Result<OrderTurn, ShopError> {
        match self.shop.order_hears(order_id, said).await? {
            Heard::Turn(turn) => self.answer(order_id, turn, bytes).await,
            // Only a notification may have been there before, and there was none.
            Heard::Before => self.stored(order_id).await,
        }
    }

    async fn stored(&self, order_id: &str) -> Result<OrderTurn, ShopError> {
        let payment = self.get(order_id).await?;
        let step = payment.resting_step();
        Ok(OrderTurn { payment, step })
    }

    /// Makes the call of a turn that is stored, and stores what it came to.
    async fn answer(
        &self,
        order_id: &str,
        turn: Transition,
        bytes: Option<&[u8]>,
    ) -> Result<OrderTurn, ShopError> {
        if !is_call(&turn.step) {
            return Ok(turn.into());
        }
        let Some(input) = self.shop.payment_call(&turn.next, &turn.step, bytes).await? else {
            return Ok(turn.into());
        };
        match self.shop.order_hears(order_id, Said::of(&input)).await? {
            Heard::Turn(turn) => Ok(turn.into()),
            Heard::Before => self.stored(order_id).await,
        }
    }
}

impl core::fmt::Debug for Orders<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Orders").field("store", &self.shop.store).finish_non_exhaustive()
    }
}
