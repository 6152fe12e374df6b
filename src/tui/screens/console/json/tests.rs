use super::*;
use proptest::prelude::*;

fn texts(body: &str) -> Vec<String> {
    lines(body).iter().map(RichLine::text).collect()
}

#[test]
fn json_is_laid_out_with_its_roles() {
    let body = r#"{"a":[1.10,null],"b":{"c":"x"},"d":[]}"#;

    assert_eq!(
        texts(body),
        [
            "{",
            "  \"a\": [",
            "    1.10,",
            "    null",
            "  ],",
            "  \"b\": {",
            "    \"c\": \"x\"",
            "  },",
            "  \"d\": []",
            "}",
        ]
    );
    assert_eq!(lines(body)[1].pieces[1].0, Role::JsonKey);
}

#[test]
fn what_is_not_json_is_shown_as_it_came() {
    assert_eq!(texts("<html>\n502"), ["<html>", "502"]);
}

#[test]
fn a_logo_is_named_and_not_drawn() {
    let body = format!("{{\"logo\":\"{}\"}}", "A".repeat(5_000));

    assert_eq!(texts(&body)[1], "  \"logo\": \"…\" (5000 characters)");
}

proptest! {
    #[test]
    fn no_body_makes_it_panic_or_grow(body in "\\PC{0,200}") {
        prop_assert!(lines(&body).len() <= LINES_MAX + 1);
    }
}
