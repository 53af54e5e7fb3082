//! What is tried with any bytes: by libFuzzer, and as a property test.

use antom_reports::{AmountForm, Check, Reader, Span, Theirs, to_csv};

/// Any bytes are read to their end or refused, in bounded memory and without a panic; every problem names its
/// place, and what is rendered of the rows runs nothing.
pub(crate) fn any_file_is_read_or_refused(bytes: &[u8]) {
    let form = match bytes.first() {
        Some(0) => AmountForm::SmallestUnit,
        _ => AmountForm::Decimals,
    };
    let head = "settlementBatchId,transactionType,transactionId,transactionRequestId,transactionAmountValue,\
                transactionCurrency,quoteCurrencyPair,quotePrice,settlementAmountValue,settlementCurrency,\
                processingFeeAmountValue,processingFeeCurrency\n";
    for text in [bytes.to_vec(), [head.as_bytes(), bytes].concat()] {
        let Ok(mut reader) = Reader::with_amounts("any", text.as_slice(), form) else { continue };
        let (mut check, mut rows) = (Check::default(), Vec::new());
        while let Ok(Some(row)) = reader.next_row() {
            check.row(&row);
            if rows.len() < 100 {
                rows.push(Theirs::of(&row));
            }
        }
        check.end(reader.summary());
        check.totals();
        assert!(check.problems().iter().all(|problem| problem.text.len() < 100_000));
        let mut told = Vec::new();
        let none: [Result<_, core::convert::Infallible>; 0] = [];
        let _ = antom_reports::reconcile(rows, none, Span::default(), |row| told.push(row));
        let _ = to_csv(&told);
    }
}
