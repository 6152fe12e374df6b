//! `ziadeck explain`: every word and number that the program prints and a person may ask about.
//!
//! The sentences on codes and outcomes are the domain's own; what concerns runs and exit codes is
//! said here. Each list is made from the words themselves, so that a new one cannot be left out.

use std::fmt;

use serde_json::json;

use crate::base::limits::{UNKNOWN_ALIKE_MAX, UNKNOWN_STREAK_MAX};
use crate::base::{ErrorCode, Outcome, sentence};
use crate::bulk::{PauseReason, UnknownStreak};
use crate::cli::exit::Exit;
use crate::cli::output::Out;
use crate::enrichment::explain::{
    Explanation, HTTP_STATUSES, OAUTH_ERRORS, explain as explain_code, explain_change,
    explain_http, explain_oauth, explain_outcome, explain_status,
};
use crate::enrichment::job::JobStatus;
use crate::ledger::{RowState, RunState};
use crate::ops::OpsError;

/// How like a word must be to be taken for a slip of the other.
const LIKE: f64 = 0.8;

/// What sort of word it is: some are of more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Code,
    Change,
    SignIn,
    Outcome,
    Verdict,
    JobStatus,
    RowState,
    RunState,
    Pause,
    Http,
    Exit,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Code => "code of an answer",
            Self::Change => "code of an answer to a change of the configuration",
            Self::SignIn => "word of the sign-in",
            Self::Outcome => "outcome of an attempt",
            Self::Verdict => "verdict before a unit is spent",
            Self::JobStatus => "status of a job",
            Self::RowState => "state of a row",
            Self::RunState => "state of a run",
            Self::Pause => "reason of a pause",
            Self::Http => "HTTP status",
            Self::Exit => "exit code",
        })
    }
}

/// A word, its sort, and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) word: String,
    pub(crate) sort: Sort,
    pub(crate) plain: String,
    pub(crate) next_step: String,
}

impl Entry {
    fn new(word: impl fmt::Display, sort: Sort, about: Explanation) -> Self {
        Self {
            word: word.to_string(),
            sort,
            plain: about.plain.to_owned(),
            next_step: about.next_step.to_owned(),
        }
    }
}

/// Everything that has an explanation, or what is meant by a word.
///
/// # Errors
/// When there is nothing of that name; the nearest one is in the sentence.
pub(crate) fn explanations(word: Option<&str>) -> Result<Vec<Entry>, OpsError> {
    let all = every();
    let Some(word) = word.map(str::trim) else {
        return Ok(all);
    };
    let wanted = plain(word);
    let found: Vec<_> = all
        .iter()
        .filter(|entry| plain(&entry.word) == wanted)
        .cloned()
        .chain(numbered(&wanted))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let names = all.iter().map(|entry| (plain(&entry.word), entry));
    let nearest = crate::base::nearest(&wanted, LIKE, names);
    if nearest.is_none() && ErrorCode::is_spelled(word) {
        // It has the form of a code, and the log shows codes as they came.
        let code = ErrorCode::from(word);
        return Ok(vec![Entry::new(&code, Sort::Code, explain_code(&code))]);
    }
    let nearest = nearest.map_or_else(
        || "; `ziadeck explain` alone lists them".to_owned(),
        |entry| format!("; did you mean {:?}?", entry.word),
    );
    Err(OpsError::Refused(format!(
        "{word:?} is no code, status, state, outcome or exit code that is known here{nearest}"
    )))
}

pub(crate) fn explain(word: Option<&str>, out: Out) -> Result<Exit, OpsError> {
    for entry in explanations(word)? {
        let value = json!({
            "code": entry.word, "sort": entry.sort.to_string(),
            "plain": entry.plain, "next_step": entry.next_step,
        });
        out.result(&value, || {
            vec![
                format!("{}  ·  {}", entry.word, entry.sort),
                format!("  is  {}", entry.plain),
                format!("  do  {}", entry.next_step),
            ]
        });
    }
    Ok(Exit::Done)
}

/// A word as it is compared: case, hyphens and spaces make no difference.
fn plain(word: &str) -> String {
    word.to_lowercase().replace(['-', ' '], "_")
}

fn every() -> Vec<Entry> {
    let codes = ErrorCode::DOCUMENTED
        .iter()
        .map(|code| Entry::new(code, Sort::Code, explain_code(code)));
    let changes = ErrorCode::DOCUMENTED
        .iter()
        .filter_map(|code| Some(Entry::new(code, Sort::Change, explain_change(code)?)));
    let oauth = OAUTH_ERRORS.map(|word| Entry::new(word, Sort::SignIn, explain_oauth(word)));
    let outcomes =
        Outcome::ALL.map(|outcome| Entry::new(outcome, Sort::Outcome, explain_outcome(outcome)));
    let statuses = JobStatus::DOCUMENTED
        .iter()
        .map(|status| Entry::new(status.as_str(), Sort::JobStatus, explain_status(status)));
    let rows = RowState::ALL
        .iter()
        .map(|state| Entry::new(state, Sort::RowState, of_row(*state)));
    let runs = RunState::ALL
        .iter()
        .map(|state| Entry::new(state, Sort::RunState, of_run(*state)));
    let http = HTTP_STATUSES.map(|status| Entry::new(status, Sort::Http, explain_http(status)));
    codes
        .chain(changes)
        .chain(oauth)
        .chain(outcomes)
        .chain(VERDICTS.map(|(word, about)| Entry::new(word, Sort::Verdict, about)))
        .chain(statuses)
        .chain(rows)
        .chain(runs)
        .chain(pauses())
        .chain(http)
        .chain(Exit::NUMBERED.map(|exit| Entry::new(exit.code(), Sort::Exit, of_exit(exit))))
        .collect()
}

/// What stands for a whole range: any HTTP status, and the exit after a signal.
fn numbered(word: &str) -> Option<Entry> {
    let digits = word.strip_prefix("http_").or(word.strip_prefix("exit_"));
    let number: u16 = digits.unwrap_or(word).parse().ok()?;
    let has_line = HTTP_STATUSES.contains(&number);
    match (number, u8::try_from(number)) {
        (200..=599, _) if !has_line || digits.is_some() => {
            Some(Entry::new(number, Sort::Http, explain_http(number)))
        }
        (129..=192, Ok(code)) => Some(Entry::new(
            code,
            Sort::Exit,
            of_exit(Exit::Signal(code.saturating_sub(128))),
        )),
        (0..=10, Ok(code)) if digits.is_some() => {
            let exit = Exit::of_code(code);
            Some(Entry::new(code, Sort::Exit, of_exit(exit)))
        }
        _ => None,
    }
}

fn pauses() -> impl Iterator<Item = Entry> {
    [
        PauseReason::Operator,
        PauseReason::Limit,
        PauseReason::Reserve,
        PauseReason::Max,
        PauseReason::Denied(ErrorCode::NoPermission),
        PauseReason::SignIn,
        PauseReason::Offline,
        PauseReason::UnknownStreak(UnknownStreak {
            count: UNKNOWN_STREAK_MAX,
            cause: None,
        }),
        PauseReason::UnknownShare {
            unknown: 5,
            settled: 20,
        },
        PauseReason::Throttled,
        PauseReason::Ledger,
    ]
    .into_iter()
    .map(|reason| {
        let why = match &reason {
            PauseReason::Denied(_) => "the server refuses the caller".to_owned(),
            PauseReason::UnknownStreak(_) => format!(
                "{UNKNOWN_ALIKE_MAX} unknown outcomes in a row with one status or error, or {UNKNOWN_STREAK_MAX} of any"
            ),
            PauseReason::UnknownShare { .. } => "too many of the outcomes are unknown".to_owned(),
            other => other.to_string(),
        };
        Entry {
            word: reason.as_str().to_owned(),
            sort: Sort::Pause,
            plain: format!("The run has paused: {why}."),
            next_step: sentence(reason.next_step()),
        }
    })
}

/// The words of what is decided before a unit may be spent.
const VERDICTS: [(&str, Explanation); 7] = [
    (
        "already",
        say(
            "The same person or organisation was asked about before, in this or another spelling; nothing was sent and nothing is spent.",
            "Look at the earlier attempt. `--again` asks once more for what is settled, `--again N` for attempt N also while it is unknown; in a file, `bulk plan --include-already` or `bulk requeue`.",
        ),
    ),
    (
        "doubtful",
        say(
            "A value cannot be meant, such as an e-mail address without @ or a placeholder; the API might take it and a unit would buy nothing.",
            "Correct it. `submit` sends it all the same unless `--strict` is given; a plan leaves it out unless `--include-doubtful` is given.",
        ),
    ),
    (
        "forgotten",
        say(
            "A person with this address, page, record or name was forgotten: nobody is to ask about them, whatever the kind, the outcome or the age of an earlier request. Nothing was sent and nothing is spent.",
            "Leave them alone. Where that was a mistake, `ziadeck forget --undo` with the same value takes it back; neither --again nor --force does.",
        ),
    ),
    (
        "duplicate",
        say(
            "An earlier row of the same file asks about the same person.",
            "Nothing, or plan the file with `--include-duplicates`.",
        ),
    ),
    (
        "other_record",
        say(
            "The earlier request named another record or another module: the same person stands in the CRM twice.",
            "Merge the records, or let it through by name: `bulk plan --include-already=other_record`, `submit --again`.",
        ),
    ),
    (
        "more_inputs",
        say(
            "This request gives inputs that the earlier one did not give.",
            "If they are worth another unit: `bulk plan --include-already=more_inputs`, `submit --again`.",
        ),
    ),
    (
        "shared",
        say(
            "An earlier request has one of the keys too, and is somebody else's, it seems: a mailbox that several people use, or another page.",
            "Nothing, if they are two people; both are sent.",
        ),
    ),
];

const fn say(plain: &'static str, next_step: &'static str) -> Explanation {
    Explanation { plain, next_step }
}

fn of_row(state: RowState) -> Explanation {
    match state {
        RowState::Pending => say(
            "The row waits for its turn; nothing has been sent.",
            "Start or resume its run.",
        ),
        RowState::Invalid => say(
            "The row would be rejected, or its line cannot be read; it is never sent.",
            "Mend the file and plan it again; `ziadeck bulk rows RUN --state invalid` says why.",
        ),
        RowState::Skipped => say(
            "The row is left out: already asked for, a duplicate, doubtful, or by your choice.",
            "Queue it again if it is wanted all the same.",
        ),
        RowState::Sending => say(
            "The row's attempt is perhaps on the wire.",
            "Wait; after a crash it becomes unknown, and reconcile settles it.",
        ),
        RowState::Scheduled => say(
            "The row has its job; one unit is spent.",
            "Follow the jobs with `ziadeck bulk track RUN`, then export.",
        ),
        RowState::Rejected => say(
            "The server refused the row's input; no unit was spent.",
            "Correct the input in the file and plan those rows again.",
        ),
        RowState::NotSent => say(
            "No connection was made for the row; no unit was spent.",
            "Check the network, then queue it again with `ziadeck bulk requeue`.",
        ),
        RowState::Unknown => explain_outcome(Outcome::Unknown),
        RowState::Absent => say(
            "Reconcile proved that the row has no job; no unit was spent.",
            "Queue it again with `ziadeck bulk requeue RUN --absent` if it is still wanted.",
        ),
    }
}

fn of_run(state: RunState) -> Explanation {
    match state {
        RunState::Importing => say(
            "The run's file is being read, or the reading was cut off; nothing can be sent.",
            "Wait, or plan the file again.",
        ),
        RunState::Ready => say(
            "The run is planned and has sent nothing.",
            "Start it with `ziadeck bulk run RUN`, or discard it.",
        ),
        RunState::Running => say(
            "A process works on the run.",
            "Watch it with `ziadeck bulk status RUN`, or pause it.",
        ),
        RunState::Paused => say(
            "The run has stopped and keeps its place; no row is lost or sent twice.",
            "Read the reason in `ziadeck bulk status RUN`, then resume it.",
        ),
        RunState::Finished => say(
            "No row of the run is left to send.",
            "Follow its jobs, reconcile what is unknown, and export it.",
        ),
    }
}

fn of_exit(exit: Exit) -> Explanation {
    match exit {
        Exit::Done => say(
            "Done; also where an equal earlier request is scheduled already.",
            "Nothing.",
        ),
        Exit::Usage => say(
            "Wrong use, a bad configuration or a bad input file; nothing was sent.",
            "Read the sentence on stderr; a loop stops here.",
        ),
        Exit::Refused => say(
            "Nothing was sent: the input would be rejected, is doubtful under --strict, or matches an earlier request that differs or found nothing.",
            "Read the sentence on stderr; a loop goes on with the next one.",
        ),
        Exit::SignIn => say(
            "Sign-in: no token, refused, or a credential file that others can read.",
            "Run `ziadeck doctor`, then `ziadeck auth login`; a loop stops here.",
        ),
        Exit::Rejected => say(
            "The server rejected or denied it; nothing was spent.",
            "Read the code with `ziadeck explain CODE`; a loop goes on with the next one.",
        ),
        Exit::Limit => say(
            "The organisation's enrichment limit is reached.",
            "See `ziadeck usage --refresh`; a loop stops here.",
        ),
        Exit::NotSent => say(
            "Not sent: no connection; nothing was spent.",
            "Check the network, then send it again.",
        ),
        Exit::Unknown => say(
            "The outcome is unknown: nobody can say whether a unit was spent.",
            "Run `ziadeck reconcile` after two minutes; the same command again sends nothing meanwhile.",
        ),
        Exit::Ledger => say(
            "The ledger cannot be opened, written or trusted.",
            "Run `ziadeck ledger check`; a loop stops here.",
        ),
        Exit::RunHeld => say(
            "Another process works on this run.",
            "Wait for it, or pause the run with `ziadeck bulk pause`.",
        ),
        Exit::Output => say(
            "What was printed, or a file, could not be written whole; what was done stands.",
            "Make room where it goes, and look at `ziadeck log` before you send anything again.",
        ),
        Exit::Signal(_) => say(
            "Ended by a signal, whose number is the exit code less 128, after an orderly stop.",
            "Look at `ziadeck log`; a run goes on with `ziadeck bulk resume`.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn sorts(word: &str) -> Vec<Sort> {
        let found = explanations(Some(word)).unwrap();
        found.into_iter().map(|entry| entry.sort).collect()
    }

    #[rstest]
    #[case("limit_exceeded", &[Sort::Code, Sort::Change])]
    #[case("access denied", &[Sort::SignIn])]
    #[case("COMPLETED", &[Sort::JobStatus])]
    #[case("data-not-found", &[Sort::JobStatus])]
    #[case("not sent", &[Sort::Outcome, Sort::RowState])]
    #[case("Unknown", &[Sort::Outcome, Sort::RowState])]
    #[case("paused", &[Sort::RunState])]
    #[case("unknown_streak", &[Sort::Pause])]
    #[case("429", &[Sort::Http])]
    #[case("HTTP 503", &[Sort::Http])]
    #[case("418", &[Sort::Http])]
    #[case("8", &[Sort::Exit])]
    #[case("exit 8", &[Sort::Exit])]
    #[case("143", &[Sort::Exit])]
    fn a_word_is_explained_however_it_is_written(#[case] word: &str, #[case] sort: &[Sort]) {
        assert_eq!(sorts(word), sort);
    }

    #[test]
    fn a_slip_is_told_the_nearest_word_and_a_riddle_where_the_list_is() {
        let slip = explanations(Some("COMPLETD")).unwrap_err().to_string();
        let riddle = explanations(Some("xyzzy")).unwrap_err().to_string();

        assert!(slip.ends_with("did you mean \"COMPLETED\"?"), "{slip}");
        assert!(riddle.contains("`ziadeck explain` alone"), "{riddle}");
    }

    #[test]
    fn a_code_that_is_not_documented_is_said_to_be_that() {
        let found = explanations(Some("A_CODE_OF_TOMORROW")).unwrap();

        let [entry] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(entry.word, "A_CODE_OF_TOMORROW");
        assert!(entry.plain.contains("not documented"), "{}", entry.plain);
        assert!(
            entry.plain.contains("as the server sent it"),
            "{}",
            entry.plain
        );
    }

    #[test]
    fn every_word_finds_itself_and_every_sentence_ends() {
        for entry in every() {
            let found = explanations(Some(&entry.word)).unwrap();

            assert!(found.contains(&entry), "{entry:?}");
            for sentence in [&entry.plain, &entry.next_step] {
                assert!(sentence.ends_with('.'), "{sentence}");
            }
        }
    }
}
