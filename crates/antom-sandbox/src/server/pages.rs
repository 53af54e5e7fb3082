//! The buyer's pages: what a buyer's browser or phone shows at the URLs and codes the gateway hands out. Plain forms;
//! they work without a script, without a mouse and on any screen.

use std::sync::Arc;

use antom_core::secret::Secret;
use hyper::{Method, StatusCode};

use super::shared::Shared;
use super::shown::{Head, Html, Shown, field};
use crate::engine::{
    Ask, BuyerAction, BuyerError, BuyerNext, CardEntry, PageView, PaymentView, SubscriptionView, VaultingView,
};

/// Where the pages are.
pub(super) const PREFIX: &str = "/_sandbox/buyer/";
/// The one style sheet.
pub(super) const STYLE: &str = "/_sandbox/style.css";

pub(super) fn serve(shared: &Arc<Shared>, head: &Head, body: &[u8]) -> Shown {
    let path = head.uri.path();
    if path == STYLE {
        let body = include_bytes!("style.css").to_vec();
        let shown = Shown::html(StatusCode::OK, Html::default());
        return Shown { kind: "text/css; charset=utf-8", body, ..shown };
    }
    let name = path.strip_prefix(PREFIX).unwrap_or_default().trim_end_matches('/');
    match head.method {
        Method::GET | Method::HEAD => show(shared, name, StatusCode::OK, None),
        Method::POST if head.is_of_one_origin() => act(shared, name, &String::from_utf8_lossy(body)),
        Method::POST => told(StatusCode::FORBIDDEN, "Not from here", "Another site's page sent this.", None),
        _ => told(StatusCode::METHOD_NOT_ALLOWED, "Not like that", "This page is opened or sent.", None),
    }
}

/// The page as it is, with what is wrong with the last entry.
fn show(shared: &Shared, name: &str, status: StatusCode, wrong: Option<&str>) -> Shown {
    let found = shared.page(name);
    match found {
        None => told(
            StatusCode::NOT_FOUND,
            "Nothing here",
            "The gateway never handed this page out, or has forgotten it.",
            None,
        ),
        Some(PageView::Payment { payment, asks }) => Shown::html(status, at_payment(&payment, asks, wrong)),
        Some(PageView::Vaulting { vaulting, asks }) => {
            Shown::html(status, at_vaulting(&vaulting, asks, wrong))
        }
        Some(PageView::Subscription { subscription, open }) => {
            Shown::html(status, at_subscription(&subscription, open))
        }
        Some(PageView::Authorization { authorization, open }) => {
            let page = top(if open { "Agree to pay by wallet" } else { "Nothing to decide" })
                .raw("<h1>Let the shop charge your wallet?</h1><dl><dt>Wallet</dt><dd>")
                .text(&authorization.wallet)
                .raw("</dd><dt>Reference</dt><dd>")
                .text(&authorization.auth_state)
                .raw("</dd></dl>");
            let page = match open {
                true => page.raw(APPROVE[0]).raw("Agree").raw(APPROVE[1]).raw(DECLINE).raw(WALK_AWAY),
                false => page.raw("<p>This authorization is ").text(authorization.state).raw(".</p>"),
            };
            Shown::html(status, page.raw(BOTTOM))
        }
    }
}

fn at_payment(payment: &PaymentView, asks: Option<Ask>, wrong: Option<&str>) -> Html {
    let title = match asks {
        Some(Ask::Decision) => "Pay",
        Some(Ask::Card) => "Pay by card",
        Some(Ask::Challenge) => "Your bank asks: is it you?",
        Some(Ask::Nothing) => "Your wallet is at work",
        None => "Nothing to decide",
    };
    let page = top(title)
        .raw("<h1>")
        .text(title)
        .raw("</h1><p class=\"amount\">")
        .text(&payment.amount.to_string())
        .raw("</p><dl><dt>Method</dt><dd>")
        .text(&payment.method)
        .raw("</dd><dt>Payment</dt><dd>")
        .text(&payment.payment_request_id)
        .raw("</dd></dl>");
    let page = warned(page, wrong);
    match asks {
        Some(asks) => asked(page, asks, "Pay"),
        None => page.raw("<p>This payment is ").text(payment.state).raw(".</p>"),
    }
    .raw(BOTTOM)
}

fn warned(page: Html, wrong: Option<&str>) -> Html {
    match wrong {
        Some(wrong) => page.raw("<p class=\"bad\" role=\"alert\">").text(wrong).raw("</p>"),
        None => page,
    }
}

/// What the buyer may do. `yes` stands on the button that agrees.
fn asked(page: Html, asks: Ask, yes: &'static str) -> Html {
    match asks {
        Ask::Decision => page.raw(APPROVE[0]).raw(yes).raw(APPROVE[1]).raw(DECLINE).raw(WALK_AWAY),
        Ask::Card => page.raw(CARD[0]).raw(yes).raw(CARD[1]).raw(DECLINE).raw(WALK_AWAY),
        Ask::Challenge => page
            .raw(APPROVE[0])
            .raw("It is me")
            .raw(APPROVE[1])
            .raw("<form method=\"post\"><button name=\"action\" value=\"fail-3ds\">Fail the check</button></form>")
            .raw(WALK_AWAY),
        Ask::Nothing => page.raw("<p>There is nothing to do here: wait.</p>"),
    }
}

fn at_vaulting(vaulting: &VaultingView, asks: Option<Ask>, wrong: Option<&str>) -> Html {
    let title = match asks {
        Some(Ask::Challenge) => "Your bank asks: is it you?",
        Some(_) => "Let the shop keep this for next time?",
        None => "Nothing to decide",
    };
    let page = top(title)
        .raw("<h1>")
        .text(title)
        .raw("</h1><dl><dt>Method</dt><dd>")
        .text(&vaulting.method)
        .raw("</dd><dt>Reference</dt><dd>")
        .text(&vaulting.vaulting_request_id)
        .raw("</dd></dl>");
    let page = warned(page, wrong);
    match asks {
        Some(asks) => asked(page, asks, "Keep it"),
        None => page.raw("<p>This payment method is ").text(vaulting.state).raw(".</p>"),
    }
    .raw(BOTTOM)
}

fn at_subscription(subscription: &SubscriptionView, open: bool) -> Html {
    let title = if open { "Subscribe" } else { "Nothing to decide" };
    let page = top(title)
        .raw("<h1>")
        .text(title)
        .raw("</h1><p class=\"amount\">")
        .text(&subscription.amount.to_string())
        .raw("</p><dl><dt>What</dt><dd>")
        .text(&subscription.description)
        .raw("</dd><dt>Method</dt><dd>")
        .text(&subscription.method)
        .raw("</dd><dt>Reference</dt><dd>")
        .text(&subscription.subscription_request_id)
        .raw("</dd></dl>");
    match open {
        true => asked(page, Ask::Decision, "Subscribe"),
        false => page.raw("<p>This subscription is ").text(subscription.state).raw(".</p>"),
    }
    .raw(BOTTOM)
}

fn act(shared: &Arc<Shared>, name: &str, form: &str) -> Shown {
    let text = |name: &str| field(form, name).unwrap_or_default().into_owned();
    let action = match &*text("action") {
        "approve" => BuyerAction::Approve,
        "decline" => BuyerAction::Decline,
        "fail-3ds" => BuyerAction::Fail3ds,
        "walk-away" => BuyerAction::WalkAway,
        "card" => BuyerAction::EnterCard(CardEntry {
            number: Secret::new(text("number")),
            expiry_month: text("month"),
            expiry_year: text("year"),
            cvv: Some(Secret::new(text("cvv"))).filter(|cvv| !cvv.expose().is_empty()),
        }),
        _ => return show(shared, name, StatusCode::BAD_REQUEST, Some("Choose one of the buttons.")),
    };
    let leaves = matches!(action, BuyerAction::WalkAway);
    match shared.buyer(name, &action) {
        Ok(Some(BuyerNext::Challenge)) => show(shared, name, StatusCode::OK, None),
        Ok(Some(BuyerNext::Redirect(url))) => {
            told(StatusCode::OK, "Done", "You go back to the shop.", Some(&url))
        }
        Ok(None) if leaves => told(
            StatusCode::OK,
            "You left",
            "Nothing happens until the payment or authorization expires. The page stays open until then.",
            None,
        ),
        Ok(None) => told(StatusCode::OK, "Done", "You can close this page.", None),
        Err(BuyerError::Card { message, .. }) => {
            show(shared, name, StatusCode::UNPROCESSABLE_ENTITY, Some(&message))
        }
        Err(BuyerError::Unknown) => show(shared, name, StatusCode::NOT_FOUND, None),
        Err(BuyerError::Closed(_) | BuyerError::OtherPage(_)) => {
            show(shared, name, StatusCode::CONFLICT, Some("Something else happened here in the meantime."))
        }
    }
}

/// A page that only says something, and leads to the shop if that is a web address.
fn told(status: StatusCode, title: &'static str, what: &'static str, next: Option<&str>) -> Shown {
    let next = next.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let page = match next {
        Some(url) => head_of(title).raw("<meta http-equiv=\"refresh\" content=\"2;url=").text(url).raw("\">"),
        None => head_of(title),
    };
    let page = page.raw("<main><h1>").raw(title).raw("</h1><p>").raw(what).raw("</p>");
    let page = match next {
        Some(url) => page.raw("<a class=\"go\" href=\"").text(url).raw("\">Back to the shop</a>"),
        None => page,
    };
    Shown::html(status, page.raw(BOTTOM))
}

fn head_of(title: &str) -> Html {
    Html::default()
        .raw("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .text(title)
        .raw("</title><link rel=\"stylesheet\" href=\"/_sandbox/style.css\">")
}

fn top(title: &str) -> Html {
    head_of(title).raw("<main>")
}

const APPROVE: [&str; 2] =
    ["<form method=\"post\"><button class=\"go\" name=\"action\" value=\"approve\">", "</button></form>"];
const DECLINE: &str =
    "<form method=\"post\"><button name=\"action\" value=\"decline\">Decline</button></form>";
const WALK_AWAY: &str =
    "<form method=\"post\"><button name=\"action\" value=\"walk-away\">Walk away</button></form>";
const CARD: [&str; 2] = [
    "<form method=\"post\" autocomplete=\"off\">\
    <label>Card number<input name=\"number\" inputmode=\"numeric\" required maxlength=\"24\"></label>\
    <div class=\"row\"><label>Month<input name=\"month\" inputmode=\"numeric\" required maxlength=\"2\" placeholder=\"MM\"></label>\
    <label>Year<input name=\"year\" inputmode=\"numeric\" required maxlength=\"4\" placeholder=\"YY\"></label>\
    <label>Code<input name=\"cvv\" inputmode=\"numeric\" maxlength=\"4\" placeholder=\"CVV\"></label></div>\
    <button class=\"go\" name=\"action\" value=\"card\">",
    "</button></form>",
];
const BOTTOM: &str =
    "<footer>A sandbox: no money moves. It takes the published test cards alone.</footer></main></html>";
