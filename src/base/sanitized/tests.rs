use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// What a reader of the rule would forbid, written without the code under test.
fn is_never_drawn(c: char) -> bool {
    c != JOINER
        && matches!(
            CodePointMapData::<GeneralCategory>::new().get(c),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::Surrogate
                | GeneralCategory::PrivateUse
                | GeneralCategory::Unassigned
        )
}

#[rstest]
#[case::plain("Ada Lovelace <ada@acme.io>", "Ada Lovelace <ada@acme.io>")]
#[case::accents("Müller é 株式会社", "Müller é 株式会社")]
#[case::escape("\u{1b}[31mred", "⟨U+001B⟩[31mred")]
#[case::c1("\u{9b}2J", "⟨U+009B⟩2J")]
#[case::osc_52("\u{1b}]52;c;eA==\u{7}", "⟨U+001B⟩]52;c;eA==⟨U+0007⟩")]
#[case::bidi("limit \u{202e}0051", "limit ⟨U+202E⟩0051")]
#[case::zero_width("ad\u{200b}min", "ad⟨U+200B⟩min")]
#[case::byte_order_mark("\u{feff}Name", "⟨U+FEFF⟩Name")]
#[case::tag("x\u{e0041}", "x⟨U+E0041⟩")]
#[case::private_use("\u{e0b0}", "⟨U+E0B0⟩")]
#[case::unassigned("\u{378}", "⟨U+0378⟩")]
#[case::line_separator("a\u{2028}b", "a⟨U+2028⟩b")]
#[case::hangul_filler("a\u{3164}b", "a⟨U+3164⟩b")]
#[case::choseong_filler("a\u{115f}b", "a⟨U+115F⟩b")]
#[case::jungseong_filler("a\u{1160}b", "a⟨U+1160⟩b")]
#[case::half_width_filler("a\u{ffa0}b", "a⟨U+FFA0⟩b")]
#[case::lone_selector("a\u{fe0f}", "a⟨U+FE0F⟩")]
#[case::lone_joiner("a\u{200d}b", "a⟨U+200D⟩b")]
#[case::line_break("a\nb\r\nc\td\re", "a↵b↵c⇥d⟨U+000D⟩e")]
#[case::mark_without_base("\u{301}a", "⟨U+0301⟩a")]
#[case::heart("❤\u{fe0f}", "❤\u{fe0f}")]
#[case::two_selectors("❤\u{fe0f}\u{fe0f}", "❤\u{fe0f}⟨U+FE0F⟩")]
#[case::selector_on_a_digit("1\u{fe0f}2", "1⟨U+FE0F⟩2")]
#[case::selector_on_a_star("★\u{fe0f}", "★⟨U+FE0F⟩")]
#[case::keycap("1\u{fe0f}\u{20e3}", "1\u{fe0f}\u{20e3}")]
#[case::family("👩\u{200d}👩\u{200d}👧\u{200d}👦", "👩\u{200d}👩\u{200d}👧\u{200d}👦")]
#[case::coloured("👩🏽\u{200d}🔬", "👩🏽\u{200d}🔬")]
#[case::joiner_into_a_letter("👩\u{200d}x", "👩⟨U+200D⟩x")]
#[case::joiner_into_a_digit("👩\u{200d}1", "👩⟨U+200D⟩1")]
fn a_text_shows_as_a_reader_expects(#[case] raw: &str, #[case] expected: &str) {
    assert_eq!(Sanitized::new(raw).as_str(), expected);
}

#[rstest]
#[case::over('\u{301}')]
#[case::around('\u{20dd}')]
#[case::beside('\u{93e}')]
#[case::hangul_vowel('\u{1161}')]
fn a_tower_of_marks_stops_at_four(#[case] mark: char) {
    let raw = format!("a{}b", mark.to_string().repeat(6));

    let shown = Sanitized::new(&raw);

    let kept = mark.to_string().repeat(4);
    let escape = format!("⟨U+{:04X}⟩", u32::from(mark));
    assert_eq!(shown.as_str(), format!("a{kept}{escape}{escape}b"));
}

#[test]
fn a_chain_of_joined_emoji_stops_at_four() {
    let shown = Sanitized::new(&["👩"; 6].join("\u{200d}"));

    assert_eq!(
        shown.as_str(),
        "👩\u{200d}👩\u{200d}👩\u{200d}👩⟨U+200D⟩👩\u{200d}👩"
    );
}

#[test]
fn no_scalar_value_reaches_the_terminal_unless_it_is_drawn() {
    let every: Vec<char> = ('\0'..=char::MAX).collect();
    assert_eq!(every.len(), 1_112_064);

    for chunk in every.chunks(8_192) {
        let raw: String = chunk.iter().flat_map(|&c| ['a', c]).collect();
        let shown = Sanitized::new(&raw);
        if let Some(bad) = shown.as_str().chars().find(|&c| is_never_drawn(c)) {
            panic!("U+{:04X} is drawn", u32::from(bad));
        }
        assert!(!shown.as_str().contains(JOINER));
    }
}

#[test]
fn a_block_keeps_its_lines_and_nothing_else() {
    let lines = Sanitized::block("{\r\n  \"a\": 1\u{7}\n}\n");

    let texts: Vec<_> = lines.iter().map(Sanitized::as_str).collect();
    assert_eq!(texts, ["{", "  \"a\": 1⟨U+0007⟩", "}"]);
}

#[test]
fn a_fixed_text_is_checked_as_well() {
    assert_eq!(Sanitized::fixed("send").as_str(), "send");
    assert_eq!(Sanitized::fixed("a\u{1b}b").as_str(), "a⟨U+001B⟩b");
}

#[rstest]
#[case("Ada Lovelace", 12, "Ada Lovelace")]
#[case("Ada Lovelace", 5, "Ada …")]
#[case("株式会社", 8, "株式会社")]
#[case("株式会社", 4, "株…")]
#[case("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…")]
#[case("👩\u{200d}👩\u{200d}👧 family", 4, "👩\u{200d}👩\u{200d}👧 …")]
#[case("👩\u{200d}👩\u{200d}👧 family", 2, "…")]
#[case("abc", 0, "")]
fn a_text_is_cut_by_columns(#[case] raw: &str, #[case] columns: usize, #[case] expected: &str) {
    assert_eq!(Sanitized::new(raw).truncate(columns).as_str(), expected);
}

/// Texts rich in what is dangerous.
fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        4 => any::<char>(),
        2 => prop::char::range('\0', '\u{ff}'),
        2 => prop::char::range('\u{300}', '\u{36f}'),
        3 => prop::sample::select(vec![
            JOINER, EMOJI_SELECTOR, '\u{fe0e}', KEYCAP, '👩', '❤', '🏽', '©', '1', '#', '\u{1f1e9}',
            '\u{202e}', '\u{1b}', '\n', '\r', '\t', '\u{1161}', '\u{1100}', '\u{0d4e}', '\u{0600}', 'ل', 'ا',
        ]),
    ];
    prop::collection::vec(character, 0..40).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn making_a_shown_again_changes_nothing(raw in hostile()) {
        let once = Sanitized::new(&raw);

        prop_assert_eq!(Sanitized::new(once.as_str()), once);
    }

    #[test]
    fn a_shown_is_one_text_however_it_is_taken(raw in hostile()) {
        let shown = Sanitized::new(&raw);
        let text = shown.as_str().to_owned();

        prop_assert_eq!(shown.is_empty(), raw.is_empty());
        prop_assert_eq!(shown.to_string(), text.as_str());
        prop_assert_eq!(shown.as_ref(), text.as_str());
        prop_assert_eq!(String::from(shown), text);
    }

    #[test]
    fn a_shown_holds_nothing_forbidden(raw in hostile()) {
        let shown = Sanitized::new(&raw);

        prop_assert!(!shown.as_str().chars().any(is_never_drawn), "{:?}", shown);
        for part in shown.as_str().split(JOINER).skip(1) {
            prop_assert!(part.chars().next().is_some_and(is_pictograph), "{:?}", shown);
        }
    }

    #[test]
    fn a_text_is_never_wider_than_asked(raw in hostile(), columns in 0_usize..30) {
        let shown = Sanitized::new(&raw);

        let cut = shown.truncate(columns);

        prop_assert!(cut.width() <= columns);
        prop_assert_eq!(cut == shown, shown.width() <= columns);
        prop_assert_eq!(Sanitized::new(cut.as_str()), cut);
    }

    #[test]
    fn every_line_of_a_block_is_a_line(raw in hostile()) {
        for line in Sanitized::block(&raw) {
            prop_assert_eq!(Sanitized::new(line.as_str()), line);
        }
    }
}
