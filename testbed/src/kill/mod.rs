//! The kill test: processes that settle orders on one database and are killed at random.
//!
//! ```text
//!  parent ── sandbox, HTTP hub, killer                   children (two, killed and begun again)
//!    hub: GET  /next            the number of an order ◄── till: pays it by token, stored before it is sent
//!         POST /stored/{number} it is stored           ◄──
//!         POST /event/{sequence}/{order} handed over   ◄── courier
//!                                                          two settlers: inquire until it is settled
//! ```

mod child;
mod hub;
mod parent;

pub use child::{ChildSettings, run as child};
pub use parent::{Report, Settings, run as parent};

/// The order with this number.
fn order_id(number: u64) -> String {
    format!("ORDER-{number}")
}

fn number_of(order_id: &str) -> Option<u64> {
    order_id.strip_prefix("ORDER-")?.parse().ok()
}

/// What goes wrong ends the test.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The cipher of all processes. Its keys protect nothing but test data.
fn cipher() -> Result<std::sync::Arc<antom::store::AesGcmCipher>, Failure> {
    let key = antom::store::CipherKey::new("kill-test", [7; 32])?;
    Ok(std::sync::Arc::new(antom::store::AesGcmCipher::new(key, [9; 32])))
}
