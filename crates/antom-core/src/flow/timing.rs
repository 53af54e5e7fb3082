//! When to ask again. Pure functions of the product and of how often was asked, so that a test can print the
//! whole schedule.

use core::time::Duration;

use crate::flow::payment::Product;

/// How long an issuer keeps a card amount reserved when the gateway does not say.
pub(crate) const AUTHORISATION_LASTS: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long before the end of an authorisation the merchant is reminded to capture.
pub(crate) const CAPTURE_REMINDER: Duration = Duration::from_secs(24 * 3600);
/// How often a payment whose success was stated after its cancellation is looked at.
pub(crate) const WATCH_LOOKS: u32 = 24;
/// The wait between those looks.
pub(crate) const WATCH_WAIT: Duration = Duration::from_secs(3600);
/// The longest wait between two looks at something that is not settled.
const LONGEST: Duration = Duration::from_secs(3600);

/// The wait for an answer to pay before the first inquiry.
pub(crate) fn answer_wait(product: Product) -> Duration {
    match product {
        Product::InStore => Duration::from_secs(5),
        _ => Duration::from_secs(15),
    }
}

/// The wait before the inquiry after `asked` inquiries: the documented rhythm of the product first, then
/// ever slower.
pub(crate) fn inquiry_wait(product: Product, asked: u32) -> Duration {
    let (first, next, fast) = match product {
        Product::InStore => (5, 3, 20),
        Product::Tokenised => (60, 15, 20),
        Product::Cashier => (60, 60, 15),
        Product::Card { .. } => (60, 30, 20),
    };
    match asked {
        0 => Duration::from_secs(first),
        asked if asked <= fast => Duration::from_secs(next),
        asked => doubling(Duration::from_secs(60), asked.saturating_sub(fast), LONGEST),
    }
}

/// The wait before a cancel, capture, refund or token call is looked after again, after `tries`.
pub(crate) fn repeat_wait(tries: u32) -> Duration {
    doubling(Duration::from_secs(3), tries, LONGEST)
}

/// The wait before a capture or refund that is under way is looked at again.
pub(crate) fn movement_wait(tries: u32) -> Duration {
    doubling(Duration::from_secs(15), tries, LONGEST)
}

fn doubling(first: Duration, times: u32, longest: Duration) -> Duration {
    first.saturating_mul(1 << times.min(16)).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn in_store_rhythm_is_five_seconds_then_every_three_up_to_twenty_times() {
        let waits: Vec<u64> = (0..23).map(|asked| inquiry_wait(Product::InStore, asked).as_secs()).collect();
        assert_eq!(waits.first(), Some(&5));
        assert!(waits.iter().skip(1).take(20).all(|wait| *wait == 3));
        assert_eq!(waits.get(21..), Some([120, 240].as_slice()));
    }

    #[test]
    fn no_wait_is_longer_than_an_hour() {
        for product in [Product::InStore, Product::Tokenised, Product::Cashier] {
            assert_eq!(inquiry_wait(product, u32::MAX), LONGEST);
        }
        assert!(repeat_wait(u32::MAX) <= LONGEST && movement_wait(u32::MAX) <= LONGEST);
    }
}
