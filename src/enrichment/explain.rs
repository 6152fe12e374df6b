//! A plain sentence and the next step for every code and every outcome. Written once; the
//! detail pane, `submit`, `log`, the bulk report and `explain` all read it here.

use super::job::JobStatus;
use crate::base::{ErrorCode, Outcome};

/// What a code means and what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// What happened, in one sentence.
    pub plain: &'static str,
    /// What to do next, in one sentence.
    pub next_step: &'static str,
}

const fn say(plain: &'static str, next_step: &'static str) -> Explanation {
    Explanation { plain, next_step }
}

/// Explains a code of Zoho's API.
pub fn explain(code: &ErrorCode) -> Explanation {
    request_code(code)
        .or_else(|| configuration_code(code))
        .or_else(|| caller_code(code))
        .unwrap_or(say(
            "This code is not documented; it is shown as the server sent it.",
            "Read its message and the response; the outcome beside it says whether a unit counts as spent.",
        ))
}

/// What a code means where a configuration was to be made or changed (contract 9), if that is another thing.
pub fn explain_change(code: &ErrorCode) -> Option<Explanation> {
    Some(match code {
        ErrorCode::InvalidData => say(
            "The type, the module, an input, an output or the status is none that the server knows.",
            "Look at what may be mapped with `enrichment config show`, and correct what its details name.",
        ),
        ErrorCode::MandatoryNotFound => say(
            "The change lacks the type, the module or one of the two mappings.",
            "Make the change again: a configuration is sent whole.",
        ),
        ErrorCode::ExpectedFieldMissing => say(
            "A field of the CRM was given without its id or without its API name.",
            "Sign in with ZohoCRM.settings.fields.READ, so that the ids can be read, and change it again.",
        ),
        ErrorCode::AmbiguityDuringProcessing => say(
            "The id and the API name of the module or of a field name two different things.",
            "Something was renamed meanwhile: look at the configuration again, and repeat the change.",
        ),
        ErrorCode::LimitExceeded => say(
            "There would be more than 50 configurations, or more than 50 mappings in one.",
            "Delete a configuration that is not needed, or map less.",
        ),
        ErrorCode::NotSupported => say(
            "The module has no enrichment of this kind.",
            "Choose a module from `ziadeck modules`.",
        ),
        ErrorCode::NoPermission => say(
            "The signed-in user's CRM profile may not change enrichment configurations.",
            "Ask an administrator for the permission Manage Data Enrichment.",
        ),
        _ => return None,
    })
}

/// Codes that speak of the request itself.
fn request_code(code: &ErrorCode) -> Option<Explanation> {
    Some(match code {
        ErrorCode::Scheduled => say(
            "Zoho accepted the enrichment and made a job for it; one unit is spent.",
            "Open the job to see the enriched data when it is completed.",
        ),
        ErrorCode::InvalidData => say(
            "A value, a key or a parameter is not accepted: too short, too long, not English, not a text, or not known.",
            "Correct the marked field; every value needs at least three characters in English.",
        ),
        ErrorCode::InvalidModule => say(
            "This module cannot be enriched.",
            "Choose a module from the list; the server names those that it offers.",
        ),
        ErrorCode::MandatoryNotFound => say(
            "The request lacks a part that it must have.",
            "Refill the form and send it again; the raw JSON needs enrich_based_on.",
        ),
        ErrorCode::ExpectedFieldMissing => say(
            "No input was given.",
            "Give a name with a company, an email, a company or a social page.",
        ),
        ErrorCode::DependentFieldMissing => say(
            "An input needs another one beside it: a name needs a company, and a company needs a name.",
            "Give the missing partner, or leave the other one out.",
        ),
        ErrorCode::NotAllowed => say(
            "The module has no enrichment configuration, or the input is not mapped in it.",
            "Open Setup, map the input or switch the configuration on, or leave the input out.",
        ),
        ErrorCode::LimitExceeded | ErrorCode::LimitReached => say(
            "The organisation has spent its enrichment limit; nothing more is accepted.",
            "Check Usage; Zoho documents no reset, so ask Zoho for a higher limit.",
        ),
        ErrorCode::RequiredParamMissing => say(
            "A parameter is absent, most likely the module.",
            "Name the module, such as Leads.",
        ),
        ErrorCode::NotSupported => say(
            "The module or the record cannot be enriched.",
            "Choose a module from the list, or leave the record id out.",
        ),
        ErrorCode::ResourceNotFound => say(
            "The server has no such job, record or setting.",
            "Check the id and the profile; an id of another organisation is not known here.",
        ),
        ErrorCode::BadRequest => say(
            "The server cannot read the request as a whole.",
            "Read its message, refill the form and send it again.",
        ),
        ErrorCode::TooManyRequests => say(
            "The organisation has too many API calls, in this moment or in the last 24 hours.",
            "Wait a little and send it again; no unit was spent.",
        ),
        ErrorCode::InternalServerError | ErrorCode::InternalError => say(
            "Zoho failed while it worked on the request; nobody can say whether a unit was spent.",
            "Wait two minutes, then reconcile; do not send it again before that.",
        ),
        _ => return None,
    })
}

/// Codes that speak of the enrichment configuration (contract 9).
fn configuration_code(code: &ErrorCode) -> Option<Explanation> {
    Some(match code {
        ErrorCode::AmbiguityDuringProcessing => say(
            "The server can read the request in two ways and took neither.",
            "Give one of the fields that its answer names, not both.",
        ),
        ErrorCode::InvalidMapping => say(
            "An input or output is mapped to a CRM field that cannot hold it.",
            "Look at the allowed fields in Setup and map it to one of those.",
        ),
        ErrorCode::AlreadyUsed => say(
            "What was given serves another configuration or request already.",
            "Change that one, or choose another field, module or value.",
        ),
        _ => return None,
    })
}

/// Codes that speak of the caller: token, scope, permission, edition, path.
fn caller_code(code: &ErrorCode) -> Option<Explanation> {
    Some(match code {
        ErrorCode::FeatureNotEnabled => say(
            "Data enrichment is not switched on in this organisation.",
            "Switch it on in the CRM's Zia settings and install the Web Amigo extension from Zoho Marketplace.",
        ),
        ErrorCode::FeatureNotSupported => say(
            "The organisation's edition has no people enrichment; Enterprise or Ultimate is needed.",
            "Check the edition in Setup, or use a profile of another organisation.",
        ),
        ErrorCode::ApiNotSupported => say(
            "The API version of this profile is too old for enrichment.",
            "Set api_version to v7 or v8 in the profile.",
        ),
        ErrorCode::OauthScopeMismatch => say(
            "The token lacks the scope for this call.",
            "Sign in again with a grant code that has ZohoCRM.settings.intelligence.ALL.",
        ),
        ErrorCode::InvalidToken | ErrorCode::InvalidOauthToken => say(
            "The token is not accepted: it has expired, was revoked, or belongs to another data centre.",
            "Check that the profile's data centre is the organisation's own, then refresh or sign in again.",
        ),
        ErrorCode::AuthenticationFailure => say(
            "The request carried no usable token.",
            "Sign in for this profile.",
        ),
        ErrorCode::NoPermission => say(
            "The signed-in user's CRM profile may not use data enrichment.",
            "Ask an administrator for the permission Manage Data Enrichment.",
        ),
        ErrorCode::AuthorizationFailed => say(
            "The signed-in user may not do this in the CRM.",
            "Ask an administrator for the permission, or sign in as a user who has it.",
        ),
        ErrorCode::InvalidUrlPattern => say(
            "This server does not know the address that was called.",
            "Check the profile's api_version and data centre.",
        ),
        ErrorCode::InvalidRequestMethod => say(
            "This server does not take this kind of call at this address.",
            "Check the profile's api_version and data centre.",
        ),
        ErrorCode::InvalidHost => say(
            "The request reached a host that does not serve this organisation or this API.",
            "Check the profile's data centre and whether a proxy answers.",
        ),
        _ => return None,
    })
}

/// Explains an outcome for which the server gave no code.
pub fn explain_outcome(outcome: Outcome) -> Explanation {
    match outcome {
        Outcome::Sending => say(
            "The request is on its way; its answer has not come yet.",
            "Wait; an answer comes within 30 seconds or the outcome becomes unknown.",
        ),
        Outcome::Scheduled => explain(&ErrorCode::Scheduled),
        Outcome::Rejected => say(
            "The server refused the input; no unit was spent.",
            "Read the response, correct the draft and send it again.",
        ),
        Outcome::Limit => explain(&ErrorCode::LimitExceeded),
        Outcome::Denied => say(
            "The server refused the caller; no unit was spent.",
            "Check sign-in, scope, permission and edition in Setup.",
        ),
        Outcome::Throttled => explain(&ErrorCode::TooManyRequests),
        Outcome::NotSent => say(
            "No connection was made; nothing was sent and no unit was spent.",
            "Check the network, the proxy and the data centre, then send it again.",
        ),
        Outcome::Unknown => say(
            "The answer was lost; nobody can say whether a unit was spent, so it counts as spent.",
            "Wait two minutes, then reconcile; do not send it again before that.",
        ),
        Outcome::UnknownAccepted => say(
            "The server accepted the request, but its answer cannot be read; a unit is spent.",
            "Reconcile finds the job's id.",
        ),
        Outcome::Absent => say(
            "Reconcile found no job for this request; no unit was spent.",
            "Compose it again if it is still wanted.",
        ),
    }
}

/// Explains the status of a job.
pub fn explain_status(status: &JobStatus) -> Explanation {
    let next_step = match status {
        JobStatus::Scheduled | JobStatus::Running => {
            "Wait; the console and `ziadeck jobs watch` ask again by themselves."
        }
        JobStatus::Completed => "Read what was found in Jobs, or with `ziadeck jobs show`.",
        JobStatus::DataNotFound => {
            "Nothing; the unit is spent. Other inputs, such as an email, may find more."
        }
        JobStatus::Failed => "Nothing; the unit is spent. Compose it again if it is worth another.",
        JobStatus::Updated => "Nothing; look at the record in the CRM.",
        JobStatus::Unrecognised(_) => "Look at the job again later.",
    };
    say(status.plain(), next_step)
}

/// The HTTP statuses that have a line of their own in the table of `zoho::classify`, and those that
/// the log shows most.
pub const HTTP_STATUSES: [u16; 20] = [
    200, 202, 204, 400, 401, 402, 403, 404, 405, 406, 409, 410, 413, 414, 415, 422, 429, 500, 502,
    503,
];

/// Explains what an HTTP status of an attempt means for its unit, as `zoho::classify` reads it.
pub fn explain_http(status: u16) -> Explanation {
    match status {
        204 => say(
            "The server has no such thing: the list is empty, or the id is not known.",
            "Check the id and the profile.",
        ),
        200..=299 => say(
            "The server accepted the call; with a job's id the attempt is scheduled, without one it is unknown.",
            "Read the code beside it; reconcile finds a missing id.",
        ),
        300..=399 => say(
            "The server points elsewhere; nothing is followed, because a request could go out twice.",
            "Check the data centre and whether a proxy answers, then reconcile.",
        ),
        400 => say(
            "The server refused the request; with a code beside it no unit was spent, without one nobody can say.",
            "Explain that code; without one, wait two minutes, then reconcile.",
        ),
        401 => say(
            "The server does not accept the token, or its scope; with a code beside it no unit was spent.",
            "Check the profile's data centre, then sign in again.",
        ),
        403 => say(
            "The signed-in user may not do this, if a code stands beside it; a page without one may be a proxy's, and the attempt is unknown.",
            "Check permission, edition and scope in Setup; without a code check the proxy, then reconcile.",
        ),
        404 | 405 => say(
            "This server does not know the address; with a code beside it no unit was spent.",
            "Check the profile's api_version and data centre; without a code check the proxy, then reconcile.",
        ),
        402 | 406 | 409 | 410 | 413 | 414 | 415 | 422 => say(
            "The server refused the request, if a code stands beside it: then no unit was spent; without one nobody can say.",
            "Read the code and its message; without a code check the proxy, then reconcile.",
        ),
        429 => say(
            "Too many calls, in this moment or in the last 24 hours; with a code beside it no unit was spent, without one nobody can say.",
            "Wait a little and send it again; without a code reconcile first.",
        ),
        500..=599 => say(
            "The server, or something before it, failed; nobody can say whether a unit was spent.",
            "Wait two minutes, then reconcile; do not send it again before that.",
        ),
        _ => say(
            "No meaning is documented for this status here; the attempt is unknown and counts as spent.",
            "Read the response, wait two minutes, then reconcile.",
        ),
    }
}

/// The error words of the token endpoint that have an explanation (contract 4.2).
pub const OAUTH_ERRORS: [&str; 5] = [
    "invalid_client",
    "invalid_client_secret",
    "invalid_code",
    "invalid_redirect_uri",
    "Access Denied",
];

/// Explains an error word of the token endpoint (contract 4.2).
pub fn explain_oauth(error: &str) -> Explanation {
    match error {
        "invalid_client" => say(
            "Zoho does not know this client id at this data centre.",
            "Copy the client id again from the API console of the profile's own data centre.",
        ),
        "invalid_client_secret" => say(
            "The client secret does not belong to the client id.",
            "Copy the client secret again from the API console.",
        ),
        "invalid_code" => say(
            "The grant code was used before, has expired (they live three minutes), or the refresh token was revoked.",
            "Make a new grant code in the API console and sign in again.",
        ),
        "invalid_redirect_uri" => say(
            "The client is not a self client: Zoho expects a redirect address.",
            "Make a client of the kind Self Client in the API console.",
        ),
        "Access Denied" => say(
            "Zoho has stopped handing out tokens for a while: too many sign-ins in ten minutes.",
            "Wait 10 to 30 minutes without any sign-in, then try again.",
        ),
        _ => say(
            "Zoho refused to give a token.",
            "Check client id, client secret and data centre, then sign in with a new grant code.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_code_has_its_own_words() {
        let unknown = explain(&ErrorCode::Unrecognised("X".into()));
        for code in ErrorCode::DOCUMENTED {
            assert_ne!(explain(code), unknown, "{code}");
        }
    }

    #[test]
    fn every_word_of_the_sign_in_has_its_own_words() {
        for word in OAUTH_ERRORS {
            assert_ne!(explain_oauth(word), explain_oauth("?"), "{word}");
        }
    }

    #[test]
    fn every_sentence_ends_and_none_shouts() {
        let all = ErrorCode::DOCUMENTED
            .iter()
            .map(explain)
            .chain(Outcome::ALL.map(explain_outcome))
            .chain(OAUTH_ERRORS.map(explain_oauth))
            .chain([explain_oauth("?")]);
        for explanation in all {
            for sentence in [explanation.plain, explanation.next_step] {
                assert!(
                    sentence.ends_with('.') && !sentence.contains('!'),
                    "{sentence}"
                );
            }
        }
    }
}
