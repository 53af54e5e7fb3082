//! The inspector: what came, what was answered, what was delivered, what stands where; and the commands as
//! forms. A page for the one who runs the sandbox: it needs the token once, then a cookie.

mod tables;

use std::sync::Arc;

use antom_core::time::UnixTime;
use hyper::{Method, StatusCode};

use super::admin::is_token;
use super::shared::{Place, Shared};
use super::shown::{Head, Html, Policy, Shown, field};
use crate::engine::{
    DeliveryResult, Entry, Event, FaultTarget, NotificationId, Script, View, parse_duration,
};
use tables::tables;

/// Where the page is.
pub(super) const PAGE: &str = "/_sandbox/";
const SCRIPT: &str = "/_sandbox/inspector.js";
const LIVE: &str = "/_sandbox/live";
const LOGIN: &str = "/_sandbox/login";

/// What stands where something is covered.
const COVER: &str = "•••";

/// The most lines of each kind.
const MOST: usize = 100;

/// The cookie that stands for the token.
const COOKIE: &str = "antom_sandbox";

/// Whether a path belongs to the page.
pub(super) fn has(path: &str) -> bool {
    [PAGE, SCRIPT, LIVE, LOGIN].contains(&path)
}

pub(super) async fn serve(shared: &Arc<Shared>, head: &Head, body: &[u8]) -> Shown {
    if !head.is_from_here(&shared.rules.hosts) {
        let page = plain("Not from here").raw("<p>This page opens under its own address alone.</p>");
        return Shown::html(StatusCode::FORBIDDEN, page.raw(END));
    }
    let form = String::from_utf8_lossy(body);
    let named = head.query("client");
    let place = named.and_then(|id| shared.client(&id)).unwrap_or(Place::FIRST);
    match (&head.method, head.uri.path()) {
        (&Method::GET, SCRIPT) => {
            let body = include_bytes!("inspector.js").to_vec();
            Shown {
                kind: "text/javascript; charset=utf-8",
                body,
                ..Shown::html(StatusCode::OK, Html::default())
            }
        }
        (&Method::POST, LOGIN) => log_in(shared, &form),
        (&Method::GET, PAGE | LIVE) | (&Method::POST, PAGE) if !is_known(shared, head) => ask(None),
        (&Method::GET, PAGE) => whole(shared, place, None),
        (&Method::GET, LIVE) => live(shared, place, head),
        (&Method::POST, PAGE) => match act(shared, place, &form).await {
            Ok(()) => to_page(head.uri.query()),
            Err(why) => whole(shared, place, Some(&why)),
        },
        _ => Shown::html(StatusCode::METHOD_NOT_ALLOWED, plain("Not like that").raw(END)),
    }
}

fn is_known(shared: &Shared, head: &Head) -> bool {
    let cookies = head.header("cookie").unwrap_or_default();
    let mut values = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
    let value = values.find(|(name, _)| *name == COOKIE).map(|(_, value)| value);
    is_token(value, shared.rules.token.expose())
}

fn log_in(shared: &Shared, form: &str) -> Shown {
    let token = field(form, "token").unwrap_or_default();
    if !is_token(Some(token.trim()), shared.rules.token.expose()) {
        return ask(Some("This is not the token that the sandbox printed when it started."));
    }
    let mut shown = to_page(None);
    let cookie =
        format!("{COOKIE}={}; Path=/_sandbox/; HttpOnly; SameSite=Strict", shared.rules.token.expose());
    shown.headers.push(("set-cookie", cookie));
    shown
}

fn to_page(query: Option<&str>) -> Shown {
    let mut shown = Shown::html(StatusCode::SEE_OTHER, Html::default());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    shown.headers.push(("location", format!("{PAGE}{query}")));
    shown
}

fn ask(wrong: Option<&'static str>) -> Shown {
    let page = plain("The sandbox's inspector");
    let page = match wrong {
        Some(wrong) => page.raw("<p class=\"bad\" role=\"alert\">").raw(wrong).raw("</p>"),
        None => page,
    };
    let page = page.raw(
        "<p>The sandbox printed a token when it started: <code>admin_token</code>.</p>\
         <form method=\"post\" action=\"/_sandbox/login\"><label>Token\
         <input name=\"token\" type=\"password\" required autofocus autocomplete=\"off\"></label>\
         <button class=\"go\">Open</button></form>",
    );
    Shown::html(StatusCode::UNAUTHORIZED, page.raw(END))
}

/// What a form asks for; what is wrong, if it cannot be done.
async fn act(shared: &Arc<Shared>, place: Place, form: &str) -> Result<(), String> {
    let text = |name: &str| field(form, name).unwrap_or_default().trim().to_owned();
    let why = |error: &dyn std::fmt::Display| error.to_string();
    match &*text("do") {
        "advance" => {
            let by =
                parse_duration(&text("by")).map_err(|_| "write a time as 30s, 10m, 24h or 3d".to_owned());
            shared.advance(by?).await;
        }
        "fault" => {
            let target = match &*text("for") {
                "operation" => FaultTarget::Operation(text("target")),
                _ => FaultTarget::RequestId(text("target")),
            };
            match &*text("script") {
                "" => shared.gateway(place).clear_fault(&target),
                script => {
                    let script: Script = script.parse().map_err(|error| why(&error))?;
                    shared.gateway(place).set_script(target, script);
                }
            }
        }
        "resend" => {
            let id: NotificationId =
                text("id").parse().map_err(|_| "a notification is named like N7".to_owned())?;
            let now = shared.clock.now();
            if !shared.gateway(place).resend(now, id) {
                return Err("this notification is forgotten, or has no address".into());
            }
            shared.tick();
        }
        "dispute" => {
            shared.dispute(&text("payment")).map_err(|error| why(&error))?;
        }
        "send" if text("body").contains(COVER) => {
            return Err("what is covered is known to nobody here: type it, or leave it out".into());
        }
        "send" => shared.send_as_merchant(place, &text("operation"), &text("body"))?,
        _ => return Err("choose one of the buttons".into()),
    }
    Ok(())
}

fn whole(shared: &Shared, place: Place, wrong: Option<&str>) -> Shown {
    let (entries, last, view) = look(shared, place);
    let page = top("The sandbox")
        .raw("<script src=\"/_sandbox/inspector.js\" defer></script><body class=\"inspector\"><main>");
    let page = match wrong {
        Some(wrong) => page.raw("<p class=\"bad\" role=\"alert\">").text(wrong).raw("</p>"),
        None => page,
    };
    let page = page.raw(TOOLS).raw("<div id=\"live\" data-last=\"").text(&last.to_string()).raw("\">");
    let page = parts(page, shared, place, &entries, &view).raw("</div></main></body></html>");
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Shown { policy: Policy::Live, ..Shown::html(status, page) }
}

/// The part that changes, if it has.
fn live(shared: &Shared, place: Place, head: &Head) -> Shown {
    let after: u64 = head.query("after").and_then(|after| after.parse().ok()).unwrap_or(0);
    let (entries, last, view) = look(shared, place);
    if last == after {
        return Shown::html(StatusCode::NO_CONTENT, Html::default());
    }
    let mut shown = Shown::html(StatusCode::OK, parts(Html::default(), shared, place, &entries, &view));
    shown.headers.push(("x-last", last.to_string()));
    shown
}

fn look(shared: &Shared, place: Place) -> (Vec<Entry>, u64, View) {
    let gateway = shared.gateway(place);
    let mut entries: Vec<Entry> = gateway.journal().cloned().collect();
    let last = entries.last().map_or(0, |entry| entry.place);
    entries.reverse();
    entries.truncate(MOST);
    (entries, last, gateway.view(MOST))
}

fn parts(page: Html, shared: &Shared, place: Place, entries: &[Entry], view: &View) -> Html {
    let mut page = page
        .raw("<header><h1>Sandbox of ")
        .text(shared.gateway(place).settings().client_id.as_str())
        .raw("</h1><span>its clock: ")
        .text(&shown_time(shared.clock.now()))
        .raw("</span><span>")
        .text(&view.unacknowledged.to_string())
        .raw(" notifications not acknowledged</span>");
    for (_, client) in shared.clients().filter(|(other, _)| *other != place) {
        page = page
            .raw("<a href=\"/_sandbox/?client=")
            .text(client.as_str())
            .raw("\">")
            .text(client.as_str())
            .raw("</a>");
    }
    page = page.raw("</header><section><h2>Traffic</h2>");
    if entries.is_empty() {
        page = page.raw("<p>Nothing yet.</p>");
    }
    for entry in entries {
        page = line(page, entry);
    }
    tables(page.raw("</section>"), view)
}

/// A time of day with its date before it.
fn shown_time(at: UnixTime) -> String {
    at.to_rfc3339().replace('T', " ")
}

fn line(page: Html, entry: &Entry) -> Html {
    let begin = |page: Html| {
        page.raw("<details id=\"e")
            .text(&entry.place.to_string())
            .raw("\"><summary><time>")
            .text(&shown_time(entry.at))
            .raw("</time>")
    };
    let tag = |page: Html, good: bool, text: &str| {
        page.raw(if good { "<span class=\"tag\">" } else { "<span class=\"tag bad\">" })
            .text(text)
            .raw("</span>")
    };
    let block = |page: Html, title: &'static str, text: &str| {
        page.raw("<h2>").raw(title).raw("</h2><pre>").text(text).raw("</pre>")
    };
    let page = begin(page);
    match &entry.event {
        Event::Request { path, reference, code, status, refusal, sent, body, answered, .. } => {
            let page = page.raw("<b>").text(path).raw("</b>");
            let page = tag(page, *status != "F", &format!("{status} {code}"));
            let page = match reference {
                Some(reference) => page.raw("<span>").text(reference).raw("</span>"),
                None => page,
            };
            let page = page.raw("</summary>");
            let page = match refusal {
                Some(refusal) => page.raw("<p class=\"bad\">Refused: ").text(refusal).raw("</p>"),
                None => page,
            };
            let title = if refusal.is_some() { "What should have been signed" } else { "What was verified" };
            let page = block(block(page, title, &format!("{sent}{body}")), "Answer", answered);
            match path.split_once("/v1/") {
                Some((_, operation)) if body.starts_with('{') => again(page, operation, body),
                _ => page,
            }
        }
        Event::Change { what, id } => page.text(what).raw(" <span>").text(id).raw("</span></summary>"),
        Event::Sent { id, kind, about, attempt, body } => {
            let page = page.raw("<b>").text(kind).raw("</b>");
            let page = tag(page, true, &format!("{id}, attempt {attempt}"));
            let page = page.raw("<span>").text(about).raw("</span></summary>");
            block(page, "Notification", body)
                .raw(
                    "<form method=\"post\"><input type=\"hidden\" name=\"do\" value=\"resend\">\
                     <input type=\"hidden\" name=\"id\" value=\"",
                )
                .text(&id.to_string())
                .raw("\"><button>Send it again</button></form>")
        }
        Event::Delivered { id, result, said } => {
            let (good, text) = match result {
                DeliveryResult::Acknowledged => (true, "acknowledged".to_owned()),
                DeliveryResult::Refused(status) => (false, format!("not acknowledged, HTTP {status}")),
                DeliveryResult::Unreachable => (false, "no answer".to_owned()),
            };
            let page = page.raw("delivery of ").text(&id.to_string());
            let page = tag(page, good, &text).raw("</summary>");
            let title = match result {
                DeliveryResult::Unreachable => "Why",
                _ => "What your server said",
            };
            block(page, title, said)
        }
        Event::NoAddress { kind, about } => {
            tag(page.raw("<b>").text(kind).raw("</b>"), false, "no address to send it to")
                .raw("<span>")
                .text(about)
                .raw("</span></summary>")
        }
        Event::Settled { files, .. } => {
            page.raw("day settled <span>").text(&files.join(", ")).raw("</span></summary>")
        }
        Event::GivenUp { id } => page.raw("given up: ").text(&id.to_string()).raw("</summary>"),
    }
    .raw("</details>")
}

/// A form that sends a request again, changed.
fn again(page: Html, operation: &str, body: &str) -> Html {
    page.raw(
        "<form method=\"post\"><input type=\"hidden\" name=\"do\" value=\"send\"><input type=\"hidden\" name=\"operation\" value=\"",
    )
    .text(operation)
    .raw("\"><label>To be sent again<textarea name=\"body\" required>")
    .text(body)
    .raw("</textarea></label><button>Send this, signed as the merchant</button></form>")
}

fn top(title: &'static str) -> Html {
    Html::default()
        .raw("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
        .raw(title)
        .raw("</title><link rel=\"stylesheet\" href=\"/_sandbox/style.css\">")
}

fn plain(title: &'static str) -> Html {
    top(title).raw("<body><main><h1>").raw(title).raw("</h1>")
}

const END: &str = "</main></body></html>";

/// The commands.
const TOOLS: &str = "<section class=\"tools\">\
    <form method=\"post\"><h2>Clock</h2><input type=\"hidden\" name=\"do\" value=\"advance\">\
    <label>Move on by<input name=\"by\" value=\"24h\" required></label><button>Move on</button></form>\
    <form method=\"post\"><h2>Fault</h2><input type=\"hidden\" name=\"do\" value=\"fault\">\
    <label>It is for<select name=\"for\"><option value=\"request\">the request id<option value=\"operation\">the operation</select></label>\
    <label>Which<input name=\"target\" required></label>\
    <label>Script, such as U,U,S or html-503; empty: as usual<input name=\"script\"></label><button>Set</button></form>\
    <form method=\"post\"><h2>Dispute</h2><input type=\"hidden\" name=\"do\" value=\"dispute\">\
    <label>paymentId or paymentRequestId<input name=\"payment\" required></label><button>Open it</button></form>\
    <form method=\"post\"><h2>Request, signed as the merchant</h2>\
    <input type=\"hidden\" name=\"do\" value=\"send\">\
    <label>Operation<input name=\"operation\" value=\"payments/inquiryPayment\" required></label>\
    <label>Body<textarea name=\"body\" required>{&quot;paymentRequestId&quot;:&quot;PAY-1&quot;}</textarea></label>\
    <button>Send</button></form></section>";
