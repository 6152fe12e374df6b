//! Hosts that mean something special, as data.

/// Hosts, and everything below them, that serve many organisations: how many segments of the path
/// it takes to tell these apart.
const SHARED: &[(&str, usize)] = &[
    ("about.me", 1),
    ("amazon.com", 2),
    ("angel.co", 2),
    ("behance.net", 1),
    ("bit.ly", 1),
    ("bitbucket.org", 1),
    ("crunchbase.com", 2),
    ("docs.google.com", 4),
    ("drive.google.com", 4),
    ("dribbble.com", 1),
    ("etsy.com", 2),
    ("facebook.com", 1),
    ("fb.com", 1),
    ("fb.me", 1),
    ("g.page", 1),
    ("github.com", 1),
    ("github.io", 1),
    ("gitlab.com", 1),
    ("gitlab.io", 1),
    ("goo.gl", 2),
    ("indiamart.com", 1),
    ("instagram.com", 1),
    ("justdial.com", 2),
    ("linkedin.com", 2),
    ("linktr.ee", 1),
    ("medium.com", 1),
    ("notion.site", 1),
    ("pinterest.com", 1),
    ("sites.google.com", 2),
    ("t.me", 1),
    ("threads.net", 1),
    ("tiktok.com", 1),
    ("tinyurl.com", 1),
    ("twitter.com", 1),
    ("vimeo.com", 1),
    ("vk.com", 1),
    ("wikipedia.org", 2),
    ("wixsite.com", 1),
    ("x.com", 1),
    ("xing.com", 2),
    ("yelp.com", 2),
    ("youtube.com", 2),
];

/// First segments of twitter.com that are no handles.
const TWITTER_PAGES: &[&str] = &[
    "about",
    "compose",
    "download",
    "explore",
    "hashtag",
    "home",
    "i",
    "intent",
    "jobs",
    "login",
    "messages",
    "notifications",
    "privacy",
    "search",
    "settings",
    "share",
    "signup",
    "tos",
];

/// How many segments of a path name an organisation on a host; 0 where the host alone does.
pub(super) fn segments_that_name(host: &str) -> usize {
    SHARED
        .iter()
        .find(|(shared, _)| is_at_or_below(host, shared))
        .map_or(0, |(_, segments)| *segments)
}

/// Whether a host is another one or one of its subdomains.
pub(crate) fn is_at_or_below(host: &str, other: &str) -> bool {
    host.strip_suffix(other)
        .is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// Whether a first segment of twitter.com is a page of the service and no handle.
pub(crate) fn is_twitter_page(segment: &str) -> bool {
    TWITTER_PAGES.contains(&segment)
}

/// First segments of facebook.com, besides those that end with `.php`, behind which a query may
/// name the page.
const FACEBOOK_PAGES: &[&str] = &[
    "dialog",
    "events",
    "hashtag",
    "login",
    "marketplace",
    "media",
    "photo",
    "plugins",
    "public",
    "reel",
    "search",
    "share",
    "sharer",
    "stories",
    "story",
    "video",
    "watch",
];

/// Whether a first segment of facebook.com is a page of the service and no name.
pub(super) fn is_facebook_page(segment: &str) -> bool {
    segment.ends_with(".php") || FACEBOOK_PAGES.contains(&segment)
}

/// Whether a second segment of facebook.com is a part of the page of the same person.
pub(super) fn is_part_of_facebook_page(segment: &str) -> bool {
    const PARTS: &[&str] = &[
        "about",
        "followers",
        "following",
        "friends",
        "likes",
        "mentions",
        "photos",
        "posts",
        "reels",
        "reviews",
        "videos",
    ];
    PARTS.contains(&segment)
}

/// `en`, `de-de`, `pt_br`: a country or a language.
pub(super) fn is_locale(text: &str) -> bool {
    let is_pair = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
    match text.split_once(['-', '_']) {
        Some((language, country)) => is_pair(language) && is_pair(country),
        None => is_pair(text),
    }
}
