use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use super::Verified;
use crate::api::notifications::{NOTIFICATIONS, Notification, NotificationInfo, NotificationKind, read};
use crate::codec::{DecodeError, Limits, Reader, ValueKind};

/// Why verified bytes are no typed notification. They stay verified: store them, acknowledge them, and
/// inquire about what they may concern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the notification is authentic, but does not fit its type; store it, acknowledge it and inquire")]
pub struct NotificationError {
    #[source]
    source: DecodeError,
}

impl NotificationError {
    /// Where and why reading stopped.
    #[must_use]
    pub fn decode_error(&self) -> &DecodeError {
        &self.source
    }
}

/// The first look at a notification: which members it has, and the words that tell kinds apart. It borrows
/// the document.
#[derive(Clone, PartialEq, Eq)]
pub struct EventHead<'a> {
    /// The top-level members, with their values where these are strings.
    members: Vec<(Cow<'a, str>, Option<Cow<'a, str>>)>,
}

impl<'a> EventHead<'a> {
    /// Looks at the top level of a document; all of it is checked.
    ///
    /// # Errors
    ///
    /// The document is not one JSON object without duplicate keys, or breaks a limit.
    pub fn look(bytes: &'a [u8], limits: &Limits) -> Result<Self, DecodeError> {
        // Room for the usual notification at once.
        let mut members = Vec::with_capacity(24);
        let mut reader = Reader::new(bytes, limits)?;
        reader.enter_object()?;
        let mut seen = crate::codec::Seen::default();
        while let Some(key) = reader.next_key()? {
            if !seen.insert(key.clone()) {
                return Err(reader.error(crate::codec::DecodeErrorKind::DuplicateKey).inside(&key));
            }
            let word = match reader.peek()? {
                ValueKind::String => Some(reader.read_string().map_err(|error| error.inside(&key))?),
                _ => reader.read_raw().map(|_| None).map_err(|error| error.inside(&key))?,
            };
            members.push((key, word));
        }
        reader.end()?;
        Ok(Self { members })
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|(known, _)| known == name).and_then(|(_, word)| word.as_deref())
    }

    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// The kind of notification this is. An entry of the table fits when its word is one of the entry's
    /// and every member the entry needs is there; of those that fit, the one that asks for most wins.
    #[must_use]
    pub fn kind(&self) -> Option<NotificationKind> {
        NOTIFICATIONS
            .iter()
            .filter(|info| self.fits(info))
            .max_by_key(|info| demands(info))
            .map(|info| info.kind)
    }

    fn fits(&self, info: &NotificationInfo) -> bool {
        let word = match info.discriminator {
            Some((name, words)) => self.word(name).is_some_and(|word| words.contains(&word)),
            None => !info.present.is_empty(),
        };
        word && info.present.iter().all(|name| self.has(name))
    }
}

fn demands(info: &NotificationInfo) -> usize {
    info.present.len() + usize::from(info.discriminator.is_some()) * 4
}

/// Names only: a value may be personal.
impl fmt::Debug for EventHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members.iter().map(|(name, _)| name)).finish()
    }
}

impl Verified {
    /// The typed notification. What this SDK does not know is [`Notification::Unknown`], never an error.
    ///
    /// # Errors
    ///
    /// The bytes are no JSON object, name a member twice, or do not fit the type of their kind.
    pub fn notification(&self) -> Result<Notification, NotificationError> {
        parse_notification(self.raw(), &Limits::NOTIFICATION).map_err(|source| NotificationError { source })
    }
}

pub(crate) fn parse_notification(bytes: &[u8], limits: &Limits) -> Result<Notification, DecodeError> {
    let kind = EventHead::look(bytes, limits)?.kind().unwrap_or(NotificationKind::Unknown);
    let mut reader = Reader::new(bytes, limits)?;
    let notification = read(kind, &mut reader)?;
    reader.end()?;
    Ok(notification)
}
