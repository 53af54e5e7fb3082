//! The text of a code as a QR code for people to scan: SVG and PNG for a page, blocks for a terminal.
//!
//! An order code, an entry code or an authorization URL comes as text. Show it as it is; do not log it.
//!
//! ```
//! let code = antom::qr::QrImage::new("https://example.com/order/42")?;
//! assert!(code.svg().starts_with("<svg"));
//! # Ok::<(), antom::qr::QrError>(())
//! ```

use std::fmt;

use qrcode::{Color, EcLevel, QrCode};

/// The blank border in modules that scanners need around a code.
const QUIET: usize = 4;

/// A QR code, ready to be drawn.
///
/// ```
/// use antom::qr::QrImage;
///
/// let code = QrImage::new("https://example.com/order/42")?;
/// assert!(code.png(8)?.starts_with(b"\x89PNG"));
/// assert!(code.svg().ends_with("</svg>"));
/// assert_eq!(code.terminal().lines().count(), code.modules().div_ceil(2));
/// assert!(!code.is_dark(0, 0), "the border is blank");
/// assert!(code.is_dark(4, 4), "the corner of a finder pattern is dark");
/// # Ok::<(), antom::qr::QrError>(())
/// ```
#[derive(Clone)]
pub struct QrImage {
    width: usize,
    dark: Vec<bool>,
}

/// Why a text cannot be shown as a QR code.
///
/// ```
/// use antom::qr::{QrError, QrImage};
///
/// let refused = QrImage::new(&"x".repeat(5000)).unwrap_err();
/// assert_eq!(refused, QrError::TooLong { length: 5000 });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QrError {
    /// The text is too long.
    #[error("drawing the QR code failed: a text of {length} bytes is too long, about 2300 are possible")]
    TooLong {
        /// The text's length in bytes.
        length: usize,
    },
    /// The picture would have no pixels, or too many.
    #[error(
        "drawing the QR code failed: {pixels_per_module} pixels a module are not possible, choose 1 to 64"
    )]
    Scale {
        /// What was asked for.
        pixels_per_module: u32,
    },
    /// The PNG could not be written.
    #[error("writing the PNG failed: {0}")]
    Png(String),
}

impl QrImage {
    /// Encodes a text; a seventh of the code may be dirty and it still reads.
    ///
    /// # Errors
    ///
    /// The text is too long.
    pub fn new(text: &str) -> Result<Self, QrError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| QrError::TooLong { length: text.len() })?;
        let width = code.width();
        let dark = code.into_colors().into_iter().map(|color| color == Color::Dark).collect();
        Ok(Self { width, dark })
    }

    /// The width and height in modules, with the blank border.
    #[must_use]
    pub fn modules(&self) -> usize {
        self.width + 2 * QUIET
    }

    /// Whether a module is dark; the border is not.
    #[must_use]
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET).filter(|at| *at < self.width);
        let (Some(x), Some(y)) = (inside(column), inside(row)) else { return false };
        self.dark.get(y * self.width + x).copied().unwrap_or_default()
    }

    /// An SVG document that scales to the size of its frame. It has no script and no reference to anything
    /// outside.
    #[must_use]
    pub fn svg(&self) -> String {
        use fmt::Write;
        let size = self.modules();
        let mut out = format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d=""##
        );
        for row in 0..size {
            let mut column = 0;
            while column < size {
                let run = (column..size).take_while(|&x| self.is_dark(x, row)).count();
                if run > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "M{column} {row}h{run}v1h-{run}z");
                }
                column += run.max(1);
            }
        }
        out.push_str(r#""/></svg>"#);
        out
    }

    /// A black and white PNG.
    ///
    /// # Errors
    ///
    /// The scale is not 1 to 64 pixels a module.
    pub fn png(&self, pixels_per_module: u32) -> Result<Vec<u8>, QrError> {
        let scale = usize::try_from(pixels_per_module).unwrap_or_default();
        if !(1..=64).contains(&scale) {
            return Err(QrError::Scale { pixels_per_module });
        }
        let pixels = self.modules() * scale;
        let mut image = Vec::with_capacity(pixels.div_ceil(8) * pixels);
        for row in 0..self.modules() {
            // One bit a pixel, 1 is white, each line filled up to a whole byte.
            let light: Vec<bool> = (0..pixels).map(|x| !self.is_dark(x / scale, row)).collect();
            let line: Vec<u8> = light.chunks(8).map(pack).collect();
            for _ in 0..scale {
                image.extend_from_slice(&line);
            }
        }
        let side = u32::try_from(pixels).map_err(|_| QrError::Scale { pixels_per_module })?;
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, side, side);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&image))
            .map_err(|error| QrError::Png(error.to_string()))?;
        Ok(out)
    }

    /// Lines of block characters, two modules a character, for a terminal with light text on a dark ground.
    #[must_use]
    pub fn terminal(&self) -> String {
        let size = self.modules();
        let mut out = String::new();
        for row in (0..size).step_by(2) {
            for column in 0..size {
                let below = row + 1 < size && !self.is_dark(column, row + 1);
                out.push(match (!self.is_dark(column, row), below) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                });
            }
            out.push('\n');
        }
        out
    }
}

/// Up to eight pixels as one byte, the first in the highest bit.
fn pack(pixels: &[bool]) -> u8 {
    pixels.iter().enumerate().fold(0, |byte, (at, &light)| byte | (u8::from(light) << (7 - at)))
}

impl fmt::Debug for QrImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "QrImage({0} x {0} modules)", self.modules())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_and_terminal_show_the_same_modules() {
        let code = QrImage::new("https://example.com/order/42").unwrap();
        let bytes = code.png(3).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!(info.width as usize, code.modules() * 3);
        let lines: Vec<Vec<char>> = code.terminal().lines().map(|line| line.chars().collect()).collect();
        let modules =
            (0..code.modules()).flat_map(|row| (0..code.modules()).map(move |column| (column, row)));
        for (column, row) in modules {
            let (x, y) = (column * 3 + 1, row * 3 + 1);
            let light = pixels[y * info.line_size + x / 8] >> (7 - x % 8) & 1 == 1;
            assert_eq!(light, !code.is_dark(column, row), "{column},{row}");
            let half = lines[row / 2][column];
            let shown = half == '█' || half == if row % 2 == 0 { '▀' } else { '▄' };
            assert_eq!(shown, light, "{column},{row}");
        }
    }

    #[test]
    fn the_finder_patterns_stand_in_three_corners() {
        let code = QrImage::new("x").unwrap();
        let last = code.modules() - QUIET - 1;
        assert!(code.is_dark(QUIET, QUIET) && code.is_dark(last, QUIET) && code.is_dark(QUIET, last));
        assert!(!code.is_dark(0, 0) && !code.is_dark(usize::MAX, 0));
        let dark = code.dark.iter().filter(|dark| **dark).count();
        let svg = code.svg();
        let (_, path) = svg.rsplit_once("d=").unwrap();
        let runs = path.split('h').filter_map(|part| part.split_once('v')?.0.parse::<usize>().ok());
        assert_eq!(runs.sum::<usize>(), dark);
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        assert_eq!(QrImage::new(&"a".repeat(3000)).unwrap_err(), QrError::TooLong { length: 3000 });
        let code = QrImage::new("x").unwrap();
        for scale in [0, 65, u32::MAX] {
            assert_eq!(code.png(scale), Err(QrError::Scale { pixels_per_module: scale }));
        }
        assert!(!format!("{:?}", QrImage::new("secret").unwrap()).contains("secret"));
    }
}
