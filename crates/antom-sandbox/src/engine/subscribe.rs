//! The operations on subscriptions: create, change, update, cancel, and the inquiries.

use std::time::Duration;

use antom_core::api::models::{Paginator, PaymentStatus, PeriodType, SubscriptionInfo};
use antom_core::api::notifications::SubscriptionNotificationType;
use antom_core::api::subscriptions::{
    CancelRequest, CancelResponse, ChangeRequest, ChangeResponse, CreateRequest, CreateResponse,
    InquireLegacyRequest, InquireLegacyResponse, InquireSubscriptionListRequest,
    InquireSubscriptionListResponse, InquireSubscriptionPaymentRequest, InquireSubscriptionPaymentResponse,
    InquireSubscriptionRequest, InquireSubscriptionResponse, InquiryRequest, InquiryResponse,
    SubscriptionTransaction, UpdateRequest, UpdateResponse,
};
use antom_core::codec::Message;
use antom_core::money::Amount;
use antom_core::secret::Secret;
use antom_core::time::{DateTimeText, UnixTime};

use super::change::Change;
use super::desk::Desk;
use super::payment::{Payment, PaymentState};
use super::reply::{Done, Refusal, refuse, stamp, success};
use super::subscription::{Subscription, SubscriptionStage, charge, terminate};

/// How long the buyer has, unless the request says otherwise; and the longest that it may say.
const EXPIRY: Duration = Duration::from_secs(30 * 60);
const LONGEST_EXPIRY: Duration = Duration::from_secs(48 * 3600);
/// The entries of a page, unless the request says otherwise.
const PAGE: i64 = 10;
/// How many ids of changes are remembered.
const CHANGES: usize = 32;

fn instant(text: &DateTimeText, name: &str) -> Result<UnixTime, Refusal> {
    text.instant().or_else(|error| refuse("PARAM_ILLEGAL", format!("/{name}: {error}")))
}

fn payable(amount: &Amount, name: &str) -> Result<(), Refusal> {
    match amount.minor_units() {
        Ok(0) => refuse("PARAM_ILLEGAL", format!("/{name}/value: zero cannot be debited")),
        Ok(_) => Ok(()),
        Err(error) => refuse("PARAM_ILLEGAL", format!("/{name}/value: {error}")),
    }
}

fn done(body: Vec<u8>, changes: Vec<Change>) -> Done {
    Done { body, result: success(), changes }
}

pub(super) fn create(desk: &mut Desk<'_>, request: CreateRequest) -> Result<Done, Refusal> {
    let method = match request.payment_method.payment_method_type {
        Some(method) if !method.as_str().is_empty() => method,
        _ => return refuse("PARAM_ILLEGAL", "/paymentMethod/paymentMethodType: absent"),
    };
    payable(&request.payment_amount, "paymentAmount")?;
    if let Some(known) = desk.state.subscription_of_request(&request.subscription_request_id) {
        let same = known.amount.same_money(&request.payment_amount).unwrap_or(false);
        return match same && known.method == method {
            true => Ok(create_answer(desk, known, Vec::new())),
            false => refuse(
                "REPEAT_REQ_INCONSISTENT",
                "this subscriptionRequestId was used with another amount or payment method",
            ),
        };
    }
    let starts = instant(&request.subscription_start_time, "subscriptionStartTime")?;
    let ends = request.subscription_end_time.as_ref();
    let ends = ends.map(|text| instant(text, "subscriptionEndTime")).transpose()?;
    if ends.is_some_and(|end| end <= starts || end <= desk.now) {
        return refuse("PARAM_ILLEGAL", "/subscriptionEndTime: before the start, or has passed");
    }
    let expires = match &request.subscription_expiry_time {
        None => desk.now.saturating_add(EXPIRY),
        Some(text) => match instant(text, "subscriptionExpiryTime")? {
            at if at > desk.now && at <= desk.now.saturating_add(LONGEST_EXPIRY) => at,
            _ => return refuse("PARAM_ILLEGAL", "/subscriptionExpiryTime: must lie in the next 48 hours"),
        },
    };
    let subscription = Subscription {
        id: desk.ids.numbered("194010860", desk.now),
        request_id: request.subscription_request_id,
        page: desk.ids.page(),
        description: request.subscription_description,
        rule: request.period_rule,
        amount: request.payment_amount,
        method,
        trials: request.trials.unwrap_or_default(),
        starts,
        ends,
        expires,
        redirect_url: request.subscription_redirect_url.expose().clone(),
        notify_url: request.subscription_notification_url.expose().clone(),
        payment_notify_url: request.payment_notification_url.expose().clone(),
        allow_accumulate: request.allow_accumulate,
        max_accumulate_amount: request.max_accumulate_amount,
        stage: SubscriptionStage::Open,
        phase: 0,
        period: None,
        payments: Vec::new(),
        changes: Vec::new(),
        created: desk.now,
        updated: desk.now,
    };
    let changes = vec![subscription.clone().set(None)];
    Ok(create_answer(desk, &subscription, changes))
}

fn create_answer(desk: &Desk<'_>, subscription: &Subscription, changes: Vec<Change>) -> Done {
    let mut answer = CreateResponse::new(success());
    answer.normal_url = Some(desk.settings.page_url(&subscription.page).into());
    done(answer.to_json(), changes)
}

/// The subscription that a request names, once the buyer agreed to it.
fn agreed<'a>(
    desk: &Desk<'a>,
    id: Option<&str>,
    request_id: Option<&str>,
) -> Result<&'a Subscription, Refusal> {
    let found = match (id, request_id) {
        (Some(id), _) => desk.state.subscription(id),
        (None, Some(request_id)) => desk.state.subscription_of_request(request_id),
        (None, None) => {
            return refuse("PARAM_ILLEGAL", "/subscriptionId: it or subscriptionRequestId must be present");
        }
    };
    match found {
        // Its id is told when the buyer agrees.
        Some(found) if id.is_none() || found.stage != SubscriptionStage::Open => Ok(found),
        _ => refuse("PARAM_ILLEGAL", "/subscriptionId: no such subscription"),
    }
}

/// The subscription that a request names, if it is still debited.
fn running<'a>(desk: &Desk<'a>, id: &str) -> Result<&'a Subscription, Refusal> {
    let subscription = agreed(desk, Some(id), None)?;
    match subscription.stage {
        SubscriptionStage::Active => Ok(subscription),
        _ => refuse("PROCESS_FAIL", "the subscription is cancelled or terminated"),
    }
}

/// Takes note of a change, and charges what is due for it at once.
fn changed(
    desk: &mut Desk<'_>,
    mut subscription: Subscription,
    request_id: String,
    now_due: Option<Amount>,
    kind: SubscriptionNotificationType,
) -> Vec<Change> {
    if subscription.changes.len() >= CHANGES {
        subscription.changes.remove(0);
    }
    subscription.changes.push(request_id);
    subscription.updated = desk.now;
    let payment = now_due.and_then(|amount| charge(desk, &mut subscription, amount));
    std::iter::once(subscription.set(Some(kind.into()))).chain(payment).collect()
}

pub(super) fn change(desk: &mut Desk<'_>, request: ChangeRequest) -> Result<Done, Refusal> {
    let body = ChangeResponse::new(success()).to_json();
    let known = agreed(desk, Some(&request.subscription_id), None)?;
    if known.changes.contains(&request.subscription_change_request_id) {
        return Ok(done(body, Vec::new()));
    }
    let mut next = running(desk, &request.subscription_id)?.clone();
    if let Some(amount) = request.payment_amount {
        payable(&amount, "paymentAmount")?;
        next.amount = amount;
    }
    if let Some(text) = &request.subscription_start_time {
        next.starts = instant(text, "subscriptionStartTime")?;
    }
    if let Some(text) = &request.subscription_end_time {
        next.ends = Some(instant(text, "subscriptionEndTime")?);
    }
    next.description = request.subscription_description.unwrap_or(next.description);
    next.rule = request.period_rule.unwrap_or(next.rule);
    next.allow_accumulate = request.allow_accumulate.or(next.allow_accumulate);
    next.max_accumulate_amount = request.max_accumulate_amount.or(next.max_accumulate_amount);
    let (id, due) = (request.subscription_change_request_id, request.payment_amount_difference);
    Ok(done(body, changed(desk, next, id, due, SubscriptionNotificationType::Change)))
}

pub(super) fn update(desk: &mut Desk<'_>, request: UpdateRequest) -> Result<Done, Refusal> {
    let body = UpdateResponse::new(success()).to_json();
    let known = agreed(desk, Some(&request.subscription_id), None)?;
    if known.changes.contains(&request.subscription_update_request_id) {
        return Ok(done(body, Vec::new()));
    }
    let mut next = running(desk, &request.subscription_id)?.clone();
    if let Some(amount) = request.payment_amount {
        payable(&amount, "paymentAmount")?;
        next.amount = amount;
    }
    if let Some(text) = &request.subscription_end_time {
        next.ends = Some(instant(text, "subscriptionEndTime")?);
    }
    if let Some(text) = &request.next_subscription_date {
        let at = instant(text, "nextSubscriptionDate")?;
        if at <= desk.now {
            return refuse("PARAM_ILLEGAL", "/nextSubscriptionDate: has passed");
        }
        match &mut next.period {
            Some((_, until)) => *until = at,
            None => next.starts = at,
        }
    }
    next.description = request.subscription_description.unwrap_or(next.description);
    next.rule = request.period_rule.unwrap_or(next.rule);
    // Of the ways to settle a difference, only an amount to pay at once makes a debit here.
    let due = request.proration_settings.and_then(|settings| {
        let pays = settings.proration_mode.as_ref()?.as_str() == "IMMEDIATE_PAY_CUSTOM_AMOUNT";
        settings.custom_amount.filter(|_| pays)
    });
    let id = request.subscription_update_request_id;
    Ok(done(body, changed(desk, next, id, due, SubscriptionNotificationType::Update)))
}

pub(super) fn cancel(desk: &Desk<'_>, request: &CancelRequest) -> Result<Done, Refusal> {
    let at_once = match request.cancellation_type.as_str() {
        "CANCEL" => false,
        "TERMINATE" => true,
        _ => return refuse("PARAM_ILLEGAL", "/cancellationType: must be CANCEL or TERMINATE"),
    };
    let (id, request_id) = (request.subscription_id.as_deref(), request.subscription_request_id.as_deref());
    let found = agreed(desk, id, request_id)?;
    let change = match (found.stage, at_once) {
        (SubscriptionStage::Active | SubscriptionStage::Cancelled, true) => Some(terminate(desk.now, found)),
        (SubscriptionStage::Active, false) => {
            let stage = SubscriptionStage::Cancelled;
            let next = Subscription { stage, updated: desk.now, ..found.clone() };
            Some(next.set(Some(SubscriptionNotificationType::Cancel.into())))
        }
        // Whoever lost the answer hears it again.
        (SubscriptionStage::Cancelled, false) | (SubscriptionStage::Terminated, _) => None,
        (SubscriptionStage::Open | SubscriptionStage::Closed, _) => {
            return refuse("PROCESS_FAIL", "the buyer has not agreed to this subscription");
        }
    };
    Ok(done(CancelResponse::new(success()).to_json(), change.into_iter().collect()))
}

pub(super) fn inquiry(desk: &Desk<'_>, request: &InquiryRequest) -> Result<Done, Refusal> {
    let (id, request_id) = (request.subscription_id.as_deref(), request.subscription_request_id.as_deref());
    let found = agreed(desk, id, request_id)?;
    let mut answer = InquiryResponse::new(success());
    answer.payment_amount = Some(found.amount.clone());
    answer.period_rule = Some(found.rule.clone());
    answer.subscription_request_id = Some(found.request_id.clone());
    answer.subscription_start_time = Some(DateTimeText::from(stamp(found.starts)));
    answer.subscription_end_time = found.ends.map(|end| DateTimeText::from(stamp(end)));
    answer.subscription_status = status_text(found);
    Ok(done(answer.to_json(), Vec::new()))
}

/// No status is known for a subscription that nobody agreed to yet.
fn status_text(subscription: &Subscription) -> Option<String> {
    (subscription.stage != SubscriptionStage::Open).then(|| subscription.status().as_str().to_owned())
}

pub(super) fn legacy(desk: &Desk<'_>, request: &InquireLegacyRequest) -> Result<Done, Refusal> {
    let merchants = request.merchant_subscription_id.as_deref();
    let found = agreed(desk, request.subscription_id.as_deref(), merchants)?;
    let mut answer = InquireLegacyResponse::new(success());
    answer.subscription_id = (found.stage != SubscriptionStage::Open).then(|| found.id.clone());
    answer.subscription_request_id = Some(found.request_id.clone());
    answer.subscription_status = status_text(found);
    answer.payment_amount = Some(found.amount.clone());
    answer.allow_accumulate = found.allow_accumulate;
    answer.max_accumulate_amount.clone_from(&found.max_accumulate_amount);
    answer.period_rule = Some(found.rule.clone());
    answer.phase_no = Some(found.phase.to_string());
    answer.subscription_start_time = Some(DateTimeText::from(stamp(found.starts)));
    answer.subscription_end_time = found.ends.map(|end| DateTimeText::from(stamp(end)));
    Ok(done(answer.to_json(), Vec::new()))
}

fn info(found: &Subscription) -> SubscriptionInfo {
    let time = |at| DateTimeText::from(stamp(at));
    let mut info = SubscriptionInfo::new(
        found.description.clone(),
        time(found.starts),
        found.rule.clone(),
        Secret::new(found.notify_url.clone()),
    );
    info.subscription_id = Some(found.id.clone());
    info.status = Some(found.status());
    info.subscription_end_time = found.ends.map(time);
    info.period_type = found.rule.period_type.as_deref().map(PeriodType::from);
    info.period_count = found.rule.period_count;
    info.current_period_start = found.period.map(|(from, _)| stamp(from));
    info.current_period_end = found.period.map(|(_, until)| stamp(until));
    info.current_phase_no = Some(found.phase.into());
    info.payment_method = Some(found.payment_method());
    info.payment_amount = Some(found.amount.clone());
    info.last_update_time = Some(time(found.updated));
    info
}

pub(super) fn one(desk: &Desk<'_>, request: &InquireSubscriptionRequest) -> Result<Done, Refusal> {
    let found = agreed(desk, Some(&request.subscription_id), None)?;
    let mut answer = InquireSubscriptionResponse::new(success());
    answer.subscription = Some(info(found));
    Ok(done(answer.to_json(), Vec::new()))
}

/// The part of a list that a request asks for, and where in the list it is.
fn page<T>(all: Vec<T>, number: Option<i64>, size: Option<i64>) -> (Vec<T>, Paginator) {
    let (number, size) = (number.unwrap_or(1).max(1), size.unwrap_or(PAGE).clamp(1, 100));
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let mut paginator = Paginator::new();
    paginator.current_page = Some(number);
    paginator.page_size = Some(size);
    paginator.total_count = Some(total);
    paginator.total_page = Some(total.saturating_add(size - 1) / size);
    let before = usize::try_from((number - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(1);
    (all.into_iter().skip(before).take(size).collect(), paginator)
}

pub(super) fn list(desk: &Desk<'_>, request: &InquireSubscriptionListRequest) -> Result<Done, Refusal> {
    let time = |text: &Option<DateTimeText>, name| text.as_ref().map(|text| instant(text, name)).transpose();
    let from = time(&request.start_time_from, "startTimeFrom")?;
    let to = time(&request.start_time_to, "startTimeTo")?;
    let among = |wanted: Option<Vec<&str>>, is: &str| wanted.is_none_or(|wanted| wanted.contains(&is));
    let wanted = |found: &&Subscription| {
        let statuses = request.statuses.as_ref();
        let methods = request.payment_method_types.as_ref();
        let currencies = request.currencies.as_ref();
        let periods = request.period_types.as_ref();
        found.stage != SubscriptionStage::Open
            && from.is_none_or(|from| found.starts >= from)
            && to.is_none_or(|to| found.starts <= to)
            && statuses.is_none_or(|wanted| wanted.contains(&found.status()))
            && methods.is_none_or(|wanted| wanted.contains(&found.method))
            && among(
                currencies.map(|known| known.iter().map(String::as_str).collect()),
                found.amount.currency().as_str(),
            )
            && among(
                periods.map(|known| known.iter().map(PeriodType::as_str).collect()),
                found.rule.period_type.as_deref().unwrap_or_default(),
            )
    };
    let mut all: Vec<&Subscription> = desk.state.subscriptions().filter(wanted).collect();
    all.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
    let (page, paginator) = page(all, request.current_page, request.page_size);
    let mut answer = InquireSubscriptionListResponse::new(success());
    answer.subscriptions = Some(page.into_iter().map(info).collect());
    answer.paginator = Some(paginator);
    Ok(done(answer.to_json(), Vec::new()))
}

pub(super) fn payments(
    desk: &Desk<'_>,
    request: &InquireSubscriptionPaymentRequest,
) -> Result<Done, Refusal> {
    let found = agreed(desk, Some(&request.subscription_id), None)?;
    let debits = found.payments.iter().rev().filter_map(|id| desk.state.payment(id));
    let wanted = request.payment_statuses.as_ref();
    let all: Vec<SubscriptionTransaction> = debits
        .map(|payment| transaction(desk, found, payment))
        .filter(|one| {
            wanted.is_none_or(|wanted| one.status.as_ref().is_some_and(|status| wanted.contains(status)))
        })
        .collect();
    let (page, paginator) = page(all, request.current_page, request.page_size);
    let mut answer = InquireSubscriptionPaymentResponse::new(success());
    answer.payments = Some(page);
    answer.paginator = Some(paginator);
    Ok(done(answer.to_json(), Vec::new()))
}

fn transaction(desk: &Desk<'_>, found: &Subscription, payment: &Payment) -> SubscriptionTransaction {
    let mut one = SubscriptionTransaction::new();
    one.payment_id = Some(payment.id.clone());
    one.status = Some(PaymentStatus::from(super::inquiry::status(payment)));
    one.phase_no = payment.phase.as_ref().map(|phase| phase.number.into());
    one.payment_method = Some(found.payment_method());
    one.payment_amount = Some(payment.amount.clone());
    if let PaymentState::Paid { at } = payment.state {
        one.payment_time = Some(DateTimeText::from(stamp(at)));
    }
    let dispute = desk.state.disputes().find(|dispute| dispute.payment == payment.id);
    one.dispute_id = dispute.map(|dispute| dispute.id.clone());
    one
}
