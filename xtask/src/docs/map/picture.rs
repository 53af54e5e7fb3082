//! The arrows as a picture: rows of boxes, each row naming what is below it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::named;
use crate::metadata::{Metadata, Package};

const WIDTH: usize = 880;
const ROW: usize = 96;
const BOX: (usize, usize) = (132, 34);
const MARGIN: usize = 12;

/// Readable on light and dark pages, alone and inside others.
const STYLE: &str = "<style>
    text { font: 600 12px system-ui, sans-serif; fill: #1b2430; text-anchor: middle }
    rect { fill: #fdf1e3; stroke: #c79a5b } .published rect { fill: #eef3fb; stroke: #7d93b8 }
    line { stroke: #7d93b8; stroke-width: 1.5 } marker path { fill: #7d93b8 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e8edf5 }
      rect { fill: #3a2c19; stroke: #b98a4a } .published rect { fill: #1d2a3f; stroke: #6f87b0 }
    }
  </style>
  <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path \
d=\"M0 0 8 4 0 8z\"/></marker></defs>";

/// The picture as SVG.
pub(super) fn draw(metadata: &Metadata) -> String {
    let packages: BTreeMap<&str, &Package> =
        metadata.members().map(|package| (package.name.as_str(), package)).collect();
    let ours: BTreeSet<&str> = packages.keys().copied().collect();
    let all: Arrows<'_> =
        packages.iter().map(|(name, package)| (*name, named(package, &ours).collect())).collect();
    let arrows: Arrows<'_> = all.keys().map(|name| (*name, needed(&all, name))).collect();
    let rows = rows(&arrows, &packages);
    let places = places(&rows, &arrows);

    let height = rows.len() * ROW - (ROW - BOX.1) + 2 * MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"who names whom\">\n  {STYLE}\n"
    );
    // Writing to a String cannot fail. Arrows first: a box lies over what passes behind it.
    for (name, below) in &arrows {
        for other in below {
            if let (Some((x1, y1)), Some((x2, y2))) = (places.get(name), places.get(other)) {
                let (y1, y2) = (y1 + BOX.1 / 2, y2 - BOX.1 / 2);
                let _ = writeln!(
                    text,
                    "  <line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" marker-end=\"url(#tip)\"/>"
                );
            }
        }
    }
    for (name, (x, y)) in &places {
        let published = packages.get(name).is_some_and(|package| package.published);
        let class = if published { " class=\"published\"" } else { "" };
        let (left, top, (width, height)) = (x - BOX.0 / 2, y - BOX.1 / 2, BOX);
        let short = name.strip_prefix("antom-example-").unwrap_or(name);
        let _ = writeln!(
            text,
            "  <g{class}><rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"8\"/><text x=\"{x}\" y=\"{}\">{short}</text></g>",
            y + 4
        );
    }
    text.push_str("</svg>\n");
    text
}

type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The arrows of a crate that do not follow from its others.
fn needed<'a>(all: &Arrows<'a>, name: &str) -> BTreeSet<&'a str> {
    let direct = all.get(name).cloned().unwrap_or_default();
    let follows = |other: &&str| direct.iter().any(|near| near != other && reaches(all, near, other));
    direct.iter().copied().filter(|other| !follows(other)).collect()
}

fn reaches(all: &Arrows<'_>, from: &str, to: &str) -> bool {
    all.get(from).is_some_and(|below| below.iter().any(|next| *next == to || reaches(all, next, to)))
}

/// How many rows lie below a crate's own.
fn depth(arrows: &Arrows<'_>, name: &str) -> usize {
    let below = arrows.get(name).into_iter().flatten();
    below.map(|other| depth(arrows, other) + 1).max().unwrap_or_default()
}

/// The rows, the lowest first. In a row what is named across another row stands last, where such an arrow passes
/// beside the row between, and what is not published before it.
fn rows<'a>(arrows: &Arrows<'a>, packages: &BTreeMap<&'a str, &Package>) -> Vec<Vec<&'a str>> {
    let mut rows: Vec<Vec<&str>> = Vec::new();
    for (name, below) in arrows {
        let named = arrows.values().any(|others| others.contains(name));
        if below.is_empty() && !named {
            continue;
        }
        let depth = depth(arrows, name);
        rows.resize_with(rows.len().max(depth + 1), Vec::new);
        if let Some(row) = rows.get_mut(depth) {
            row.push(name);
        }
    }
    let across = |name: &str| {
        let own = depth(arrows, name);
        arrows.iter().any(|(other, below)| below.contains(name) && depth(arrows, other) > own + 1)
    };
    let published = |name: &str| packages.get(name).is_some_and(|package| package.published);
    for row in &mut rows {
        row.sort_by_key(|name| (across(name), !published(name), *name));
    }
    rows
}

/// The middle of each box. A box alone in its row stands above what it names.
fn places<'a>(rows: &[Vec<&'a str>], arrows: &Arrows<'a>) -> BTreeMap<&'a str, (usize, usize)> {
    let mut places: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (depth, row) in rows.iter().enumerate() {
        let y = (rows.len() - 1 - depth) * ROW + BOX.1 / 2 + MARGIN;
        let step = WIDTH / row.len().max(1);
        for (index, name) in row.iter().enumerate() {
            let below: Vec<usize> =
                arrows[name].iter().filter_map(|other| places.get(other)).map(|(x, _)| *x).collect();
            let x = match below.len() {
                count @ 1.. if row.len() == 1 => below.iter().sum::<usize>() / count,
                _ => step * index + step / 2,
            };
            places.insert(name, (x, y));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::docs::map::tests::world;
    use crate::metadata::Kind::Normal;

    #[test]
    fn what_follows_and_what_stands_alone_is_not_drawn() {
        let metadata = world(&[
            ("core", true, &[]),
            ("store", true, &[("core", Normal)]),
            ("facade", true, &[("core", Normal), ("store", Normal)]),
            ("tool", false, &[("facade", Normal), ("store", Normal)]),
            ("alone", false, &[]),
        ]);
        let picture = draw(&metadata);
        assert_eq!(picture.matches("<line ").count(), 3, "tool, facade, store, core: {picture}");
        assert_eq!(picture.matches("<rect ").count(), 4, "{picture}");
        assert_eq!(picture.matches("class=\"published\"").count(), 3, "{picture}");
        assert!(!picture.contains("alone"), "{picture}");
        assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"), "{picture}");
    }
}
