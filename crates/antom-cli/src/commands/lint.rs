//! `antom-dev lint`: what is wrong with JSON of the API.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use antom::core::check::{CardMode, Context};
use antom::core::codec::{DecodeError, Limits, RawJson, Reader, ValueKind};

use crate::failure::Failure;
use crate::lint::{self, Part, Question, Report};

/// Checks JSON documents of the API and names each problem with its JSON pointer. No value is ever shown.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no problem; 1 there is one; 2 the arguments or the files they name cannot be used. \
    With --batch, 0 as long as every line could be judged.\n\n\
    A line of --batch is {\"id\": …, \"api\": \"payments/pay\", \"kind\": \"request\", \"doc\": {…}}; `doc` may also be the \
    document's text as a string."
)]
pub(crate) struct Arguments {
    /// The operation, such as payments/pay, or the notification, such as notifyPayment.
    #[arg(long, value_name = "NAME", required_unless_present = "batch")]
    operation: Option<String>,
    /// Which document of the exchange it is.
    #[arg(long, value_enum, required_unless_present = "batch")]
    part: Option<Part>,
    /// A file with one document a line, each with its api and kind.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["operation", "part", "files"])]
    batch: Option<PathBuf>,
    /// Print one JSON object per file or line.
    #[arg(long)]
    json: bool,
    /// Where buyers enter card data: card data in a request is a problem with `hosted`.
    #[arg(long, value_enum, default_value_t = Cards::ServerToServer)]
    cards: Cards,
    /// What was paid with, for the least amount of refunds, such as DANA.
    #[arg(long, value_name = "TYPE")]
    payment_method: Option<String>,
    /// Also name absent members that the API needs under some condition, with the condition.
    #[arg(long)]
    hints: bool,
    /// The files; `-` is standard input.
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Cards {
    /// At Antom.
    Hosted,
    /// At the merchant.
    ServerToServer,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match (&arguments.batch, &arguments.operation, arguments.part) {
        (Some(file), _, _) => batch(arguments, file),
        (None, Some(operation), Some(part)) => files(arguments, operation, part),
        _ => Err(Failure::Input("--operation and --part, or --batch: one of both is needed".into())),
    }
}

fn question(arguments: &Arguments, part: Part) -> Question<'_> {
    let cards = match arguments.cards {
        Cards::Hosted => CardMode::Hosted,
        Cards::ServerToServer => CardMode::ServerToServer,
    };
    let context = Context { cards, payment_method: arguments.payment_method.as_deref() };
    Question { part, context, conditions: arguments.hints }
}

fn files(arguments: &Arguments, operation: &str, part: Part) -> Result<(), Failure> {
    let (targets, part) =
        lint::targets(operation, part).ok_or_else(|| Failure::Input(unknown(operation, part)))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut bad = 0;
    for file in &arguments.files {
        let bytes = read(file)?;
        let report = lint::lint(&targets, &bytes, question(arguments, part));
        if arguments.json {
            let name = lint::text(&file.to_string_lossy());
            writeln!(out, r#"{{"file":{name},{}}}"#, lint::json_members(&report))?;
        } else {
            print(&mut out, file, &report)?;
        }
        bad += usize::from(!report.is_clean());
    }
    out.flush()?;
    match bad {
        0 => Ok(()),
        _ => Err(Failure::Check(format!("{bad} of {} files have problems", arguments.files.len()))),
    }
}

fn unknown(operation: &str, part: Part) -> String {
    format!(
        "--operation: nothing is known about the {} of `{}`; expected an operation such as payments/pay, or a \
         notification such as notifyPayment",
        format!("{part:?}").to_lowercase(),
        operation.escape_debug()
    )
}

/// Reads a file, and one byte more than the limit, so that the reader says that it is too long.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = Limits::ANSWER.max_bytes as u64 + 1;
    let result = match file.to_str() {
        Some("-") => io::stdin().lock().take(most).read_to_end(&mut bytes),
        _ => File::open(file).and_then(|opened| opened.take(most).read_to_end(&mut bytes)),
    };
    result.map_err(|error| Failure::input(&file.display().to_string(), &error))?;
    Ok(bytes)
}

fn print(out: &mut impl Write, file: &Path, report: &Report) -> io::Result<()> {
    let state = if report.is_clean() { "no problem" } else { "problems" };
    writeln!(out, "{}: {state}", file.display())?;
    let place = |pointer: &str| match pointer {
        "" => "the document".to_owned(),
        // Member names come from outside and must not steer the terminal.
        pointer => pointer.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
    };
    for problem in &report.problems {
        writeln!(out, "  problem  {}: {}", place(&problem.pointer), problem.message)?;
    }
    for pointer in &report.lost {
        writeln!(out, "  lost     {}: the typed value does not hold it as it is", place(pointer))?;
    }
    for pointer in &report.unknown {
        writeln!(out, "  unknown  {}: not named by the type; only the raw form keeps it", place(pointer))?;
    }
    for hint in &report.hints {
        writeln!(out, "  hint     {}: {}", place(&hint.pointer), hint.message)?;
    }
    Ok(())
}

fn batch(arguments: &Arguments, file: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::input(&file.display().to_string(), &error);
    let mut input: Box<dyn BufRead> = match file.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(File::open(file).map_err(failed)?)),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    let (mut lines, mut bad) = (0usize, 0usize);
    while next_line(&mut input, &mut line).map_err(failed)? {
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        lines += 1;
        let entry = Entry::read(&line);
        let report = entry.judge(arguments).unwrap_or_else(|why| {
            bad += 1;
            Report::refused("line", why)
        });
        let id = entry.id.as_ref().map_or("null", RawJson::as_str);
        writeln!(out, r#"{{"id":{id},{}}}"#, lint::json_members(&report))?;
    }
    out.flush()?;
    match bad {
        0 => Ok(()),
        _ => Err(Failure::Check(format!("{bad} of {lines} lines could not be judged"))),
    }
}

/// The longest line: a document of the longest kind as a string, where a character may take six, and its names.
const MAX_LINE: u64 = 6 * Limits::ANSWER.max_bytes as u64 + 4096;

/// Reads up to the next line break; of a line that is too long, only the beginning.
fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    if input.take(MAX_LINE).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    while !line.ends_with(b"\n") {
        let (skip, last) = match input.fill_buf()? {
            [] => break,
            more => {
                more.iter().position(|byte| *byte == b'\n').map_or((more.len(), false), |at| (at + 1, true))
            }
        };
        input.consume(skip);
        if last {
            break;
        }
    }
    Ok(true)
}

/// One line of a batch, as far as it could be read.
#[derive(Default)]
struct Entry {
    id: Option<RawJson>,
    api: Option<String>,
    kind: Option<String>,
    doc: Option<Vec<u8>>,
    /// Where and why reading stopped, and whether that was inside the document.
    stopped: Option<(DecodeError, bool)>,
}

impl Entry {
    fn read(line: &[u8]) -> Self {
        // The document's own depth is judged later; 200 levels are enough to get at it.
        let limits = Limits { max_bytes: MAX_LINE as usize, max_depth: 200 + Limits::ANSWER.max_depth };
        let mut entry = Self::default();
        let mut inside = false;
        if let Err(error) = entry.fill(line, &limits, &mut inside) {
            entry.stopped = Some((error, inside));
        }
        entry
    }

    fn fill(&mut self, line: &[u8], limits: &Limits, inside: &mut bool) -> Result<(), DecodeError> {
        let mut reader = Reader::new(line, limits)?;
        reader.enter_object()?;
        while let Some(name) = reader.next_key()? {
            match name.as_ref() {
                "id" => self.id = Some(RawJson::parse(reader.read_raw()?)?),
                "api" => self.api = Some(reader.read_string()?.into_owned()),
                "kind" => self.kind = Some(reader.read_string()?.into_owned()),
                "doc" => {
                    *inside = true;
                    self.doc = Some(match reader.peek()? {
                        ValueKind::String => reader.read_string()?.into_owned().into_bytes(),
                        _ => reader.read_raw()?.as_bytes().to_vec(),
                    });
                    *inside = false;
                }
                _ => drop(reader.read_raw()?),
            }
        }
        reader.end()
    }

    /// The report on the document, or why the line cannot be judged.
    fn judge(&self, arguments: &Arguments) -> Result<Report, String> {
        if let Some((error, false)) = &self.stopped {
            return Err(error.to_string());
        }
        let (Some(api), Some(kind)) = (&self.api, &self.kind) else {
            return Err("the line needs `api`, `kind` and `doc`, in this order".to_owned());
        };
        let part = Part::from_name(kind).ok_or("`kind` must be request, response, notification or ack")?;
        let (targets, part) = lint::targets(api, part).ok_or_else(|| unknown(api, part))?;
        match (&self.doc, &self.stopped) {
            (Some(doc), _) => Ok(lint::lint(&targets, doc, question(arguments, part))),
            (None, Some((error, _))) => Ok(Report::unreadable(error)),
            (None, None) => Err("the line needs a `doc`".to_owned()),
        }
    }
}
