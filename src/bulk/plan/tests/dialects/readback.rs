//! What was written in whatever dialect and encoding is read back as it was.

use proptest::prelude::*;

use super::*;

/// A cell of a table: any text that a person may have in one, quotes and delimiters included.
fn cell() -> impl Strategy<Value = String> {
    "[a-zA-Z,;|\t\" '\n\u{e9}\u{5c71}@.-]{0,12}"
}

proptest! {
    /// What a program writes in whatever dialect is read back as it was, but for empty rows.
    #[test]
    fn a_table_is_read_back_from_every_dialect(
        rows in proptest::collection::vec((cell(), cell(), cell()), 1..8),
        delimiter in prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b'|')],
        is_crlf in any::<bool>(),
        is_quoted in any::<bool>(),
        is_declared in any::<bool>(),
        nameless in 0_usize..3,
        is_titled in any::<bool>(),
    ) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .quote_style(if is_quoted { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .terminator(if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .flexible(true)
            .from_writer(Vec::new());
        if is_titled {
            writer.write_record(["Report"]).unwrap();
        }
        let pad = |mut cells: Vec<String>| {
            cells.resize(cells.len() + nameless, String::new());
            cells
        };
        let header = ["Email", "Full Name", "Company"].map(str::to_owned);
        writer.write_record(pad(header.to_vec())).unwrap();
        for (a, b, c) in &rows {
            writer.write_record(pad(vec![a.clone(), b.clone(), c.clone()])).unwrap();
        }
        let mut file = writer.into_inner().unwrap();
        if is_declared {
            let line = format!("sep={}\n", char::from(delimiter));
            file = [line.as_bytes(), &file].concat();
        }

        let done = planned(&file, options());

        let filled: Vec<Vec<String>> = rows
            .into_iter()
            .map(|(a, b, c)| vec![a, b, c])
            .filter(|cells| cells.iter().any(|cell| !cell.trim().is_empty()))
            .collect();
        match done {
            Ok(done) => {
                let read: Vec<Vec<String>> = done.rows.into_iter().map(|row| row.original).collect();
                prop_assert_eq!(read, filled);
            }
            Err(error) => prop_assert!(filled.is_empty(), "{}", error),
        }
    }

    /// In every encoding that is named, and with every mark.
    #[test]
    fn a_table_is_read_back_from_every_encoding(
        names in proptest::collection::vec("[a-zA-Z ]{1,12}", 1..6),
        label in prop_oneof![
            Just("utf-8"), Just("utf-16le"), Just("utf-16be"), Just("latin1"), Just("windows-1251"),
            Just("shift_jis"), Just("macintosh"), Just("gb18030"), Just("euc-kr"), Just("big5"),
            Just("iso-8859-2"), Just("koi8-r"), Just("windows-874"),
        ],
        has_mark in any::<bool>(),
    ) {
        let letters = match label {
            "windows-1251" | "koi8-r" => "\u{418}\u{432}\u{430}\u{43d}",
            "shift_jis" => "\u{5c71}\u{7530}\u{30c6}",
            "gb18030" | "big5" => "\u{674e}\u{5927}",
            "euc-kr" => "\u{ae40}\u{cca0}",
            "iso-8859-2" => "\u{141}\u{11b}",
            "windows-874" => "\u{e01}\u{e02}",
            _ => "\u{e9}\u{fc}\u{df}",
        };
        let names: Vec<String> = names.iter().map(|name| format!("x{name}{letters}")).collect();
        let text = format!("Full Name\n{}\n", names.join("\n"));
        let mark = if has_mark { "\u{feff}" } else { "" };
        let bytes: Vec<u8> = match label {
            "utf-16le" => format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => format!("{mark}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "utf-8" => format!("{mark}{text}").into_bytes(),
            _ => {
                let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
                encoding.encode(&text).0.into_owned()
            }
        };
        let options = ReadOptions { encoding: Some(label.parse().unwrap()), ..options() };

        let done = planned(&bytes, options).unwrap();

        let read: Vec<String> = done.rows.into_iter().map(|row| row.original[0].clone()).collect();
        prop_assert_eq!(read, names);
    }
}
