use super::*;
use crate::base::EnrichmentKind;
use crate::enrichment::Field;
use proptest::prelude::*;
use rstest::rstest;

fn options() -> ReadOptions {
    ReadOptions {
        mapping: MappingRequest {
            kind: EnrichmentKind::People,
            module: "Leads".to_owned(),
            ..MappingRequest::default()
        },
        ..ReadOptions::default()
    }
}

/// Every row of a file, or the first error.
fn read(bytes: &[u8], options: ReadOptions) -> Result<Vec<InputRow>, RowsError> {
    let mut reader = RowReader::open(bytes, options)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        rows.push(row);
    }
    Ok(rows)
}

fn names_and_mails(rows: &[InputRow]) -> Vec<(u64, String, String)> {
    rows.iter()
        .map(|row| {
            (
                row.line,
                row.draft.value(Field::Name).to_owned(),
                row.draft.value(Field::Email).to_owned(),
            )
        })
        .collect()
}

fn expected() -> Vec<(u64, String, String)> {
    vec![
        (2, "Zoë \"Z\"".to_owned(), "z@acme.example".to_owned()),
        (3, "two\nlines".to_owned(), "t@acme.example".to_owned()),
        (5, "Ada".to_owned(), "a@acme.example".to_owned()),
    ]
}

const TABLE: &str = "name,email\n\"Zoë \"\"Z\"\"\",z@acme.example\n\"two\nlines\",t@acme.example\nAda,a@acme.example\n";

fn utf16(text: &str, mark: &[u8], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(bytes);
    mark.iter().copied().chain(units).collect()
}

#[rstest]
#[case::utf8(TABLE.as_bytes().to_vec())]
#[case::byte_order_mark([b"\xef\xbb\xbf", TABLE.as_bytes()].concat())]
#[case::utf16_le(utf16(TABLE, &[0xff, 0xfe], u16::to_le_bytes))]
#[case::utf16_be(utf16(TABLE, &[0xfe, 0xff], u16::to_be_bytes))]
#[case::semicolon(TABLE.replace(',', ";").into_bytes())]
#[case::tab(TABLE.replace(',', "\t").into_bytes())]
#[case::declared_delimiter(format!("sep=^\r\n{}", TABLE.replace(',', "^")).into_bytes())]
#[case::no_last_line_end(TABLE.trim_end().as_bytes().to_vec())]
fn a_table_is_read_however_it_was_saved(#[case] bytes: Vec<u8>) {
    let rows = read(&bytes, options()).unwrap();

    let numbers: Vec<_> = rows.iter().map(|row| row.row).collect();
    assert_eq!(numbers, [RowNumber(1), RowNumber(2), RowNumber(3)]);
    let found = names_and_mails(&rows);
    let texts = |list: &[(u64, String, String)]| {
        list.iter()
            .map(|(_, name, mail)| (name.clone(), mail.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&found), texts(&expected()));
}

#[test]
fn a_row_knows_the_line_on_which_it_begins() {
    assert_eq!(
        names_and_mails(&read(TABLE.as_bytes(), options()).unwrap()),
        expected()
    );
    let windows = TABLE.replace('\n', "\r\n");
    let lines: Vec<_> = read(windows.as_bytes(), options())
        .unwrap()
        .iter()
        .map(|r| r.line)
        .collect();
    assert_eq!(lines, [2, 3, 5]);
    let macintosh = TABLE.replace('\n', "\r");
    let lines: Vec<_> = read(macintosh.as_bytes(), options())
        .unwrap()
        .iter()
        .map(|r| r.line)
        .collect();
    assert_eq!(lines, [2, 3, 5]);
}

#[test]
fn latin1_is_named_and_read_when_asked_for() {
    let bytes = b"name,email\nAda,a@b.example\nZo\xeb,z@b.example\n";

    let error = read(bytes, options()).unwrap_err();
    let asked = ReadOptions {
        encoding: Some("latin1".parse().unwrap()),
        ..options()
    };
    let rows = read(bytes, asked).unwrap();

    assert_eq!(
        error.to_string(),
        "line 3: byte EB is not utf-8; the file may be windows-1252 and would read \"Zo\u{eb},z@b.example\": if that is right, say --encoding windows-1252; else save it as UTF-8"
    );
    assert_eq!(rows[1].draft.value(Field::Name), "Zoë");
}

#[test]
fn the_digest_is_that_of_the_bytes() {
    let mut reader = RowReader::open(TABLE.as_bytes(), options()).unwrap();
    while reader.next_row().unwrap().is_some() {}

    let summary = reader.finish().unwrap();

    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, TABLE.as_bytes());
    let hex: String = digest.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(summary.sha256, hex);
    assert_eq!((summary.bytes, summary.rows), (TABLE.len() as u64, 3));
}

#[rstest]
#[case::empty("", "the file is empty")]
#[case::blank_lines("\n\r\n", "the file is empty")]
#[case::header_only("name,email\n", "the file has a header and no rows")]
#[case::nul(
    "email\na@b\0.example\n",
    "line 2: there is a NUL character: this is not a text file, or it is damaged"
)]
#[case::ragged(
    "email,name\n\nx@y.example,Ada,z\n",
    "line 3: the row has 3 cells, the header has 2; is a text with the separator not in quotes, or does the table begin further down (--header-row)?"
)]
#[case::open_quote(
    "email\na@b.example\n\"c@d.example\ne@f.example\n",
    "line 3: the quote that opens here is never closed"
)]
#[case::early_quote(
    "email,name\na@b.example,\"Ada\" L\n",
    "line 2: after the closing quote of cell 2 comes more text; double the quote"
)]
#[case::duplicate(
    "email,name,Email\n",
    "line 1: columns 1 and 3 are both called \"Email\": rename one"
)]
#[case::utf16_without_mark(
    "e\0m\0a\0i\0l\0",
    "the file looks like utf-16le without a byte order mark: say --encoding utf-16le"
)]
#[case::no_json(
    "{\"email\":\"a@b.example\"}\n{\"email\":}\n",
    "line 2: this is not a JSON object: expected value at line 1 column 10"
)]
#[case::number("{\"email\":12}", "line 1: email must be a text in quotation marks")]
#[case::two_elements(
    "{\"__zia_people_enrichment\":[{},{}]}",
    "line 1: __zia_people_enrichment must hold exactly one element: each row enriches one"
)]
#[case::other_kind(
    "{\"__zia_org_enrichment\":[{}]}",
    "line 1: this is a body of org enrichment, the run is of people"
)]
fn a_file_that_cannot_be_read_says_why_and_where(#[case] text: &str, #[case] message: &str) {
    let error = read(text.as_bytes(), options()).unwrap_err();

    assert_eq!(error.to_string(), message);
}

#[test]
fn reading_goes_on_behind_a_ragged_row() {
    let mut reader = RowReader::open(&b"email\na,b\nc,d\ne@f.example\n"[..], options()).unwrap();

    let mut errors = Vec::new();
    let row = loop {
        match reader.next_row() {
            Ok(row) => break row.unwrap(),
            Err(error) => {
                assert!(error.leaves_more_to_read());
                errors.push(error.line());
            }
        }
    };

    assert_eq!(errors, [Some(2), Some(3)]);
    assert_eq!((row.line, row.row), (4, RowNumber(3)));
}

#[test]
fn nothing_is_read_behind_damage() {
    let mut reader = RowReader::open(&b"email\n\0\nc@d.example\n"[..], options()).unwrap();

    assert!(reader.next_row().is_err());
    assert!(reader.next_row().unwrap().is_none());
}

#[rstest]
#[case::flat(r#"{"Full Name":"Ada","company":"Acme","record_id":42,"fax":7}"#)]
#[case::nested(r#"{"name":"Ada","company":{"name":"Acme"},"record_id":"42"}"#)]
#[case::body(r#"{"__zia_people_enrichment":[{"enrich_based_on":{"name":"Ada","company":{"name":"Acme"},"record_id":"42"}}]}"#)]
fn an_object_is_read_flat_or_in_the_shape_of_the_api(#[case] line: &str) {
    let rows = read(format!("\n{line}\n").as_bytes(), options()).unwrap();

    let draft = &rows[0].draft;
    assert_eq!(
        (
            draft.value(Field::Name),
            draft.value(Field::Company),
            draft.record_id.as_str()
        ),
        ("Ada", "Acme", "42")
    );
    assert_eq!(
        (rows[0].line, &rows[0].original),
        (2, &vec![line.to_owned()])
    );
}

#[test]
fn an_object_may_leave_out_a_named_key() {
    let mut options = options();
    options.mapping.columns.push("email=Work".parse().unwrap());

    let rows = read(
        b"{\"Work\":\"a@b.example\"}\n{\"facebook\":\"fb/a\"}\n",
        options,
    )
    .unwrap();

    assert_eq!(rows[0].draft.value(Field::Email), "a@b.example");
    assert_eq!(rows[1].draft.value(Field::Email), "");
}

/// A file that never ends, as `/dev/zero` or a runaway export.
struct Endless(&'static [u8]);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = self.0[index % self.0.len()];
        }
        Ok(buffer.len())
    }
}

#[test]
fn a_file_without_end_stops_at_the_bounds() {
    let endless = std::io::Cursor::new("email\n").chain(Endless(b"\"aaa"));
    let mut reader = RowReader::open(endless, options()).unwrap();
    assert!(matches!(
        reader.next_row(),
        Err(RowsError::QuoteInside { line: 2, .. })
    ));

    let endless = std::io::Cursor::new("email\n\"").chain(Endless(b"aaaa"));
    let mut reader = RowReader::open(endless, options()).unwrap();
    assert!(matches!(
        reader.next_row(),
        Err(RowsError::RowTooLong { line: 2 })
    ));
    assert!(matches!(reader.finish(), Err(RowsError::TooLarge)));
}

#[test]
fn a_file_has_at_most_100_000_rows() {
    let text = format!("email\n{}", "a@b.example\n".repeat(RUN_ROWS_MAX + 1));

    let error = read(text.as_bytes(), options()).unwrap_err();

    assert!(
        matches!(error, RowsError::TooManyRows { line: 100_002 }),
        "{error}"
    );
}

#[test]
fn a_preview_shows_the_first_rows_and_what_is_unused() {
    let shown = preview(TABLE.replace("email", "colour").as_bytes(), options(), 2).unwrap();

    assert_eq!(
        shown.mapped,
        [(Target::Input(Field::Name), "name".to_owned())]
    );
    assert_eq!(shown.unmapped[0].column, "colour");
    assert_eq!(shown.rows.len(), 2);
}

/// A reader that hands out a few bytes at a time.
struct Slow<'a>(&'a [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.1.min(self.0.len()).min(buffer.len());
        let (now, later) = self.0.split_at(count);
        buffer[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

fn cells() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof![
        3 => "[a-z]{0,4}",
        1 => prop::collection::vec(
            prop::sample::select(vec!['"', ',', '\n', '\r', 'é', '株', '😀', ' ', '\'']), 0..5,
        ).prop_map(String::from_iter),
    ];
    (1_usize..4).prop_flat_map(move |width| {
        prop::collection::vec(prop::collection::vec(cell.clone(), width), 1..6)
    })
}

proptest! {
    #[test]
    fn every_way_of_cutting_and_encoding_reads_the_same(
        table in cells(), step in 1_usize..5, encoding in prop::sample::select(vec![0, 1, 2]),
    ) {
        let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::Always).from_writer(Vec::new());
        let width = table[0].len();
        let header: Vec<String> = (0..width).map(|n| if n == 0 { "name".into() } else { format!("h{n}") }).collect();
        writer.write_record(&header).unwrap();
        for row in &table {
            writer.write_record(row).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = match encoding {
            0 => text.into_bytes(),
            1 => utf16(&text, &[0xff, 0xfe], u16::to_le_bytes),
            _ => utf16(&text, &[0xfe, 0xff], u16::to_be_bytes),
        };

        let mut reader = RowReader::open(Slow(&bytes, step), options()).unwrap();
        let mut found = Vec::new();
        loop {
            match reader.next_row() {
                Ok(Some(row)) => found.push(row.original),
                Ok(None) | Err(RowsError::HeaderOnly) => break,
                Err(error) => panic!("{error}"),
            }
        }

        let is_filled = |row: &Vec<String>| row.iter().any(|cell| !cell.trim().is_empty());
        prop_assert_eq!(found, table.into_iter().filter(is_filled).collect::<Vec<_>>());
    }

    #[test]
    fn where_both_accept_the_csv_crate_reads_the_same(text in "(name|a,name)\n[a\", \n\r]{0,30}") {
        let options = ReadOptions { delimiter: Some(','), layout: Layout::Csv, ..options() };
        let Ok(ours) = read(text.as_bytes(), options) else { return Ok(()) };

        let mut theirs = Vec::new();
        let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let width = reader.headers().unwrap().len();
        for record in reader.records() {
            let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                cells.resize(width, String::new());
                theirs.push(cells);
            }
        }

        let ours: Vec<_> = ours.into_iter().map(|row| row.original).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, options());
    }
}
