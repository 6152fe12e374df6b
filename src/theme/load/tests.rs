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

    let texts: Vec<&str> = warnings.iter().map(|w| w.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "\"boder\" is not a known style; did you mean \"border\"?",
            "styles.title: \"reed\" is not a known colour",
            "styles.title: \"loud\" is not bold, dim, italic, underlined, reversed or crossed_out",
        ]
    );
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
