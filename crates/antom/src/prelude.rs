//! The names most programs need: `use antom::prelude::*;`

pub use crate::core::call::{Reply, Sent};
pub use crate::core::exchange::Policy;
pub use crate::core::outcome::{Advice, CallError, Declined, Outcome, Reason, Unresolved};
pub use crate::core::profile::{ProductFamily, Region};
pub use crate::core::secret::{Personal, Secret};
pub use crate::core::{Amount, Currency};
pub use crate::{Client, KeySource};
