//! What can be said about a JSON document of the API: whether it can be read, what reading it loses, what the
//! types do not name, and what is wrong with it. Never with a value in it.

mod lossless;
mod target;

pub(crate) use target::{Part, targets};

use target::Target;

use antom::core::check::{self, Context, Document, FindingKind};
use antom::core::codec::{
    DecodeError, DecodeErrorKind, DynMessage, Kind, Limits, RawJson, View, write_named,
};

/// What was found in one document.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Whether the document can be read into its type.
    pub(crate) parsed: bool,
    /// The members that the type names and the value that was read does not hold as they were.
    pub(crate) lost: Vec<String>,
    /// The members that the type does not name; only the raw form keeps them.
    pub(crate) unknown: Vec<String>,
    pub(crate) problems: Vec<Remark>,
    /// What may be right or wrong.
    pub(crate) hints: Vec<Remark>,
}

/// Something about one place of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Remark {
    pub(crate) pointer: String,
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) part: Part,
    pub(crate) context: Context<'a>,
    /// Whether to name absent members that are needed under conditions.
    pub(crate) conditions: bool,
}

impl Report {
    /// Whether everything is as it should be.
    pub(crate) fn is_clean(&self) -> bool {
        self.parsed && self.lost.is_empty() && self.problems.is_empty()
    }

    /// A report on something that is no document to begin with.
    pub(crate) fn refused(kind: &'static str, message: String) -> Self {
        Self { problems: vec![Remark { pointer: String::new(), kind, message }], ..Self::default() }
    }

    /// A report on a document that is no JSON, or none that is accepted anywhere.
    pub(crate) fn unreadable(error: &DecodeError) -> Self {
        Self { problems: vec![refusal(error)], ..Self::default() }
    }

    /// How well a type fits: less is better.
    fn misfit(&self) -> (bool, usize, usize, usize) {
        (!self.parsed, self.lost.len(), self.unknown.len(), self.problems.len())
    }
}

/// Judges a document by the best fitting of its possible types: an operation may have variants.
pub(crate) fn lint(targets: &[Target], bytes: &[u8], question: Question<'_>) -> Report {
    targets
        .iter()
        .map(|target| judge(target, bytes, question))
        .min_by_key(Report::misfit)
        .unwrap_or_else(|| Report::refused("api", "no type is known for this".into()))
}

fn judge(target: &Target, bytes: &[u8], question: Question<'_>) -> Report {
    let (document, findings) = match Document::read(target.table, bytes, &Limits::ANSWER) {
        Ok(shown) => shown,
        Err(error) => return Report::unreadable(&error),
    };
    let mut report = Report::default();
    for finding in findings {
        let pointer = finding.pointer().to_owned();
        let remark = Remark {
            pointer: pointer.clone(),
            kind: finding.kind().name(),
            message: finding.kind().to_string(),
        };
        match finding.kind() {
            FindingKind::Unknown => report.unknown.push(pointer),
            FindingKind::UnknownWord => report.hints.push(remark),
            _ => report.problems.push(remark),
        }
    }
    match question.part {
        Part::Request => {
            report.problems.extend(check::problems(&document, question.context).iter().map(|problem| {
                Remark {
                    pointer: problem.pointer().to_owned(),
                    kind: problem.kind().name(),
                    message: problem.kind().to_string(),
                }
            }))
        }
        Part::Ack => acknowledgement(&document, &mut report),
        Part::Response | Part::Notification => {}
    }
    if question.conditions {
        conditions(&document, &mut String::new(), &mut report.hints);
    }
    match (target.read)(bytes, &Limits::ANSWER) {
        Ok(message) => {
            report.parsed = true;
            let mut alone = Vec::new();
            write_named(&mut alone, message.as_ref());
            report.lost = lossless::lost(target.table, bytes, &alone);
        }
        Err(error) => {
            let remark = refusal(&error);
            if !report.problems.iter().any(|known| known.pointer == remark.pointer) {
                report.problems.push(remark);
            }
        }
    }
    report
}

/// Why reading stopped, at the member that stopped it.
fn refusal(error: &DecodeError) -> Remark {
    let mut pointer = error.pointer().to_owned();
    let kind = match error.kind() {
        DecodeErrorKind::MissingField { field } => {
            pointer.push('/');
            pointer.push_str(field);
            "missing"
        }
        DecodeErrorKind::WrongType { .. } => "shape",
        DecodeErrorKind::Unreadable { .. } => "form",
        DecodeErrorKind::DuplicateKey => "duplicate",
        DecodeErrorKind::TooLarge { .. } | DecodeErrorKind::TooDeep { .. } => "limit",
        _ => "syntax",
    };
    Remark { pointer, kind, message: format!("{} (byte {})", error.kind(), error.offset()) }
}

/// What Antom wants to see before it stops sending a notification.
fn acknowledgement(document: &Document, report: &mut Report) {
    let Some(View::Message(result)) = member(document, "result") else {
        if !report.problems.iter().any(|known| known.pointer == "/result") {
            report.problems.push(missing("/result"));
        }
        return;
    };
    for name in ["resultCode", "resultStatus"] {
        match member(result, name) {
            Some(View::Text(text)) if name == "resultStatus" && text != "S" => report.hints.push(Remark {
                pointer: "/result/resultStatus".into(),
                kind: "not_taken",
                message: "not `S`: the notification counts as not taken and comes again".into(),
            }),
            Some(View::Absent) | None => report.problems.push(missing(&format!("/result/{name}"))),
            Some(_) => {}
        }
    }
}

fn missing(pointer: &str) -> Remark {
    let kind = check::ProblemKind::Missing;
    Remark { pointer: pointer.to_owned(), kind: kind.name(), message: kind.to_string() }
}

fn member<'a>(message: &'a dyn DynMessage, name: &str) -> Option<View<'a>> {
    let index = message.table().fields.iter().position(|field| field.wire == name)?;
    Some(message.view(index))
}

/// Absent members with a condition, at every level that is there.
fn conditions(message: &dyn DynMessage, pointer: &mut String, hints: &mut Vec<Remark>) {
    for (index, field) in message.table().fields.iter().enumerate() {
        let mark = pointer.len();
        pointer.push('/');
        pointer.push_str(field.wire);
        match (message.view(index), field.condition) {
            (View::Absent, Some(condition)) => hints.push(Remark {
                pointer: pointer.clone(),
                kind: "condition",
                message: format!("not there; needed if: {condition}"),
            }),
            (View::Message(inner), _) => conditions(inner, pointer, hints),
            (View::List(list), _) if matches!(field.kind, Kind::List(Kind::Message(_))) => {
                for at in 0..list.length() {
                    if let View::Message(inner) = list.item(at) {
                        let mark = pointer.len();
                        pointer.push_str(&format!("/{at}"));
                        conditions(inner, pointer, hints);
                        pointer.truncate(mark);
                    }
                }
            }
            _ => {}
        }
        pointer.truncate(mark);
    }
}

/// The report as members of a JSON object, without the braces.
pub(crate) fn json_members(report: &Report) -> String {
    let pointers = |list: &[String]| join(list.iter().map(|pointer| text(pointer)));
    let remarks = |list: &[Remark]| {
        join(list.iter().map(|remark| {
            format!(
                r#"{{"pointer":{},"kind":{},"message":{}}}"#,
                text(&remark.pointer),
                text(remark.kind),
                text(&remark.message)
            )
        }))
    };
    format!(
        r#""parsed":{},"lost":[{}],"unknown":[{}],"problems":[{}],"hints":[{}]"#,
        report.parsed,
        pointers(&report.lost),
        pointers(&report.unknown),
        remarks(&report.problems),
        remarks(&report.hints)
    )
}

/// A JSON string.
pub(crate) fn text(content: &str) -> String {
    RawJson::string(content).as_str().to_owned()
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}
