/// One of the files that a day or a batch was split into.
///
/// ```
/// use antom_reports::Part;
///
/// let part = Part::of("settlementItems_GCASH_USD_2026030112_000.csv");
/// assert_eq!((part.stem.as_str(), part.sequence), ("settlementItems_GCASH_USD_2026030112", Some(0)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The name without its number.
    pub stem: String,
    /// The number, where the name has one.
    pub sequence: Option<u32>,
    /// The whole name.
    pub name: String,
}

impl Part {
    /// Reads a name such as `settlementItems_GCASH_USD_2026030112_000.csv`.
    ///
    /// ```
    /// use antom_reports::Part;
    /// let part = Part::of("transactionItems_20260301_001.csv");
    /// assert_eq!((part.stem.as_str(), part.sequence), ("transactionItems_20260301", Some(1)));
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Self {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let bare = base.split('.').next().unwrap_or(base);
        let numbered = bare.rsplit_once('_').and_then(|(stem, number)| {
            let three = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse().ok().filter(|_| three).map(|number| (stem.to_owned(), number))
        });
        match numbered {
            Some((stem, number)) => Self { stem, sequence: Some(number), name: name.to_owned() },
            None => Self { stem: bare.to_owned(), sequence: None, name: name.to_owned() },
        }
    }
}

/// Files of one stem that do not follow one another.
///
/// ```
/// use antom_reports::{SequenceProblem, in_order};
///
/// let (parts, problems) = in_order(&["items_20260301_002.csv", "items_20260301_000.csv"]);
/// assert_eq!(parts[0].sequence, Some(0));
/// assert_eq!(problems, [SequenceProblem::Missing { stem: "items_20260301".into(), number: 1 }]);
/// assert_eq!(problems[0].to_string(), "items_20260301: file number 001 is missing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceProblem {
    /// A number is missing.
    #[error("{stem}: file number {number:03} is missing")]
    Missing {
        /// The name without its number.
        stem: String,
        /// The number.
        number: u32,
    },
    /// A number is there twice.
    #[error("{stem}: file number {number:03} is there twice")]
    Twice {
        /// The name without its number.
        stem: String,
        /// The number.
        number: u32,
    },
}

/// The files in their order, and what is missing among them. Numbers begin at 000.
///
/// ```
/// let (parts, problems) = antom_reports::in_order(&["items_20260301_001.csv", "items_20260301_000.csv"]);
/// assert_eq!(parts[0].name, "items_20260301_000.csv");
/// assert!(problems.is_empty());
/// ```
#[must_use]
pub fn in_order(names: &[&str]) -> (Vec<Part>, Vec<SequenceProblem>) {
    let mut parts: Vec<Part> = names.iter().map(|name| Part::of(name)).collect();
    parts.sort();
    let problems = out_of_sequence(&parts);
    (parts, problems)
}

/// What is missing, or there twice, among files in their order.
fn out_of_sequence<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Vec<SequenceProblem> {
    let (mut problems, mut expected) = (Vec::new(), (String::new(), 0_u32));
    for part in parts {
        let Some(number) = part.sequence else { continue };
        if part.stem != expected.0 {
            expected = (part.stem.clone(), 0);
        }
        let stem = || part.stem.clone();
        if number < expected.1 {
            problems.push(SequenceProblem::Twice { stem: stem(), number });
            continue;
        }
        // A few are named, not a thousand.
        problems.extend(
            (expected.1..number).take(10).map(|number| SequenceProblem::Missing { stem: stem(), number }),
        );
        expected.1 = number.saturating_add(1);
    }
    problems
}

/// What an archive may hold.
///
/// ```
/// use antom_reports::{ZipLimits, unzip};
/// # let archive = {
/// #     use std::io::Write as _;
/// #     let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// #     writer.start_file("items_20260301_001.csv", zip::write::SimpleFileOptions::default()).unwrap();
/// #     writer.write_all(b"transactionId\nT1\n").unwrap();
/// #     writer.finish().unwrap()
/// # };
///
/// // Somebody sends an archive that unpacks to more than anybody sent before.
/// let limits = ZipLimits { bytes: 4, ..ZipLimits::default() };
/// let refused = unzip("day.zip", archive, limits, |_, file| {
///     std::io::copy(file, &mut std::io::sink()).ok();
///     Ok(())
/// });
/// assert!(refused.is_err());
/// ```
#[cfg(feature = "zip")]
#[derive(Debug, Clone, Copy)]
pub struct ZipLimits {
    /// The most files.
    pub files: usize,
    /// The most bytes of all files together.
    pub bytes: u64,
    /// The most bytes of a workbook in it, which is held in memory while it is read.
    pub workbook: u64,
}

#[cfg(feature = "zip")]
impl Default for ZipLimits {
    /// A thousand files, ten gigabytes, workbooks of 64 megabytes.
    fn default() -> Self {
        Self { files: 1000, bytes: 10 << 30, workbook: 64 << 20 }
    }
}

/// Gives the files of an archive one by one, in the order of their numbers, unpacked while they are read; workbooks
/// as [`xlsx`](crate::xlsx()) gives them, with that feature. What is missing among the numbers is returned. An archive
/// that holds more than is allowed ends with an error, not with a full disk.
///
/// # Errors
///
/// It is no archive, is encrypted, or holds too much; or `each` failed.
///
/// ```
/// use antom_reports::{ZipLimits, unzip};
/// # let archive = {
/// #     use std::io::Write as _;
/// #     let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// #     writer.start_file("items_20260301_001.csv", zip::write::SimpleFileOptions::default()).unwrap();
/// #     writer.write_all(b"transactionId\nT1\n").unwrap();
/// #     writer.finish().unwrap()
/// # };
///
/// let mut names = Vec::new();
/// let problems = unzip("day.zip", archive, ZipLimits::default(), |name, _file| {
///     names.push(name.to_owned()); // Read it here, with a `Reader`.
///     Ok(())
/// })?;
/// assert_eq!(names, ["items_20260301_001.csv"]);
/// assert_eq!(problems[0].to_string(), "items_20260301: file number 000 is missing");
/// # Ok::<(), antom_reports::FileError>(())
/// ```
#[cfg(feature = "zip")]
pub fn unzip<A: std::io::Read + std::io::Seek>(
    name: &str,
    archive: A,
    limits: ZipLimits,
    mut each: impl FnMut(&str, &mut dyn std::io::Read) -> Result<(), crate::FileError>,
) -> Result<Vec<SequenceProblem>, crate::FileError> {
    let wrong = |why: String| crate::FileError::Container { file: name.to_owned(), why };
    let mut archive =
        zip::ZipArchive::new(archive).map_err(|error| wrong(format!("no ZIP archive: {error}")))?;
    if archive.len() > limits.files {
        return Err(wrong(format!("{} files are more than {}", archive.len(), limits.files)));
    }
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index_raw(at).map_err(|error| wrong(format!("file {at}: {error}")))?;
        if !entry.is_dir() {
            parts.push((Part::of(entry.name()), at));
        }
    }
    parts.sort();
    let mut left = limits.bytes;
    for (part, at) in &parts {
        let entry = archive.by_index(*at).map_err(|error| wrong(format!("{}: {error}", part.name)))?;
        let mut limited = Limited { inner: entry, left, over: false };
        let done = match part.name.to_ascii_lowercase().ends_with(".xlsx") {
            true => workbook(&part.name, &mut limited, limits.workbook, &mut each),
            false => each(&part.name, &mut limited),
        };
        if limited.over {
            return Err(wrong(format!("its files unpack to more than {} bytes", limits.bytes)));
        }
        left = limited.left;
        done?;
    }
    Ok(out_of_sequence(parts.iter().map(|(part, _)| part)))
}

/// A workbook is read from its end, so it is unpacked as a whole.
#[cfg(all(feature = "zip", feature = "xlsx"))]
fn workbook(
    name: &str,
    entry: &mut dyn std::io::Read,
    most: u64,
    each: &mut dyn FnMut(&str, &mut dyn std::io::Read) -> Result<(), crate::FileError>,
) -> Result<(), crate::FileError> {
    use std::io::Read as _;
    let wrong = |why: String| crate::FileError::Container { file: name.to_owned(), why };
    let mut bytes = Vec::new();
    let read = entry.take(most.saturating_add(1)).read_to_end(&mut bytes);
    let read = read.map_err(|error| wrong(format!("unpacking failed: {error}")))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > most {
        return Err(wrong(format!("a workbook of more than {most} bytes")));
    }
    each(name, &mut crate::xlsx(name, std::io::Cursor::new(bytes))?)
}

#[cfg(all(feature = "zip", not(feature = "xlsx")))]
fn workbook(
    name: &str,
    _: &mut dyn std::io::Read,
    _: u64,
    _: &mut dyn FnMut(&str, &mut dyn std::io::Read) -> Result<(), crate::FileError>,
) -> Result<(), crate::FileError> {
    let why = "a workbook is read with the feature xlsx, which is off".to_owned();
    Err(crate::FileError::Container { file: name.to_owned(), why })
}

#[cfg(feature = "zip")]
struct Limited<R> {
    inner: R,
    left: u64,
    over: bool,
}

#[cfg(feature = "zip")]
impl<R: std::io::Read> std::io::Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match self.left.checked_sub(u64::try_from(read).unwrap_or(u64::MAX)) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => {
                self.over = true;
                Err(std::io::Error::other("the archive unpacks to more than is allowed"))
            }
        }
    }
}
