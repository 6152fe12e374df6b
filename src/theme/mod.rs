//! Floor 2: what things look like.
//!
//! A theme gives a style to each [`Role`]; the view names roles and never a colour. Themes are TOML
//! files (`inherits`, `[palette]`, `[styles]`), four of them built in. The colour depth is decided
//! here and nowhere else: true colour, 256, 16 or none. A theme never says a state by colour alone:
//! words and glyphs belong to the view, and the selection is reversed where colours are few.

mod builtin;
mod depth;
mod faint;
mod load;
mod read;
mod role;

pub use builtin::BUILT_IN;
pub use depth::{ColorDepth, contrast};
pub use load::{CONTRAST_MIN, SelectedRow, Theme, ThemeError, ThemeWarning, Themes};
pub use role::Role;
