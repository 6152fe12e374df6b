//! An enum with its words: the variants stand once; `ALL`, the words and both ways between them are
//! made of them.

/// The enum, `ALL`, and the way to its words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $($(#[$vdoc:meta])* $variant:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize,
        )]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// Every value, in their order.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant,)*];

            /// The word on screen, in the configuration, in the ledger and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// The same, and the way back; another word "is not" what the text says.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident, $what:expr, $($variants:tt)*) => {
        $crate::base::words!($(#[$doc])* $name, $($variants)*);

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL
                    .into_iter()
                    .find(|value| value.as_str() == text)
                    .ok_or_else(|| format!("{text:?} is not {}", $what))
            }
        }
    };
}

/// Words in a row: `US, IN and SA`.
pub(crate) fn listed(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

pub(crate) use {word_enum, words};
