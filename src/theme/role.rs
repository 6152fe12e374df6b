//! What a style is for.

use crate::base::Outcome;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A part of the screen that a theme gives a style.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $($(#[$doc])* $variant,)* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The key in a theme's `[styles]`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

roles! {
    /// The whole screen; every other style is laid over it.
    Background = "background",
    /// Ordinary text.
    Text = "text",
    /// Text that may be overlooked.
    Dim = "dim",
    /// What leads the eye.
    Accent = "accent",
    /// The first line of the screen.
    Header = "header",
    /// The product's name in it.
    Brand = "brand",
    /// The data centre that is in use.
    DataCenter = "data_center",
    /// A border.
    Border = "border",
    /// The border of the pane that has the focus.
    BorderFocus = "border_focus",
    /// A pane's title.
    Title = "title",
    /// A tab that is not open.
    Tab = "tab",
    /// The open tab.
    TabOpen = "tab_open",
    /// A field's label.
    Label = "label",
    /// The label of the field that has the focus.
    LabelFocus = "label_focus",
    /// What stands in an empty field.
    Placeholder = "placeholder",
    /// The field that has the focus.
    FieldFocus = "field_focus",
    /// The selected row.
    Selection = "selection",
    /// The selected row of a pane without the focus.
    SelectionIdle = "selection_idle",
    /// Text that a search found.
    Found = "found",
    /// The last line of the screen.
    Footer = "footer",
    /// A key in it.
    Key = "key",
    /// A popup's surface.
    Popup = "popup",
    /// A popup's border.
    PopupBorder = "popup_border",
    /// Something that is ready or went well.
    Ok = "ok",
    /// Something to look at before going on.
    Warning = "warning",
    /// Something that failed.
    Error = "error",
    /// A production organisation.
    Production = "production",
    /// A sandbox or a developer organisation.
    Sandbox = "sandbox",
    /// A server that is none of Zoho's.
    Simulated = "simulated",
    /// The spent part of the gauge.
    Gauge = "gauge",
    /// The gauge from 80 %.
    GaugeWarning = "gauge_warning",
    /// The gauge from 95 %.
    GaugeFull = "gauge_full",
    /// The part of the gauge that is left.
    GaugeLeft = "gauge_left",
    /// A plot.
    Chart = "chart",
    /// Outcome: on its way.
    Sending = "sending",
    /// Outcome: accepted.
    Scheduled = "scheduled",
    /// Outcome: refused input.
    Rejected = "rejected",
    /// Outcome: the limit is reached.
    Limit = "limit",
    /// Outcome: refused caller.
    Denied = "denied",
    /// Outcome: too many calls.
    Throttled = "throttled",
    /// Outcome: no connection.
    NotSent = "not_sent",
    /// Outcome: nobody can say.
    Unknown = "unknown",
    /// Outcome: proved not to exist.
    Absent = "absent",
    /// A key in JSON.
    JsonKey = "json_key",
    /// A text in JSON.
    JsonText = "json_text",
    /// A number in JSON.
    JsonNumber = "json_number",
    /// true, false and null in JSON.
    JsonWord = "json_word",
}

impl Role {
    /// The style of an outcome.
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Sending => Self::Sending,
            Outcome::Scheduled => Self::Scheduled,
            Outcome::Rejected => Self::Rejected,
            Outcome::Limit => Self::Limit,
            Outcome::Denied => Self::Denied,
            Outcome::Throttled => Self::Throttled,
            Outcome::NotSent => Self::NotSent,
            Outcome::Unknown | Outcome::UnknownAccepted => Self::Unknown,
            Outcome::Absent => Self::Absent,
        }
    }

    /// Whether the role is only ever lines or bars, which need less contrast than text.
    pub fn is_drawn(self) -> bool {
        matches!(
            self,
            Self::Border
                | Self::BorderFocus
                | Self::PopupBorder
                | Self::Gauge
                | Self::GaugeWarning
                | Self::GaugeFull
                | Self::GaugeLeft
                | Self::Chart
        )
    }
}
