//! The pictures of the documentation are those of the program.

#[path = "../examples/pictures/gallery/mod.rs"]
mod gallery;

use std::path::Path;

use ziadeck::tui::app::cx::ScreenId;

#[test]
fn every_picture_shows_the_program_as_it_is() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures");
    let pictures = gallery::pictures().unwrap();

    for picture in &pictures {
        let kept = std::fs::read_to_string(directory.join(picture.file)).unwrap_or_default();

        assert!(
            kept == picture.svg,
            "{} is out of date: run `cargo run --example pictures`",
            picture.file
        );
    }
    let mut kept: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort();
    let mut drawn: Vec<_> = pictures.iter().map(|picture| picture.file).collect();
    drawn.sort_unstable();
    assert_eq!(
        kept, drawn,
        "docs/pictures holds what is drawn and nothing else"
    );
}

#[test]
fn a_picture_is_light_and_needs_nothing_from_elsewhere() {
    for picture in gallery::pictures().unwrap() {
        let svg = &picture.svg;

        assert!(svg.len() < 300_000, "{}: {}", picture.file, svg.len());
        for reference in ["url(", "<script", "@import", "@font-face", "<image", "src="] {
            assert!(!svg.contains(reference), "{}: {reference}", picture.file);
        }
        for link in svg.split("href=\"").skip(1) {
            assert!(link.starts_with('#'), "{}", picture.file);
        }
    }
}

#[test]
fn the_readme_shows_pictures_that_exist() {
    let readme = include_str!("../README.md");
    let shown: Vec<_> = readme
        .split("(docs/pictures/")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .collect();

    let drawn: Vec<_> = gallery::pictures()
        .unwrap()
        .iter()
        .map(|picture| picture.file)
        .collect();

    assert!(!shown.is_empty());
    for file in shown {
        assert!(drawn.contains(&file), "{file}");
    }
}

#[test]
fn every_screen_has_a_picture_and_is_named_where_all_are() {
    let pictures = gallery::pictures().unwrap();
    let titles: Vec<_> = ScreenId::ALL.iter().map(|screen| screen.title()).collect();
    for title in &titles {
        let file = title.to_lowercase();
        let mut drawn = pictures.iter().map(|picture| picture.file);
        assert!(drawn.any(|drawn| drawn.starts_with(&file)), "{title}");
    }

    let architecture = include_str!("../ARCHITECTURE.md");
    assert!(architecture.contains(&format!("Screens       {}:", titles.join(", "))));
    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("`2` to `{}`", titles.len())));
    for title in titles.iter().skip(1) {
        assert!(readme.contains(&format!("**{title}**")), "{title}");
    }
}
