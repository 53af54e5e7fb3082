//! The deliveries every adapter must treat alike.

use antom_webhook::signature::VerifyError;
use antom_webhook::{FailedStep, HeadHeader};

use crate::servers::Kind;
use crate::shop::{MAX_BODY, OTHER_PATH, Shop, other_gateway};
use crate::support::{BODY, CLIENT, GATEWAY, NOW, PATH};
use crate::wire::{Line, head, send, send_in_pieces};

const SUCCESS: &str = r#"{"result":{"resultCode":"SUCCESS","resultStatus":"S","resultMessage":"success"}}"#;

pub(crate) async fn whole_and_in_pieces(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    assert_eq!(send(address, "POST", &sent, "").await.status, 200);
    for size in [1, 7, 4096] {
        let answer = send_in_pieces(address, &sent, size).await;
        assert_eq!((answer.status, answer.body.contains(SUCCESS)), (200, true), "pieces of {size}");
    }
    let query = GATEWAY.sign(&format!("{PATH}?shop=7"), BODY, NOW).unwrap();
    assert_eq!(send(address, "POST", &query, "").await.status, 200);
    assert_eq!(shop.kept(), [BODY]);
    // Just under the cap, and nothing of it is lost.
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BODY - 8));
    assert_eq!(large.len(), MAX_BODY);
    let sent = GATEWAY.sign(PATH, large.clone(), NOW).unwrap();
    assert_eq!(send_in_pieces(address, &sent, 1000).await.status, 200);
    assert!(shop.kept().contains(&large));
}

pub(crate) async fn the_answer_is_exact(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let answer = send(address, "POST", &GATEWAY.sign(PATH, BODY, NOW).unwrap(), "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("client-id"), Some(CLIENT));
    assert_eq!(answer.header("response-time"), Some("2026-03-01T10:20:30Z"));
    assert_eq!(answer.header("signature"), None);
    assert_eq!(answer.body, SUCCESS);
}

pub(crate) async fn content_types_that_lie(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    for (number, extra) in [
        "content-type: text/plain;charset=UTF-8\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "content-type: multipart/form-data; boundary=x\r\n",
        "content-type: nonsense\r\n",
        "content-encoding: gzip\r\n",
        "content-encoding: br\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let sent = GATEWAY.sign(PATH, format!("{{\"n\":{number}}}"), NOW).unwrap();
        let body = std::str::from_utf8(sent.body()).unwrap();
        let head = head("POST", &sent).replace("content-type: application/json; charset=UTF-8\r\n", extra);
        assert!(head.contains(extra));
        let mut line = Line::open(address).await;
        line.write(&format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await.unwrap();
        assert_eq!(line.answer().await.status, 200, "{extra}");
    }
    assert_eq!(shop.kept().len(), 6);
}

pub(crate) async fn repeats_are_acknowledged(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let later = GATEWAY.sign(PATH, BODY, NOW.saturating_sub(std::time::Duration::from_secs(120))).unwrap();
    assert_ne!(sent, later);
    for sent in [&sent, &sent, &later] {
        assert_eq!(send(address, "POST", sent, "").await.status, 200);
    }
    assert_eq!(shop.kept(), [BODY]);
}

pub(crate) async fn a_full_store_refuses(kind: Kind) {
    let shop = Shop::new(true);
    let address = kind.start(&shop).await;
    let answer = send(address, "POST", &GATEWAY.sign(PATH, BODY, NOW).unwrap(), "").await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains(r#""resultStatus":"F""#), "{}", answer.body);
}

/// A length over the cap is refused before a byte of the body came.
pub(crate) async fn a_stated_gigabyte(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let mut line = Line::open(address).await;
    line.write(&format!("{}content-length: 1073741824\r\n\r\n", head("POST", &sent))).await.unwrap();
    assert_eq!(line.answer().await.status, 413);
    assert_eq!(shop.refusal().await.step(), &FailedStep::BodyTooLarge { limit: MAX_BODY });
}

/// Without a length, the pieces are counted; the server never takes in much more than the cap.
pub(crate) async fn an_unstated_gigabyte(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let mut line = Line::open(address).await;
    line.write(&format!("{}transfer-encoding: chunked\r\n\r\n", head("POST", &sent))).await.unwrap();
    let piece = "x".repeat(1024);
    for _ in 0..MAX_BODY / 1024 {
        line.chunk(&piece).await.unwrap();
    }
    // One byte too many; the rest of the gigabyte never comes.
    line.chunk("x").await.unwrap();
    assert_eq!(line.answer().await.status, 413);
    assert_eq!(shop.refusal().await.step(), &FailedStep::BodyTooLarge { limit: MAX_BODY });
    assert!(shop.kept().is_empty());
}

/// The deadline ends a body that trickles; the clock is the test's.
pub(crate) async fn a_body_that_never_ends(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let mut line = Line::open(address).await;
    let half = &BODY[..BODY.len() / 2];
    line.write(&format!("{}content-length: {}\r\n\r\n{half}", head("POST", &sent), BODY.len()))
        .await
        .unwrap();
    shop.alarm.notify_one();
    assert_eq!(line.answer().await.status, 408);
    let error = shop.refusal().await;
    assert!(matches!(error.step(), FailedStep::BodyTooSlow { .. }), "{error}");
    assert!(shop.kept().is_empty());
    // The server is there for the next one.
    assert_eq!(send(address, "POST", &sent, "").await.status, 200);
}

/// A connection that ends inside the body leaves nothing behind.
pub(crate) async fn a_body_that_breaks_off(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let mut line = Line::open(address).await;
    line.write(&format!("{}content-length: {}\r\n\r\n{{", head("POST", &sent), BODY.len())).await.unwrap();
    drop(line);
    // A chunk that is none breaks the body as well, and there is still someone to answer.
    let mut line = Line::open(address).await;
    line.write(&format!("{}transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\nzz\r\n", head("POST", &sent)))
        .await
        .unwrap();
    let error = loop {
        let error = shop.refusal().await;
        if error.step() == &FailedStep::BodyBroken {
            break error;
        }
    };
    assert_eq!(error.status(), 400);
    assert!(shop.kept().is_empty());
    assert_eq!(send(address, "POST", &sent, "").await.status, 200);
}

pub(crate) async fn forgeries(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let sent = GATEWAY.sign(PATH, BODY, NOW).unwrap();
    let post = async |request: String| {
        let mut line = Line::open(address).await;
        line.write(&request).await.unwrap();
        let status = line.answer().await.status;
        (status, shop.refusal().await.step().clone())
    };
    let whole = format!("{}content-length: {}\r\n\r\n{BODY}", head("POST", &sent), BODY.len());

    let (status, step) = post(whole.replace("4200", "4201")).await;
    assert_eq!(status, 401);
    assert!(matches!(step, FailedStep::Signature(VerifyError::NoMatch { .. })), "{step:?}");

    let (status, step) = post(whole.replace("signature: ", "x-signature: ")).await;
    let header = HeadHeader::Signature;
    assert_eq!((status, step), (400, FailedStep::HeaderMissing { header }));

    let doubled =
        whole.replacen("signature: ", "Signature: algorithm=RSA256,signature=AAAA\r\nsignature: ", 1);
    assert_eq!(post(doubled).await, (400, FailedStep::HeaderRepeated { header }));

    let other_client = whole.replace(&format!("client-id: {CLIENT}"), "client-id: SANDBOX_OTHER");
    assert_eq!(post(other_client).await, (401, FailedStep::ClientId));

    let old =
        GATEWAY.sign(PATH, BODY, NOW.saturating_sub(std::time::Duration::from_secs(27 * 3600))).unwrap();
    let old = format!("{}content-length: {}\r\n\r\n{BODY}", head("POST", &old), BODY.len());
    let (status, step) = post(old).await;
    assert_eq!(status, 401);
    assert!(matches!(step, FailedStep::Freshness(_)), "{step:?}");

    // A body that is longer than what was signed, and one that is shorter.
    let longer = format!("{}content-length: {}\r\n\r\n{BODY} ", head("POST", &sent), BODY.len() + 1);
    assert_eq!(post(longer).await.0, 401);
    let empty = format!("{}content-length: 0\r\n\r\n", head("POST", &sent));
    assert_eq!(post(empty).await.0, 401);
    assert!(shop.kept().is_empty());
}

pub(crate) async fn wrong_paths_and_methods(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    for path in ["/", "/antom/notify/", "/ANTOM/notify", "/antom//notify", "/notify", "/antom/%6eotify"] {
        let answer = send(address, "POST", &GATEWAY.sign(path, BODY, NOW).unwrap(), "").await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let answer = send(address, "PUT", &GATEWAY.sign(PATH, BODY, NOW).unwrap(), "").await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
    assert!(shop.kept().is_empty());
}

pub(crate) async fn several_merchants(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let other = other_gateway();
    let answer = send(address, "POST", &GATEWAY.sign(PATH, "{\"a\":1}", NOW).unwrap(), "").await;
    assert_eq!((answer.status, answer.header("client-id")), (200, Some(CLIENT)));
    let answer = send(address, "POST", &other.sign(OTHER_PATH, "{\"b\":1}", NOW).unwrap(), "").await;
    assert_eq!((answer.status, answer.header("client-id")), (200, Some("SANDBOX_OTHER")));
    // Neither account's key opens the other one's door.
    for (gateway, path) in [(&*GATEWAY, OTHER_PATH), (&other, PATH)] {
        let answer = send(address, "POST", &gateway.sign(path, "{\"c\":1}", NOW).unwrap(), "").await;
        assert_eq!((answer.status, shop.refusal().await.step()), (401, &FailedStep::ClientId));
    }
    assert_eq!(shop.kept().len(), 2);
}

/// Authentic and of no type: kept and acknowledged.
pub(crate) async fn unfit_documents(kind: Kind) {
    let shop = Shop::new(false);
    let address = kind.start(&shop).await;
    let deep = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let bodies = ["", "not json", r#"{"notifyType":"PAYMENT_RESULT","a":1,"a":2}"#, &deep];
    for body in bodies {
        let sent = GATEWAY.sign(PATH, body.to_owned(), NOW).unwrap();
        assert_eq!(send(address, "POST", &sent, "").await.status, 200, "{body}");
    }
    assert_eq!(shop.kept().len(), bodies.len());
}
