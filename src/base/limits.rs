//! Every bound of the program, with its reason.

use std::ops::RangeInclusive;
use std::time::Duration;

/// The organisation's enrichment limit until the server teaches a truer one (S).
pub const UNITS_DEFAULT: u64 = 1_500;
/// Limits that are believed when a server teaches them; 0 would stop all work, and no edition has
/// a million (S, K203).
pub const UNITS_TAUGHT: RangeInclusive<u64> = 1..=1_000_000;
/// Fewest characters of any input (S).
pub const INPUT_CHARS_MIN: usize = 3;
/// Most characters of a person's `name` (OAS25).
pub const NAME_CHARS_MAX: usize = 150;
/// Most characters of an organisation's `name` (OAS26).
pub const ORG_NAME_CHARS_MAX: usize = 255;
/// Most characters of any input; far above what could succeed.
pub const INPUT_CHARS_MAX: usize = 1_000;
/// Simultaneous requests of a profile unless configured: the lowest allowance of any edition (K203).
pub const CONCURRENCY_DEFAULT: usize = 5;
/// Most simultaneous requests that may be configured: the highest allowance of any edition (K203).
pub const CONCURRENCY_MAX: usize = 25;

/// Time to make a connection, TLS included.
pub const TIMEOUT_CONNECT: Duration = Duration::from_secs(10);
/// Time for one exchange, answer included.
pub const TIMEOUT_TOTAL: Duration = Duration::from_secs(30);
/// How long an idle connection is kept; below any keep-alive of a server, so that a POST rarely
/// meets a connection that the server is just closing.
pub const POOL_IDLE: Duration = Duration::from_secs(4);
/// Most bytes read of an answer to a POST or of one object.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// Most bytes read of a list.
pub const LIST_BYTES_MAX: usize = 8 << 20;
/// Most bytes of an unreadable answer that the ledger keeps.
pub const BODY_KEPT_BYTES: usize = 4 << 10;
/// Most characters of a code of the API; more than twice the longest that is documented.
pub const ERROR_CODE_CHARS_MAX: usize = 64;
/// Rows asked of a job list at once: the documented maximum (G7).
pub const JOBS_PER_PAGE: u32 = 100;
/// Most pages of a job list that one refresh reads: 10,000 jobs.
pub const JOB_PAGES_MAX: u32 = 100;

/// How long reconcile waits for a job to appear before it may call an attempt absent.
pub const SETTLE_DEFAULT: Duration = Duration::from_secs(120);
/// How far apart the clocks of this host and of the server may be (reliability F29).
pub const CLOCKS_APART: Duration = Duration::from_secs(15 * 60);
/// How long the limit in the configuration of a profile holds for its organisation after the profile was
/// used.
pub const LIMIT_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How long a job that appears late is looked for after its attempt was called absent.
pub const LATE_JOB_MAX: Duration = Duration::from_secs(30 * 86_400);
/// How often one job is asked for while it is watched: with waits of up to 30 s some two hours,
/// and a bound on the API credits that it costs.
pub const WATCH_POLLS_MAX: u32 = 240;
/// Failures in a row after which watching ends.
pub const WATCH_FAILURES_MAX: u32 = 5;
/// Longest wait that a server may ask for with Retry-After.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(300);
/// Shortest wait after a 429, whatever the server says: a zero or a date in the past.
pub const RETRY_AFTER_MIN: Duration = Duration::from_secs(1);
/// Wait after a 429 that names no time.
pub const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(5);
/// How long what is in flight may take to finish when the program is asked to leave.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// New access tokens per refresh token in [`TOKEN_WINDOW`] (TV8).
pub const TOKEN_CALLS_MAX: usize = 10;
/// The window of [`TOKEN_CALLS_MAX`].
pub const TOKEN_WINDOW: Duration = Duration::from_secs(600);
/// An access token is refreshed when less than this is left of it.
pub const TOKEN_MARGIN: Duration = Duration::from_secs(60);

/// How long a question stands on the screen, and how long no key comes, before a key answers it; and
/// the quiet after its answer. Below this nobody has read it: a held key repeats faster, and a
/// person takes longer to see and to press.
pub const QUESTION_QUIET: Duration = Duration::from_millis(300);
/// Keys so close together came from a paste or from a slip, not from a person who means each: the
/// fastest typists are at 50 ms, what a terminal is sent at once at less than one.
pub const KEYS_TOGETHER: Duration = Duration::from_millis(30);
/// How long after the end of a paste its rest may still come, over a slow line, as keys.
pub const PASTE_QUIET: Duration = Duration::from_millis(150);

/// Messages that wait for the console's loop; a full inbox slows producers down, never the loop.
pub const INBOX_MESSAGES: usize = 1_024;
/// Writes that wait for the ledger's writer.
pub const LEDGER_QUEUE: usize = 1_024;
/// Most writes that share one commit: bounds how long the first of them waits for the last.
pub const LEDGER_GROUP: usize = 256;
/// How long a write waits for other processes that hold the ledger.
pub const LEDGER_BUSY: Duration = Duration::from_secs(5);
/// How long the opening of a ledger may take where others may put a pipe in its place. Longer than other
/// processes are waited for.
pub const LEDGER_OPEN: Duration = Duration::from_secs(10);
/// How often the commit of an answer is tried again when the disk is full or fails.
pub const LEDGER_RETRIES: u32 = 3;
/// How often other processes' commits are looked for while somebody watches.
pub const LEDGER_WATCH: Duration = Duration::from_millis(250);
/// Fewest characters of a search: one letter would find everything, slowly.
pub const SEARCH_CHARS_MIN: usize = 2;
/// Most rows of one page of the live log.
pub const PAGE_ROWS_MAX: usize = 500;
/// Most bytes of a CSV or JSONL file.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Most rows of a bulk run.
pub const RUN_ROWS_MAX: usize = 100_000;
/// Most bytes of one row of a file; a quote that is never closed is noticed here.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 512;
/// How many problems a plan lists; the rest is counted.
pub const PLAN_PROBLEMS_MAX: usize = 20;
/// Rows that a run keeps loaded ahead of what is in flight.
pub const RUN_ROWS_AHEAD: usize = 64;
/// First wait after a failure to connect; it doubles with each further one.
pub const RECONNECT_WAIT: Duration = Duration::from_secs(1);
/// Failures to connect, of one row or in a row, after which a run pauses.
pub const NOT_SENT_MAX: u32 = 3;
/// Unknown outcomes in a row after which a run pauses.
pub const UNKNOWN_STREAK_MAX: u32 = 5;
/// Unknown outcomes in a row with one status or one error after which a run pauses: three alike
/// are no accident, and each may have cost a unit.
pub const UNKNOWN_ALIKE_MAX: u32 = 3;
/// Settled rows from which on the share of unknown outcomes is watched.
pub const UNKNOWN_SHARE_SETTLED_MIN: u64 = 100;
/// Highest share of unknown outcomes, in percent, at which a run goes on.
pub const UNKNOWN_SHARE_PERCENT_MAX: u64 = 2;
/// Answers of 429 in a row after which a run pauses: by then it has waited half an hour or more.
pub const THROTTLED_STREAK_MAX: u32 = 12;
