use alloc::string::{String, ToString};
use alloc::vec::Vec;

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

/// The first look at a notification: which members it has, and the words that tell kinds apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventHead {
    names: Vec<String>,
    words: Vec<(String, String)>,
}

impl EventHead {
    /// Looks at the top level of a document; all of it is checked.
    ///
    /// # Errors
    ///
    /// The document is not one JSON object without duplicate keys, or breaks a limit.
    pub fn look(bytes: &[u8], limits: &Limits) -> Result<Self, DecodeError> {
        let mut head = Self { names: Vec::new(), words: Vec::new() };
        let mut reader = Reader::new(bytes, limits)?;
        reader.enter_object()?;
        let mut seen = crate::codec::Seen::default();
        while let Some(key) = reader.next_key()? {
            if !seen.insert(key.clone()) {
                return Err(reader.error(crate::codec::DecodeErrorKind::DuplicateKey).inside(&key));
            }
            let word = is_discriminator(&key) && reader.peek()? == ValueKind::String;
            if word {
                head.words.push((key.to_string(), reader.read_string()?.into_owned()));
            } else {
                reader.read_raw().map_err(|error| error.inside(&key))?;
            }
            head.names.push(key.into_owned());
        }
        reader.end()?;
        Ok(head)
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find(|(known, _)| known == name).map(|(_, word)| word.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// The kind of notification this is. An entry of the table fits when its word is one of the entry's
    /// and every member the entry needs is there; of those that fit, the one that asks for most wins.
    #[must_use]
    pub fn kind(&self) -> Option<NotificationKind> {
        NOTIFICATIONS.iter().filter(|info| self.fits(info)).max_by_key(|info| demands(info)).map(|info| info.kind)
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

fn is_discriminator(name: &str) -> bool {
    NOTIFICATIONS.iter().any(|info| info.discriminator.is_some_and(|(known, _)| known == name))
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
