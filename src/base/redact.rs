//! Takes secrets out of what leaves the ledger or the screen: headers, curl commands, log lines.
//!
//! Secrets live in [`super::Secret`] and have no way here; this is the second fence, for text that
//! came back from a server or was typed by somebody. It errs on the side of hiding. It refuses
//! to build a command line that a shell could read as anything but the request itself.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What stands for a token in anything that is shown or copied.
const TOKEN_SHOWN: &str = "Zoho-oauthtoken …";
/// Fewest characters after `1000.` that are taken for a token: far below any real one.
const TOKEN_CHARS_MIN: usize = 12;
/// The start of every token and grant code of Zoho (TV8's samples, and every capture).
const TOKEN_START: &str = "1000.";
/// The scheme that stands before an access token in a header (S).
const TOKEN_SCHEME: &str = "zoho-oauthtoken ";

/// Headers as they may be shown: authorization and cookies lose their value, the rest its tokens.
pub fn headers<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), header_value(name, value)))
        .collect()
}

fn header_value(name: &str, value: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "authorization" => TOKEN_SHOWN.to_owned(),
        "proxy-authorization" | "cookie" | "set-cookie" => "…".to_owned(),
        _ => tokens_in(value).into_owned(),
    }
}

/// The text with everything that looks like a token of Zoho replaced by `1000.…`.
pub fn tokens_in(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    let mut clean = String::new();
    let mut done = 0;
    for (at, _) in lower.match_indices(['1', 'z']) {
        if at < done {
            continue;
        }
        let Some((shown, end)) = token_at(&lower, at) else {
            continue;
        };
        clean.push_str(text.get(done..at).unwrap_or_default());
        clean.push_str(shown);
        done = end;
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(clean)
}

/// What to show for the token that starts here, and where it ends. Known by its scheme or start.
fn token_at(lower: &str, at: usize) -> Option<(&'static str, usize)> {
    let here = lower.get(at..)?;
    let (shown, body, shortest) = if let Some(body) = here.strip_prefix(TOKEN_SCHEME) {
        (TOKEN_SHOWN, body, 1)
    } else {
        let body = here.strip_prefix(TOKEN_START)?;
        ("1000.…", body, TOKEN_CHARS_MIN)
    };
    let after = body.trim_start_matches(is_token_char);
    (body.len() - after.len() >= shortest).then_some((shown, lower.len() - after.len()))
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Fewest characters of a word with letters and digits that is taken for a secret.
const LIKELY_CHARS_MIN: usize = 20;

/// The text without the words that look like secrets: tokens of Zoho, and long words of letters and
/// digits. For what somebody wrote into a file, where nobody knows what it is.
pub fn likely_in(text: &str) -> Cow<'_, str> {
    let text = tokens_in(text);
    let is_likely = |word: &str| {
        word.len() >= LIKELY_CHARS_MIN
            && word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    let is_between = |c: char| !c.is_ascii_alphanumeric() && c != '+' && c != '=';
    if !text.split(is_between).any(is_likely) {
        return text;
    }
    let shown = text.split_inclusive(is_between).map(|piece| {
        let word = piece.trim_end_matches(is_between);
        match is_likely(word) {
            true => format!("…{}", piece.trim_start_matches(word)),
            false => piece.to_owned(),
        }
    });
    Cow::Owned(shown.collect())
}

/// Whether a file that was taken for settings may be a secret instead: a key, a token, a credential
/// file. Nothing of it may be shown then.
pub fn is_secret_file(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let is_key = text.contains("-----BEGIN");
    let has_token = lines.clone().any(|line| {
        let key = line.split('=').next().unwrap_or_default().trim();
        matches!(key, "refresh_token" | "access_token")
    });
    let has_profiles = lines.clone().any(|line| line.starts_with("[profiles"));
    let is_empty = |line: &str| line.is_empty() || line.starts_with('#');
    let has_words = lines.clone().any(|line| !is_empty(line));
    is_key || (has_token && !has_profiles) || (has_words && !lines.any(is_setting))
}

/// Whether a line of TOML names a table, or a key and a value. The `=` at the end of base64 is
/// followed by nothing or by another.
fn is_setting(line: &str) -> bool {
    let is_name = |name: &str| !name.trim().is_empty() && !name.contains([':', '{', '/', '+']);
    if let Some(name) = line.strip_prefix('[') {
        return is_name(name.trim_matches(['[', ']']));
    }
    line.split_once('=').is_some_and(|(key, value)| {
        is_name(key) && !value.trim().is_empty() && !value.starts_with('=')
    })
}

/// A personal text with all but its first letter hidden; of an e-mail address the domain stays.
pub fn masked(text: &str) -> String {
    let text = text.trim();
    let Some(first) = text.chars().next() else {
        return String::new();
    };
    match text.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() => format!("{first}…@{domain}"),
        _ => format!("{first}…"),
    }
}

/// A request as a curl command that can be pasted into a shell.
///
/// The token is `$ZIADECK_TOKEN`, to be set by whoever runs it. Header names that are not plain
/// words are left out: curl reads some of them as something else than a header.
pub fn curl(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> String {
    let mut command = format!(
        "curl --globoff --request {} --url {}",
        quoted(method),
        quoted(&tokens_in(url))
    );
    for (name, value) in headers {
        if name.eq_ignore_ascii_case("authorization") {
            command.push_str(" \\\n  --header \"Authorization: Zoho-oauthtoken $ZIADECK_TOKEN\"");
        } else if is_header_name(name) {
            let header = format!("{name}: {}", header_value(name, value));
            let _ = write!(command, " \\\n  --header {}", quoted(&header));
        }
    }
    if let Some(body) = body {
        let _ = write!(command, " \\\n  --data-raw {}", quoted(&tokens_in(body)));
    }
    command
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// One word of a POSIX shell. Control characters need the `$'…'` of bash, zsh and ksh.
fn quoted(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut word = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' => word.push_str(r"\'"),
            '\\' => word.push_str(r"\\"),
            '\n' => word.push_str(r"\n"),
            c if c.is_control() => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    // Octal of exactly three digits: `\x` would swallow a digit that follows.
                    let _ = write!(word, "\\{byte:03o}");
                }
            }
            c => word.push(c),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const TOKEN: &str = "1000.8cb99dxxxxxxxxxxxxx9be93.9b8xxxxxxxxxxxxxxxf";

    #[rstest]
    #[case::plain("nothing to hide", "nothing to hide")]
    #[case::amount("about 1000.50 units", "about 1000.50 units")]
    #[case::in_json(
        "{\"access_token\":\"1000.0123456789abcdef.fedcba9876543210\"}",
        "{\"access_token\":\"1000.…\"}"
    )]
    #[case::two("1000.0123456789ab and 1000.ba9876543210", "1000.… and 1000.…")]
    #[case::scheme("Zoho-oauthtoken abc, later", "Zoho-oauthtoken …, later")]
    #[case::scheme_in_any_case("zoho-OAUTHTOKEN 1000.0123456789abcdef!", "Zoho-oauthtoken …!")]
    #[case::accents("é 1000.0123456789abcdef é", "é 1000.… é")]
    fn a_token_does_not_stay_in_a_text(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(tokens_in(text), expected);
    }

    #[rstest]
    #[case::words("unknown key \"defualt_profile\" at the top", None)]
    #[case::hosts("https://www.zohoapis.com.evil/crm/v8", None)]
    #[case::profile("customer-2026-production", None)]
    #[case::client_secret("theme = \"9f86d081884c7d659a2feaa0c55ad015\"", Some("theme = \"…\""))]
    #[case::base64("YW5hcnkrY2xpZW50L3NlY3JldD0x== is", Some("… is"))]
    #[case::token("1000.0123456789abcdef.fedcba9876543210", Some("1000.…"))]
    fn a_word_that_looks_like_a_secret_is_not_shown(
        #[case] text: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(likely_in(text), expected.unwrap_or(text));
    }

    #[rstest]
    #[case::nothing("", false)]
    #[case::comment("# nothing yet\n", false)]
    #[case::settings("theme = \"mono\"\n", false)]
    #[case::profiles("refresh_token = \"x\"\n[profiles.us]\n", false)]
    #[case::broken("[profiles.us\nlimit = \n", false)]
    #[case::key("-----BEGIN OPENSSH PRIVATE KEY-----\na = 1\n", true)]
    #[case::token("1000.0123456789abcdef\n", true)]
    #[case::password("hunter2\n", true)]
    #[case::base64("# mine\nYW5hcnkrY2xpZW50L3NlY3JldA==\n", true)]
    #[case::base64_of_one("YW5hcnkrY2xpZW50L3NlY3JldDE=\n", true)]
    #[case::credentials("client_id = \"x\"\nrefresh_token = \"x\"\n", true)]
    #[case::json("{\"refresh_token\": \"x\"}\n", true)]
    fn a_file_that_may_be_a_secret_is_known(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_secret_file(text), expected);
    }

    #[test]
    fn headers_keep_what_helps_and_lose_what_opens() {
        let shown = headers([
            ("Authorization", TOKEN),
            ("Set-Cookie", "_zcsr_tmp=1"),
            ("Content-Type", "application/json"),
            ("X-Echo", TOKEN),
        ]);

        let values: Vec<_> = shown.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            values,
            ["Zoho-oauthtoken …", "…", "application/json", "1000.…"]
        );
    }

    #[rstest]
    #[case("ada@acme.io", "a…@acme.io")]
    #[case(" Ada Lovelace", "A…")]
    #[case("@acme", "@…")]
    #[case("", "")]
    fn a_person_is_masked(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn a_request_copies_as_curl_without_its_token() {
        let url = "https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads";
        let authorization = format!("Zoho-oauthtoken {TOKEN}");
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Content-Type", "application/json"),
            ("@/etc/passwd", "x"),
        ];

        let command = curl("POST", url, &headers, Some("{\"name\":\"O'Hara\"}"));

        let expected = r#"curl --globoff --request POST --url 'https://www.zohoapis.com/crm/v7/__zia_people_enrichment?module=Leads' \
  --header "Authorization: Zoho-oauthtoken $ZIADECK_TOKEN" \
  --header 'Content-Type: application/json' \
  --data-raw '{"name":"O'\''Hara"}'"#;
        assert_eq!(command, expected);
    }

    #[rstest]
    #[case::plain("POST", "POST")]
    #[case::nothing("", "''")]
    #[case::substitution("$(rm -r ~)`x`", "'$(rm -r ~)`x`'")]
    #[case::escape("a\u{1b}1'\\\n", r"$'a\0331\'\\\n'")]
    #[case::c1("\u{9b}", r"$'\302\233'")]
    fn a_word_of_the_shell_is_only_itself(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(quoted(text), expected);
    }

    /// Reads one word back as a shell does.
    fn unquoted(word: &str) -> String {
        let Some(inner) = word.strip_prefix("$'") else {
            return word
                .replace(r"'\''", "\u{0}")
                .replace('\'', "")
                .replace('\u{0}', "'");
        };
        let mut bytes = Vec::new();
        let mut rest = inner.strip_suffix('\'').unwrap().bytes();
        while let Some(byte) = rest.next() {
            match (byte, byte == b'\\') {
                (_, false) => bytes.push(byte),
                (_, true) => match rest.next().unwrap() {
                    b'n' => bytes.push(b'\n'),
                    digit @ b'0'..=b'7' => {
                        let digits = [digit, rest.next().unwrap(), rest.next().unwrap()];
                        let octal = std::str::from_utf8(&digits).unwrap();
                        bytes.push(u8::from_str_radix(octal, 8).unwrap());
                    }
                    other => bytes.push(other),
                },
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn a_quoted_word_reads_back(text in "[a-z0-9'\\\\$`\"! \u{1}-\u{1f}\u{80}-\u{a0}é]{0,20}") {
            let word = quoted(&text);

            prop_assert!(!word.chars().any(char::is_control));
            prop_assert_eq!(unquoted(&word), text);
        }

        #[test]
        fn no_token_survives(before in "\\PC{0,10}", hex in "[0-9a-f]{32}", after in "\\PC{0,10}") {
            let text = format!("{before}1000.{hex}.{hex}{after}");

            prop_assert!(!tokens_in(&text).contains(&hex));
        }
    }
}
