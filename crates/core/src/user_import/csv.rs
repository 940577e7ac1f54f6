//! Reading the file of an import: lines out of pieces, and fields out of lines.
//!
//! The format is Cognito's, which no CSV library reads: a row is a line, quotation marks are letters like any other, and a
//! backslash stands before a comma that belongs to a value (`\,`) or before another backslash (`\\`). White space around
//! values does not count.

/// The longest row, in characters.
const LONGEST: usize = 16_000;
/// No row of that many characters has more bytes.
const LONGEST_BYTES: usize = 4 * LONGEST;

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from one.
    pub number: u64,
    /// What it says, without its end, or why that cannot be read.
    pub text: Result<String, &'static str>,
}

/// Cuts a file that comes in pieces into lines, holding no more than a piece and the longest line.
#[derive(Debug)]
pub(super) struct Lines {
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
    start: usize,
    /// Whether the beginning of the next line was too long to keep.
    overlong: bool,
    ended: bool,
    bytes_done: u64,
    lines_done: u64,
}

impl Lines {
    /// Begins so many bytes and lines into a file, at the start of a line.
    pub(super) fn after(bytes_done: u64, lines_done: u64) -> Self {
        Self { buffer: Vec::new(), start: 0, overlong: false, ended: false, bytes_done, lines_done }
    }

    /// Takes the next piece of the file.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.start);
        self.start = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// Says that there are no more pieces.
    pub(super) fn end(&mut self) {
        self.ended = true;
    }

    /// How many bytes the lines given out so far are.
    pub(super) fn bytes_done(&self) -> u64 {
        self.bytes_done
    }

    /// How many lines were given out so far.
    pub(super) fn lines_done(&self) -> u64 {
        self.lines_done
    }

    /// The next line; none where another piece is needed, or the file is at its end.
    pub(super) fn next(&mut self) -> Option<Line> {
        let rest = &self.buffer[self.start..];
        let (length, line) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, &rest[..end]),
            None if self.ended && (self.overlong || !rest.is_empty()) => (rest.len(), rest),
            None => {
                if rest.len() > LONGEST_BYTES {
                    self.bytes_done += rest.len() as u64;
                    self.overlong = true;
                    self.buffer.clear();
                    self.start = 0;
                }
                return None;
            }
        };
        let text = if self.overlong { Err(TOO_LONG) } else { read(line) };
        self.overlong = false;
        self.start += length;
        self.bytes_done += length as u64;
        self.lines_done += 1;
        Some(Line { number: self.lines_done, text })
    }
}

const TOO_LONG: &str = "The row has more than 16,000 characters.";

fn read(line: &[u8]) -> Result<String, &'static str> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| "The row is not valid UTF-8.")?;
    if text.len() > LONGEST && text.chars().count() > LONGEST {
        return Err(TOO_LONG);
    }
    if text.contains('\0') {
        return Err("The row holds a character that cannot be stored.");
    }
    Ok(text.to_owned())
}

/// The values of a row.
pub(super) fn fields(row: &str) -> Vec<String> {
    let mut fields = Vec::with_capacity(24);
    let mut rest = row;
    loop {
        let (field, after) = first_field(rest);
        fields.push(field);
        match after {
            Some(after) => rest = after,
            None => return fields,
        }
    }
}

/// The first value of what is left of a row, and what is left after its comma.
fn first_field(row: &str) -> (String, Option<&str>) {
    let special = |text: &str| text.find([',', '\\']);
    let mut field = String::new();
    let mut rest = row;
    while let Some(at) = special(rest) {
        let after = &rest[at + 1..];
        if rest.as_bytes()[at] == b',' {
            return match field.is_empty() {
                true => (rest[..at].trim().to_owned(), Some(after)),
                false => (format!("{field}{}", &rest[..at]).trim().to_owned(), Some(after)),
            };
        }
        field.push_str(&rest[..at]);
        match after.as_bytes().first() {
            Some(b',' | b'\\') => {
                field.push_str(&after[..1]);
                rest = &after[1..];
            }
            _ => {
                field.push('\\');
                rest = after;
            }
        }
    }
    field.push_str(rest);
    (field.trim().to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<(u64, Result<String, &'static str>)> {
        let mut lines = Lines::after(0, 0);
        let mut read = Vec::new();
        for piece in pieces {
            lines.push(piece);
            while let Some(line) = lines.next() {
                read.push((line.number, line.text));
            }
        }
        lines.end();
        while let Some(line) = lines.next() {
            read.push((line.number, line.text));
        }
        assert_eq!(lines.bytes_done(), pieces.iter().map(|piece| piece.len() as u64).sum::<u64>());
        read
    }

    #[test]
    fn lines_are_the_same_however_the_file_is_cut() {
        let file = "one,1\r\ntwo\n\n\u{e9}\u{1f600},4\nlast".as_bytes();
        let whole = lines(&[file]);
        let texts: Vec<_> = whole.iter().map(|(_, text)| text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["one,1", "two", "", "\u{e9}\u{1f600},4", "last"]);
        assert_eq!(whole.last().unwrap().0, 5);
        for size in 1..file.len() {
            assert_eq!(lines(&file.chunks(size).collect::<Vec<_>>()), whole, "{size}");
        }
        assert_eq!(lines(&[b"a\n"]).len(), 1);
        assert!(lines(&[]).is_empty());
    }

    #[test]
    fn a_line_that_cannot_be_read_does_not_spoil_the_next() {
        let long = "x".repeat(300_000);
        let file = format!("a\n{long}\nb\n{}\n{}\nc", "\u{1f600}".repeat(16_000), "y".repeat(16_001));
        for size in [1000, 256 * 1024, 10_000_000] {
            let read = lines(&file.as_bytes().chunks(size).collect::<Vec<_>>());
            let bad: Vec<_> =
                read.iter().filter(|(_, text)| text.is_err()).map(|(number, _)| *number).collect();
            assert_eq!((read.len(), bad), (6, vec![2, 5]), "{size}");
        }
        let read = lines(&[b"a\n\xff\xfe\nb\0\nc"]);
        assert!(read[1].1.is_err() && read[2].1.is_err() && read[3].1.is_ok());
        assert_eq!(lines(&[long.as_bytes(), long.as_bytes()]), [(1, Err(TOO_LONG))]);
    }

    #[test]
    fn fields_are_cut_at_commas_that_no_backslash_stands_before() {
        for (row, expected) in [
            ("", vec![""]),
            (",", vec!["", ""]),
            (" a , b ", vec!["a", "b"]),
            (r"12 Main St\, London,x", vec!["12 Main St, London", "x"]),
            (r"C:\dir\,file", vec![r"C:\dir,file"]),
            (r"a\\,b", vec![r"a\", "b"]),
            (r"a\\\,b", vec![r"a\,b"]),
            (r"a\", vec![r"a\"]),
            (r#""quoted",b"#, vec![r#""quoted""#, "b"]),
            ("é,😀,", vec!["é", "😀", ""]),
            (r"$argon2id$v=19$m=1\,t=1\,p=1$x$y,z", vec!["$argon2id$v=19$m=1,t=1,p=1$x$y", "z"]),
        ] {
            assert_eq!(fields(row), expected, "{row}");
        }
    }
}
