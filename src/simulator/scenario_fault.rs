//! One `[[fault]]` of a scenario file.
//!
//! All keys of all actions are in one flat table, because the TOML reader can then name line and
//! column of a wrong one. A key that is set and that the action does not take is an error too.

use std::time::Duration;

use serde::Deserialize;

use super::echo::Echo;
use super::fault::{Action, Beside, Envelope, Fault, StatusFault, Target, When};
use super::listing::PartialList;
use super::options::{CLOCK_OFFSET_SECONDS_MAX, JOB_SECONDS_MAX, LATENCY_MS_MAX};

/// Most bytes of a body: far above what any client reads.
const BODY_BYTES_MAX: u64 = 256 << 20;
/// Most levels of JSON: two bytes each.
const DEPTH_MAX: u64 = 4 << 20;
/// Most needless headers.
const HEADERS_MAX: u64 = 100_000;
/// Fastest pace of a slow body.
const PACE_MAX: u64 = 1 << 30;
/// Most bytes of a text that a fault puts into an answer.
const TEXT_BYTES_MAX: usize = 8 << 10;

/// Most changes of one echo: each may make it twice as long.
const ECHO_MAX: usize = 8;

/// A `[[fault]]` as it stands in the file: every key that any action takes, all optional.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultTable {
    on: Target,
    at: Option<u64>,
    every: Option<u64>,
    from: Option<u64>,
    to: Option<u64>,
    latency_ms: Option<u64>,
    #[serde(default)]
    action: ActionName,
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    html: Option<bool>,
    effect: Option<bool>,
    retry_after: Option<String>,
    details_retry_after: Option<i64>,
    bytes: Option<usize>,
    bytes_per_second: Option<u64>,
    depth: Option<usize>,
    count: Option<usize>,
    location: Option<String>,
    value: Option<String>,
    seconds: Option<u64>,
    name: Option<String>,
    envelope: Option<Envelope>,
    place: Option<Beside>,
    echo: Option<Vec<Echo>>,
    ends: Option<bool>,
    omit_newest: Option<usize>,
    omit_nth: Option<usize>,
    offset_seconds: Option<i64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ActionName {
    #[default]
    Delay,
    Status,
    CloseBeforeRead,
    ResetBeforeRead,
    CloseAfterRead,
    ResetAfterRead,
    Hang,
    Truncate,
    TruncateChunked,
    EmptyBody,
    HtmlBody,
    EmptyArray,
    NotJson,
    IdNumber,
    IdLong,
    IdPath,
    ExtraItems,
    Garbage,
    Endless,
    SlowBody,
    HugeBody,
    DeepJson,
    ManyHeaders,
    Redirect,
    ApiDomain,
    HostileText,
    LimitExceeded,
    LateJob,
    CreatedBy,
    ShiftPages,
    NoInfo,
    ErrorEntry,
    Echo,
    PartialList,
    SetClock,
}

/// Takes a parameter that the action cannot do without.
fn need<T>(parameter: &mut Option<T>, name: &str) -> Result<T, String> {
    parameter
        .take()
        .ok_or_else(|| format!("this action needs `{name}`"))
}

impl FaultTable {
    /// The fault, or what about its keys does not fit together.
    pub(super) fn into_fault(mut self) -> Result<Fault, String> {
        self.check_bounds()?;
        let when = self.when()?;
        let delay = Duration::from_millis(self.latency_ms.unwrap_or(0));
        let action = self.action()?;
        if let Some(name) = self.left_over() {
            return Err(format!("this action does not take `{name}`"));
        }
        Ok(Fault {
            on: self.on,
            when,
            delay,
            action,
        })
    }

    /// Whether every number and text is one that the simulator can play.
    fn check_bounds(&self) -> Result<(), String> {
        let size = |number: Option<usize>| number.map(|n| u64::try_from(n).unwrap_or(u64::MAX));
        for (key, number, most) in [
            ("latency_ms", self.latency_ms, LATENCY_MS_MAX),
            ("seconds", self.seconds, JOB_SECONDS_MAX),
            ("bytes_per_second", self.bytes_per_second, PACE_MAX),
            ("bytes", size(self.bytes), BODY_BYTES_MAX),
            ("depth", size(self.depth), DEPTH_MAX),
            ("count", size(self.count), HEADERS_MAX),
        ] {
            if number.is_some_and(|number| number > most) {
                return Err(format!("`{key}` is at most {most}"));
            }
        }
        let off = self.offset_seconds.map_or(0, i64::unsigned_abs);
        if off > CLOCK_OFFSET_SECONDS_MAX.unsigned_abs() {
            return Err(format!(
                "`offset_seconds` is at most {CLOCK_OFFSET_SECONDS_MAX} either way"
            ));
        }
        if self.echo.as_ref().is_some_and(|echo| echo.len() > ECHO_MAX) {
            return Err(format!("`echo` names at most {ECHO_MAX} changes"));
        }
        if self.bytes_per_second == Some(0) {
            return Err("`bytes_per_second` is at least 1".to_owned());
        }
        match (self.action, self.status) {
            (ActionName::Redirect, Some(status)) if !(300..=399).contains(&status) => {
                return Err("`status` of a redirect is from 300 to 399".to_owned());
            }
            (_, Some(status)) if !(100..=599).contains(&status) => {
                return Err("`status` is from 100 to 599".to_owned());
            }
            _ => {}
        }
        for (key, text) in [
            ("code", &self.code),
            ("message", &self.message),
            ("retry_after", &self.retry_after),
            ("location", &self.location),
            ("value", &self.value),
            ("name", &self.name),
        ] {
            let Some(text) = text else { continue };
            if text.len() > TEXT_BYTES_MAX {
                return Err(format!("`{key}` is at most {TEXT_BYTES_MAX} bytes long"));
            }
            let is_header = matches!(key, "retry_after" | "location");
            if is_header && text.chars().any(char::is_control) {
                return Err(format!("`{key}` is one line without control characters"));
            }
        }
        Ok(())
    }

    fn when(&self) -> Result<When, String> {
        match (self.at, self.every, self.from, self.to) {
            (None, None, None, None) => Ok(When::Always),
            (Some(0), ..) | (_, Some(0), ..) => Err("requests are counted from 1".to_owned()),
            (Some(n), None, None, None) => Ok(When::At(n)),
            (None, Some(n), None, None) => Ok(When::Every(n)),
            (None, None, from, to) => {
                let (from, to) = (from.unwrap_or(1), to.unwrap_or(u64::MAX));
                if from > to {
                    return Err("`from` is above `to`".to_owned());
                }
                Ok(When::Between(from, to))
            }
            _ => Err("give one of `at`, `every`, or `from` with `to`".to_owned()),
        }
    }

    fn action(&mut self) -> Result<Action, String> {
        Ok(match self.action {
            ActionName::Delay => Action::Delay,
            ActionName::Status => Action::Status(StatusFault {
                status: need(&mut self.status, "status")?,
                code: self.code.take(),
                message: self.message.take(),
                envelope: self.envelope.take().unwrap_or_default(),
                html: self.html.take().unwrap_or(false),
                effect: self.effect.take().unwrap_or(false),
                retry_after: self.retry_after.take(),
                details_retry_after: self.details_retry_after.take(),
            }),
            ActionName::CloseBeforeRead => Action::CloseBeforeRead,
            ActionName::ResetBeforeRead => Action::ResetBeforeRead,
            ActionName::CloseAfterRead => Action::CloseAfterRead {
                effect: self.effect.take().unwrap_or(true),
            },
            ActionName::ResetAfterRead => Action::ResetAfterRead {
                effect: self.effect.take().unwrap_or(true),
            },
            ActionName::Hang => Action::Hang {
                effect: self.effect.take().unwrap_or(true),
            },
            ActionName::Truncate => Action::Truncate {
                bytes: need(&mut self.bytes, "bytes")?,
            },
            ActionName::TruncateChunked => Action::TruncateChunked {
                bytes: need(&mut self.bytes, "bytes")?,
            },
            ActionName::EmptyBody => Action::EmptyBody,
            ActionName::HtmlBody => Action::HtmlBody,
            ActionName::EmptyArray => Action::EmptyArray,
            ActionName::NotJson => Action::NotJson,
            ActionName::IdNumber => Action::IdNumber,
            ActionName::IdLong => Action::IdLong,
            ActionName::IdPath => Action::IdPath,
            ActionName::ExtraItems => Action::ExtraItems,
            ActionName::Garbage => Action::Garbage,
            ActionName::Endless => Action::Endless,
            ActionName::SlowBody => Action::SlowBody {
                bytes_per_second: need(&mut self.bytes_per_second, "bytes_per_second")?,
            },
            ActionName::HugeBody => Action::HugeBody {
                bytes: need(&mut self.bytes, "bytes")?,
            },
            ActionName::DeepJson => Action::DeepJson {
                depth: need(&mut self.depth, "depth")?,
            },
            ActionName::ManyHeaders => Action::ManyHeaders {
                count: need(&mut self.count, "count")?,
            },
            ActionName::Redirect => Action::Redirect {
                status: self.status.take().unwrap_or(307),
                location: need(&mut self.location, "location")?,
            },
            ActionName::ApiDomain => Action::ApiDomain {
                value: need(&mut self.value, "value")?,
            },
            ActionName::HostileText => Action::HostileText,
            ActionName::LimitExceeded => Action::LimitExceeded,
            ActionName::LateJob => Action::LateJob {
                after: Duration::from_secs(need(&mut self.seconds, "seconds")?),
            },
            ActionName::CreatedBy => Action::CreatedBy {
                name: need(&mut self.name, "name")?,
            },
            ActionName::ShiftPages => Action::ShiftPages,
            ActionName::NoInfo => Action::NoInfo,
            ActionName::ErrorEntry => Action::ErrorEntry {
                code: self
                    .code
                    .take()
                    .unwrap_or_else(|| "INVALID_DATA".to_owned()),
                place: need(&mut self.place, "place")?,
            },
            ActionName::Echo => match need(&mut self.echo, "echo")? {
                changes if changes.is_empty() => {
                    return Err("`echo` names at least one change".to_owned());
                }
                changes => Action::Echo(changes),
            },
            ActionName::PartialList => Action::PartialList(self.partial_list()?),
            ActionName::SetClock => Action::SetClock {
                offset_seconds: need(&mut self.offset_seconds, "offset_seconds")?,
            },
        })
    }

    fn partial_list(&mut self) -> Result<PartialList, String> {
        let list = PartialList {
            rows_max: self.count.take(),
            ends: self.ends.take().unwrap_or(false),
            omit_newest: self.omit_newest.take().unwrap_or(0),
            omit_nth: self.omit_nth.take().unwrap_or(0),
            lag: Duration::from_secs(self.seconds.take().unwrap_or(0)),
        };
        if list == PartialList::default() {
            let needed =
                "this action needs `count`, `ends`, `omit_newest`, `omit_nth` or `seconds`";
            return Err(needed.to_owned());
        }
        Ok(list)
    }

    /// A parameter that is set and that no action has taken.
    fn left_over(&self) -> Option<&'static str> {
        [
            ("status", self.status.is_some()),
            ("code", self.code.is_some()),
            ("message", self.message.is_some()),
            ("html", self.html.is_some()),
            ("effect", self.effect.is_some()),
            ("retry_after", self.retry_after.is_some()),
            ("details_retry_after", self.details_retry_after.is_some()),
            ("bytes", self.bytes.is_some()),
            ("bytes_per_second", self.bytes_per_second.is_some()),
            ("depth", self.depth.is_some()),
            ("count", self.count.is_some()),
            ("location", self.location.is_some()),
            ("value", self.value.is_some()),
            ("seconds", self.seconds.is_some()),
            ("name", self.name.is_some()),
            ("envelope", self.envelope.is_some()),
            ("place", self.place.is_some()),
            ("echo", self.echo.is_some()),
            ("ends", self.ends.is_some()),
            ("omit_newest", self.omit_newest.is_some()),
            ("omit_nth", self.omit_nth.is_some()),
            ("offset_seconds", self.offset_seconds.is_some()),
        ]
        .into_iter()
        .find_map(|(name, is_set)| is_set.then_some(name))
    }
}
