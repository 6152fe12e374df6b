//! Values that look strange and are meant.

use super::Field;

/// Unusual, and meant.
pub(super) const MEANT: &[(Field, &[&str])] = &[
    (
        Field::Email,
        &[
            "o'neil@acme.example",
            "ada+news@acme.example",
            "ADA@ACME.EXAMPLE",
            "a@b.example",
            "mailto:ada@acme.example",
            "ada@m\u{fc}nchen.example",
            "ada_1@mail.acme.co.uk",
            "test@acme.example",
            "info@acme.example",
            "ada@1and1.example",
            "5550109@acme.example",
            "a/b@acme.example",
            "unknown.artist@acme.example",
            "zo\u{eb}@acme.example",
        ],
    ),
    (
        Field::Name,
        &[
            "Ada Lovelace",
            "Lovelace, Ada",
            "Mr. Ada Lovelace, PhD",
            "O'Brien",
            "O\u{2019}Brien",
            "Na Li",
            "\u{5c71}\u{7530}",
            "X \u{c6} A-12",
            "John Null",
            "Ada Lovelace 2nd",
            "Li",
            "Nil Sharma",
        ],
    ),
    (
        Field::Company,
        &[
            "3M",
            "1010",
            "Yahoo!",
            "Who's Next?",
            "Coffee @ Home",
            "AT&T",
            "Nanna's",
            "N/A Brewing",
            "Unknown Worlds",
            "Nil Desperandum",
            "*asterisk",
            "C++ Ltd",
        ],
    ),
    (
        Field::Website,
        &[
            "acme.example",
            "https://www.acme.example/",
            "acme",
            "localhost",
            "acme.example/@ada",
            "acme.example?mail=a@b",
        ],
    ),
    (
        Field::Linkedin,
        &[
            "linkedin.com/in/ada",
            "https://de.linkedin.com/in/ada/",
            "ada",
            "in/ada",
            "linkedin.com/pub/ada/1/2/3",
            "linkedin.com/profile/view?id=1",
            "linkedin.com/sales/people/abc",
            "/in/ada",
            "linkedin.com/in/company",
        ],
    ),
    (
        Field::Twitter,
        &[
            "@ada",
            "ada",
            "x.com/ada",
            "https://twitter.com/ada/status/1",
            "x.com/i/user/1",
        ],
    ),
    (
        Field::Facebook,
        &[
            "facebook.com/ada",
            "https://m.facebook.com/ada",
            "facebook.com/profile.php?id=1",
            "facebook.com/people/ada/1",
            "ada",
            "fb.com/ada.lovelace",
        ],
    ),
];
