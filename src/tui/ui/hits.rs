//! What lies where on the screen that was drawn last: the mouse asks this and nothing else.
//!
//! A place is named by the layer that drew it and by the row's own name, never by an index: hundreds
//! of messages may lie between a frame and a press on it.

use ratatui::layout::{Position, Rect};

/// Who drew it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// The first two lines, which belong to the app.
    App,
    Screen,
    /// The popup that lies on so many others.
    Popup(usize),
}

/// What was drawn there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// A pane, by its name.
    Pane(&'static str),
    /// A row or a field of a pane, by its own name.
    Row(&'static str, String),
}

impl Spot {
    /// The name of its pane.
    pub fn pane(&self) -> &'static str {
        match self {
            Self::Pane(pane) | Self::Row(pane, _) => pane,
        }
    }
}

/// A place on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub layer: Layer,
    pub spot: Spot,
}

/// All places of a frame, those drawn last on top.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    all: Vec<(Rect, Hit)>,
}

impl Hits {
    pub fn add(&mut self, area: Rect, hit: Hit) {
        self.all.push((area, hit));
    }

    /// Everything below belongs to nobody any more.
    pub fn claim(&mut self) {
        self.all.clear();
    }

    pub fn at(&self, at: Position) -> Option<&Hit> {
        let mut all = self.all.iter().rev();
        all.find(|(area, _)| area.contains(at)).map(|(_, hit)| hit)
    }
}
