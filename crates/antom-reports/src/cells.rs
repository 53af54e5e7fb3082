//! The cells of a row: read once, and the bad ones named.

use antom_core::money::Currency;
use csv::StringRecord;

use crate::column::Column;
use crate::decimal::Decimal;
use crate::layout::Layout;
use crate::reader::{AmountForm, BadCell};
use crate::row::value;

/// The longest text of a cell that a report of bad cells repeats.
const SHOWN: usize = 64;

/// Reads the cells of one row and notes those that are bad.
pub(crate) struct CellReader<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) record: &'a StringRecord,
    pub(crate) bad: &'a mut Vec<BadCell>,
    pub(crate) file: &'a str,
    pub(crate) line: u64,
    pub(crate) form: AmountForm,
    pub(crate) currencies: &'a mut Currencies,
}

/// The decimals of the currencies that a file has named so far: a few, asked for several times a row.
#[derive(Debug, Default)]
pub(crate) struct Currencies(Vec<(String, Option<u8>)>);

impl Currencies {
    pub(crate) fn decimals(&mut self, name: &str) -> Option<u8> {
        if let Some((_, decimals)) = self.0.iter().find(|(known, _)| known == name) {
            return *decimals;
        }
        let decimals = Currency::from(name).exponent();
        // A file of nonsense names nonsense without end.
        if self.0.len() < 256 {
            self.0.push((name.to_owned(), decimals));
        }
        decimals
    }
}

impl<'a> CellReader<'a> {
    pub(crate) fn cell(&self, place: Option<usize>) -> Option<&'a str> {
        place.and_then(|at| self.record.get(at)).and_then(value)
    }

    fn bad(&mut self, place: Option<usize>, text: &str, expected: &'static str) {
        let column = place.and_then(|at| self.layout.names.get(at)).cloned().unwrap_or_default();
        let text = text.chars().take(SHOWN).collect();
        self.bad.push(BadCell { file: self.file.to_owned(), line: self.line, column, text, expected });
    }

    pub(crate) fn number(&mut self, place: Option<usize>) -> Option<Decimal> {
        let text = self.cell(place)?;
        let number = Decimal::parse(text);
        if number.is_none() {
            self.bad(place, text, "a decimal number");
        }
        number
    }

    pub(crate) fn count(&mut self) -> Option<u64> {
        let place = self.layout.place(Column::Count);
        let text = self.cell(place)?;
        let count = text.parse().ok();
        if count.is_none() {
            self.bad(place, text, "a whole number");
        }
        count
    }

    pub(crate) fn amount(&mut self, amount: Column, currency: Column) -> Option<Decimal> {
        self.money(self.layout.place(amount), self.layout.place(currency))
    }

    /// A fee: without a currency of its own it is in that of the settlement.
    pub(crate) fn fee(&mut self, place: usize, currency: Option<usize>) -> Option<Decimal> {
        let own = self.cell(currency).and(currency);
        self.money(Some(place), own.or(self.layout.place(Column::SettlementCurrency)))
    }

    /// An amount with no more decimals than its currency has.
    fn money(&mut self, place: Option<usize>, currency: Option<usize>) -> Option<Decimal> {
        let text = self.cell(place)?;
        let number = self.number(place)?;
        let decimals = match self.cell(currency) {
            Some(name) => {
                let decimals = self.currencies.decimals(name);
                if decimals.is_none() {
                    self.bad(currency, name, "a currency whose decimals are known");
                }
                u32::from(decimals?)
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

    pub(crate) fn times(&mut self) {
        for column in [Column::CreationTime, Column::UpdateTime, Column::CompletionTime] {
            let place = self.layout.place(column);
            if let Some(text) = self.cell(place)
                && !is_usual_time(text.as_bytes())
                && antom_core::time::DateTimeText::from(text).instant().is_err()
            {
                self.bad(place, text, "a time with offset");
            }
        }
    }
}

/// Whether this is a time in the usual form: `2026-03-01T10:00:00+08:00`. Others are read with care.
fn is_usual_time(text: &[u8]) -> bool {
    let form = b"0000-00-00T00:00:00+00:00";
    let number = |at: usize| match text.get(at..at + 2) {
        Some([tens, ones]) => tens.wrapping_sub(b'0') * 10 + ones.wrapping_sub(b'0'),
        _ => u8::MAX,
    };
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        b'+' => matches!(byte, b'+' | b'-'),
        form => byte == form,
    };
    // No month has fewer than 28 days.
    text.len() == form.len()
        && text.iter().zip(form).all(fits)
        && matches!(number(5), 1..=12)
        && matches!(number(8), 1..=28)
        && number(11) < 24
        && number(14) < 60
        && number(17) < 60
        && number(20) < 15
        && number(23) < 60
}
