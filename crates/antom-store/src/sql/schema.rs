//! The tables, and how they came to be what they are.

use crate::error::StoreError;

/// One step from a version of the tables to the next.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    /// The version of the tables after it.
    pub(crate) version: i64,
    /// The oldest version of this program that may work on the tables after it, beside newer ones.
    pub(crate) min_reader: i64,
    /// Statements, with names of types in braces.
    text: &'static str,
}

/// All steps, oldest first. A step that was published is never changed.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, min_reader: 1, text: include_str!("schema/1.sql") }];

/// The version of the tables that this program writes.
pub(crate) const VERSION: i64 = 1;

/// What a database calls the types.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types {
    /// A key that counts up.
    pub(crate) place: &'static str,
    /// The same, and no number is given twice.
    pub(crate) serial: &'static str,
    pub(crate) blob: &'static str,
    /// Text that is compared by its bytes.
    pub(crate) text: &'static str,
}

impl Migration {
    pub(crate) fn sql(&self, types: Types) -> String {
        self.text
            .replace("{place}", types.place)
            .replace("{serial}", types.serial)
            .replace("{blob}", types.blob)
            .replace("{text}", types.text)
    }
}

/// The steps that tables of this version lack; `None` for a database without tables.
///
/// # Errors
///
/// The tables are of a newer program that this one must not work beside.
pub(crate) fn missing(found: Option<(i64, i64)>) -> Result<&'static [Migration], StoreError> {
    let (version, min_reader) = found.unwrap_or((0, 0));
    if min_reader > VERSION {
        return Err(StoreError::TooNew { min_reader, known: VERSION });
    }
    let have = MIGRATIONS.iter().take_while(|step| step.version <= version).count();
    Ok(MIGRATIONS.get(have..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_in_order_and_end_at_the_version() {
        assert!(MIGRATIONS.is_sorted_by_key(|step| step.version));
        assert_eq!(MIGRATIONS.last().unwrap().version, VERSION);
        assert!(MIGRATIONS.iter().all(|step| step.min_reader <= step.version));
    }

    #[test]
    fn newer_tables_are_worked_on_if_they_allow_it() {
        assert_eq!(missing(None).unwrap().len(), MIGRATIONS.len());
        assert!(missing(Some((VERSION, 1))).unwrap().is_empty());
        assert!(missing(Some((VERSION + 5, VERSION))).unwrap().is_empty());
        assert!(matches!(missing(Some((VERSION + 5, VERSION + 1))), Err(StoreError::TooNew { .. })));
    }
}
