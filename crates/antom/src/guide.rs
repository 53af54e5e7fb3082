//! Short guides, to be read beside the items that they name. The book in the repository's `docs` is the long form,
//! with a complete program for each system. A guide is here when the features that it needs are on.
//!
//! | you want to | read |
//! | --- | --- |
//! | know what a call's outcome means for the money | `outcomes` |
//! | take payments by order code | `order_code` |
//! | link a wallet, and pay by token | `scan_to_link` |
//! | reserve money on a card, and capture it | `card_authorization` |
//! | charge a stored card again | `tokenised_payment` |
//! | hear what Antom says | `webhooks` |
//! | test what goes wrong | `testing` |

/// What a call came to, and what that means for the money.
///
/// [`Outcome`](crate::core::outcome::Outcome) speaks of the call. `Completed` says that it did what it was asked to do, which for an
/// inquiry is to answer. `Accepted` is under way: show its code or URL, wait, inquire, never send it again.
/// `Declined` was refused. `Unresolved` is not "failed": inquire, then send the same id again.
///
/// ```no_run
/// use antom::core::api::payments::InquiryPaymentRequest;
/// use antom::prelude::*;
///
/// # async fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let request = InquiryPaymentRequest::new().with_payment_request_id("PAY-1");
/// match client.payments().inquiry_payment(&request).await? {
///     Outcome::Completed(reply) => println!("the payment is {:?}", reply.value().payment_status),
///     Outcome::Unresolved(unresolved) => println!("ask again with {:?}", unresolved.ids),
///     other => println!("{other:?}"),
/// }
/// # Ok(()) }
/// ```
///
/// What happened to the money is the business of [`core::flow`](crate::core::flow), from verified facts alone.
#[cfg(feature = "payments")]
pub mod outcomes {}

/// Payments by order code: the till shows a code, the buyer scans it.
///
/// ```no_run
/// use antom::core::flow::payment::Product;
/// use antom::core::preset::{self, Party, Purchase, Shop as Place};
/// use antom::prelude::*;
/// use antom::shop::Shop;
///
/// # async fn example(shop: Shop) -> Result<(), Box<dyn std::error::Error>> {
/// let place = Place::new(Party::new("M-1", "Coffee Ltd", "5814"), Party::new("S-1", "The corner", "5814"));
/// let price = Amount::new(Currency::SGD, 950); // 9.50
/// let request = preset::order_code(Purchase::new("PAY-1", "ORDER-1", "Two coffees", price), place)
///     .with_payment_notify_url("https://shop.example/antom/notify");
/// // The attempt is stored before the first byte is sent.
/// let turn = shop.orders().pay("ORDER-1", request, Product::InStore).await?;
/// println!("show {:?}", turn.show());
/// # Ok(()) }
/// ```
///
/// The notification says that it is paid; `may_ship` is the question to ask. `orders().cancel` proves, with its `S`, that
/// nothing is taken. Workers inquire and close what nobody pays.
#[cfg(all(feature = "store", feature = "payments"))]
pub mod order_code {}

/// Scan to Link: the buyer agrees once, the shop pays by token from then on.
///
/// ```no_run
/// use antom::core::api::authorizations::ConsultRequest;
/// use antom::core::api::models::{ScopeType, TerminalType};
/// use antom::shop::Shop;
///
/// # async fn example(shop: Shop) -> Result<(), Box<dyn std::error::Error>> {
/// let scopes = vec![ScopeType::AGREEMENT_PAY];
/// let request = ConsultRequest::new("GCASH", "https://shop.example/linked", scopes, "", TerminalType::WEB)
///     .with_auth_notify_url("https://shop.example/antom/notify");
/// // `authState` is drawn and stored here.
/// let turn = shop.tokens().authorize("BUYER-1", request).await?;
/// println!("show {:?} as a code", turn.show());
/// # Ok(()) }
/// ```
///
/// The authorization code comes by notification; [`TokenKeeper`](crate::shop::worker::TokenKeeper) trades it within its minute and
/// refreshes the token before its end. `orders().pay_with_token` pays, `tokens().revoke` ends it.
#[cfg(all(feature = "store", feature = "payments", feature = "authorizations"))]
pub mod scan_to_link {}

/// Cards: reserved first, captured when the goods leave the house.
///
/// ```no_run
/// use antom::core::flow::payment::NewCapture;
/// use antom::prelude::*;
/// use antom::shop::Shop;
///
/// # async fn example(shop: Shop) -> Result<(), Box<dyn std::error::Error>> {
/// let amount = Amount::new(Currency::EUR, 30_000);
/// let capture = NewCapture { request_id: "CAPTURE-1".into(), amount, last: true };
/// let turn = shop.orders().capture("ORDER-1", capture).await?;
/// println!("{:?}; it may be shipped: {}", turn.payment.state(), turn.payment.may_ship());
/// # Ok(()) }
/// ```
///
/// An authorised order is not a paid one: `may_ship` is false until the capture. The presets `card_hosted` and
/// `card_server_to_server` write the requests; a request with a card's number is never stored.
#[cfg(all(feature = "store", feature = "payments"))]
pub mod card_authorization {}

/// A stored card, charged again without the buyer.
///
/// ```no_run
/// use antom::core::flow::payment::{Capture, Product};
/// use antom::core::preset::{self, Purchase};
/// use antom::core::secret::Secret;
/// use antom::prelude::*;
/// use antom::shop::Shop;
///
/// # async fn example(shop: Shop, token: Secret<String>) -> Result<(), Box<dyn std::error::Error>> {
/// let purchase = Purchase::new("PAY-2", "ORDER-2", "Second month", Amount::new(Currency::EUR, 990));
/// let request = preset::card_stored(purchase, "https://shop.example/thanks", token);
/// let product = Product::Card { capture: Capture::Automatic };
/// let turn = shop.orders().pay("ORDER-2", request, product).await?;
/// println!("{:?}", turn.payment.state());
/// # Ok(()) }
/// ```
///
/// If answer and notification are lost, a worker inquires, and sends the same request under the same id if the gateway never
/// had it.
#[cfg(all(feature = "store", feature = "payments"))]
pub mod tokenised_payment {}

/// Notifications: raw bytes in, a verified value out, stored before they are acknowledged.
///
/// ```no_run
/// use antom::prelude::*;
///
/// # fn example(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// // The path is a part of what is signed.
/// let verifier = client.webhook_verifier("/antom/notify")?;
/// # let _ = verifier;
/// # Ok(()) }
/// ```
///
/// [`webhook`](crate::webhook) has the adapters for frameworks, and says what to do with a delivery that is refused.
#[cfg(feature = "webhook")]
pub mod webhooks {}

/// Tests against a gateway that fails on demand.
///
/// The crate `antom-sandbox` starts one on a free port inside a test. A client is pointed at it:
///
/// ```no_run
/// use antom::core::signature::sandbox_keys;
/// use antom::prelude::*;
///
/// # fn example(gateway_url: &str, client_id: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .gateway_url(gateway_url)
///     .client_id(client_id)
///     .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
///     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
///     .build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
///
/// An order whose id ends with `__no-answer.S` loses its first answer, and `U.U.S` is unknown twice: the sandbox's documentation has the
/// table. Its clock can be moved, so that a day of redeliveries takes no time.
#[cfg(feature = "reqwest")]
pub mod testing {}
