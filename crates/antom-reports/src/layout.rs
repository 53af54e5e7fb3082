//! Where the columns stand in a file.

use crate::column::{Column, FEES};
use crate::reader::{FileError, Kind};
use crate::record::Text;

/// Where a fee stands: which one, its amount, its currency.
#[derive(Debug)]
pub(crate) struct FeePlace {
    pub(crate) fee: usize,
    pub(crate) amount: usize,
    pub(crate) currency: Option<usize>,
}

/// Where the columns stand in a file.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    places: [Option<usize>; Column::ALL.len()],
    /// The fees that the file has.
    pub(crate) fees: Vec<FeePlace>,
    pub(crate) unknown: Vec<(String, usize)>,
    pub(crate) names: Vec<String>,
}

impl Layout {
    #[inline]
    pub(crate) fn place(&self, column: Column) -> Option<usize> {
        self.places.get(column as usize).copied().flatten()
    }

    pub(crate) fn of(file: &str, header: Text<'_>) -> Result<Self, FileError> {
        let names: Vec<String> = header.cells().map(|name| name.trim().to_owned()).collect();
        let find = |wanted: &[&str]| {
            let mut places = names.iter().enumerate().filter(|(_, name)| wanted.contains(&name.as_str()));
            match (places.next(), places.next()) {
                (Some(_), Some((_, name))) => {
                    Err(FileError::DuplicateColumn { file: file.to_owned(), column: name.clone() })
                }
                (first, _) => Ok(first.map(|(at, _)| at)),
            }
        };
        let mut places = [None; Column::ALL.len()];
        for (place, column) in places.iter_mut().zip(Column::ALL) {
            *place = find(column.names())?;
        }
        let (mut fees, mut fee_columns) = (Vec::new(), Vec::new());
        for (fee, columns) in FEES.iter().enumerate() {
            let (amount, currency) = (find(&[columns.amount])?, find(&[columns.currency])?);
            fee_columns.extend(amount.into_iter().chain(currency));
            fees.extend(amount.map(|amount| FeePlace { fee, amount, currency }));
        }
        let known = |at: usize| places.contains(&Some(at)) || fee_columns.contains(&at);
        let unknown = names.iter().enumerate().filter(|(at, _)| !known(*at));
        let unknown = unknown.map(|(at, name)| (name.clone(), at)).collect();
        if places.iter().flatten().count() < 2 {
            return Err(FileError::NoHeader { file: file.to_owned() });
        }
        Ok(Self { places, fees, unknown, names })
    }

    pub(crate) fn kind(&self) -> Kind {
        if self.place(Column::SummaryType).is_some() {
            Kind::Summary
        } else if self.place(Column::SettlementBatchId).is_some() {
            Kind::Settlement
        } else {
            Kind::Transactions
        }
    }
}
