use antom_core::flow::payment::Payment;
use antom_core::flow::token::Grant;

use super::statements::{Statements, states};
use crate::rows::Subject;

/// A table of states. All have the same columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Table {
    Orders,
    Grants,
    Cards,
    Recoveries,
    Runs,
}

impl Table {
    /// The number that stands for the table where rows of several are named.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Orders => 1,
            Self::Grants => 2,
            Self::Cards => 3,
            Self::Recoveries => 4,
            Self::Runs => 5,
        }
    }

    /// The name, as the cipher binds it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Grants => "grants",
            Self::Cards => "cards",
            Self::Recoveries => "recoveries",
            Self::Runs => "runs",
        }
    }

    /// The newest version of the stored form that this program knows.
    pub(crate) fn version(self) -> i64 {
        match self {
            Self::Orders => Payment::STATE_VERSION,
            Self::Grants => Grant::STATE_VERSION,
            Self::Cards | Self::Recoveries | Self::Runs => 1,
        }
    }

    pub(crate) fn statements(self) -> &'static Statements {
        match self {
            Self::Orders => states!("antom_orders"),
            Self::Grants => states!("antom_grants"),
            Self::Cards => states!("antom_cards"),
            Self::Recoveries => states!("antom_recoveries"),
            Self::Runs => states!("antom_runs"),
        }
    }

    pub(crate) fn of(subject: &Subject) -> (Self, &str) {
        match subject {
            Subject::Order(id) => (Self::Orders, id),
            Subject::Grant(id) => (Self::Grants, id),
            Subject::Card(id) => (Self::Cards, id),
            Subject::Recovery(id) => (Self::Recoveries, id),
            Subject::Run(id) => (Self::Runs, id),
        }
    }

    /// What a row of the table with this number is about; `None` for a table of a newer program.
    pub(crate) fn subject(number: i64, id: String) -> Option<Subject> {
        Some(match number {
            1 => Subject::Order(id),
            2 => Subject::Grant(id),
            3 => Subject::Card(id),
            4 => Subject::Recovery(id),
            5 => Subject::Run(id),
            _ => return None,
        })
    }
}
