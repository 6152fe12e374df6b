//! Colours of a theme that cannot be read on what lies below them: which, and where they stand.
//!
//! They are mended silently when a style is made (`load::legible`); whoever wrote them wants to know
//! why the screen does not show what the file says. It speaks of the file, not of the terminal, and
//! so judges the colours before they are reduced.

use std::collections::BTreeMap;

use super::depth::contrast;
use super::load::{CONTRAST_MIN, ThemeWarning};
use super::read::Styled;
use super::role::Role;

/// Most roles that are named; the rest are counted.
const NAMED_MAX: usize = 3;

/// A warning for each colour that gives way, at the place that brought it there: of the colour and
/// its ground the one that the younger theme has set.
pub(super) fn warnings(styles: &[Styled], themes: &[&str]) -> Vec<ThemeWarning> {
    let ground = styles.first();
    let mut found: BTreeMap<(usize, usize), (String, Vec<&'static str>)> = BTreeMap::new();
    for (role, style) in Role::ALL.iter().zip(styles) {
        if role.is_drawn() {
            continue;
        }
        let fg = style.fg.as_ref().or(ground.and_then(|it| it.fg.as_ref()));
        let bg = style.bg.as_ref().or(ground.and_then(|it| it.bg.as_ref()));
        let (Some(fg), Some(bg)) = (fg, bg) else {
            continue;
        };
        let Some(share) = contrast(fg.color, bg.color).filter(|share| *share < CONTRAST_MIN) else {
            continue;
        };
        let blamed = if bg.sheet > fg.sheet { bg } else { fg };
        let text = format!(
            "{}: {} cannot be read on {} (contrast {share:.1}, at least {CONTRAST_MIN})",
            blamed.key, fg.color, bg.color
        );
        let place = (blamed.sheet, blamed.line);
        let (_, roles) = found.entry(place).or_insert((text, Vec::new()));
        roles.push(role.name());
    }
    let warnings = found
        .into_iter()
        .filter_map(|((sheet, line), (text, roles))| {
            Some(ThemeWarning {
                theme: (*themes.get(sheet)?).to_owned(),
                line,
                text: format!("{text}; another colour is shown for {}", listed(&roles)),
            })
        });
    warnings.collect()
}

fn listed(roles: &[&str]) -> String {
    let named: Vec<&str> = roles.iter().take(NAMED_MAX).copied().collect();
    match roles.len().saturating_sub(named.len()) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
