//! The names most programs need: `use antom::prelude::*;`
//!
//! ```
//! use antom::prelude::*;
//!
//! let price: Amount = Amount::new(Currency::EUR, 1050);
//! assert!(Client::builder().region(Region::Asia).build().is_err()); // Credentials are missing.
//! # let _ = price;
//! ```

pub use crate::core::call::{Reply, Sent};
pub use crate::core::exchange::Policy;
pub use crate::core::outcome::{Advice, CallError, Declined, Outcome, Reason, Unresolved};
pub use crate::core::profile::{ProductFamily, Region};
pub use crate::core::secret::{Personal, Secret};
pub use crate::core::{Amount, Currency};
pub use crate::{Client, KeySource};
