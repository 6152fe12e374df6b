//! Floor 2: bulk runs without IO. Files become rows, rows a plan, a plan a run, a run a file.
//!
//! ```text
//!   file ──rows──► InputRow ──plan──► PlanReport          (nothing sent)
//!                                └──► the ledger's rows ──machine──► Dispatch, Wait, Pause …
//!                                                    └───export──► CSV or JSONL
//! ```
//!
//! Nothing here opens a file, reads a clock, awaits or knows the ledger: readers, writers, times
//! and outcomes come in as arguments, decisions go out as values.

mod columns;
pub mod export;
mod guard;
pub mod machine;
pub mod pacing;
pub mod pause;
pub mod plan;
pub mod progress;
pub mod rows;

pub use columns::{Standing, Told};
pub use export::{ExportFormat, ExportRow, Exporter};
pub use machine::{Ending, Event, Machine, Refusal, Rest, RunSettings, Settled, Step, Tally};
pub use pause::{PauseReason, UnknownCause, UnknownStreak};
pub use plan::{
    Cost, Doubted, History, PlanReport, Planner, Problem, ProblemCode, RowClass, Shared, Units,
};
pub use progress::Progress;
pub use rows::{FileSummary, InputRow, ReadOptions, RowReader, RowsError};
