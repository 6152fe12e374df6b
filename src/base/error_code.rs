//! Zoho's error codes, spelled as Zoho spells them, and our own plain words for each.

use std::fmt;

use super::limits::ERROR_CODE_CHARS_MAX;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// A code of an answer. A code nobody documented is kept as it came.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
            /// A code that is not in the contract.
            Unrecognised(String),
        }

        impl ErrorCode {
            /// Every documented code.
            pub const DOCUMENTED: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as Zoho spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unrecognised(text) => text,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Unrecognised(other.to_owned()),
                }
            }
        }
    };
}

error_codes! {
    /// Accepted: one unit is spent (S).
    Scheduled = "SCHEDULED",
    /// A value, key or parameter is wrong (S).
    InvalidData = "INVALID_DATA",
    /// The module cannot be enriched (OAS25).
    InvalidModule = "INVALID_MODULE",
    /// `enrich_based_on` or the root key is absent (S, OAS25).
    MandatoryNotFound = "MANDATORY_NOT_FOUND",
    /// No input at all was given (S, OAS25).
    ExpectedFieldMissing = "EXPECTED_FIELD_MISSING",
    /// An input needs a partner that is absent (S, OAS25).
    DependentFieldMissing = "DEPENDENT_FIELD_MISSING",
    /// The input is not mapped in the configuration, or there is none (OAS25, O7).
    NotAllowed = "NOT_ALLOWED",
    /// The organisation's enrichment limit is spent (S).
    LimitExceeded = "LIMIT_EXCEEDED",
    /// A query parameter is absent (S, OAS25).
    RequiredParamMissing = "REQUIRED_PARAM_MISSING",
    /// The feature is switched off (S).
    FeatureNotEnabled = "FEATURE_NOT_ENABLED",
    /// The edition has no such feature (S).
    FeatureNotSupported = "FEATURE_NOT_SUPPORTED",
    /// The API version in the path is too old (OAS25).
    ApiNotSupported = "API_NOT_SUPPORTED",
    /// The token lacks the scope (S).
    OauthScopeMismatch = "OAUTH_SCOPE_MISMATCH",
    /// Unknown, expired or revoked token, or the wrong data centre (M).
    InvalidToken = "INVALID_TOKEN",
    /// As `INVALID_TOKEN`; TV8's spelling.
    InvalidOauthToken = "INVALID_OAUTHTOKEN",
    /// No usable token on the request (M).
    AuthenticationFailure = "AUTHENTICATION_FAILURE",
    /// The user's profile lacks the permission (S).
    NoPermission = "NO_PERMISSION",
    /// Wrong path (S).
    InvalidUrlPattern = "INVALID_URL_PATTERN",
    /// Wrong verb (S).
    InvalidRequestMethod = "INVALID_REQUEST_METHOD",
    /// Credits or concurrency are used up (K203, OAS26).
    TooManyRequests = "TOO_MANY_REQUESTS",
    /// A fault of the server (S).
    InternalServerError = "INTERNAL_SERVER_ERROR",
    /// A fault of the server (OAS26's spelling).
    InternalError = "INTERNAL_ERROR",
    /// The request can be read in two ways (OAS26, configuration).
    AmbiguityDuringProcessing = "AMBIGUITY_DURING_PROCESSING",
    /// A mapping that cannot be (OAS26 and SDK, configuration).
    InvalidMapping = "INVALID_MAPPING",
    /// The module or record cannot be enriched (OAS26, organisations).
    NotSupported = "NOT_SUPPORTED",
    /// There is no such thing (OAS25).
    ResourceNotFound = "RESOURCE_NOT_FOUND",
    /// The request as a whole is wrong (SDK).
    BadRequest = "BAD_REQUEST",
    /// A limit is reached (SDK); read as `LIMIT_EXCEEDED`.
    LimitReached = "LIMIT_REACHED",
    /// What was given serves something else already (SDK).
    AlreadyUsed = "ALREADY_USED",
    /// The request went to a host that does not serve it (AE).
    InvalidHost = "INVALID_HOST",
    /// The user may not do this (AE).
    AuthorizationFailed = "AUTHORIZATION_FAILED",
}

/// What a code speaks of: the same for every request of a run, or only of this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The job that was made.
    Job,
    /// This request: its values, its record, its module. Whatever nobody documented is here too,
    /// since most codes are.
    Request,
    /// The organisation's units.
    Limit,
    /// The access token; a fresh one may help.
    Token,
    /// Who asks, from where and when: scope, permission, feature, edition, pace. The next request
    /// would be answered alike.
    Caller,
    /// The address: path, verb, host. The next request would be answered alike.
    Address,
    /// The server itself, which failed.
    Server,
}

impl ErrorCode {
    /// What the code speaks of.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Scheduled => Subject::Job,
            Self::InvalidData
            | Self::InvalidModule
            | Self::MandatoryNotFound
            | Self::ExpectedFieldMissing
            | Self::DependentFieldMissing
            | Self::NotAllowed
            | Self::RequiredParamMissing
            | Self::AmbiguityDuringProcessing
            | Self::InvalidMapping
            | Self::NotSupported
            | Self::ResourceNotFound
            | Self::BadRequest
            | Self::AlreadyUsed
            | Self::Unrecognised(_) => Subject::Request,
            Self::LimitExceeded | Self::LimitReached => Subject::Limit,
            Self::InvalidToken | Self::InvalidOauthToken | Self::AuthenticationFailure => {
                Subject::Token
            }
            Self::FeatureNotEnabled
            | Self::FeatureNotSupported
            | Self::ApiNotSupported
            | Self::OauthScopeMismatch
            | Self::NoPermission
            | Self::AuthorizationFailed
            | Self::TooManyRequests => Subject::Caller,
            Self::InvalidUrlPattern | Self::InvalidRequestMethod | Self::InvalidHost => {
                Subject::Address
            }
            Self::InternalServerError | Self::InternalError => Subject::Server,
        }
    }

    /// Whether a text has the form of a code: capitals, digits and underscores.
    pub fn is_spelled(text: &str) -> bool {
        text.len() <= ERROR_CODE_CHARS_MAX
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_survives_a_round_trip() {
        for code in ErrorCode::DOCUMENTED {
            assert_eq!(&ErrorCode::from(code.as_str()), code);
        }
    }

    #[test]
    fn an_undocumented_code_is_kept() {
        let code = ErrorCode::from("BRAND_NEW");

        assert_eq!(code, ErrorCode::Unrecognised("BRAND_NEW".into()));
        assert_eq!(code.as_str(), "BRAND_NEW");
    }

    #[test]
    fn a_code_is_spelled_in_capitals() {
        for code in ErrorCode::DOCUMENTED {
            assert!(ErrorCode::is_spelled(code.as_str()), "{code}");
        }
        for text in ["", "invalid_code", "Access Denied", "_A", "4XX", "A-B"] {
            assert!(!ErrorCode::is_spelled(text), "{text:?}");
        }
        assert!(ErrorCode::is_spelled(&"A".repeat(ERROR_CODE_CHARS_MAX)));
        assert!(!ErrorCode::is_spelled(
            &"A".repeat(ERROR_CODE_CHARS_MAX + 1)
        ));
    }
}
