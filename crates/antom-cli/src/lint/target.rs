use antom::core::api::catalog::OPERATIONS;
use antom::core::api::notifications::NOTIFICATIONS;
use antom::core::check::Acknowledgement;
use antom::core::codec::{Message as _, ReadAny, Table, read_boxed};

/// Which document of an exchange it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// What a merchant asks.
    Request,
    /// What Antom answers.
    Response,
    /// What Antom tells by itself.
    Notification,
    /// What a merchant answers to a notification.
    Ack,
}

impl Part {
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        <Self as clap::ValueEnum>::from_str(name, false).ok()
    }
}

/// A type that a document can be of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) table: &'static Table,
    pub(crate) read: ReadAny,
}

/// The types of one part of an operation (`payments/pay`, or its path) or of a notification
/// (`notifyPayment`), and the part it is; the variants of an operation are types of their own.
pub(crate) fn targets(api: &str, part: Part) -> Option<(Vec<Target>, Part)> {
    let notified = notifications(api);
    // A notification is a request of Antom, and its acknowledgement a response.
    let part = match part {
        Part::Request if !notified.is_empty() => Part::Notification,
        Part::Response if !notified.is_empty() => Part::Ack,
        part => part,
    };
    let mut targets: Vec<(&'static Table, ReadAny)> = match part {
        Part::Request => operations(api).map(|entry| ((entry.request)(), entry.read_request)).collect(),
        Part::Response => operations(api).map(|entry| ((entry.response)(), entry.read_response)).collect(),
        Part::Notification => notified,
        Part::Ack if notified.is_empty() => Vec::new(),
        Part::Ack => vec![(Acknowledgement::describe(), read_boxed::<Acknowledgement> as ReadAny)],
    };
    let mut seen: Vec<*const Table> = Vec::new();
    targets.retain(|(table, _)| {
        let fresh = !seen.contains(&std::ptr::from_ref(*table));
        seen.push(*table);
        fresh
    });
    if targets.is_empty() {
        return None;
    }
    Some((targets.into_iter().map(|(table, read)| Target { table, read }).collect(), part))
}

fn notifications(api: &str) -> Vec<(&'static Table, ReadAny)> {
    let name = api.rsplit('/').next().unwrap_or(api);
    NOTIFICATIONS
        .iter()
        .filter(|entry| same_name(entry.id, name))
        .map(|entry| ((entry.table)(), entry.read))
        .collect()
}

/// `notifyPayment` and `notify_payment` are the same name.
fn same_name(left: &str, right: &str) -> bool {
    let letters = |name: &str| name.replace('_', "").to_ascii_lowercase();
    letters(left) == letters(right)
}

fn operations(api: &str) -> impl Iterator<Item = &'static antom::core::api::catalog::OperationEntry> {
    OPERATIONS.iter().filter(move |entry| {
        let variant =
            entry.info.id.strip_prefix(api).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let path = entry.info.path;
        let below = path.split_once("/v1/").map(|(_, below)| below);
        variant || path == api || below == Some(api)
    })
}
