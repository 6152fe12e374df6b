//! A table in a spreadsheet: read, changed and saved in another way.

/// What a spreadsheet makes of a table when it saves it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Saved {
    Untouched,
    Semicolons,
    Reordered,
    Both,
    OtherCase,
    Utf16,
}

pub(crate) type Table = Vec<Vec<String>>;

pub(crate) fn table(csv: &str) -> Table {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(csv.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

fn column(table: &Table, name: &str) -> usize {
    let found = table[0].iter().position(|header| header == name);
    found.unwrap_or_else(|| panic!("{name}: {:?}", table[0]))
}

pub(crate) fn cells(table: &Table, name: &str) -> Vec<String> {
    let at = column(table, name);
    table[1..].iter().map(|row| row[at].clone()).collect()
}

pub(crate) fn put(table: &mut Table, (row, name): (usize, &str), text: &str) {
    let at = column(table, name);
    text.clone_into(&mut table[row][at]);
}

pub(crate) fn without(table: &Table, names: &[&str]) -> Table {
    let gone: Vec<usize> = names.iter().map(|name| column(table, name)).collect();
    let kept = |row: &Vec<String>| {
        let cells = row.iter().enumerate();
        let cells = cells.filter(|(at, _)| !gone.contains(at));
        cells.map(|(_, cell)| cell.clone()).collect()
    };
    table.iter().map(kept).collect()
}

pub(crate) fn saved(mut table: Table, how: Saved) -> Vec<u8> {
    if matches!(how, Saved::Reordered | Saved::Both) {
        table.iter_mut().for_each(|row| row.reverse());
    }
    if matches!(how, Saved::OtherCase) {
        let spelled = |name: &String| format!(" {} ", name.to_uppercase());
        table[0] = table[0].iter().map(spelled).collect();
    }
    let delimiter = match how {
        Saved::Semicolons | Saved::Both => b';',
        Saved::Utf16 => b'\t',
        Saved::Untouched | Saved::Reordered | Saved::OtherCase => b',',
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in table {
        writer.write_record(row).unwrap();
    }
    let bytes = writer.into_inner().unwrap();
    match how {
        Saved::Semicolons | Saved::Both => [&b"\xef\xbb\xbf"[..], &bytes].concat(),
        Saved::Utf16 => {
            let text = String::from_utf8(bytes).unwrap();
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xff, 0xfe].into_iter().chain(units).collect()
        }
        Saved::Untouched | Saved::Reordered | Saved::OtherCase => bytes,
    }
}
