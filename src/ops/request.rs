//! What an attempt sent: from its record, and where there is none, made again and said to be so.

use super::context::AppContext;
use crate::base::{ApiVersion, RequestHead};
use crate::ledger::{AttemptRow, Sent};
use crate::zoho::Endpoints;

/// Where method, URL and headers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadFrom {
    /// They were kept when the request was sent.
    Record,
    /// A version that kept only the body sent it: this is what the profile, as it is now, sends.
    Profile,
    /// They were purged: this is what the profile, as it is now, sends.
    ProfileAfterPurge,
}

impl HeadFrom {
    /// For people: why what is shown is not on record; `None` where it is.
    pub fn why(self) -> Option<&'static str> {
        match self {
            Self::Record => None,
            Self::Profile => Some(
                "Made again from the profile as it is now: an older version kept no URL and no headers.",
            ),
            Self::ProfileAfterPurge => Some(
                "Made again from the profile as it is now: what was sent is gone, purged or forgotten.",
            ),
        }
    }
}

/// What an attempt sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRequest {
    /// Method, URL and headers, without the token.
    pub head: RequestHead,
    /// Whether they are on record.
    pub head_from: HeadFrom,
    /// The exact body; `None` once it was purged.
    pub body: Option<String>,
}

/// What this attempt sent.
pub fn of(context: &AppContext, row: &AttemptRow, sent: Sent) -> ShownRequest {
    let (head, head_from) = match sent.head {
        Some(head) => (head, HeadFrom::Record),
        // Every version kept the body: where there is none it was purged.
        None if sent.body.is_none() => (again(context, row), HeadFrom::ProfileAfterPurge),
        None => (again(context, row), HeadFrom::Profile),
    };
    ShownRequest {
        head,
        head_from,
        body: sent.body,
    }
}

fn again(context: &AppContext, row: &AttemptRow) -> RequestHead {
    let make = |endpoints: &Endpoints| {
        endpoints.head_again(row.kind, &row.module, row.record_id.as_deref())
    };
    if let Ok(session) = context.session(Some(&row.profile)) {
        return make(session.client().endpoints());
    }
    // The profile is gone: the data centre's own hosts and the usual version.
    let https = |host: &str| format!("https://{host}").parse();
    let (Ok(api), Ok(accounts)) = (
        https(row.data_center.api_host(row.environment)),
        https(row.data_center.accounts_host()),
    ) else {
        return RequestHead::default();
    };
    let server = (row.data_center, row.environment);
    Endpoints::new(server, api, accounts, ApiVersion::default())
        .map(|endpoints| make(&endpoints))
        .unwrap_or_default()
}
