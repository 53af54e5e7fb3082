use alloc::string::String;

use crate::api::models::{CodeDetail, DisplayType};
use crate::flow::fact::Show;
use crate::secret::Secret;
use crate::time::UnixTime;

/// A code in its forms: the text to draw, and the address of a picture where one is given.
pub(super) fn show_of_code(details: &[CodeDetail], expires: Option<UnixTime>) -> Option<Show> {
    let is_text =
        |detail: &&CodeDetail| detail.display_type.as_ref().is_none_or(|kind| *kind == DisplayType::TEXT);
    let text = details.iter().find(is_text).and_then(|detail| detail.code_value.clone());
    let image = details.iter().find(|detail| !is_text(detail)).and_then(|detail| detail.code_value.clone());
    match (text, image) {
        (Some(text), image) => Some(Show::Code { text, image, expires }),
        (None, Some(image)) => Some(Show::Redirect { url: Some(image), app: None, scheme: None }),
        (None, None) => None,
    }
}

pub(super) fn show_of_urls(
    url: Option<Secret<String>>,
    app: Option<Secret<String>>,
    scheme: Option<Secret<String>>,
) -> Option<Show> {
    (url.is_some() || app.is_some() || scheme.is_some()).then_some(Show::Redirect { url, app, scheme })
}
