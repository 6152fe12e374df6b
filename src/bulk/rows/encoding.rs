//! How a file's bytes stand for characters: by its mark, by what the operator says, or guessed for a
//! sentence, never for a row.

use std::fmt;
use std::str::FromStr;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{MACINTOSH, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

use super::error::RowsError;

/// An encoding of the [Encoding Standard](https://encoding.spec.whatwg.org/#names-and-labels).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// Names that people and programs use and the standard does not list.
const ALSO: [(&str, &str); 12] = [
    ("latin-1", "latin1"),
    ("macroman", "macintosh"),
    ("mac-roman", "macintosh"),
    ("mac_roman", "macintosh"),
    ("cp932", "shift_jis"),
    ("cp936", "gbk"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("utf16", "utf-16"),
    ("utf16le", "utf-16le"),
    ("utf16be", "utf-16be"),
    ("ansi", "windows-1252"),
];

impl Encoding {
    /// UTF-8, with or without a byte order mark.
    pub const UTF_8: Self = Self(UTF_8);
    /// UTF-16, low byte first.
    pub const UTF_16LE: Self = Self(UTF_16LE);
    /// UTF-16, high byte first.
    pub const UTF_16BE: Self = Self(UTF_16BE);

    /// What reads its bytes, a mark at the beginning included.
    pub(super) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_without_bom_handling()
    }

    /// The text that some bytes would be.
    fn read(self, bytes: &[u8]) -> String {
        self.0.decode_without_bom_handling(bytes).0.into_owned()
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.name().to_ascii_lowercase())
    }
}

impl FromStr for Encoding {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let also = ALSO.iter().find(|(name, _)| *name == lower);
        let label = also.map_or(lower.as_str(), |(_, label)| label);
        encoding_rs::Encoding::for_label(label.as_bytes())
            .filter(|found| *found != REPLACEMENT && *found != X_USER_DEFINED)
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "{text:?} is not an encoding; encodings are such as utf-8, utf-16le, windows-1252 (latin1), windows-1251, shift_jis and macintosh"
                )
            })
    }
}

/// The encoding and the length of its mark, from the first bytes of a file. A mark is no guess: it counts
/// whatever the operator says.
pub(super) fn recognised(
    first: &[u8],
    asked: Option<Encoding>,
) -> Result<(Encoding, usize), RowsError> {
    if let Some((found, length)) = encoding_rs::Encoding::for_bom(first) {
        return Ok((Encoding(found), length));
    }
    if let Some((what, instead)) = packed(first) {
        return Err(RowsError::NoTable { what, instead });
    }
    if let Some(asked) = asked {
        return Ok((asked, 0));
    }
    match first {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Err(RowsError::LooksLike(Encoding::UTF_16LE)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Err(RowsError::LooksLike(Encoding::UTF_16BE)),
        _ => Ok((Encoding::UTF_8, 0)),
    }
}

/// What a file is that is no text, by its first bytes, and what to do about it.
fn packed(first: &[u8]) -> Option<(&'static str, &'static str)> {
    const UNPACK: &str = "unpack it first";
    const SAVE: &str = "open it and save it as CSV (UTF-8)";
    let kinds: [(&[u8], &str, &str); 9] = [
        (
            b"\x1f\x8b",
            "a gzip archive",
            "gunzip it first, or pipe it: gunzip -c FILE | ziadeck bulk plan -",
        ),
        (
            b"PK\x03\x04",
            "a spreadsheet (xlsx, ods) or a zip archive",
            SAVE,
        ),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook", SAVE),
        (b"%PDF", "a PDF", "export the table as CSV (UTF-8)"),
        (b"BZh", "a bzip2 archive", UNPACK),
        (b"\xfd7zXZ", "an xz archive", UNPACK),
        (b"\x28\xb5\x2f\xfd", "a zstd archive", UNPACK),
        (b"7z\xbc\xaf", "a 7z archive", UNPACK),
        (
            b"SQLite format 3",
            "an SQLite database",
            "export the table as CSV (UTF-8)",
        ),
    ];
    let found = kinds
        .into_iter()
        .find(|(magic, ..)| first.starts_with(magic));
    found.map(|(_, what, instead)| (what, instead))
}

/// What an unmarked file may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The encoding.
    pub encoding: Encoding,
    /// How sure that is: a guess from a few letters is none.
    pub is_likely: bool,
    /// The first line of the file that shows it, as it would be read.
    pub sample: String,
}

/// Letters beyond ASCII from which a guess is likely to be right.
const LIKELY_BYTES: usize = 24;
/// Most of a line that is shown.
const SAMPLE_CHARS: usize = 60;

impl Guess {
    /// Guesses what bytes that are not UTF-8 may be, by how often letters stand beside each other in the
    /// languages of the world.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
        detector.feed(bytes, true);
        let found = Encoding(detector.guess(None, Utf8Detection::Deny));
        let mac = Encoding(MACINTOSH);
        // What browsers need not know, and an old spreadsheet on a Macintosh writes.
        let encoding = match (of_words(found, bytes), of_words(mac, bytes)) {
            (Some(found), Some(mac)) if found < mac => Encoding(MACINTOSH),
            _ => found,
        };
        let line = bytes.split(|b| *b == b'\n' || *b == b'\r');
        let line = line
            .into_iter()
            .find(|line| !line.is_ascii())
            .unwrap_or_default();
        let sample = encoding.read(line.get(..4 * SAMPLE_CHARS).unwrap_or(line));
        Self {
            encoding,
            is_likely: bytes.iter().filter(|b| !b.is_ascii()).count() >= LIKELY_BYTES,
            sample: sample.chars().take(SAMPLE_CHARS).collect(),
        }
    }
}

/// How many of the letters beyond ASCII stand as in a word, of a hundred: small behind another letter.
/// `None` where a byte is not one letter.
fn of_words(encoding: Encoding, bytes: &[u8]) -> Option<usize> {
    if !encoding.0.is_single_byte() {
        return None;
    }
    let text: Vec<char> = encoding.read(bytes).chars().collect();
    let mut all = 0;
    let mut good = 0;
    for (index, letter) in text.iter().enumerate().filter(|(_, c)| !c.is_ascii()) {
        let before = index.checked_sub(1).and_then(|at| text.get(at));
        let is_inside = before.is_some_and(|c| c.is_alphabetic());
        let is_small_before = before.is_some_and(|c| c.is_lowercase());
        all += 1;
        // The signs of word processors are no letters, and are meant all the same.
        let is_typographic =
            "\u{2018}\u{2019}\u{201c}\u{201d}\u{2013}\u{2014}\u{2026}\u{20ac}\u{a0}"
                .contains(*letter);
        good += usize::from(
            is_typographic
                || match is_inside {
                    true => letter.is_lowercase() || (letter.is_alphabetic() && !is_small_before),
                    false => letter.is_alphabetic(),
                },
        );
    }
    (100 * good).checked_div(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("UTF8", "utf-8")]
    #[case("latin1", "windows-1252")]
    #[case("ISO-8859-1", "windows-1252")]
    #[case("Latin-1", "windows-1252")]
    #[case("cp1251", "windows-1251")]
    #[case("Shift_JIS", "shift_jis")]
    #[case("sjis", "shift_jis")]
    #[case("macroman", "macintosh")]
    #[case("macintosh", "macintosh")]
    #[case("utf-16", "utf-16le")]
    #[case("koi8-r", "koi8-r")]
    #[case("gb18030", "gb18030")]
    fn an_encoding_has_the_name_of_the_standard_and_its_labels(
        #[case] said: &str,
        #[case] name: &str,
    ) {
        assert_eq!(said.parse::<Encoding>().unwrap().to_string(), name);
    }

    #[rstest]
    #[case("ebcdic")]
    #[case("replacement")]
    #[case("")]
    fn what_is_none_is_refused_with_examples(#[case] said: &str) {
        let error = said.parse::<Encoding>().unwrap_err();
        assert!(error.contains("windows-1251"), "{error}");
    }

    /// Each text as its encoding writes it, a few letters only.
    #[rstest]
    #[case::western("windows-1252", "Email,Name\nz@a.example,Zo\u{eb} M\u{fc}ller\n")]
    #[case::apostrophes(
        "windows-1252",
        "Email,Name\nz@a.example,Pat O\u{2019}Brien\ny@a.example,Ann D\u{2019}Arcy\n"
    )]
    #[case::french(
        "windows-1252",
        "Nom;Ville\nAndr\u{e9} Lef\u{e8}vre;Orl\u{e9}ans\nFran\u{e7}ois;N\u{ee}mes\n"
    )]
    #[case::russian(
        "windows-1251",
        "Email,Full Name,Company\nivan@acme.example,\u{418}\u{432}\u{430}\u{43d},\u{410}\u{43a}\u{43c}\u{435}\n"
    )]
    #[case::japanese(
        "shift_jis",
        "Email,Name\nz@a.example,\u{5c71}\u{7530}\u{592a}\u{90ce},\u{30c6}\u{30b9}\u{30c8}\n"
    )]
    #[case::macintosh("macintosh", "Email,Name\nz@a.example,Andr\u{e9} Zo\u{eb},Acme\n")]
    #[case::macintosh_german(
        "macintosh",
        "Name,Ort\nJ\u{fc}rgen Gr\u{f6}\u{df}e,K\u{f6}ln\nBj\u{f6}rn,M\u{fc}nchen\n"
    )]
    #[case::chinese(
        "gbk",
        "\u{59d3}\u{540d},\u{516c}\u{53f8}\n\u{738b}\u{4f1f},\u{963f}\u{91cc}\u{5df4}\u{5df4}\n\u{674e}\u{5a1c},\u{817e}\u{8baf}\n"
    )]
    #[case::korean(
        "euc-kr",
        "\u{c774}\u{b984},\u{d68c}\u{c0ac}\n\u{ae40}\u{cca0}\u{c218},\u{c0bc}\u{c131}\n"
    )]
    fn a_guess_names_the_encoding_and_shows_what_it_would_read(
        #[case] name: &str,
        #[case] text: &str,
    ) {
        let encoding: Encoding = name.parse().unwrap();
        let (bytes, _, is_lossy) = encoding.0.encode(text);
        assert!(!is_lossy);

        let guess = Guess::of(&bytes);

        assert_eq!(guess.encoding, encoding, "{guess:?}");
        assert!(
            text.contains(&guess.sample) && !guess.sample.is_empty(),
            "{guess:?}"
        );
    }
}
