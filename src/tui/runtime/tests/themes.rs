//! Themes while the console runs: chosen, edited, broken, mended.

use super::*;
use crate::config::{Paths, PathsInput};

#[tokio::test]
async fn a_theme_that_is_edited_is_seen_at_once_and_a_broken_edit_changes_nothing() {
    let mut rig = rig();
    let themes = tempfile::tempdir().unwrap();
    let file = themes.path().join("mine.toml");
    std::fs::write(&file, "[styles]\nbackground = { bg = \"#000001\" }\n").unwrap();
    rig.console.session.themes.directory = Some(themes.path().to_owned());
    rig.console.theme = rig
        .console
        .session
        .themes
        .load("mine", ColorDepth::TrueColor)
        .unwrap()
        .0;
    rig.console.app.shared.settings.theme = "mine".to_owned();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    let has = |log: &TuiLog, blue: u8| log.ground == Some(Color::Rgb(0, 0, blue));

    let script = async {
        until(&tui, |log| has(log, 1)).await;
        std::fs::write(&file, "[styles]\nbackground = { bg = \"#000002\" }\n").unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| has(log, 2)).await;
        std::fs::write(&file, "[styles]\n\nbackground = {\n").unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| log.screen.contains("theme mine, line 3")).await;
        assert!(has(&tui.borrow(), 2), "a broken edit keeps the old theme");
        std::fs::write(&file, "[styles]\nbackground = { bg = \"#000003\" }\n").unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| has(log, 3) && !log.screen.contains("line 3")).await;
        let frames = tui.borrow().frames;
        inbox.send(Msg::ThemesChanged).await.unwrap();
        inbox.send(key("Ctrl+Q")).await.unwrap();
        frames
    };
    let (left, frames) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
    assert!(
        rig.tui.borrow().frames <= frames + 1,
        "nothing new is not drawn"
    );
}

#[tokio::test]
async fn an_error_goes_when_the_theme_is_as_it_was_before_and_the_configuration_names_another() {
    let mut rig = rig();
    let place = tempfile::tempdir().unwrap();
    std::fs::create_dir(place.path().join("themes")).unwrap();
    let (file, config) = (
        place.path().join("themes/mine.toml"),
        place.path().join("config.toml"),
    );
    let text = "[styles]\nbackground = { bg = \"#000001\" }\n";
    std::fs::write(&file, text).unwrap();
    std::fs::write(&config, "theme = \"mine\"\n").unwrap();
    let paths = Paths::resolve(&PathsInput {
        config_flag: Some(config.clone()),
        data_dir_flag: Some(place.path().to_owned()),
        env: [("HOME".into(), place.path().into())].into(),
    })
    .unwrap();
    rig.console.session.themes.directory = Some(paths.themes_dir.clone());
    rig.console.session.configured = Some(Configured::new(paths, "mine"));
    let themes = rig.console.session.themes.clone();
    rig.console.theme = themes.load("mine", ColorDepth::TrueColor).unwrap().0;
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());
    let has = |log: &TuiLog, color: Color| log.ground == Some(color);

    let script = async {
        until(&tui, |log| has(log, Color::Rgb(0, 0, 1))).await;
        std::fs::write(&file, "[styles]\n\nbackground = {\n").unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| log.screen.contains("theme mine, line 3")).await;
        std::fs::write(&file, text).unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| !log.screen.contains("line 3")).await;
        std::fs::write(&config, "theme = \"default-light\"\n").unwrap();
        inbox.send(Msg::ThemesChanged).await.unwrap();
        until(&tui, |log| !has(log, Color::Rgb(0, 0, 1))).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
}

#[tokio::test]
async fn the_screen_follows_the_selection_among_the_themes_and_esc_goes_back() {
    let mut rig = rig();
    rig.console.app.shared.settings.themes = Themes::default().names();
    let (inbox, tui) = (rig.inbox.clone(), rig.tui.clone());

    let script = async {
        inbox.send(ready()).await.unwrap();
        until(&tui, |log| log.screen.contains("us-prod")).await;
        let before = tui.borrow().ground;
        inbox.send(key("Ctrl+P")).await.unwrap();
        inbox
            .send(Msg::Paste {
                text: "switch theme".to_owned(),
                at: Duration::ZERO,
            })
            .await
            .unwrap();
        inbox.send(key("Enter")).await.unwrap();
        inbox.send(key("Down")).await.unwrap();
        until(&tui, |log| log.ground != before).await;
        inbox.send(key("Esc")).await.unwrap();
        until(&tui, |log| log.ground == before).await;
        inbox.send(key("Ctrl+Q")).await.unwrap();
    };
    let (left, ()) = tokio::join!(rig.console.run(), script);

    assert_eq!(left.exit, Exit::Done);
    let kept = |op: &Op| matches!(op, Op::KeepTheme(_));
    assert!(!rig.asked.borrow().iter().any(kept));
}
