//! Themes and scenarios: files that a person writes for the eye or for a test.

use std::time::Duration;

use ziadeck::base::Sanitized;
use ziadeck::simulator::{
    Action, CLOCK_OFFSET_SECONDS_MAX, Fault, JOB_SECONDS_MAX, LATENCY_MS_MAX, LIMIT_MAX,
    PartialList, Scenario, ScenarioError, USED_MAX, When,
};
use ziadeck::theme::{CONTRAST_MIN, ColorDepth, Role, Theme, ThemeError, Themes, contrast};

/// A theme: what is wrong has a line, and what is accepted can be read at every depth.
pub(crate) fn theme(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n').count();
    let parse = |depth| Themes::default().parse("mine", &text, depth);
    let depths = [
        ColorDepth::Mono,
        ColorDepth::Ansi16,
        ColorDepth::Ansi256,
        ColorDepth::TrueColor,
    ];
    for depth in depths {
        let parsed = parse(depth);
        assert_eq!(parsed, parse(depth));
        match parsed {
            Ok((theme, warnings)) => {
                assert!(warnings.len() <= 51);
                for warning in &warnings {
                    assert_eq!(warning.theme, "mine", "ours have nothing to warn of");
                    assert!((1..=lines).contains(&warning.line), "{warning}");
                    let text = warning.to_string();
                    assert_eq!(Sanitized::new(&text).as_str(), text);
                }
                check_contrast(&theme, depth);
            }
            Err(error) => {
                let text = error.to_string();
                assert_eq!(Sanitized::new(&text).as_str(), text);
                match error {
                    ThemeError::Syntax { name, line, .. } => {
                        assert_eq!(name, "mine");
                        assert!((1..=lines).contains(&line), "{line} of {lines}");
                    }
                    ThemeError::NotFound { .. } | ThemeError::Circle(_) => {}
                    ThemeError::Read { .. } => panic!("nothing is read: {text}"),
                }
            }
        }
    }
}

fn check_contrast(theme: &Theme, depth: ColorDepth) {
    let ground = theme.style(Role::Background);
    for role in Role::ALL {
        let style = ground.patch(theme.style(*role));
        let colors = (style.fg, style.bg);
        if depth == ColorDepth::Mono {
            assert_eq!(colors, (None, None), "{role:?}");
        }
        let (Some(fg), Some(bg)) = colors else {
            continue;
        };
        if let Some(found) = contrast(fg, bg).filter(|_| !role.is_drawn()) {
            assert!(found >= CONTRAST_MIN, "{role:?} {found} {depth:?}");
        }
    }
}

/// A scenario: what is wrong has a line, and what is accepted is bounded in all it does.
pub(crate) fn scenario(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n').count();
    let scenario = match Scenario::parse("fuzz", &text) {
        Ok(scenario) => scenario,
        Err(ScenarioError::Unfit { line, .. }) => {
            assert!((1..=lines).contains(&line), "{line} of {lines}");
            return;
        }
        Err(ScenarioError::Secret { .. }) => return,
        Err(error @ ScenarioError::Read { .. }) => panic!("nothing is read: {error}"),
    };
    assert_eq!(
        Scenario::parse("fuzz", &text).ok().as_ref(),
        Some(&scenario)
    );
    assert!(scenario.limit.is_none_or(|limit| limit <= LIMIT_MAX));
    assert!(scenario.used.is_none_or(|used| used <= USED_MAX));
    let latency_max = Duration::from_millis(LATENCY_MS_MAX);
    assert!(scenario.latency.is_none_or(|wait| wait <= latency_max));
    let life_max = Duration::from_secs(JOB_SECONDS_MAX);
    assert!(scenario.job_seconds.is_none_or(|life| life <= life_max));
    assert!(scenario.clock_offset_seconds.is_none_or(is_an_offset));
    assert!(scenario.faults.len() <= 1_000);
    for fault in &scenario.faults {
        check_fault(fault, latency_max);
    }
}

fn is_an_offset(seconds: i64) -> bool {
    (-CLOCK_OFFSET_SECONDS_MAX..=CLOCK_OFFSET_SECONDS_MAX).contains(&seconds)
}

fn check_fault(fault: &Fault, latency_max: Duration) {
    assert!(fault.delay <= latency_max);
    match fault.when {
        When::Always => {}
        When::At(n) | When::Every(n) => assert!(n > 0),
        When::Between(from, to) => assert!(from <= to),
    }
    let is_header = |text: &str| text.len() <= 8 << 10 && !text.chars().any(char::is_control);
    match &fault.action {
        Action::Status(status) => {
            assert!((100..=599).contains(&status.status));
            assert!(status.retry_after.as_deref().is_none_or(is_header));
        }
        Action::Redirect { status, location } => {
            assert!((300..=399).contains(status) && is_header(location));
        }
        Action::SlowBody { bytes_per_second } => assert!(*bytes_per_second > 0),
        Action::HugeBody { bytes } => assert!(*bytes <= 256 << 20),
        Action::DeepJson { depth } => assert!(*depth <= 4 << 20),
        Action::ManyHeaders { count } => assert!(*count <= 100_000),
        Action::LateJob { after } => assert!(after.as_secs() <= JOB_SECONDS_MAX),
        Action::ApiDomain { value } => assert!(value.len() <= 8 << 10),
        Action::CreatedBy { name } => assert!(name.len() <= 8 << 10),
        Action::ErrorEntry { code, .. } => assert!(code.len() <= 8 << 10),
        Action::Echo(changes) => assert!((1..=8).contains(&changes.len())),
        Action::PartialList(list) => {
            assert!(*list != PartialList::default());
            assert!(list.lag.as_secs() <= JOB_SECONDS_MAX);
        }
        Action::SetClock { offset_seconds } => assert!(is_an_offset(*offset_seconds)),
        Action::Delay
        | Action::CloseBeforeRead
        | Action::ResetBeforeRead
        | Action::CloseAfterRead { .. }
        | Action::ResetAfterRead { .. }
        | Action::Hang { .. }
        | Action::Truncate { .. }
        | Action::TruncateChunked { .. }
        | Action::EmptyBody
        | Action::HtmlBody
        | Action::EmptyArray
        | Action::NotJson
        | Action::IdNumber
        | Action::IdLong
        | Action::IdPath
        | Action::ExtraItems
        | Action::Garbage
        | Action::Endless
        | Action::HostileText
        | Action::LimitExceeded
        | Action::ShiftPages
        | Action::NoInfo => {}
    }
}
