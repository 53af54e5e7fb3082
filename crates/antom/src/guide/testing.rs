//! Testing: a gateway on your own machine, faults on demand, and a clock that waiting moves.
//!
//! ```toml
//! [dev-dependencies]
//! antom-sandbox = "0.1"
//! ```
//!
//! `antom_sandbox::Sandbox::start` serves a gateway on a free port in a few milliseconds. It verifies, keeps state, signs
//! its answers, notifies and redelivers; `set_fault` loses an answer, spoils a signature or answers with a page of HTML;
//! `advance` lets a day go by. Point a client at it with `gateway_url` and the published keys:
//!
//! ```
//! # #[cfg(feature = "reqwest")] {
//! use antom::core::signature::sandbox_keys;
//! use antom::prelude::*;
//!
//! let client = Client::builder()
//!     .gateway_url("http://127.0.0.1:8000") // `sandbox.gateway_url()`
//!     .client_id("SANDBOX_5Y0000000000000001") // `sandbox.client_id()`
//!     .private_key(sandbox_keys::MERCHANT_PRIVATE_KEY)
//!     .gateway_key(1, sandbox_keys::GATEWAY_PUBLIC_KEY)
//!     .build()?;
//! # let _ = client; }
//! # Ok::<(), antom::ConfigError>(())
//! ```
//!
//! Time is an argument everywhere, so that no test has to wait. A clock of your own is a few lines; here it stands still
//! until somebody waits, which moves it:
//!
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use antom::core::time::{Now, UnixTime};
//! use antom::transport::{Clock, Sleep};
//!
//! #[derive(Debug, Clone, Default)]
//! struct Time(Arc<AtomicU64>);
//!
//! impl Clock for Time {
//!     fn now(&self) -> Now {
//!         let passed = Duration::from_millis(self.0.load(Ordering::SeqCst));
//!         Now::new(UnixTime::from_secs(1_772_360_430).saturating_add(passed), passed)
//!     }
//! }
//!
//! #[async_trait::async_trait]
//! impl Sleep for Time {
//!     async fn sleep(&self, wait: Duration) {
//!         self.0.fetch_add(wait.as_millis() as u64, Ordering::SeqCst);
//!     }
//! }
//!
//! let time = Time::default();
//! let before = time.now().wall;
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! time.sleep(Duration::from_secs(3600)).await;
//! # });
//! assert_eq!(time.now().wall.since(before), Duration::from_secs(3600));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Against a sandbox take the sandbox's clock instead (`now` and `advance`): an answer counts only near the time of its
//! call, so both sides have to go by one.
