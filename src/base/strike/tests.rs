use proptest::prelude::*;
use rstest::rstest;

use super::*;

const TOKEN: &str = "1000.b1946ac92492d2347c6235b4d2611184.591785b794601e212b260e25925636fd";
const JOB: &str = "5725767000000528001";

fn struck(secrets: &[&str], text: &str) -> String {
    let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(text)).collect();
    let clean = Striker::new(&secrets).strike(text.as_bytes()).into_owned();
    String::from_utf8(clean).unwrap()
}

#[rstest]
#[case::raw("a canary+client/secret=1 b", "a … b")]
#[case::part("a ry+client/secr b", "a … b")]
#[case::short_part("a ry+client/se b", "a … b")]
#[case::too_short_a_part("a ry+client/s b", "a ry+client/s b")]
#[case::in_capitals("A CANARY+CLIENT/SECRET=1 B", "A … B")]
#[case::twice("canary+client/secret=1canary+client/secret=1", "…")]
#[case::url("a=canary%2Bclient%2fsecret%3D1&b", "a=…&b")]
#[case::every_character_escaped("%63%61%6e%61%72%79%2b%63%6c%69%65%6e%74%2F", "…")]
#[case::json(r#"{"a":"canary+client\/secret=1"}"#, r#"{"a":"…"}"#)]
#[case::json_escaped(r#"{"a":"canary+client\u002fsecret=\u0031"}"#, r#"{"a":"…"}"#)]
#[case::json_in_json(
    r#"{"a":"{\"b\":\"canary+client\\\/secret=1\"}"}"#,
    r#"{"a":"{\"b\":\"…\"}"}"#
)]
#[case::url_in_url("canary%252Bclient%252Fsecret%253D1", "…")]
#[case::hex("63616e6172792b636c69656e742f7365637265743d31", "…")]
#[case::hex_in_capitals("x63616E6172792B636C69656E742F7365637265743D31x", "x…x")]
#[case::utf_16("c\0a\0n\0a\0r\0y\0+\0c\0l\0i\0e\0n\0t\0", "…")]
fn a_secret_is_struck_in_every_spelling(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(struck(&["canary+client/secret=1"], text), expected);
}

#[test]
fn base64_is_struck_wherever_the_secret_stands_in_it() {
    for before in ["", "u:", "user:", "id=x&s="] {
        let whole = base64(format!("{before}{TOKEN}-and-more").as_bytes());

        let clean = struck(&[TOKEN], &whole);

        let kept = clean.chars().count();
        assert!(kept <= (before.len() + 12) * 4 / 3 + 3, "{clean}");
        assert!(clean.contains('…'));
    }
}

#[rstest]
#[case::whole("is abc-1234 here", "is … here")]
#[case::in_hex("is 6162632d31323334 here", "is … here")]
#[case::a_part("is abc-123 here", "is abc-123 here")]
fn a_short_secret_is_struck_as_a_whole(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(struck(&["abc-1234"], text), expected);
}

#[test]
fn what_is_shorter_than_eight_characters_is_no_secret_to_look_for() {
    assert_eq!(struck(&["secret", ""], "a secret"), "a secret");
}

#[test]
fn an_id_is_never_struck() {
    // The secrets hold the very digits of the id, as they are and in hexadecimal.
    let holds = format!("1000.{JOB}.{JOB}");
    let text = format!(r#"{{"id":"{JOB}","n":{JOB},"all":"{holds}"}}"#);

    let clean = struck(&[&holds, JOB, "Wg\0\0(", "abcdefghij"], &text);

    assert_eq!(clean, format!(r#"{{"id":"{JOB}","n":{JOB},"all":"…"}}"#));
    let hex = "61626364656667686970";
    assert_eq!(struck(&["abcdefghip"], hex), hex);
}

#[test]
fn the_time_grows_with_the_text_alone() {
    let secrets: Vec<_> = (0..24)
        .map(|number| Secret::new(&format!("{TOKEN}{number:02}")))
        .collect();
    let striker = Striker::new(&secrets);
    let texts = [
        TOKEN.repeat(15_000),
        "1".repeat(1 << 20),
        "\\u0031".repeat(170_000),
        "%25".repeat(350_000),
        "\\".repeat(1 << 20),
        "1000.b1946ac".repeat(87_000),
    ];

    // What is quadratic takes hours here.
    for text in &texts {
        assert!(striker.strike(text.as_bytes()).len() <= text.len());
    }
}

/// A secret of any kind of character that one can have.
fn secret() -> impl Strategy<Value = String> {
    prop_oneof![
        "[!-~]{12,90}",
        "1000\\.[0-9a-f]{32}\\.[0-9a-f]{32}",
        "[0-9a-f]{42}",
    ]
    .prop_filter("an id is no secret", |secret| {
        !secret
            .as_bytes()
            .windows(12)
            .any(|part| part.iter().all(u8::is_ascii_digit))
    })
}

/// A text that holds no part of a secret by itself: none of its letters is in one.
fn beside() -> impl Strategy<Value = String> {
    "[ éß—☂\n]{0,12}"
}

fn encoded(secret: &str, encoding: usize) -> String {
    let bytes = secret.as_bytes();
    match encoding {
        0 => secret.to_owned(),
        1 => url::form_urlencoded::byte_serialize(bytes).collect(),
        2 => base64(bytes),
        3 => base64(bytes).replace('+', "-").replace('/', "_"),
        4 => base64(bytes.get(1..).unwrap()),
        5 => base64(bytes.get(2..).unwrap())
            .replace('+', "-")
            .replace('/', "_"),
        6 => hex(bytes),
        _ => hex(bytes).to_uppercase(),
    }
}

proptest! {
    #[test]
    fn no_part_of_a_secret_survives_in_any_encoding(
        secrets in prop::collection::vec(secret(), 1..6),
        which in any::<prop::sample::Index>(),
        encoding in 0_usize..8,
        ends in any::<(prop::sample::Index, prop::sample::Index)>(),
        around in (beside(), beside()),
    ) {
        let text = encoded(secrets.get(which.index(secrets.len())).unwrap(), encoding);
        let (before, after) = around;
        let from = ends.0.index(text.len() - 11);
        let to = from + 12 + ends.1.index(text.len() - 11 - from);
        let part = text.get(from..to).unwrap();
        let is_id = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        prop_assume!(part.len() >= 24 || !is_id(part));

        let secrets: Vec<_> = secrets.iter().map(String::as_str).collect();
        let clean = struck(&secrets, &format!("{before}{part}{after}"));

        // What was before and after is there, and between them no twelve characters of the part
        // that could not be those of an id.
        prop_assert!(clean.starts_with(&before) && clean.ends_with(&after));
        let left = clean.strip_prefix(&before).unwrap().strip_suffix(&after).unwrap();
        for twelve in part.as_bytes().windows(12) {
            let twelve = std::str::from_utf8(twelve).unwrap();
            prop_assert!(is_id(twelve) || !left.contains(twelve), "{} of {}", twelve, part);
        }
        prop_assert!(left.contains('…'), "{}", left);
    }

    #[test]
    fn an_escaped_secret_is_struck_and_json_stays_json(
        secret in secret(),
        escapes in prop::collection::vec(0_u8..3, 90),
        before in "\\PC{0,10}",
    ) {
        let written: String = secret
            .bytes()
            .zip(&escapes)
            .map(|(byte, escape)| match (escape, byte) {
                (0, _) | (_, b'"' | b'\\') => format!("\\u{byte:04x}"),
                (1, _) | (_, b'%') => format!("%{byte:02x}"),
                _ => char::from(byte).to_string(),
            })
            .collect();
        let told = serde_json::to_string(&before).unwrap();
        let text = format!("{{\"before\":{told},\"secret\":\"{written}\",\"id\":{JOB}}}");

        let clean = struck(&[&secret], &text);

        let json: serde_json::Value = serde_json::from_str(&clean).unwrap();
        prop_assert_eq!(&json["before"], &before);
        prop_assert_eq!(&json["secret"], "…");
        prop_assert_eq!(json["id"].to_string(), JOB);
    }

    #[test]
    fn a_text_without_a_secret_is_as_it_was(
        secrets in prop::collection::vec("[a-f]{12,40}", 0..6),
        text in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        // Ten letters of the secrets at the most stand in a row.
        let secrets: Vec<_> = secrets.iter().map(|text| Secret::new(text)).collect();

        let clean = Striker::new(&secrets).strike(&text).into_owned();

        prop_assert_eq!(clean, text);
    }
}
