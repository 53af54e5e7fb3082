//! Tables over everything: operations and result codes.

use crate::codegen::names;
use crate::codegen::spec::Spec;
use crate::codegen::text::{Text, literals};

pub(super) fn catalog(spec: &Spec) -> String {
    let mut text = Text::file("All operations that are compiled, as values.");
    for line in [
        "use crate::call::{Operation, OperationInfo};",
        "use crate::codec::{Message, Table};",
        "#[cfg(feature = \"wire-mirror\")]",
        "use crate::codec::{ReadAny, ReadMessage, read_boxed};",
        "",
    ] {
        text.line(0, line);
    }
    text.doc(0, "An operation with the tables of its messages.");
    text.code(
        0,
        &[
            "use antom_core::api::catalog::OPERATIONS;",
            "",
            "let pay = OPERATIONS.iter().find(|entry| entry.info.id == \"payments/pay\").expect(\"its group is on\");",
            "assert!((pay.request)().field(\"paymentRequestId\").is_some_and(|field| field.required));",
        ],
    );
    text.line(0, "#[derive(Debug)]");
    text.line(0, "pub struct OperationEntry {");
    for (doc, field) in [
        ("What is known about the operation.", "pub info: &'static OperationInfo,"),
        ("What its request is made of.", "pub request: fn() -> &'static Table,"),
        ("What its answer is made of.", "pub response: fn() -> &'static Table,"),
    ] {
        text.doc(1, doc);
        text.line(1, field);
    }
    for (doc, field) in [
        ("Reads a request.", "pub read_request: ReadAny,"),
        ("Reads an answer.", "pub read_response: ReadAny,"),
    ] {
        text.doc(1, doc);
        text.line(1, "#[cfg(feature = \"wire-mirror\")]");
        text.line(1, field);
    }
    text.line(0, "}");
    text.line(0, "");
    for line in [
        "#[allow(dead_code)] // Nothing is listed without a group.",
        "impl OperationEntry {",
        "    #[cfg(not(feature = \"wire-mirror\"))]",
        "    const fn of<O: Operation>() -> Self {",
        "        Self {",
        "            info: O::INFO,",
        "            request: <O::Request as Message>::describe,",
        "            response: <O::Response as Message>::describe,",
        "        }",
        "    }",
        "",
        "    #[cfg(feature = \"wire-mirror\")]",
        "    const fn of<O: Operation>() -> Self",
        "    where",
        "        O::Request: ReadMessage,",
        "    {",
        "        Self {",
        "            info: O::INFO,",
        "            request: <O::Request as Message>::describe,",
        "            response: <O::Response as Message>::describe,",
        "            read_request: read_boxed::<O::Request>,",
        "            read_response: read_boxed::<O::Response>,",
        "        }",
        "    }",
        "}",
        "",
    ] {
        text.line(0, line);
    }
    text.doc(0, "All operations of the groups that are on, by group.");
    text.line(0, "#[rustfmt::skip]");
    text.line(0, "pub static OPERATIONS: &[OperationEntry] = &[");
    for group in &spec.groups {
        for operation in &group.operations {
            text.line(1, &format!("#[cfg(feature = {:?})]", group.name));
            text.line(1, &format!("OperationEntry::of::<super::{}::{}>(),", group.name, operation.name));
        }
    }
    text.line(0, "];");
    text.into_string()
}

pub(super) fn result_codes(spec: &Spec) -> String {
    let mut text = Text::file("What result codes mean, for which operation, and what to do.");
    text.line(0, "use crate::outcome::Advice;");
    text.line(0, "");
    text.doc(0, "What a result code means for some operations.");
    text.code(
        0,
        &[
            "use antom_core::api::result_codes::RESULT_CODES;",
            "use antom_core::outcome::Advice;",
            "",
            "let busy = RESULT_CODES.iter().find(|entry| entry.code == \"PAYMENT_IN_PROCESS\").expect(\"it is known\");",
            "assert_eq!(busy.status, \"U\");",
            "assert_ne!(busy.advice, Advice::FinalFailure);",
        ],
    );
    text.line(0, "#[derive(Debug)]");
    text.line(0, "pub struct ResultCodeEntry {");
    for (doc, field) in [
        ("The code.", "pub code: &'static str,"),
        ("Where the code stands.", "pub level: ResultCodeLevel,"),
        ("The status it comes with: `S`, `F` or `U`.", "pub status: &'static str,"),
        ("What to do.", "pub advice: Advice,"),
        ("The operations and notifications it is for, by id.", "pub operations: &'static [&'static str],"),
        ("Whether it is a conclusion from other operations, not in their own table.", "pub inferred: bool,"),
    ] {
        text.doc(1, doc);
        text.line(1, field);
    }
    text.line(0, "}");
    text.line(0, "");
    text.doc(0, "Where a result code stands.");
    text.code(
        0,
        &[
            "use antom_core::api::result_codes::ResultCodeLevel;",
            "use antom_core::outcome::entries;",
            "",
            "// The same word may be the result of a call, and of a payment.",
            "assert!(entries(\"SUCCESS\").any(|entry| entry.level == ResultCodeLevel::Api));",
        ],
    );
    text.line(0, "#[derive(Debug, Clone, Copy, PartialEq, Eq)]");
    text.line(0, "#[non_exhaustive]");
    text.line(0, "pub enum ResultCodeLevel {");
    for (level, doc) in LEVELS {
        text.doc(1, doc);
        text.line(1, &format!("{},", names::variant(level)));
    }
    text.line(0, "}");
    text.line(0, "");
    text.doc(0, "All known result codes, in the order of the code; a code has one row per reading.");
    text.line(0, "#[rustfmt::skip]");
    text.line(0, "pub static RESULT_CODES: &[ResultCodeEntry] = &[");
    let mut rows: Vec<_> = spec.result_codes.iter().collect();
    rows.sort_by(|a, b| {
        (&a.code, &a.level, &a.status, a.inferred).cmp(&(&b.code, &b.level, &b.status, b.inferred))
    });
    for row in rows {
        text.line(
            1,
            &format!(
                "ResultCodeEntry {{ code: {:?}, level: ResultCodeLevel::{}, status: {:?}, advice: Advice::{}, operations: &[{}], inferred: {} }},",
                row.code,
                names::variant(&row.level),
                row.status,
                names::variant(&row.advice),
                literals(&row.operations),
                row.inferred,
            ),
        );
    }
    text.line(0, "];");
    text.into_string()
}

/// The places a code can stand at.
const LEVELS: &[(&str, &str)] = &[
    ("api", "The result of a call."),
    ("capture-result", "The result of a capture, in its notification."),
    ("card-event", "The failure reason of an event on an issued card."),
    ("client-result", "What Antom's client SDK shows to the buyer's page."),
    ("payment-result", "The result of a payment, in an inquiry or a notification."),
    ("refund-result", "The result of a refund, in an inquiry or a notification."),
    ("vaulting-result", "The result of storing a payment method."),
];
