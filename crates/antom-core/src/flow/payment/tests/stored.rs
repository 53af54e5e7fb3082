//! Payments are stored and loaded without loss, and nothing else is loaded.

use super::*;
use crate::flow::LoadError;
use crate::flow::evidence::Source;
use crate::flow::fact::MovementKind;
use crate::flow::fact::Show;
use crate::flow::kit::{fact, movement, notice};
use crate::secret::Secret;

fn rich() -> Payment {
    let mut bench = Bench::new(Product::Card { capture: Capture::Manual });
    let show =
        Show::Redirect { url: Some(Secret::from("https://3ds?\"\\\u{7f}ü")), app: None, scheme: None };
    bench.answered(Answer::Accepted(PaymentFact { show: Some(show), ..accepted() }));
    bench.noticed(PaymentFact { auth_expires: Some(at(86_400 * 5)), ..notice(Says::Success) });
    bench.step(Input::Capture(NewCapture { request_id: "CAP-1".into(), amount: eur(1000), last: true }));
    bench.step(Input::MovementNoticed(movement(MovementKind::Capture, "CAP-1", 1000, Says::Success)));
    bench.step(Input::Refund(NewRefund {
        request_id: "REF-1".into(),
        amount: eur(1),
        capture_id: Some("C".into()),
    }));
    bench.noticed(PaymentFact { amount: Some(eur(7)), ..notice(Says::Success) });
    bench.inquired(Answer::Done(fact(Source::PaymentInquiry, Says::Failed)));
    bench.payment
}

#[test]
fn what_is_saved_is_loaded() {
    let payment = rich();
    let text = payment.save();
    assert!(text.expose().starts_with("{\"version\":1,\"payment\":{"), "{}", text.expose());
    assert_eq!(Payment::load(text.expose()).unwrap(), payment);
    let empty = Payment::new("", Plan::default());
    assert_eq!(Payment::load(empty.save().expose()).unwrap(), empty);
}

#[test]
fn another_version_is_left_alone() {
    let text = rich().save().expose().replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(Payment::load(&text), Err(LoadError::Version { found: 2, known: 1 }));
}

#[test]
fn damaged_text_is_an_error() {
    let text = rich().save().expose().clone();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(Payment::load(text.get(..end).unwrap()).is_err());
    }
    let unknown = text.replacen("\"order_id\"", "\"x\":1,\"order_id\"", 1);
    assert!(matches!(Payment::load(&unknown), Err(LoadError::Unreadable(_))));
    let doubled = text.replacen("\"order_id\"", "\"order_id\":\"A\",\"order_id\"", 1);
    assert!(matches!(Payment::load(&doubled), Err(LoadError::Unreadable(_))));
}
