//! A gateway that is read back from its rows goes on as the one that wrote them.

use std::collections::BTreeMap;

use antom_core::api::authorizations::{ApplyToken, ApplyTokenRequest, Revoke, RevokeRequest};
use antom_core::api::models::{CardPaymentMethodDetail, Env, PaymentMethod, PeriodRule, SettlementStrategy};
use antom_core::api::notification::{InquireNotificationList, InquireNotificationListRequest};
use antom_core::api::subscriptions as sub;
use antom_core::api::vaults as vault;
use antom_core::secret::Secret;
use antom_core::time::DateTimeText;

use super::*;

/// What a file would hold.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn take(&mut self, shop: &mut Merchant) {
        for row in shop.gateway.changed_rows() {
            let same = |known: &Row| known.kind == row.kind && known.id == row.id;
            match (self.0.iter_mut().find(|known| same(known)), &row.body) {
                (Some(known), Some(_)) => *known = row,
                (None, Some(_)) => self.0.push(row),
                (_, None) => self.0.retain(|known| !same(known)),
            }
        }
    }
}

/// Something of every kind, at every stage that it can wait in. What of it goes on later.
fn story(shop: &mut Merchant) -> BTreeMap<&'static str, String> {
    let mut names = BTreeMap::new();
    let code = shown_code(&shop.pay(&order_code("PAID", 1000)));
    shop.buyer(&code, BuyerAction::Approve).unwrap();
    names.insert("paid", shop.inquire("PAID").payment_id.unwrap());
    shop.refund("REFUND", &names["paid"], 100);
    names.insert("waits", shown_code(&shop.pay(&order_code("WAITS", 1000))));
    let declined = shown_code(&shop.pay(&order_code("DECLINED", 1000)));
    shop.buyer(&declined, BuyerAction::Decline).unwrap();
    let hosted = shop.pay(&preset::card_hosted(purchase("CARD", 3000), "https://shop.example/back"));
    let page = hosted.normal_url.unwrap().expose().clone();
    shop.buyer(&page, BuyerAction::EnterCard(CardEntry::valid(TEST_CARDS[0].number))).unwrap();
    let card = shop.inquire("CARD").payment_result_info.unwrap().card_token.unwrap();
    names.insert("card", card.expose().clone());
    let token = shop.token("GRANTED");
    names.insert("access", token.access_token.unwrap().expose().clone());
    names.insert("refresh", token.refresh_token.unwrap().expose().clone());
    names.insert("open", shop.consult("OPEN"));
    names.insert("dispute", shop.gateway.dispute(shop.now, "PAID").unwrap().dispute_id);

    let mut typed = CardPaymentMethodDetail::new();
    typed.card_no = Some(Secret::from(TEST_CARDS[0].number));
    typed.expiry_month = Some(Secret::from("12"));
    typed.expiry_year = Some(Secret::from("39"));
    typed.is_3ds_authentication = Some(true);
    let mut detail = vault::PaymentMethodDetail::new("CARD");
    detail.card = Some(typed);
    let env = || Env::new().with_terminal_type("WEB");
    let kept = vault::VaultPaymentMethodRequest::new("V1", NOTIFY, "https://shop.example/v", detail, env());
    let page = shop.call::<vault::VaultPaymentMethod>(&kept).normal_url.unwrap();
    names.insert("vaulting", page.expose().clone());
    let create = sub::CreateRequest::new(
        "SUB",
        "A paper",
        "https://shop.example/back",
        DateTimeText::from(shop.now.to_rfc3339()),
        PeriodRule::new("MONTH", 1),
        PaymentMethod::new("GCASH"),
        NOTIFY,
        NOTIFY,
        sub::OrderInfo::new(),
        usd(500),
        SettlementStrategy::new(),
        env(),
    );
    let page = shop.call::<sub::Create>(&create).normal_url.unwrap();
    shop.buyer(page.expose(), BuyerAction::Approve).unwrap();
    shop.wait(Duration::from_secs(1));
    names
}

/// What goes on with it; everything that a merchant sees of that.
fn later(shop: &mut Merchant, names: &BTreeMap<&'static str, String>) -> Vec<String> {
    let mut seen = Vec::new();
    seen.push(format!("{:?}", shop.refund("REFUND", &names["paid"], 100)));
    seen.push(format!("{:?}", shop.refund("REFUND-2", &names["paid"], 900)));
    seen.push(format!("{:?}", shop.buyer(&names["waits"], BuyerAction::Approve)));
    let stored = |id, token| preset::card_stored(purchase(id, 50), "https://shop.example/back", token);
    let token = Secret::from(names["card"].as_str());
    seen.push(format!("{:?}", shop.pay(&stored("AGAIN", token)).result));
    let refresh = ApplyTokenRequest::new("REFRESH_TOKEN", "GCASH")
        .with_refresh_token(Secret::from(names["refresh"].as_str()));
    seen.push(format!("{:?}", shop.call::<ApplyToken>(&refresh)));
    let revoke = RevokeRequest::new(Secret::from(names["access"].as_str()));
    seen.push(format!("{:?}", shop.call::<Revoke>(&revoke)));
    seen.push(format!("{:?}", shop.buyer(&names["open"], BuyerAction::Approve)));
    seen.push(format!("{:?}", shop.buyer(&names["vaulting"], BuyerAction::Approve)));
    seen.push(format!("{:?}", shop.gateway.bank(shop.now, &names["dispute"], BankAction::Cancel).is_ok()));
    shop.wait(Duration::from_secs(24 * 3600));
    for note in shop.inbox.drain(..) {
        seen.push(format!("{} {} {:?} {:?}", note.id, note.attempt, note.headers, note.body));
    }
    let list = InquireNotificationListRequest::new();
    seen.push(format!("{:?}", shop.call::<InquireNotificationList>(&list)));
    seen.push(format!("{:?}", shop.gateway.view(1_000)));
    seen.push(format!("{:?}", shop.gateway.next_wakeup()));
    seen
}

#[test]
fn what_is_read_back_goes_on_as_before() {
    let mut first = Merchant::new();
    let mut rows = Rows::default();
    first.gateway.watch();
    let names = story(&mut first);
    rows.take(&mut first);
    let kinds: std::collections::BTreeSet<_> = rows.0.iter().map(|row| row.kind.as_ref()).collect();
    let expected = [
        "authorization",
        "card",
        "counters",
        "dispute",
        "notification",
        "payment",
        "pending",
        "subscription",
        "token",
        "vaulting",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), expected);
    let mut second = Merchant::new();
    second.gateway.restore(rows.0.clone()).unwrap();
    second.now = first.now;
    assert_eq!(second.gateway.view(1_000), first.gateway.view(1_000));
    assert_eq!(second.gateway.next_wakeup(), first.gateway.next_wakeup());
    first.inbox.clear();
    let (as_before, read_back) = (later(&mut first, &names), later(&mut second, &names));
    assert!(as_before.len() > 20);
    assert_eq!(read_back, as_before);
}

#[test]
fn no_row_holds_a_card_number_and_unknown_rows_are_refused() {
    let mut shop = Merchant::new();
    shop.gateway.watch();
    story(&mut shop);
    let rows = shop.gateway.changed_rows();
    for row in &rows {
        let body = row.body.as_deref().unwrap_or_default();
        let numbers = TEST_CARDS.iter().any(|card| body.contains(card.number));
        assert!(!numbers, "{} {}", row.kind, row.id);
    }
    assert!(shop.gateway.changed_rows().is_empty(), "told once");
    for (kind, body) in [("payment", "{}"), ("surprise", "{}"), ("counters", "[]")] {
        let row = Row { kind: kind.into(), id: "X".into(), body: Some(body.into()) };
        let error = Merchant::new().gateway.restore([row]).unwrap_err().to_string();
        assert!(error.contains(kind) && error.contains("cannot be read"), "{error}");
    }
}

#[test]
fn described_objects_come_back() {
    let ask = |shop: &mut Merchant, operation: &str, body: &str| {
        let key = "Bearer isak_TEST_id_secret";
        let request = GatewayRequest::post(format!("/ams/api/v1/{operation}"), body.as_bytes().to_vec())
            .with_header("authorization", key);
        String::from_utf8(shop.send(&request).answer().unwrap().body.to_vec()).unwrap()
    };
    let mut first = Merchant::new();
    first.gateway.watch();
    ask(&mut first, "billing/product/create", r#"{"name":"Coffee","productRequestId":"PRODUCT-1"}"#);
    let list = ask(&mut first, "billing/product/inquireList", "{}");
    let mut second = Merchant::new();
    second.gateway.restore(first.gateway.changed_rows()).unwrap();
    assert_eq!(ask(&mut second, "billing/product/inquireList", "{}"), list);
    assert!(list.contains("PRODUCT-1"), "{list}");
}
