//! What is kept, as rows of text, for a file that outlives the process.
//!
//! Rows hold what the state holds: ids, amounts, URLs of the merchant, and the tokens and codes that the sandbox made up.
//! Of a card they hold which of the published test cards it is. Names and timers follow from the objects and are in
//! no row; faults and the journal are of one run.

use std::borrow::Cow;

use antom_core::api::catalog::OPERATIONS;
use antom_core::api::notifications::{
    AuthorizationNotification, CaptureNotification, DisputeNotification, PaymentNotification,
    RefundNotification, SubscriptionNotification, SubscriptionPaymentNotification, VaultingNotification,
};
use antom_core::codec::{Limits, Message, ReadMessage, Table};
use antom_core::secret::Secret;
use antom_core::time::UnixTime;
use bytes::Bytes;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Gateway;
use super::card::{TEST_CARDS, TestCard};
use super::kept::Kept;

/// One thing that is kept, or no longer.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::{gateway, pay};
/// # let (mut gateway, mut other) = (gateway(), gateway());
/// gateway.watch();
/// # pay(&mut gateway);
/// // A payment was asked for. What changed goes to a file ...
/// let rows = gateway.changed_rows();
/// assert!(rows.iter().any(|row| row.kind == "payment" && row.body.is_some()));
/// // ... and a new process goes on from there.
/// other.restore(rows)?;
/// assert_eq!(other.view(10).payments, gateway.view(10).payments);
/// # Ok::<(), antom_sandbox::engine::RowError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its kind.
    pub kind: Cow<'static, str>,
    /// Its name among those of its kind.
    pub id: String,
    /// Its text; `None` when it is gone.
    pub body: Option<String>,
}

/// A row that cannot be read.
///
/// ```
/// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
/// # use kit::gateway;
/// use antom_sandbox::engine::Row;
/// # let mut gateway = gateway();
///
/// let row = Row { kind: "payment".into(), id: "1".into(), body: Some("not JSON".into()) };
/// let refused = gateway.restore([row]).unwrap_err();
/// assert!(refused.to_string().starts_with("the row `payment` `1` cannot be read"));
/// ```
#[derive(Debug, thiserror::Error)]
#[error("the row `{kind}` `{id}` cannot be read: {source}")]
pub struct RowError {
    kind: String,
    id: String,
    source: serde_json::Error,
}

/// Where counting goes on.
#[derive(Serialize, Deserialize)]
struct Counters {
    ids: u64,
    notifications: u64,
    described: u64,
    /// The end of a day that is not settled yet.
    settles: Option<UnixTime>,
}

const COUNTERS: &str = "counters";

/// Turns what changed into rows.
pub(super) fn rows<T: Serialize>(kind: &'static str, kept: &mut Kept<T>, out: &mut Vec<Row>) {
    for (id, object) in kept.take_touched() {
        // An object of ours can always be written: it holds texts and numbers alone.
        let body = object.and_then(|object| serde_json::to_string(object).ok());
        out.push(Row { kind: kind.into(), id, body });
    }
}

impl Gateway {
    /// Begins to take note of what changes, for [`changed_rows`](Self::changed_rows).
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{gateway, pay};
    /// # let mut gateway = gateway();
    /// # pay(&mut gateway);
    /// // Nobody watched while this payment was asked for.
    /// assert!(gateway.changed_rows().is_empty());
    /// gateway.watch();
    /// ```
    pub fn watch(&mut self) {
        self.state.watch();
        let (pending, history, _) = self.outbox.saved();
        pending.watch();
        history.saved().watch();
        self.described.saved().0.watch();
    }

    /// What changed since the last call. Nothing, unless somebody [watches](Self::watch).
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::{gateway, pay};
    /// # let mut gateway = gateway();
    /// gateway.watch();
    /// # pay(&mut gateway);
    /// // A payment was asked for.
    /// assert!(!gateway.changed_rows().is_empty());
    /// assert!(gateway.changed_rows().is_empty()); // Nothing since.
    /// ```
    pub fn changed_rows(&mut self) -> Vec<Row> {
        let mut out = Vec::new();
        self.state.rows(&mut out);
        let (pending, history, notifications) = self.outbox.saved();
        rows("pending", pending, &mut out);
        rows("notification", history.saved(), &mut out);
        let (objects, described) = self.described.saved();
        rows("described", objects, &mut out);
        if !out.is_empty() {
            let counters =
                Counters { ids: self.ids.drawn(), notifications, described, settles: self.settles };
            let body = serde_json::to_string(&counters).ok();
            out.push(Row { kind: COUNTERS.into(), id: String::new(), body });
        }
        out
    }

    /// Takes rows back, in the order in which they were first written.
    ///
    /// # Errors
    ///
    /// A row is none of this version's.
    ///
    /// ```
    /// # mod kit { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/kit.rs")); }
    /// # use kit::gateway;
    /// use antom_sandbox::engine::Row;
    /// # let mut gateway = gateway();
    ///
    /// let gone = Row { kind: "payment".into(), id: "1".into(), body: None };
    /// gateway.restore([gone])?;
    /// assert!(gateway.view(10).payments.is_empty());
    /// # Ok::<(), antom_sandbox::engine::RowError>(())
    /// ```
    pub fn restore(&mut self, all: impl IntoIterator<Item = Row>) -> Result<(), RowError> {
        for Row { kind, id, body } in all {
            let Some(body) = body else { continue };
            self.take_back(&kind, &body).map_err(|source| RowError {
                kind: kind.into_owned(),
                id,
                source,
            })?;
        }
        Ok(())
    }

    fn take_back(&mut self, kind: &str, body: &str) -> serde_json::Result<()> {
        match kind {
            "pending" => self.outbox.restore(serde_json::from_str(body)?),
            "notification" => self.outbox.saved().1.restore(serde_json::from_str(body)?),
            "described" => self.described.restore(serde_json::from_str(body)?),
            COUNTERS => {
                let Counters { ids, notifications, described, settles } = serde_json::from_str(body)?;
                self.settles = settles;
                self.ids.go_on_from(ids);
                self.outbox.go_on_from(notifications);
                self.described.go_on_from(described);
            }
            kind => return self.state.restore(kind, body),
        }
        Ok(())
    }
}

/// A row of a kind that nobody knows.
pub(super) fn unknown_kind() -> serde_json::Error {
    serde_json::Error::custom("of no kind that this version knows")
}

/// Secrets are never written by themselves: here it is meant.
pub(super) mod secret {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        secret: &Secret<String>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Secret<String>, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// The same, or none.
pub(super) mod secrets {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        secret: &Option<Secret<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::expose).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret<String>>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::new))
    }
}

fn known_card<E: Error>(text: &str) -> Result<&'static TestCard, E> {
    let found = TEST_CARDS.iter().find(|card| card.fingerprint() == text);
    found.ok_or_else(|| E::custom("no test card of this version"))
}

/// A card by what stands for it; its number is in no row.
pub(super) mod card {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        card: &&'static TestCard,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&card.fingerprint())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static TestCard, D::Error> {
        known_card(&String::deserialize(deserializer)?)
    }
}

/// The same, or none.
pub(super) mod cards {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        card: &Option<&'static TestCard>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        card.map(TestCard::fingerprint).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<&'static TestCard>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| known_card(&text)).transpose()
    }
}

/// A message as its JSON text.
pub(super) mod message {
    use super::*;

    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
        message: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        message.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T: Message + ReadMessage, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        T::from_json(value.to_string().as_bytes(), &Limits::ANSWER).map_err(D::Error::custom)
    }
}

/// Messages as their JSON texts.
pub(super) mod messages {
    use super::*;

    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
        messages: &Vec<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        messages.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T: Message + ReadMessage, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let values = Vec::<serde_json::Value>::deserialize(deserializer)?;
        let read = |value: &serde_json::Value| T::from_json(value.to_string().as_bytes(), &Limits::ANSWER);
        values.iter().map(read).collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

/// The body of a notification: what was signed, to the byte.
pub(super) mod body {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
        // The engine writes JSON; it is UTF-8.
        serializer.serialize_str(&String::from_utf8_lossy(body))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes, D::Error> {
        String::deserialize(deserializer).map(Bytes::from)
    }
}

/// One of the texts or tables that the program holds, by its text or name.
fn held<T, D>(of: impl FnOnce(&str) -> Option<T>, text: &str) -> Result<T, D>
where
    D: Error,
{
    of(text).ok_or_else(|| D::custom(format!("`{text}` is unknown to this version")))
}

/// The kinds of notifications.
const KINDS: [&str; 8] = [
    "PAYMENT_RESULT",
    "CAPTURE_RESULT",
    "REFUND_RESULT",
    "AUTHCODE_CREATED",
    "TOKEN_CANCELED",
    "DISPUTE",
    "VAULTING",
    "SUBSCRIPTION",
];

/// What notifications are made of.
const TABLES: [fn() -> &'static Table; 8] = [
    PaymentNotification::describe,
    SubscriptionPaymentNotification::describe,
    CaptureNotification::describe,
    RefundNotification::describe,
    AuthorizationNotification::describe,
    DisputeNotification::describe,
    VaultingNotification::describe,
    SubscriptionNotification::describe,
];

/// The kind of a notification.
pub(super) mod kind {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        kind: &&'static str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static str, D::Error> {
        let text = String::deserialize(deserializer)?;
        held(|text| KINDS.into_iter().find(|kind| *kind == text), &text)
    }
}

/// What a notification is made of, by its name.
pub(super) mod table {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        table: &&'static Table,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(table.name)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static Table, D::Error> {
        let text = String::deserialize(deserializer)?;
        held(|text| TABLES.into_iter().map(|table| table()).find(|table| table.name == text), &text)
    }
}

/// A group of the API.
pub(super) mod group {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(
        group: &&'static str,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(group)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<&'static str, D::Error> {
        let text = String::deserialize(deserializer)?;
        held(|text| OPERATIONS.iter().map(|entry| entry.info.group).find(|group| *group == text), &text)
    }
}
