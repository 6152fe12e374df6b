//! Texts that must not appear, in every form in which they could.

use std::path::{Path, PathBuf};

/// A secret that was planted, with its name for the report.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    forms: Vec<Vec<u8>>,
}

impl Canary {
    pub(crate) fn new(name: &'static str, secret: &str) -> Self {
        assert!(secret.len() >= 12, "{name} is too short to be looked for");
        let bytes = secret.as_bytes();
        let url: String = url::form_urlencoded::byte_serialize(bytes).collect();
        let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let json: String = bytes.iter().map(|byte| format!("\\u{byte:04x}")).collect();
        let mut forms = vec![
            bytes.to_vec(),
            url.into_bytes(),
            percent.to_lowercase().into_bytes(),
            percent.into_bytes(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            json.into_bytes(),
            wide,
        ];
        // Where a secret stands inside a longer text, base64 shows it in one of three shifts.
        for shift in 0..3 {
            let rest = bytes.get(shift..).unwrap();
            let whole = rest.len() / 3 * 3;
            let text = base64(rest.get(..whole).unwrap());
            forms.push(text.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(text.into_bytes());
        }
        Self { name, forms }
    }

    /// Everything that a server can say of it in a text: each form, and a part of each.
    pub(crate) fn told(&self) -> Vec<String> {
        let texts = self.forms.iter().filter(|form| !form.contains(&0));
        texts
            .map(|form| String::from_utf8(form.clone()).unwrap())
            .flat_map(|text| {
                let part = text.chars().skip(1).collect();
                [text, part]
            })
            .collect()
    }

    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        self.forms
            .iter()
            .any(|form| bytes.windows(form.len()).any(|window| window == form))
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for place in (0..4).rev() {
            let index = usize::try_from(bits >> (6 * place) & 63).unwrap();
            text.push(char::from(LETTERS[index]));
        }
    }
    text
}

/// Every canary that is in the bytes.
pub(crate) fn found(canaries: &[Canary], bytes: &[u8]) -> Vec<&'static str> {
    canaries
        .iter()
        .filter(|canary| canary.is_in(bytes))
        .map(|canary| canary.name)
        .collect()
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_canary_is_found_in_every_form() {
    let canary = Canary::new("secret", "canary+secret/1=0");

    for text in [
        "x canary+secret/1=0 x",
        "x=canary%2Bsecret%2F1%3D0&",
        "Y2FuYXJ5K3NlY3JldC8xPTA=",
        "eGNhbmFyeStzZWNyZXQvMT0w",
        "63616e6172792b7365637265742f313d30",
    ] {
        assert!(canary.is_in(text.as_bytes()), "{text}");
    }
    assert!(!canary.is_in(b"canary+secret/1="));
}
