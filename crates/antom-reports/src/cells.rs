//! The cells of a row: read once, and the bad ones named.

use antom_core::money::Currency;
use antom_core::time::DateTimeText;

use crate::column::Column;
use crate::decimal::Decimal;
use crate::kind::RowKind;
use crate::layout::Layout;
use crate::problem::Shown;
use crate::reader::{AmountForm, BadCell};
use crate::record::Text;
use crate::row::{Amounts, value};

/// Reads the cells of one row and notes those that are bad.
pub(crate) struct CellReader<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) record: Text<'a>,
    pub(crate) bad: &'a mut Vec<BadCell>,
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    pub(crate) form: AmountForm,
    pub(crate) currencies: &'a mut Currencies,
}

/// The decimals of the currencies that a file has named so far: a few, asked for several times a row.
#[derive(Debug, Default)]
pub(crate) struct Currencies(Vec<([u8; 3], Option<u8>)>);

impl Currencies {
    #[inline]
    fn decimals(&mut self, name: &str) -> Option<u8> {
        let key = <[u8; 3]>::try_from(name.as_bytes()).ok()?;
        match self.0.iter().find(|(known, _)| *known == key) {
            Some((_, decimals)) => *decimals,
            None => self.ask(key, name),
        }
    }

    #[cold]
    fn ask(&mut self, key: [u8; 3], name: &str) -> Option<u8> {
        let decimals = Currency::from(name).exponent();
        // A file of nonsense names nonsense without end.
        if self.0.len() < 64 {
            self.0.push((key, decimals));
        }
        decimals
    }
}

impl<'a> CellReader<'a> {
    /// Reads all that is a number or a time.
    pub(crate) fn read(mut self, amounts: &mut Amounts) {
        let layout = self.layout;
        let kind = self.cell(layout.place(Column::TransactionType));
        amounts.kind = kind.or_else(|| self.cell(layout.place(Column::SummaryType))).map(RowKind::of);
        amounts.transaction = self.amount(Column::TransactionAmount, Column::TransactionCurrency);
        amounts.converted = self.amount(Column::ConvertedAmount, Column::ConvertedCurrency);
        let place = layout.place(Column::SettlementCurrency);
        let settled = self.currency(place);
        amounts.decimals = settled.and_then(|(_, decimals)| decimals);
        amounts.settlement = self.money(layout.place(Column::SettlementAmount), place, settled);
        amounts.price = self.number(layout.place(Column::QuotePrice));
        amounts.count = self.count();
        for fee in &layout.fees {
            // Without a currency of its own it is in that of the settlement.
            let (place, currency) = match self.currency(fee.currency) {
                None => (place, settled),
                own => (fee.currency, own),
            };
            let amount = self.money(Some(fee.amount), place, currency);
            if let Some(fee) = amounts.fees.get_mut(fee.fee) {
                *fee = amount;
            }
        }
        self.times();
    }

    /// A currency and its decimals.
    #[inline]
    fn currency(&mut self, place: Option<usize>) -> Option<(&'a str, Option<u8>)> {
        let name = self.cell(place)?;
        Some((name, self.currencies.decimals(name)))
    }

    #[inline]
    fn cell(&self, place: Option<usize>) -> Option<&'a str> {
        place.and_then(|at| self.record.get(at)).and_then(value)
    }

    #[cold]
    fn bad(&mut self, place: Option<usize>, text: &str, expected: &'static str) {
        let column = place.and_then(|at| self.layout.names.get(at)).map(|name| Shown(name).to_string());
        let (column, text) = (column.unwrap_or_default(), Shown(text).to_string());
        self.bad.push(BadCell { file: self.file.to_owned(), line: self.line, column, text, expected });
    }

    fn number(&mut self, place: Option<usize>) -> Option<Decimal> {
        let text = self.cell(place)?;
        let number = Decimal::parse(text);
        if number.is_none() {
            self.bad(place, text, "a decimal number");
        }
        number
    }

    fn count(&mut self) -> Option<u64> {
        let place = self.layout.place(Column::Count);
        let text = self.cell(place)?;
        let count = text.parse().ok();
        if count.is_none() {
            self.bad(place, text, "a whole number");
        }
        count
    }

    fn amount(&mut self, amount: Column, currency: Column) -> Option<Decimal> {
        let place = self.layout.place(currency);
        let currency = self.currency(place);
        self.money(self.layout.place(amount), place, currency)
    }

    /// An amount with no more decimals than its currency has.
    fn money(
        &mut self,
        place: Option<usize>,
        currency_place: Option<usize>,
        currency: Option<(&str, Option<u8>)>,
    ) -> Option<Decimal> {
        let text = self.cell(place)?;
        let Some(number) = Decimal::parse(text) else {
            self.bad(place, text, "a decimal number");
            return None;
        };
        let decimals = match currency {
            Some((_, Some(decimals))) => u32::from(decimals),
            Some((name, None)) => {
                self.bad(currency_place, name, "a currency whose decimals are known");
                return None;
            }
            // Nobody's decimals are guessed.
            None => {
                self.bad(place, text, "an amount with a currency beside it");
                return None;
            }
        };
        match self.form {
            AmountForm::Decimals if number.fits(decimals) => Some(number),
            AmountForm::Decimals => {
                self.bad(place, text, "no more decimals than the currency has");
                None
            }
            AmountForm::SmallestUnit => match number.minor_units(0) {
                Some(units) => Some(Decimal::new(units, decimals)),
                None => {
                    self.bad(place, text, "a whole number of smallest units");
                    None
                }
            },
        }
    }

    fn times(&mut self) {
        for column in [Column::CreationTime, Column::UpdateTime, Column::CompletionTime] {
            let place = self.layout.place(column);
            if let Some(text) = self.cell(place)
                && !is_time(text)
            {
                self.bad(place, text, "a time with offset");
            }
        }
        let place = self.layout.place(Column::SettlementDate);
        if let Some(text) = self.cell(place)
            && !is_date(text)
            && !is_time(text)
        {
            self.bad(place, text, "a date such as 2026-03-01, or a time with offset");
        }
    }
}

#[inline]
fn is_time(text: &str) -> bool {
    is_usual_time(text.as_bytes()) || DateTimeText::from(text).instant().is_ok()
}

#[inline]
fn is_date(text: &str) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return false };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2].iter().all(|digit| digit.is_ascii_digit());
    // No month has fewer than 28 days.
    let usual = matches!(number(m1, m2), 1..=12) && matches!(number(d1, d2), 1..=28);
    digits && (usual || DateTimeText::from(format!("{text}T00:00:00Z")).instant().is_ok())
}

/// The number of two digits; of other bytes any.
#[inline]
fn number(tens: &u8, ones: &u8) -> u8 {
    tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0'))
}

/// Whether this is a time in the usual form: `2026-03-01T10:00:00+08:00`. Others are read with care.
#[inline]
fn is_usual_time(text: &[u8]) -> bool {
    let [date @ .., b'T', h1, h2, b':', i1, i2, b':', s1, s2, b'+' | b'-', z1, z2, b':', w1, w2] = text
    else {
        return false;
    };
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return false };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2, h1, h2, i1, i2, s1, s2, z1, z2, w1, w2];
    // No month has fewer than 28 days.
    digits.iter().all(|digit| digit.is_ascii_digit())
        && matches!(number(m1, m2), 1..=12)
        && matches!(number(d1, d2), 1..=28)
        && number(h1, h2) < 24
        && number(i1, i2) < 60
        && number(s1, s2) < 60
        && number(z1, z2) < 15
        && number(w1, w2) < 60
}
