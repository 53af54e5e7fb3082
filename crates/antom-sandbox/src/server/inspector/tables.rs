//! What stands where: payments, authorizations, disputes, vaultings and subscriptions.

use super::super::shown::Html;
use super::shown_time;
use crate::engine::View;

pub(super) fn tables(page: Html, view: &View) -> Html {
    let cell = |page: Html, text: &str| page.raw("<td>").text(text).raw("</td>");
    let mut page = page.raw(
        "<section><h2>Payments</h2><div class=\"scroll\"><table><tr><th>paymentRequestId<th>paymentId<th>method<th>amount\
         <th>state<th>captured<th>refunded<th></tr>",
    );
    for one in &view.payments {
        page = cell(page.raw("<tr>"), &one.payment_request_id);
        page = cell(page, &one.payment_id);
        page = cell(page, &one.method);
        page = cell(page, &one.amount.to_string());
        let state = match &one.failure {
            Some(code) => format!("{}: {code}", one.state),
            None => one.state.to_owned(),
        };
        page = cell(page, &state);
        page = cell(page, &one.captured.to_string());
        page = cell(page, &one.refunded.to_string()).raw("<td>");
        page = match &one.page {
            Some(buyers) => page.raw("<a href=\"/_sandbox/buyer/").text(buyers).raw("\">buyer's page</a>"),
            None => page,
        };
        page = page.raw("</td></tr>");
    }
    page = page.raw(
        "</table></div></section><section><h2>Authorizations</h2><div class=\"scroll\"><table><tr><th>authState<th>wallet\
         <th>state<th>ends<th></tr>",
    );
    for one in &view.authorizations {
        page = cell(page.raw("<tr>"), &one.auth_state);
        page = cell(page, &one.wallet);
        page = cell(page, one.state);
        page = cell(page, &shown_time(one.expires));
        page =
            page.raw("<td><a href=\"/_sandbox/buyer/").text(&one.page).raw("\">buyer's page</a></td></tr>");
    }
    page = page.raw(
        "</table></div></section><section><h2>Disputes</h2><div class=\"scroll\"><table><tr><th>disputeId<th>paymentId\
         <th>amount<th>state<th>to be answered by</tr>",
    );
    for one in &view.disputes {
        page = cell(page.raw("<tr>"), &one.dispute_id);
        page = cell(page, &one.payment_id);
        page = cell(page, &one.amount.to_string());
        page = cell(page, one.state);
        page = cell(page, &shown_time(one.due)).raw("</tr>");
    }
    page = page.raw(
        "</table></div></section><section><h2>Vaultings</h2><div class=\"scroll\"><table><tr><th>vaultingRequestId\
         <th>method<th>state<th></tr>",
    );
    for one in &view.vaultings {
        page = cell(page.raw("<tr>"), &one.vaulting_request_id);
        page = cell(page, &one.method);
        page = cell(page, one.state).raw("<td>");
        page = match &one.page {
            Some(buyers) => page.raw("<a href=\"/_sandbox/buyer/").text(buyers).raw("\">buyer's page</a>"),
            None => page,
        };
        page = page.raw("</td></tr>");
    }
    page = page.raw(
        "</table></div></section><section><h2>Subscriptions</h2><div class=\"scroll\"><table><tr>\
         <th>subscriptionRequestId<th>subscriptionId<th>what<th>amount<th>state<th>phase<th>next<th></tr>",
    );
    for one in &view.subscriptions {
        page = cell(page.raw("<tr>"), &one.subscription_request_id);
        page = cell(page, &one.subscription_id);
        page = cell(page, &one.description);
        page = cell(page, &one.amount.to_string());
        page = cell(page, one.state);
        page = cell(page, &one.phase.to_string());
        page = cell(page, &one.next.map(shown_time).unwrap_or_default());
        page =
            page.raw("<td><a href=\"/_sandbox/buyer/").text(&one.page).raw("\">buyer's page</a></td></tr>");
    }
    page.raw("</table></div></section>")
}
