//! What goes wrong on purpose.

use antom_core::api::models::ResultStatus;

/// Something that goes wrong. All but [`Refuse`](Self::Refuse) first do what the request asks for: what is
/// lost is the answer, not the effect.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The connection closes without an answer.
    NoAnswer,
    /// The answer carries no signature.
    Unsigned,
    /// The answer's signature belongs to other bytes.
    WrongSignature,
    /// An HTML page with this HTTP status stands where the answer should be.
    HtmlPage(u16),
    /// The answer ends in its middle; the signature is that of the whole.
    Truncated,
    /// Nothing happens, and this result is the answer, signed.
    Refuse {
        /// The result code.
        code: String,
        /// The result status.
        status: ResultStatus,
    },
}

/// Which requests a fault meets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultTarget {
    /// All requests to an operation, such as `payments/pay`.
    Operation(String),
    /// The requests with this id: `paymentRequestId`, `captureRequestId`, `refundRequestId` or `authState`.
    RequestId(String),
}

/// Switched-on faults. One for a request id goes before one for an operation.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(FaultTarget, Fault, Option<u32>)>);

impl Faults {
    /// Switches a fault on: for so many requests, or until it is switched off. It replaces an earlier one.
    pub(super) fn set(&mut self, target: FaultTarget, fault: Fault, times: Option<u32>) {
        self.clear(&target);
        if times != Some(0) {
            self.0.push((target, fault, times));
        }
    }

    pub(super) fn clear(&mut self, target: &FaultTarget) {
        self.0.retain(|(known, _, _)| known != target);
    }

    /// The fault that meets a request; it counts as met.
    pub(super) fn meet(&mut self, operation: &str, reference: Option<&str>) -> Option<Fault> {
        let by_id = self.0.iter().position(
            |(target, _, _)| matches!(target, FaultTarget::RequestId(id) if Some(id.as_str()) == reference),
        );
        let by_operation = || {
            self.0.iter().position(
                |(target, _, _)| matches!(target, FaultTarget::Operation(name) if name == operation),
            )
        };
        let index = by_id.or_else(by_operation)?;
        let (_, fault, times) = self.0.get_mut(index)?;
        let fault = fault.clone();
        match times {
            Some(1) => drop(self.0.remove(index)),
            Some(left) => *left = left.saturating_sub(1),
            None => {}
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_before_operations_and_counts_run_out() {
        let mut faults = Faults::default();
        faults.set(FaultTarget::Operation("payments/pay".into()), Fault::NoAnswer, None);
        faults.set(FaultTarget::RequestId("R1".into()), Fault::Unsigned, Some(2));
        assert_eq!(faults.meet("payments/pay", Some("R1")), Some(Fault::Unsigned));
        assert_eq!(faults.meet("payments/cancel", Some("R1")), Some(Fault::Unsigned));
        assert_eq!(faults.meet("payments/pay", Some("R1")), Some(Fault::NoAnswer));
        assert_eq!(faults.meet("payments/cancel", Some("R1")), None);
        faults.clear(&FaultTarget::Operation("payments/pay".into()));
        assert_eq!(faults.meet("payments/pay", None), None);
    }
}
