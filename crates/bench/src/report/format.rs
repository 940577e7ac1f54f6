//! Tables that read well in a terminal and on a docs page, and the numbers in them.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use crate::load::Sample;

/// A promise and what became of it.
pub(crate) struct Target {
    /// What it is about.
    pub(crate) name: String,
    /// What was measured.
    pub(crate) measured: String,
    /// What was promised.
    pub(crate) required: String,
    /// Whether that is so.
    pub(crate) met: bool,
}

/// What a window saw, from the connections to the wrong answers.
pub(crate) fn seen<P>(sample: &Sample<P>) -> [String; 6] {
    [
        sample.connections.to_string(),
        format!("{:.0}", sample.rate),
        duration(sample.p50),
        duration(sample.p99),
        duration(sample.max),
        sample.wrong.to_string(),
    ]
}

/// In milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// Three digits or so, in the unit that keeps them short.
pub(crate) fn duration(duration: Duration) -> String {
    let millis = millis(duration);
    if millis < 1.0 {
        format!("{:.0} µs", millis * 1e3)
    } else if millis < 100.0 {
        format!("{millis:.1} ms")
    } else {
        format!("{millis:.0} ms")
    }
}

/// In megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A Markdown table whose columns line up; all but the first are aligned to the right.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> Result<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([header[column].chars().count(), 2]).max().unwrap_or(2)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let rules = widths.iter().enumerate().map(|(column, &width)| {
        if column == 0 { "-".repeat(width) } else { format!("{}:", "-".repeat(width - 1)) }
    });
    let header = header.iter().map(|&cell| cell.to_owned()).collect();

    let mut text = String::new();
    for row in [header, rules.collect::<Vec<_>>()].into_iter().chain(rows) {
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            if column == 0 { write!(text, "| {cell:<width$} |")? } else { write!(text, " {cell:>width$} |")? }
        }
        text.push('\n');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() -> Result<()> {
        let rows = vec![vec!["one".to_owned(), "1 µs".to_owned()], vec!["three".to_owned(), "12".to_owned()]];
        assert_eq!(
            table(&["name", "v"], rows)?,
            "| name  |    v |\n| ----- | ---: |\n| one   | 1 µs |\n| three |   12 |\n"
        );
        Ok(())
    }

    #[test]
    fn durations_keep_about_three_digits() {
        assert_eq!(duration(Duration::from_micros(42)), "42 µs");
        assert_eq!(duration(Duration::from_micros(21_340)), "21.3 ms");
        assert_eq!(duration(Duration::from_millis(1_234)), "1234 ms");
    }
}
