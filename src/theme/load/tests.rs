use super::*;
use crate::theme::contrast;
use rstest::rstest;

const DEPTHS: [ColorDepth; 4] = [
    ColorDepth::Mono,
    ColorDepth::Ansi16,
    ColorDepth::Ansi256,
    ColorDepth::TrueColor,
];

fn user_theme(text: &str) -> (tempfile::TempDir, Themes) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("mine.toml"), text).unwrap();
    let themes = Themes {
        directory: Some(directory.path().to_owned()),
        ..Themes::default()
    };
    (directory, themes)
}

#[test]
fn built_in_themes_style_every_role_and_warn_of_nothing() {
    for (name, _) in BUILT_IN {
        let (theme, warnings) = Themes::default().load(name, ColorDepth::TrueColor).unwrap();

        assert_eq!(warnings, [], "{name}");
        for role in Role::ALL {
            assert!(
                name == "mono" || theme.style(*role) != Style::new(),
                "{name} does not style {}",
                role.name()
            );
        }
    }
}

#[test]
fn a_bare_selection_looks_like_any_other_row() {
    let bare = Themes {
        selected: SelectedRow::Bare,
        ..Themes::default()
    };
    for depth in DEPTHS {
        for (name, _) in BUILT_IN {
            let (theme, _) = bare.load(name, depth).unwrap();
            let (full, _) = Themes::default().load(name, depth).unwrap();
            for role in Role::ALL {
                let is_bare = matches!(role, Role::Selection | Role::SelectionIdle);
                let expected = if is_bare {
                    Style::new()
                } else {
                    full.style(*role)
                };
                assert_eq!(theme.style(*role), expected, "{name}, {}", role.name());
            }
        }
    }
}

#[rstest]
#[case("default-dark", 4.5, 1.4)]
#[case("default-light", 4.5, 1.3)]
#[case("high-contrast", 7.0, 4.5)]
fn text_can_be_read(#[case] name: &str, #[case] text: f64, #[case] drawn: f64) {
    for depth in [ColorDepth::TrueColor, ColorDepth::Ansi256] {
        let (theme, _) = Themes::default().load(name, depth).unwrap();
        let screen = theme.style(Role::Background);
        let popup = screen.patch(theme.style(Role::Popup));
        let chosen = screen.patch(theme.style(Role::Selection));
        for role in Role::ALL {
            let wanted = if role.is_drawn() { drawn } else { text };
            for below in [screen, popup, chosen] {
                if role.is_drawn() && below != screen {
                    continue;
                }
                let style = below.patch(theme.style(*role));
                let found = contrast(style.fg.unwrap(), style.bg.unwrap()).unwrap();
                let wanted = if below == chosen {
                    wanted.min(4.0)
                } else {
                    wanted * 0.97
                };
                assert!(
                    found >= wanted,
                    "{name} at {depth:?}: {} has {found:.2} on {:?}, wanted {wanted}",
                    role.name(),
                    style.bg
                );
            }
        }
    }
}

#[test]
fn sixteen_colours_leave_text_readable() {
    for name in ["default-dark", "default-light", "high-contrast"] {
        let (theme, _) = Themes::default().load(name, ColorDepth::Ansi16).unwrap();
        let screen = theme.style(Role::Background);
        for role in Role::ALL {
            let style = screen.patch(theme.style(*role));
            let found = contrast(style.fg.unwrap(), style.bg.unwrap()).unwrap();
            let wanted = if role.is_drawn() { 1.2 } else { 2.3 };
            assert!(
                found >= wanted,
                "{name}: {} {style:?} {found:.2}",
                role.name()
            );
        }
    }
}

#[test]
fn the_selection_is_seen_at_every_depth() {
    for (name, _) in BUILT_IN {
        for depth in DEPTHS {
            let (theme, _) = Themes::default().load(name, depth).unwrap();
            let selection = theme.style(Role::Selection);
            let background = theme.style(Role::Background);

            assert!(
                selection.add_modifier.contains(Modifier::REVERSED)
                    || (selection.bg.is_some() && selection.bg != background.bg),
                "{name} at {depth:?}"
            );
        }
    }
}

#[test]
fn without_colours_there_is_no_colour_anywhere() {
    for (name, _) in BUILT_IN {
        let (theme, _) = Themes::default().load(name, ColorDepth::Mono).unwrap();
        for role in Role::ALL {
            let style = theme.style(*role);
            assert_eq!((style.fg, style.bg), (None, None), "{name} {}", role.name());
        }
    }
}

#[test]
fn a_child_recolours_its_parent() {
    let (_directory, themes) =
        user_theme("inherits = \"default-dark\"\n[palette]\nred = \"#ff0000\"\n");

    let (theme, warnings) = themes.load("mine", ColorDepth::TrueColor).unwrap();

    assert_eq!(warnings, []);
    assert_eq!(theme.style(Role::Error).fg, Some(Color::Rgb(255, 0, 0)));
    assert!(themes.names().contains(&"mine".to_owned()));
}

#[test]
fn a_wrong_key_is_a_warning_with_the_nearest_name() {
    let (_directory, themes) = user_theme(
        "inherits = \"mono\"\n[styles]\nboder = \"red\"\ntitle = { fg = \"reed\", modifiers = [\"loud\"] }\n",
    );

    let (_, warnings) = themes.load("mine", ColorDepth::TrueColor).unwrap();

    let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "theme mine, line 3: \"boder\" is not a known style; did you mean \"border\"?",
            "theme mine, line 4: styles.title: \"reed\" is not a known colour",
            "theme mine, line 4: styles.title: \"loud\" is not bold, dim, italic, underlined, reversed or crossed_out",
        ]
    );
}

#[rstest]
#[case("inherits = 7\n", "line 1: inherits: a text is expected")]
#[case("\nstyles = \"red\"\n", "line 2: styles: a section is expected")]
#[case(
    "[styles]\ntext = { fg = 1 }\n",
    "line 2: styles.text.fg: a colour is expected"
)]
#[case(
    "[styles]\ntext = { modifiers = \"bold\" }\n",
    "line 2: styles.text.modifiers: a list is expected"
)]
#[case(
    "[styles]\ntext = 3\n",
    "line 2: styles.text: a colour or a table is expected"
)]
#[case(
    "[palette]\n\n\"\\u001b\" = 1\n",
    "line 3: palette.⟨U+001B⟩: 1 is not a colour"
)]
fn what_is_of_the_wrong_kind_is_told_with_its_line(#[case] text: &str, #[case] expected: &str) {
    let (_, warnings) = Themes::default()
        .parse("mine", text, ColorDepth::TrueColor)
        .unwrap();

    let told = warnings.first().unwrap().to_string();
    assert!(told.contains(expected), "{told}");
}

#[test]
fn a_file_that_is_no_toml_says_line_and_column_in_one_line() {
    let error = Themes::default()
        .parse("mine", "[styles]\ntext = = 1\n", ColorDepth::TrueColor)
        .unwrap_err();

    let text = error.to_string();
    assert!(text.starts_with("theme mine, line 2, column 8: "), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[rstest]
#[case(
    "background = { fg = \"#101010\", bg = \"#111111\" }",
    Role::Background
)]
#[case("background = { fg = \"#eeeeee\", bg = \"#ffffff\" }", Role::Text)]
#[case("selection = { bg = \"plain\" }", Role::Selection)]
#[case("popup = { fg = \"plain\", bg = \"plain\" }", Role::Popup)]
fn what_cannot_be_read_gives_way_to_what_can(#[case] styles: &str, #[case] role: Role) {
    let text = format!("inherits = \"default-dark\"\n[styles]\n{styles}\n");
    for depth in [
        ColorDepth::Ansi16,
        ColorDepth::Ansi256,
        ColorDepth::TrueColor,
    ] {
        let (theme, _) = Themes::default().parse("mine", &text, depth).unwrap();

        let style = theme.style(Role::Background).patch(theme.style(role));
        let found = contrast(style.fg.unwrap(), style.bg.unwrap()).unwrap();
        assert!(found >= CONTRAST_MIN, "{depth:?} {found} {style:?}");
    }
}

#[rstest]
#[case(
    "[palette]\nteal = \"#101010\"\n",
    "theme mine, line 3: palette.teal: #101010 cannot be read on "
)]
#[case(
    "[styles]\n\ntext = \"#1d1d1d\"\n",
    "theme mine, line 4: styles.text: #1D1D1D cannot be read on "
)]
#[case(
    "[styles]\nbackground = { bg = \"#ffffff\" }\n",
    "theme mine, line 3: styles.background: "
)]
fn a_colour_that_cannot_be_read_is_told_where_it_is_written(
    #[case] text: &str,
    #[case] expected: &str,
) {
    let text = format!("inherits = \"default-dark\"\n{text}");

    let (_, warnings) = Themes::default()
        .parse("mine", &text, ColorDepth::Mono)
        .unwrap();

    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with(expected), "{told:#?}");
    assert!(
        told[0].contains("another colour is shown for "),
        "{told:#?}"
    );
}

#[test]
fn a_file_whose_name_no_theme_can_have_is_not_listed() {
    let (directory, themes) = user_theme("");
    for name in ["../x", "a b.toml", "\u{1b}[31m.toml", ".toml"] {
        let _ = std::fs::write(directory.path().join(name.replace('/', "_")), "");
    }

    let names = themes.names();

    assert_eq!(names.last().map(String::as_str), Some("mine"));
    assert_eq!(names.len(), BUILT_IN.len() + 1);
}

#[test]
fn a_circle_is_an_error() {
    let (_directory, themes) = user_theme("inherits = \"mine\"\n");

    assert_eq!(
        themes.load("mine", ColorDepth::TrueColor),
        Err(ThemeError::Circle("mine".to_owned()))
    );
}

#[test]
fn an_unknown_theme_lists_the_known_ones() {
    let error = Themes::default()
        .load("../../etc/passwd", ColorDepth::TrueColor)
        .unwrap_err();

    assert!(
        error
            .to_string()
            .ends_with("default-dark, default-light, high-contrast, mono")
    );
}
