//! Tests of the whole ledger through its handle.

mod core;
mod damage;
mod faults;
mod fixture;
mod forget;
mod forget_found;
mod gate;
mod hands;
mod job_list;
mod log;
mod marks;
mod model;
mod overlap;
mod process;
mod replaced;
mod rules;
mod runs;
mod trust;
mod upgrade;
mod upkeep;
mod view;
