//! The table of commands.

use std::fmt;

use super::chord::Chord;

macro_rules! contexts {
    ($($(#[$doc:meta])* $name:ident $title:literal;)*) => {
        /// Where a command's keys mean something.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Context { $($(#[$doc])* $name,)* }

        impl Context {
            /// All contexts, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The heading in the help.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

contexts! {
    /// Everywhere, also below a popup.
    Always "Everywhere";
    /// On any screen, while no popup is open.
    Screen "On every screen";
    /// The request form.
    Form "In the form";
    /// The form's module field.
    Module "In the module field";
    /// The live log.
    Log "In the live log";
    /// The detail of an attempt.
    Detail "In the detail";
    /// The list of jobs.
    Jobs "In the list of jobs";
    /// A job's data.
    Job "In a job's data";
    /// The Runs screen.
    Runs "On the Runs screen";
    /// The rows of a run.
    Rows "In the rows of a run";
    /// The Usage screen.
    Usage "On the Usage screen";
    /// The Setup screen.
    Setup "On the Setup screen";
    /// Wherever there are rows to move in.
    List "In lists";
    /// Wherever text is typed.
    Text "Where text is typed";
    /// The list of unknowns.
    Unknowns "Among the unknowns";
    /// Where a grant code is asked for.
    GrantCode "Where a grant code is asked for";
    /// Where a run is planned.
    Plan "Where a run is planned";
    /// A question that one key answers.
    Question "At a question";
    /// A popup.
    Popup "In popups";
}

/// What may come of a command at once, and so how carefully its key is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Nothing that matters beyond the screen.
    Free,
    /// A question may open.
    Asks,
    /// It spends, discards or changes the server, at once or after a question.
    Guarded,
}

macro_rules! care {
    () => {
        Care::Free
    };
    (asks) => {
        Care::Asks
    };
    (guarded) => {
        Care::Guarded
    };
}

/// Who does what a command says, where nothing nearer has taken it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The app, from everywhere.
    App,
    /// The Console, which comes on screen for it.
    Console,
    /// Only the list, text, popup or screen that has the focus.
    Screen,
}

macro_rules! owner {
    () => {
        None
    };
    (app) => {
        Some(Owner::App)
    };
    (console) => {
        Some(Owner::Console)
    };
}

macro_rules! commands {
    ($($variant:ident $name:literal [$($context:ident)*] $({$($place:ident $rank:literal)*})?
        [$($chord:literal)*] $($care:ident)? $(@ $owner:ident)? $label:literal $title:literal $help:literal;)*) => {
        /// Something a key, the palette or the configuration can name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command {
            $(#[doc = $help] $variant,)*
        }

        impl Command {
            /// Every command, in the order of the help.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in `[keys]` of the configuration.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One or two words for the footer.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// What it does, as the palette says it; the first word is a verb.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// One sentence for the help.
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// Where its keys mean something.
            pub fn contexts(self) -> &'static [Context] {
                match self { $(Self::$variant => &[$(Context::$context,)*],)* }
            }

            /// Where the last line names it, and at which place there.
            fn ranks(self) -> &'static [(Context, u8)] {
                match self { $(Self::$variant => &[$($((Context::$place, $rank),)*)?],)* }
            }

            fn named_owner(self) -> Option<Owner> {
                match self { $(Self::$variant => owner!($($owner)?),)* }
            }

            /// How carefully its key is taken.
            pub fn care(self) -> Care {
                match self { $(Self::$variant => care!($($care)?),)* }
            }

            /// The keys it has unless the configuration gives others.
            pub fn default_chords(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($chord,)*],)* }
            }
        }
    };
}

commands! {
    Help "help" [Always] {Form 6 Log 5 Detail 5 Jobs 5 Job 5 Runs 10 Rows 10 Usage 4 Setup 10 Unknowns 5} ["F1" "?"] "help"
        "Show the keys" "Shows the keys that work here and what they do.";
    Palette "palette" [Always] {Form 5 Log 8 Detail 7 Jobs 12 Job 8 Runs 9 Rows 9 Usage 7 Setup 9} ["Ctrl+P" ":"] "commands"
        "Find a command" "Opens the list of all commands; type a few letters of one.";
    Quit "quit" [Always] {Form 10 Log 10 Detail 8 Runs 11 Usage 8} ["Ctrl+Q" "q" "Ctrl+C"] asks "quit"
        "Quit ziadeck" "Leaves after letting requests in flight finish, ten seconds at most.";
    Redraw "redraw" [Always] ["Ctrl+L"] "redraw"
        "Redraw the screen" "Paints everything again, after another program wrote on the screen.";
    Suspend "suspend" [Always] ["Ctrl+Z"] "suspend"
        "Suspend to the shell" "Gives the terminal back to the shell; fg brings ziadeck back.";

    ShowConsole "show_console" [Screen] ["1"] "console"
        "Go to the Console" "Compose, live log, detail and usage.";
    ShowJobs "show_jobs" [Screen] ["2"] "jobs"
        "Go to Jobs" "The status of each job, and what Zia found beside what was asked.";
    ShowRuns "show_runs" [Screen] ["3"] "runs"
        "Go to Runs" "Files of requests: planned, started, paused, resumed and exported.";
    ShowUsage "show_usage" [Screen] ["4"] "usage"
        "Go to Usage" "What is used and left, day by day, and who spent it.";
    ShowSetup "show_setup" [Screen] ["5"] "setup"
        "Go to Setup" "Profiles, tokens, scopes, organisation, enrichment configuration and checks.";
    NextScreen "next_screen" [Screen] {Form 7 Runs 8 Usage 5} ["F2"] "screen"
        "Go to the next screen" "Goes round the screens; where no text is typed, their digits work too.";

    Send "send" [Screen] {Form 1} ["F5" "Ctrl+S"] guarded @ console "send"
        "Send the request" "Sends what the form holds and spends one unit if Zoho accepts it.";
    ChooseProfile "choose_profile" [Screen] {Form 8 Log 9 Usage 6} ["Ctrl+O"] "profile"
        "Switch profile" "Lists the profiles of all data centres; switching sends nothing.";
    UseUs "use_us" [Screen] ["F6"] "US"
        "Switch to US" "Goes to the next profile of the United States, or to the set-up guide.";
    UseIn "use_in" [Screen] ["F7"] "IN"
        "Switch to IN" "Goes to the next profile of India, or to the set-up guide.";
    UseAu "use_au" [Screen] ["F8"] "AU"
        "Switch to AU" "Goes to the next profile of Australia, or to the set-up guide.";
    UseCa "use_ca" [Screen] ["F9"] "CA"
        "Switch to CA" "Goes to the next profile of Canada, or to the set-up guide.";
    UseSa "use_sa" [Screen] ["F10"] "SA"
        "Switch to SA" "Goes to the next profile of Saudi Arabia, or to the set-up guide.";
    SetUp "set_up" [Screen] {Setup 5} ["s"] "set up"
        "Set up a profile" "Opens the set-up guide: client, grant code, test call, saved.";
    EditJson "edit_json" [Screen] {Form 9} ["F4"] @ console "edit JSON"
        "Edit the request as JSON" "Opens the request in $VISUAL or $EDITOR and refills the form.";
    FillFromRecord "fill_from_record" [Screen] ["Ctrl+F"] @ console "fill"
        "Fill the form from a record" "Finds a record by id or words and shows what it would change; sends nothing.";
    ClearForm "clear_form" [Screen] [] guarded @ console "clear"
        "Clear the form" "Empties the inputs; Restore the form brings them back.";
    RestoreForm "restore_form" [Screen] ["Alt+r"] @ console "restore"
        "Restore the form" "Brings back what Clear the form or Compose again replaced, or the draft of an earlier session.";
    SwitchKind "switch_kind" [Screen] {Usage 3} ["p"] "people/org"
        "Switch between people and organisation" "Shows and composes the other kind of enrichment; its units are counted apart.";
    RefreshUsage "refresh_usage" [Screen] {Jobs 11 Job 7 Usage 1 Setup 2} ["Ctrl+R" "r"] "refresh"
        "Refresh usage and jobs" "Asks the server for its jobs and its figures; spends nothing.";
    RefreshToken "refresh_token" [Screen] [] guarded "token"
        "Refresh the access token" "Asks for a new access token; Zoho allows ten in ten minutes.";
    Reconcile "reconcile" [Screen] [] guarded "reconcile"
        "Reconcile unknown attempts" "Looks on the server for the jobs of attempts whose answer was lost.";
    SettleUnknowns "settle_unknowns" [Screen] ["u" "Alt+u"] "unknown"
        "Settle unknowns" "Shows the attempts whose answer was lost, and the jobs that may be theirs.";
    PlanRun "plan_run" [Screen] {Runs 3} ["n"] "new run"
        "Plan a run from a file" "Reads a CSV or JSONL file and reports what it would cost; sends nothing.";
    NextPane "next_pane" [Screen] {Form 4} ["F3"] @ console "pane"
        "Go to the next pane" "Moves the focus from the form to the log to the detail.";
    ToggleMouse "toggle_mouse" [Screen] ["Alt+m"] "mouse"
        "Switch the mouse on or off" "Lets the mouse choose rows, or leaves it to the terminal's selection.";
    ChooseTheme "choose_theme" [Screen] [] "theme"
        "Switch theme" "Lists the themes and shows each as the selection moves; the chosen one is kept.";

    NextField "next_field" [Form] {Form 3} ["Tab" "Enter" "Down"] "next"
        "Go to the next field" "Moves on; Enter never sends.";
    PreviousField "previous_field" [Form] ["Shift+Tab" "Up"] "previous"
        "Go to the previous field" "Moves back.";
    ChooseModule "choose_module" [Module] {Form 2} ["Ctrl+Space" "Alt+Down"] "list"
        "Choose a module" "Lists the modules that can be enriched; Space opens it too, and any name may be typed.";

    OpenAttempt "open" [Log] {Log 1} ["Enter"] "open"
        "Open the attempt" "Moves the focus to the detail of the selected attempt.";
    Filter "filter" [Log] {Log 3} ["f"] "filter"
        "Filter the log" "Chooses profile, outcome, code, time and whose attempts are shown.";
    Search "search" [Log Detail] {Log 2} ["/"] "search"
        "Search everything ever sent" "Finds attempts by any word of their inputs, code, message or job id.";
    ComposeAgain "compose_again" [Log Detail] {Log 6 Detail 3} ["c"] "compose again"
        "Compose again from the attempt" "Refills the form with the attempt's inputs; sends nothing.";
    Copy "copy" [Log Detail] {Log 4 Detail 2} ["y"] "copy"
        "Copy the attempt" "Copies it as curl without the token, as JSON, or its id.";
    Follow "follow" [Log] ["F"] "follow"
        "Follow the log" "Goes back to the newest attempt and stays there.";
    WriteRequest "write_request" [Log Detail] {Log 7 Detail 6} ["i" "Tab"] "compose"
        "Go to the form" "Moves the focus to the form.";

    ForgetPerson "forget_person" [Log Detail Rows] [] guarded @ console "forget"
        "Forget the person of the row" "After a question: removes what the ledger has of them; nobody is asked about them again.";

    GoToJob "go_to_job" [Log Detail] ["o"] "job"
        "Show the attempt's job" "Goes to the job on the Jobs screen.";

    OpenJob "open_job" [Jobs] {Jobs 1} ["Enter" "Right" "l"] "open"
        "Open the job" "Moves the focus to the job's data, where it can be scrolled.";
    FilterJobs "filter_jobs" [Jobs] {Jobs 2} ["f"] "status"
        "Show one status only" "Lists the statuses with how many jobs have each.";
    WhoseJobs "whose_jobs" [Jobs] {Jobs 3} ["m"] "mine/others"
        "Show everybody's, my or the others' jobs" "Each press shows the next of the three.";
    FindJob "find_job" [Jobs Job] {Jobs 4} ["/"] "find id"
        "Find a job by its id" "Shows the jobs whose id holds what is typed.";
    CopyJob "copy_job" [Jobs Job] {Jobs 6 Job 2} ["y"] "copy"
        "Copy from the job" "Copies the enriched data or what was asked as JSON, or the job's id.";
    ExportJob "export_job" [Jobs Job] {Jobs 7 Job 3} ["e"] "export"
        "Write the job to a file" "Writes what was asked and found as JSON to a new file in the working directory.";
    ComposeFromJob "compose_from_job" [Jobs Job] {Jobs 8 Job 4} ["c"] "compose again"
        "Compose again from the job" "Refills the form with what the job was asked; sends nothing.";
    GoToAttempt "go_to_attempt" [Jobs Job] {Jobs 9 Job 6} ["a"] "attempt"
        "Show the attempt that made the job" "Goes to its line in the live log.";

    PlotDays "plot_days" [Usage] {Usage 2} ["d"] "30/90 days"
        "Plot thirty or ninety days" "Changes how far back the plots and the outcomes reach.";
    StartOrPause "start_or_pause" [Runs] {Runs 1 Rows 1} ["p"] guarded "start/pause"
        "Start, resume or pause the run" "Starts after a question with the units before and after; pauses at once.";
    OpenRows "open_rows" [Runs] {Runs 2} ["Enter" "Right" "l"] "rows"
        "Go to the rows of the run" "Moves the focus from the list of runs to the selected one's rows.";
    OtherPart "other_part" [Runs Setup] ["Tab"] "other part"
        "Go to the other part" "Moves the focus between the list and what is shown of the selected row.";
    FilterRows "filter_rows" [Runs] {Runs 4 Rows 3} ["f"] "state"
        "Show rows of one state only" "Lists the states with how many rows of the run are in each.";
    FindRow "find_row" [Runs] {Rows 4} ["/"] "find row"
        "Find rows of the run" "Shows the rows whose cells, reason, code or job hold what is typed.";
    QueueAgain "queue_again" [Runs] {Runs 7 Rows 5} ["w"] guarded "queue again"
        "Let rows wait again" "After a question: the selected row, or from the list all absent rows of the run.";
    SkipRow "skip_row" [Rows] {Rows 6} ["x"] guarded "leave out"
        "Leave the row out" "After a question: the selected row will not be sent.";
    OpenRowAttempt "open_row_attempt" [Rows] {Rows 2} ["Enter" "a"] "attempt"
        "Show the row's attempt" "Goes to its line in the live log and opens its detail.";
    TrackRun "track_run" [Runs] {Runs 6} ["t"] "track"
        "Follow the jobs of the run" "Asks for its jobs until all have ended, and keeps what they found; spends nothing.";
    DiscardRun "discard_run" [Runs] ["D"] guarded "discard"
        "Discard the plan" "After a question: removes a run that never sent anything, with its rows.";
    ExportRun "export_run" [Runs] {Runs 5 Rows 7} ["e"] "export"
        "Write the rows to a file" "Writes the original columns with outcome, code, job and what was found beside them.";

    OpenSetup "open_setup" [Setup] {Setup 1} ["Enter" "Right" "l"] asks "open"
        "Open the profile or change the line" "Opens the profile's sheet or the set-up guide; in the sheet, changes the line of a configuration.";
    SignInAgain "sign_in_again" [Setup] {Setup 3} ["i"] "sign in"
        "Sign in again" "Asks for a new grant code of the selected profile; spends nothing.";
    RenewToken "renew_token" [Setup] {Setup 4} ["t"] guarded "token"
        "Renew the selected profile's token" "Asks for a new access token; Zoho allows ten in ten minutes.";
    SignOut "sign_out" [Setup] {Setup 7} ["o"] guarded "sign out"
        "Sign out" "After a question: revokes the tokens of the selected profile and removes them.";
    MakeDefault "make_default" [Setup] {Setup 6} ["d"] guarded "default"
        "Use the profile as default" "Makes the selected profile the one that is used when none is named.";
    RemoveProfile "remove_profile" [Setup] {Setup 8} ["x"] guarded "remove"
        "Remove the profile" "After a question: takes the selected profile out of the configuration.";

    NextTab "next_tab" [Detail] {Detail 1} ["Right" "l"] "tab"
        "Show the next tab" "Request, response, headers, job.";
    PreviousTab "previous_tab" [Detail] ["Left" "h"] "tab"
        "Show the previous tab" "Job, headers, response, request.";

    Down "down" [List] ["Down" "j"] "down"
        "Move down" "Moves to the next row.";
    Up "up" [List] ["Up" "k"] "up"
        "Move up" "Moves to the previous row.";
    PageDown "page_down" [List] ["PageDown" "Ctrl+D"] "page down"
        "Move down a page" "Moves by one screen.";
    PageUp "page_up" [List] ["PageUp" "Ctrl+U"] "page up"
        "Move up a page" "Moves by one screen.";
    Top "top" [List] ["Home" "g"] "top"
        "Move to the top" "Moves to the first row.";
    Bottom "bottom" [List] ["End" "G"] "bottom"
        "Move to the bottom" "Moves to the last row that is loaded.";
    Sort "sort" [Runs Unknowns] ["S"] "sort"
        "Sort by the next column" "Rising, then falling, then by the next; the head of the column shows it.";

    CursorLeft "cursor_left" [Text] ["Left" "Ctrl+B"] "left"
        "Move the cursor left" "By one character.";
    CursorRight "cursor_right" [Text] ["Right"] "right"
        "Move the cursor right" "By one character.";
    WordLeft "word_left" [Text] ["Alt+b" "Ctrl+Left"] "word left"
        "Move the cursor a word left" "To the start of the word.";
    WordRight "word_right" [Text] ["Alt+f" "Ctrl+Right"] "word right"
        "Move the cursor a word right" "To the end of the word.";
    LineStart "line_start" [Text] ["Home" "Ctrl+A"] "start"
        "Move the cursor to the start" "Of the field.";
    LineEnd "line_end" [Text] ["End" "Ctrl+E"] "end"
        "Move the cursor to the end" "Of the field.";
    DeleteLeft "delete_left" [Text] ["Backspace"] "delete"
        "Delete to the left" "One character.";
    DeleteRight "delete_right" [Text] ["Delete" "Ctrl+D"] "delete"
        "Delete to the right" "The character under the cursor.";
    DeleteWord "delete_word" [Text] ["Ctrl+W" "Alt+Backspace"] "delete word"
        "Delete the word to the left" "Up to the cursor.";
    DeleteToStart "delete_to_start" [Text] ["Ctrl+U"] "delete to start"
        "Delete to the start" "All that is left of the cursor.";
    DeleteToEnd "delete_to_end" [Text] ["Ctrl+K"] "delete to end"
        "Delete to the end" "Everything right of the cursor.";
    Undo "undo" [Text] ["Ctrl+Y"] "put back"
        "Put back what was deleted" "Inserts the last deleted words at the cursor.";

    ReconcileNow "reconcile_now" [Unknowns] {Unknowns 1} ["r"] guarded "reconcile"
        "Reconcile all unknowns" "Compares what was sent with the server's jobs and settles what is certain.";
    AdoptJob "adopt_job" [Unknowns] {Unknowns 2} ["a"] guarded "adopt"
        "Adopt the selected job" "After a question: this job is the attempt's.";
    ReleaseAttempt "release_attempt" [Unknowns] {Unknowns 3} ["x"] guarded "release"
        "Release the attempt's unit" "After a question: there is no job, and nothing was spent.";
    ComposeUnknown "compose_unknown" [Unknowns] {Unknowns 4} ["c"] "compose again"
        "Compose again from the unknown" "Refills the form; the attempt stays unknown, and nothing is sent.";

    CopyScopes "copy_scopes" [GrantCode] {GrantCode 2} ["Alt+c" "F4"] "copy scopes"
        "Copy the scopes" "Copies what Zoho's page asks for as the scope of a grant code, in one piece.";

    PlanFile "plan_file" [Plan] {Plan 1} ["F5" "Ctrl+S"] "plan"
        "Read the file and plan the run" "Reads the whole file and reports what the run would cost; sends nothing.";

    SendAnyway "send_anyway" [Question] {Question 1} ["y"] guarded "yes"
        "Answer the question with yes" "Does what the question names; the one before a request sends it.";
    Accept "accept" [Popup] {GrantCode 1 Plan 2 Popup 1} ["Enter"] asks "ok"
        "Choose" "Takes the selected row, or what was typed; where a question asks for a word or a number, answers it.";
    NextPart "next_part" [Popup] {Plan 3} ["Tab"] "next"
        "Go to the next part of the popup" "Moves on.";
    PreviousPart "previous_part" [Popup] {Plan 4} ["Shift+Tab"] "previous"
        "Go to the previous part of the popup" "Moves back.";
    ClosePopup "close_popup" [Popup] ["q"] asks @ app "close"
        "Close the popup" "Closes a popup where no text is typed, as Esc does.";
    Back "back" [Form Log Detail Jobs Job Runs Usage Setup Popup] {Detail 4 Jobs 10 Job 1 Rows 8 Unknowns 6 GrantCode 3 Plan 5 Question 2 Popup 2} ["Esc"] "back"
        "Close or leave" "Closes a popup or leaves a field or pane; never discards anything.";
}

impl Command {
    /// What the last line names where the contexts are these, nearest first: the first of them that
    /// ranks any command.
    pub fn ranked(contexts: &[Context]) -> Vec<Self> {
        let ranked_in = |context: &Context| {
            let mut ranked: Vec<(u8, Self)> = Self::ALL
                .iter()
                .filter_map(|command| {
                    let mut ranks = command.ranks().iter();
                    let (_, rank) = ranks.find(|(place, _)| place == context)?;
                    Some((*rank, *command))
                })
                .collect();
            ranked.sort_by_key(|(rank, _)| *rank);
            ranked
        };
        let first = contexts.iter().map(ranked_in).find(|all| !all.is_empty());
        let first = first.unwrap_or_default();
        first.into_iter().map(|(_, command)| command).collect()
    }

    /// Who does what it says, where nothing nearer has taken it.
    pub fn owner(self) -> Owner {
        let of_console = |context: &Context| {
            matches!(
                context,
                Context::Form | Context::Module | Context::Log | Context::Detail
            )
        };
        let of_app = |context: &Context| matches!(context, Context::Always | Context::Screen);
        match self.named_owner() {
            Some(owner) => owner,
            None if self.contexts().iter().all(of_console) => Owner::Console,
            None if self.contexts().iter().any(of_app) => Owner::App,
            None => Owner::Screen,
        }
    }

    /// Whether it spends, discards or changes the server, at once or after a question: it is not
    /// taken together with other keys, nor right after a paste.
    pub fn is_guarded(self) -> bool {
        match self.care() {
            Care::Guarded => true,
            Care::Free | Care::Asks => false,
        }
    }

    /// Whether a question may come of it. Its key answers none.
    pub fn may_ask(self) -> bool {
        match self.care() {
            Care::Asks | Care::Guarded => true,
            Care::Free => false,
        }
    }

    /// Whether the key is one for it. Sending takes a key that nobody presses by the way; an answer
    /// takes that or a character, but never Enter, Space, or a key that moves.
    pub fn fits(self, chord: Chord) -> bool {
        match self {
            Self::Send => chord.is_deliberate(),
            Self::SendAnyway => {
                chord.is_deliberate() || chord.typed().is_some_and(|c| !c.is_whitespace())
            }
            _ => true,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_is_used_once() {
        let names: BTreeSet<_> = Command::ALL.iter().map(|command| command.name()).collect();

        assert_eq!(names.len(), Command::ALL.len());
    }

    #[test]
    fn titles_are_for_people() {
        for command in Command::ALL {
            assert!(
                command.title().starts_with(|c: char| c.is_uppercase()),
                "{command}"
            );
            assert!(command.help().ends_with('.'), "{command}");
            assert!(!command.contexts().is_empty(), "{command}");
        }
    }

    #[test]
    fn every_default_key_fits_its_command() {
        for command in Command::ALL {
            for chord in command.default_chords() {
                assert!(command.fits(chord.parse().unwrap()), "{command} {chord}");
            }
        }
    }

    #[test]
    fn what_sends_and_what_answers_is_guarded() {
        assert!(Command::Send.is_guarded() && Command::SendAnyway.is_guarded());
        assert!(Command::Quit.may_ask() && !Command::Quit.is_guarded());
        assert!(!Command::Down.may_ask());
    }
}
