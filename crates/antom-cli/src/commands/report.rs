//! `antom-dev report`: settlement and transaction reports.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use antom::core::time::DateTimeText;
use antom::reports::{
    AmountForm, CSV_HEAD, Check, Difference, Outcome, Reader, Row, Span, Theirs, Totals, ZipLimits, csv_row,
    in_order, to_html, unzip, xlsx,
};
use antom::shop::hold_against;
use antom::store::{AesGcmCipher, open};
use serde_json::json;

use crate::failure::Failure;
use crate::json::object;

/// Reads settlement and transaction reports: CSV, XLSX, and ZIP archives of them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing needs a person; 1 something does; 2 the arguments or the files they name cannot be used."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Checks every cell, every row's formula, and the batches against the summary.
    Check(CheckArguments),
    /// Compares the rows with the payments, captures and refunds of a store.
    Reconcile(ReconcileArguments),
}

#[derive(Debug, clap::Args)]
struct Files {
    /// How amounts are written in files of an older form, which do not say so themselves.
    #[arg(long, value_enum)]
    amounts: Option<Amounts>,
    /// Print JSON objects.
    #[arg(long)]
    json: bool,
    /// The files, details and summary in any order; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Amounts {
    /// 10.50
    Decimals,
    /// 1050
    SmallestUnit,
}

#[derive(Debug, clap::Args)]
struct CheckArguments {
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, clap::Args)]
struct ReconcileArguments {
    /// The store: `sqlite:PATH` or `postgres://…`. It is read, and nothing is written.
    #[arg(long, value_name = "URL")]
    store: String,
    /// The begin of the files' time, such as 2026-03-01T00:00:00+08:00: what moved earlier is early, not missing.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// The end of the files' time, such as 2026-03-02T00:00:00+08:00: what moved later is late, not missing.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Writes everything that does not match to this file: CSV, or a page for people if it ends in .html.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Check(arguments) => check(arguments),
        Command::Reconcile(arguments) => reconcile(arguments),
    }
}

fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let mut check = Check::default();
    let (rows, problems) = read(&arguments.files, &mut check, |_| ())?;
    check.totals();
    let mut out = io::stdout().lock();
    for problem in check.problems() {
        let text = match arguments.files.json {
            true => object(&[
                ("file", json!(problem.file)),
                ("line", json!(problem.line)),
                ("problem", json!(format!("{:?}", problem.kind))),
                ("text", json!(problem.text)),
            ]),
            false => match problem.line {
                0 => format!("{}: {}", problem.file, problem.text),
                line => format!("{}:{line}: {}", problem.file, problem.text),
            },
        };
        writeln!(out, "{text}")?;
    }
    for problem in &problems {
        match arguments.files.json {
            true => writeln!(out, "{}", object(&[("problem", json!("Sequence")), ("text", json!(problem))]))?,
            false => writeln!(out, "{problem}")?,
        }
    }
    let found = check.count().saturating_add(u64::try_from(problems.len()).unwrap_or(u64::MAX));
    let end = match arguments.files.json {
        true => object(&[
            ("rows", json!(rows)),
            ("batches", json!(check.batches().count())),
            ("problems", json!(found)),
        ]),
        false => format!("{rows} rows, {} batches, {found} problems", check.batches().count()),
    };
    writeln!(out, "{end}")?;
    match found {
        0 => Ok(()),
        _ => Err(Failure::Check(format!("{found} problems need a person"))),
    }
}

fn reconcile(arguments: &ReconcileArguments) -> Result<(), Failure> {
    let time = |name, text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => {
            let time = DateTimeText::from(text.as_str()).instant();
            time.map(Some).map_err(|error| Failure::input(name, &error))
        }
    };
    let span = Span { from: time("--from", &arguments.from)?, until: time("--until", &arguments.until)? };
    let (mut check, mut theirs) = (Check::default(), Vec::new());
    let (rows, problems) = read(&arguments.files, &mut check, |row| {
        if row.text(antom::reports::Column::SummaryType).is_none() {
            theirs.push(Theirs::of(row));
        }
    })?;
    check.totals();
    if !check.is_clean() || !problems.is_empty() {
        return Err(Failure::Check("the files have problems; see `antom-dev report check`".into()));
    }
    let mut result = Results::open(arguments.out.as_deref())?;
    let totals = compare(&arguments.store, theirs, span, &mut |difference| result.take(difference))?;
    let mut out = io::stdout().lock();
    let counts: Vec<_> = totals.counts.iter().map(|(outcome, count)| (outcome.word(), *count)).collect();
    match arguments.files.json {
        true => {
            let members: Vec<_> = counts.iter().map(|(word, count)| (*word, json!(count))).collect();
            writeln!(
                out,
                "{}",
                object(&[
                    ("rows", json!(rows)),
                    ("counts", serde_json::from_str(&object(&members)).unwrap_or_default())
                ])
            )?;
        }
        false => {
            writeln!(out, "{rows} rows")?;
            for (word, count) in &counts {
                writeln!(out, "{word:<18} {count:>10}")?;
            }
        }
    }
    result.end(&totals)?;
    match totals.needs_a_person() {
        false => Ok(()),
        true => Err(Failure::Check("something needs a person".into())),
    }
}

/// Where the differences go.
enum Results {
    Nowhere,
    /// Line by line, as they are found.
    Csv(BufWriter<File>, io::Result<()>),
    /// A page groups them, so they are kept until the end.
    Html(File, Vec<Difference>),
}

impl Results {
    fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Nowhere) };
        let file = File::create(path).map_err(out_failed)?;
        if path.extension().is_some_and(|end| end == "html") {
            return Ok(Self::Html(file, Vec::new()));
        }
        let mut file = BufWriter::new(file);
        let begun = file.write_all(CSV_HEAD.as_bytes());
        Ok(Self::Csv(file, begun))
    }

    fn take(&mut self, difference: Difference) {
        if difference.outcome == Outcome::Matched {
            return;
        }
        match self {
            Self::Csv(file, written @ Ok(())) => *written = file.write_all(csv_row(&difference).as_bytes()),
            Self::Html(_, kept) => kept.push(difference),
            Self::Nowhere | Self::Csv(..) => {}
        }
    }

    fn end(self, totals: &Totals) -> Result<(), Failure> {
        match self {
            Self::Nowhere => Ok(()),
            Self::Csv(mut file, written) => written.and_then(|()| file.flush()).map_err(out_failed),
            Self::Html(mut file, kept) => {
                file.write_all(to_html("Reconciliation", totals, &kept).as_bytes()).map_err(out_failed)
            }
        }
    }
}

fn out_failed(error: io::Error) -> Failure {
    Failure::input("writing --out failed", &error)
}

fn compare(
    url: &str,
    theirs: Vec<Theirs>,
    span: Span,
    tell: &mut impl FnMut(Difference),
) -> Result<Totals, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::input("starting the runtime failed", &error))?;
    // What is compared is not encrypted, so nobody's key is needed.
    let cipher = AesGcmCipher::ephemeral().map_err(|error| Failure::input("making a key failed", &error))?;
    let read = async {
        let store = open(url, Arc::new(cipher)).await?;
        hold_against(&*store, theirs, span, tell).await
    };
    runtime.block_on(read).map_err(|error| Failure::input("--store", &error))
}

/// Reads all files in their order; how many rows there were, and what is wrong with the files' numbers.
fn read(
    files: &Files,
    check: &mut Check,
    mut each: impl FnMut(&Row<'_>),
) -> Result<(u64, Vec<String>), Failure> {
    let names: Vec<String> = files.files.iter().map(|path| path.display().to_string()).collect();
    let (parts, mut problems) = in_order(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut progress =
        Progress { rows: 0, said: Instant::now(), quiet: files.json || !io::stderr().is_terminal() };
    for part in &parts {
        let mut take = |name: &str, source: &mut dyn Read| {
            let form = files.amounts.map(|amounts| match amounts {
                Amounts::Decimals => AmountForm::Decimals,
                Amounts::SmallestUnit => AmountForm::SmallestUnit,
            });
            let mut reader = match form {
                Some(form) => Reader::with_amounts(name, source, form)?,
                None => Reader::new(name, source)?,
            };
            while let Some(row) = reader.next_row()? {
                check.row(&row);
                each(&row);
                progress.row(name);
            }
            check.end(reader.summary());
            Ok::<(), antom::reports::FileError>(())
        };
        let wrong = |error| Failure::input("reading a report failed", &error);
        if part.name == "-" {
            take("standard input", &mut io::stdin().lock()).map_err(wrong)?;
            continue;
        }
        let path = Path::new(&part.name);
        let mut file = File::open(path).map_err(|error| Failure::input(&part.name, &error))?;
        match path.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("zip") => {
                problems.extend(unzip(&part.name, file, ZipLimits::default(), take).map_err(wrong)?);
            }
            Some("xlsx") => take(&part.name, &mut xlsx(&part.name, file).map_err(wrong)?).map_err(wrong)?,
            _ => take(&part.name, &mut file).map_err(wrong)?,
        }
    }
    Ok((progress.rows, problems.iter().map(ToString::to_string).collect()))
}

/// Says now and then how far a long file is.
struct Progress {
    rows: u64,
    said: Instant,
    quiet: bool,
}

impl Progress {
    fn row(&mut self, name: &str) {
        self.rows += 1;
        if !self.quiet && self.rows.is_multiple_of(4096) && self.said.elapsed().as_millis() > 500 {
            self.said = Instant::now();
            // Nobody is told if this fails.
            let _ = write!(io::stderr(), "\r{name}: {} rows ", self.rows);
        }
    }
}
