//! Which characters the terminal can show, as the locale says.

/// The characters that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// Everything.
    #[default]
    Unicode,
    /// Nothing but ASCII.
    Ascii,
}

impl Charset {
    /// What the locale says: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is not empty names
    /// it, as everywhere in POSIX. Where none does, nobody said anything: terminals of today show
    /// Unicode then, and sessions without a locale are common on them.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        let Some(locale) = locale else {
            return Self::Unicode;
        };
        let locale = locale.to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") {
            Self::Unicode
        } else {
            Self::Ascii
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(&[("LANG", "C")], Charset::Ascii)]
    #[case(&[("LANG", "POSIX")], Charset::Ascii)]
    #[case(&[("LANG", "de_DE.ISO-8859-1")], Charset::Ascii)]
    #[case(&[("LANG", "en_GB.UTF-8")], Charset::Unicode)]
    #[case(&[("LANG", "C.utf8")], Charset::Unicode)]
    #[case(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")], Charset::Ascii)]
    #[case(&[("LANG", "C"), ("LC_CTYPE", "en_GB.UTF-8")], Charset::Unicode)]
    #[case(&[("LC_ALL", ""), ("LANG", "C")], Charset::Ascii)]
    #[case(&[], Charset::Unicode)]
    fn the_locale_names_the_characters(
        #[case] environment: &[(&str, &str)],
        #[case] charset: Charset,
    ) {
        let variable = |name: &str| {
            let found = environment.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };

        assert_eq!(Charset::detect(variable), charset);
    }
}
