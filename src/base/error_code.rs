//! Zoho's error codes, spelled as Zoho spells them, and our own plain words for each.

use std::fmt;

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
}
