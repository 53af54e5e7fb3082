//! A preprocessor for mdBook: pages link to sources and to pages beside the book's folder, as forges show them; in the
//! built book such a link has to lead to the repository.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use serde_json::Value;

/// Where the tree is shown to people.
pub(crate) const TREE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// What mdBook tells a preprocessor: `supports RENDERER`, or nothing and a book on standard input.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// `supports` and a renderer: asks whether the renderer is served, which all are.
    question: Vec<String>,
}

/// Answers mdBook.
pub(crate) fn main(arguments: &Arguments) -> ExitCode {
    if !arguments.question.is_empty() {
        return ExitCode::SUCCESS;
    }
    let mut input = String::new();
    let answer = std::io::stdin()
        .read_to_string(&mut input)
        .map_err(|error| error.to_string())
        .and_then(|_| processed(&input))
        .and_then(|book| std::io::stdout().write_all(book.as_bytes()).map_err(|error| error.to_string()));
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "reading the book from mdBook failed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The book out of mdBook's pair of context and book, its links made absolute where they leave the folder.
fn processed(input: &str) -> Result<String, String> {
    let mut pair: Vec<Value> = serde_json::from_str(input).map_err(|error| error.to_string())?;
    let mut book = pair.pop().ok_or("there is no book")?;
    chapters(&mut book);
    serde_json::to_string(&book).map_err(|error| error.to_string())
}

/// A chapter is whatever has a path and a content: so this goes on to work when mdBook names its lists anew.
fn chapters(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let depth = members.get("path").and_then(Value::as_str).map(|path| path.matches('/').count());
            if let (Some(depth), Some(Value::String(content))) = (depth, members.get_mut("content")) {
                *content = outward(content, depth);
            }
            members.values_mut().for_each(chapters);
        }
        Value::Array(items) => items.iter_mut().for_each(chapters),
        _ => {}
    }
}

/// The links of a page so deep in the book's folder, absolute where they climb out of it.
fn outward(content: &str, depth: usize) -> String {
    let out = format!("](../{}", "../".repeat(depth));
    content.replace(&out, &format!("]({TREE}"))
}

#[cfg(test)]
mod tests {
    use super::{TREE, outward, processed};

    #[test]
    fn links_out_of_the_book_lead_to_the_repository() {
        assert!(TREE.starts_with("https://") && TREE.ends_with("/blob/main/"), "{TREE}");
        let page = "[in](b.md) [up](../c.md) [out](../../README.md#x)";
        assert_eq!(outward(page, 1), format!("[in](b.md) [up](../c.md) [out]({TREE}README.md#x)"));
        assert_eq!(outward("[out](../README.md)", 0), format!("[out]({TREE}README.md)"));
    }

    #[test]
    fn every_chapter_is_looked_at_and_the_rest_kept() {
        let chapter = |path: &str, inner: &str| {
            format!(r#"{{"Chapter":{{"content":"[r](../R.md)","path":"{path}","sub_items":[{inner}]}}}}"#)
        };
        let book = format!(r#"{{"items":[{}],"other":1}}"#, chapter("a.md", &chapter("b/c.md", "")));
        let done = processed(&format!(r#"[{{"root":"../x"}},{book}]"#)).unwrap();
        assert_eq!(done.matches(TREE).count(), 1, "b/c.md links to a page of the book: {done}");
        assert!(done.contains(r#""other":1"#) && done.contains("](../R.md)"), "{done}");
        assert!(processed("[]").is_err() && processed("no JSON").is_err());
    }
}
