//! Floor 4: the use cases that both front ends call. The console and the headless commands share
//! every line of this; neither knows HTTP or SQL.
//!
//! Refuses: to print, to read a key, to know how a result looks on a screen.

mod budget;
mod bulk_attempt;
mod bulk_driver;
pub mod bulk_look;
pub mod bulk_page;
pub mod bulk_plan;
pub mod bulk_rows;
pub mod bulk_run;
pub mod bulk_track;
pub mod bulk_view;
pub mod configure;
pub mod context;
pub mod crm_source;
pub mod decide;
pub mod doctor;
pub mod doubt;
pub mod draft;
pub mod error;
pub mod forget;
pub mod gate;
pub mod job_board;
pub mod job_list;
pub mod jobs;
pub mod prefill;
mod reach;
pub mod reconcile;
pub mod request;
pub mod session;
pub mod setup;
pub mod submit;
pub mod unknowns;
pub mod usage;

pub use context::{AppContext, Watchers};
pub use error::OpsError;
pub use session::ProfileSession;
