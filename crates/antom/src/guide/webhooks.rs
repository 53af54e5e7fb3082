//! Webhooks: raw bytes in, a verified notification out, and an acknowledgement once it is stored.
//!
//! A client makes the verifier of its account; both share their keys, so that a rotation reaches both.
//!
//! ```no_run
//! # fn example(client: antom::Client, head: antom::webhook::WebhookHead, body: Vec<u8>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use antom::core::time::UnixTime;
//! use antom::webhook::Notification;
//!
//! // The path of the URL that you gave to Antom: it is a part of what is signed.
//! let verifier = client.webhook_verifier("/antom/notify")?;
//! let now = UnixTime::from(std::time::SystemTime::now());
//! // The bytes as they came over the wire: parsed and written again they are others.
//! let verified = verifier.verify_slice(&head, &body, now)?;
//! match verified.notification()? {
//!     Notification::PaymentResult(paid) => println!("{:?}", paid.payment_request_id),
//!     other => println!("{other:?}"),
//! }
//! # Ok(()) }
//! ```
//!
//! With axum, actix, hyper or tower (features `webhook-axum` and so on) a `Delivery` is an extractor that exists only
//! if the signature held. With `shop` (feature `store`) one call stores it, applies it and says what became of it:
//! `shop.on_notification(delivery.verified(), delivery.received_at())`.
//!
//! Store, then acknowledge. What is refused comes again for about a day; what was missed for longer is fetched by the
//! `Recoverer`. A kind that this version does not know is `Notification::Unknown`, not an error.
