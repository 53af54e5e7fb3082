use alloc::vec::Vec;

use super::pointer::Pointer;
use super::{CardMode, Context, Problem, ProblemKind};
use crate::codec::{DecimalText, Demand, DynMessage, Field, Kind, Message, Table, View};
use crate::money::{Amount, AmountError};

/// The members that only a merchant with PCI DSS qualification may send.
const CARD_DATA: &[&str] = &["cardNo", "cvv", "expiryYear", "expiryMonth", "cardPasswordDigest"];
/// The open map of card payments, and the type of a card that is to be stored.
const CARD_MAP: &str = "paymentMethodMetaData";
const CARD_TYPE: &str = "CardPaymentMethodDetail";

pub(super) fn walk(request: &dyn DynMessage, context: Context<'_>) -> Vec<Problem> {
    let mut walk =
        Walk { root: request.table().name, context, pointer: Pointer::default(), found: Vec::new() };
    walk.message(request, false);
    walk.method_rules(request);
    walk.found
}

struct Walk<'a> {
    root: &'static str,
    context: Context<'a>,
    pointer: Pointer,
    found: Vec<Problem>,
}

impl Walk<'_> {
    fn report(&mut self, kind: ProblemKind) {
        self.found.push(Problem::new(self.pointer.text(), kind));
    }

    fn message(&mut self, message: &dyn DynMessage, holds_card: bool) {
        let table = message.table();
        if is_amount(table) {
            self.amount(message);
            return;
        }
        let holds_card = holds_card || table.name == CARD_TYPE;
        for (index, field) in table.fields.iter().enumerate() {
            let mark = self.pointer.enter(field.wire);
            let view = message.view(index);
            match view {
                View::Absent if self.demands(field) => self.report(ProblemKind::Missing),
                View::Absent => {}
                View::Text("") if self.demands(field) => self.report(ProblemKind::Empty),
                _ => {
                    if holds_card {
                        self.card_member(field.wire, view);
                    }
                    self.value(field, field.kind, view);
                }
            }
            self.pointer.leave(mark);
        }
    }

    fn demands(&self, field: &Field) -> bool {
        field.required
            || match field.demand {
                Demand::No => false,
                Demand::Always => true,
                Demand::In(requests) => requests.contains(&self.root),
            }
    }

    fn value(&mut self, field: &Field, kind: Kind, view: View<'_>) {
        match view {
            View::Absent | View::Boolean(_) => {}
            View::Text(text) => {
                if field.max > 0 && text.chars().count() > field.max as usize {
                    self.report(ProblemKind::TooLong { max: field.max });
                }
                // A limit of a text bounds the number it holds.
                if let (Some(min), Ok(number)) = (field.min, text.parse::<i64>()) {
                    self.at_least(min, number);
                }
            }
            View::Integer(number) => {
                if let Some(min) = field.min {
                    self.at_least(min, number);
                }
            }
            View::Decimal(text) => {
                if !DecimalText::is_number(text) {
                    self.report(ProblemKind::NotANumber);
                }
            }
            // Of a member with another shape nothing is known; any JSON has no rules.
            View::Raw(_) => {}
            View::Message(message) => self.message(message, field.wire == CARD_MAP),
            View::List(list) => {
                if field.items > 0 && list.length() > field.items as usize {
                    self.report(ProblemKind::TooManyItems { max: field.items });
                }
                let Kind::List(inner) = kind else { return };
                for index in 0..list.length() {
                    let mark = self.pointer.enter_item(index);
                    self.value(field, *inner, list.item(index));
                    self.pointer.leave(mark);
                }
            }
            View::Map(map) => {
                let Kind::Map(inner) = kind else { return };
                for index in 0..map.length() {
                    let (name, value) = map.member(index);
                    let mark = self.pointer.enter(name);
                    if field.wire == CARD_MAP {
                        self.card_member(name, value);
                        #[cfg(feature = "payments")]
                        self.card_map_value(name, value);
                    }
                    self.value(field, *inner, value);
                    self.pointer.leave(mark);
                }
            }
        }
    }

    fn at_least(&mut self, min: i64, number: i64) {
        if number < min {
            self.report(ProblemKind::TooSmall { min });
        }
    }

    fn card_member(&mut self, name: &str, value: View<'_>) {
        let empty = match value {
            View::Absent | View::Text("") => true,
            View::Raw(raw) => matches!(raw.as_str(), "null" | "\"\""),
            _ => false,
        };
        if self.context.cards == CardMode::Hosted && CARD_DATA.contains(&name) && !empty {
            self.report(ProblemKind::CardData);
        }
    }

    /// The limits of what the open map of card payments is known to hold.
    #[cfg(feature = "payments")]
    fn card_map_value(&mut self, name: &str, value: View<'_>) {
        let View::Raw(raw) = value else { return };
        let Some(field) = crate::preset::CardMetaData::describe().field(name) else { return };
        if let Some(value) = super::document::Value::of(field.kind, raw) {
            self.value(field, field.kind, value.view());
        }
    }

    fn amount(&mut self, message: &dyn DynMessage) {
        let mut whole = true;
        for (index, field) in message.table().fields.iter().enumerate() {
            match message.view(index) {
                View::Text(_) => continue,
                View::Absent => {
                    let mark = self.pointer.enter(field.wire);
                    self.report(ProblemKind::Missing);
                    self.pointer.leave(mark);
                }
                _ => {}
            }
            whole = false;
        }
        if !whole {
            return;
        }
        if let Some(Err(error)) = amount_of(message).map(|amount| amount.check()) {
            self.amount_problem(error);
        }
    }

    fn amount_problem(&mut self, error: AmountError) {
        let member = match error {
            AmountError::InvalidCurrency { .. } | AmountError::UnsupportedCurrency { .. } => "currency",
            _ => "value",
        };
        let mark = self.pointer.enter(member);
        self.report(ProblemKind::Amount(error));
        self.pointer.leave(mark);
    }

    /// The payment method's own step and least amount, for amounts that are sound otherwise.
    fn method_rules(&mut self, request: &dyn DynMessage) {
        let said = member(request, "paymentMethod").and_then(|view| match view {
            View::Message(method) => member(method, "paymentMethodType").and_then(text),
            _ => None,
        });
        let Some(method) = said.or(self.context.payment_method) else { return };
        type Rule = fn(&Amount, &str) -> Result<(), AmountError>;
        let rules: [(&str, Rule); 2] =
            [("paymentAmount", Amount::check_for), ("refundAmount", Amount::check_refund_for)];
        for (name, rule) in rules {
            let Some(View::Message(message)) = member(request, name) else { continue };
            let Some(amount) = amount_of(message).filter(|amount| amount.check().is_ok()) else { continue };
            if let Err(error) = rule(&amount, method) {
                let mark = self.pointer.enter(name);
                self.amount_problem(error);
                self.pointer.leave(mark);
            }
        }
    }
}

fn is_amount(table: &'static Table) -> bool {
    core::ptr::eq(table, Amount::describe())
}

fn member<'a>(message: &'a dyn DynMessage, name: &str) -> Option<View<'a>> {
    message.table().find(name, 0).map(|index| message.view(index))
}

fn text(view: View<'_>) -> Option<&str> {
    match view {
        View::Text(text) => Some(text),
        _ => None,
    }
}

fn amount_of(message: &dyn DynMessage) -> Option<Amount> {
    if !is_amount(message.table()) {
        return None;
    }
    let currency = member(message, "currency").and_then(text)?;
    let value = member(message, "value").and_then(text)?;
    Some(Amount::parse_wire(currency, value))
}
