//! Building source text.

/// The longest line.
pub(super) const WIDTH: usize = 110;

/// Source text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// A file: the banner, a sentence about it, and what follows.
    pub(super) fn file(doc: &str) -> Self {
        let mut text = Self::default();
        text.line(0, super::BANNER);
        text.line(0, "");
        for line in wrap(doc, WIDTH - 4) {
            text.line(0, &format!("//! {line}"));
        }
        text.line(0, "");
        text
    }

    /// One line at a depth of indentation; an empty one has no blanks.
    pub(super) fn line(&mut self, depth: usize, line: &str) {
        if !line.is_empty() {
            for _ in 0..depth {
                self.0.push_str("    ");
            }
            self.0.push_str(line);
        }
        self.0.push('\n');
    }

    /// Documentation of what follows.
    pub(super) fn doc(&mut self, depth: usize, doc: &str) {
        for line in wrap(doc, WIDTH - 4 - 4 * depth) {
            self.line(depth, &format!("/// {line}"));
        }
    }

    /// An example behind the documentation; none without lines.
    pub(super) fn example(&mut self, depth: usize, code: &[String]) {
        if code.is_empty() {
            return;
        }
        for line in
            ["", "```"].into_iter().chain(code.iter().flat_map(|line| line.split('\n'))).chain(["```"])
        {
            self.line(depth, format!("/// {line}").trim_end());
        }
    }

    /// The same for code that is written here.
    pub(super) fn code(&mut self, depth: usize, code: &[&str]) {
        self.example(depth, &code.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>());
    }

    /// Text that is complete already.
    pub(super) fn push(&mut self, text: &str) {
        self.0.push_str(text);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

/// Breaks a text between words.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A list of string literals.
pub(super) fn literals<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| format!("{:?}", text.as_ref())).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_is_wrapped_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("unbreakable", 3), ["unbreakable"]);
        assert!(wrap("", 10).is_empty());
    }
}
