//! The backend that ratatui draws on: a frame is collected, shortened and handed over whole.
//!
//! crossterm's own backend says the background anew with every text colour and ends each run of cells
//! with a reset; over a slow line that is half of the bytes. Here the terminal's state is
//! remembered from frame to frame, the cells of a frame are written as [`super::encoder`] finds
//! shortest, and a frame in which nothing changed is not a single byte.
//!
//! Muted, it takes everything and writes nothing: ratatui shows the cursor when it is dropped and
//! prints an error if that fails, and printing to a terminal that is gone is a panic.

use std::cell::Cell as Shared;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Modifier;

use super::encoder::{Erasing, WideRows, repaint, update};
use super::sgr::{Palette, SgrState};

/// From so many bytes on, a frame is bracketed as one, so that no half of it is seen; a shorter one
/// comes in one packet anyway.
const BRACKET_FROM: usize = 240;
const BRACKET: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");

/// What the terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Abilities {
    pub(super) palette: Palette,
    pub(super) attributes: Modifier,
    pub(super) erasing: Erasing,
}

/// The backend.
#[derive(Debug)]
pub(super) struct CellBackend<W: Write> {
    out: W,
    muted: Rc<Shared<bool>>,
    abilities: Abilities,
    /// Tells how large the terminal is.
    measure: fn() -> io::Result<Size>,
    sgr: SgrState,
    wide: WideRows,
    frame: Vec<u8>,
    /// Nothing is known of what the terminal shows.
    is_blank: bool,
    cursor: Cursor,
}

/// The cursor as a person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Cursor {
    /// `None` while nobody knows.
    is_shown: Option<bool>,
    /// `None` while it stands wherever the last text ended.
    at: Option<Position>,
}

impl<W: Write> CellBackend<W> {
    pub(super) fn new(out: W, abilities: Abilities, measure: fn() -> io::Result<Size>) -> Self {
        Self {
            out,
            muted: Rc::default(),
            abilities,
            measure,
            sgr: SgrState::new(abilities.palette, abilities.attributes),
            wide: WideRows::default(),
            frame: Vec::new(),
            is_blank: true,
            cursor: Cursor::default(),
        }
    }

    /// The switch that mutes it.
    pub(super) fn mute_switch(&self) -> Rc<Shared<bool>> {
        self.muted.clone()
    }

    /// Another program may have had the terminal: nothing is known of it any more.
    pub(super) fn forget(&mut self) {
        self.sgr.forget();
        self.cursor = Cursor::default();
        self.is_blank = true;
        self.frame.clear();
    }

    fn turn_cursor(&mut self, is_on: bool) {
        if self.cursor.is_shown.replace(is_on) != Some(is_on) {
            let mode = if is_on { b"\x1b[?25h" } else { b"\x1b[?25l" };
            self.frame.extend_from_slice(mode);
        }
    }
}

/// Bytes for the terminal itself, such as modes; they pass as they are.
impl<W: Write> Write for CellBackend<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.muted.get() {
            return Ok(bytes.len());
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.muted.get() {
            return Ok(());
        }
        self.out.flush()
    }
}

impl<W: Write> Backend for CellBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        if cells.is_empty() {
            return Ok(());
        }
        let size = self.size()?;
        let erasing = self.abilities.erasing;
        let bytes = if std::mem::take(&mut self.is_blank) {
            repaint(&cells, erasing, (size, &mut self.sgr, &mut self.wide))
        } else {
            let known = (size.width, &mut self.sgr, &mut self.wide);
            update(&cells, erasing, known)
        };
        self.frame.extend(bytes);
        self.cursor.at = None;
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.turn_cursor(false);
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.turn_cursor(true);
        Ok(())
    }

    /// Only an inline viewport asks, and the console has none: a question to the terminal would
    /// wait for an answer that a live event stream takes away.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.at.unwrap_or(Position::ORIGIN))
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor.at != Some(position) {
            let (row, column) = (u32::from(position.y) + 1, u32::from(position.x) + 1);
            self.frame
                .extend_from_slice(format!("\x1b[{row};{column}H").as_bytes());
            self.cursor.at = Some(position);
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.is_blank = true;
        Ok(())
    }

    /// Only the whole is ever cleared; that comes with the next frame, in its colours.
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        (self.measure)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.size()?,
            pixels: Size::default(),
        })
    }

    /// Hands the frame over, or nothing where nothing changed.
    fn flush(&mut self) -> io::Result<()> {
        let frame = std::mem::take(&mut self.frame);
        if frame.is_empty() || self.muted.get() {
            return Ok(());
        }
        let is_bracketed = frame.len() >= BRACKET_FROM;
        let (begin, end) = if is_bracketed {
            BRACKET
        } else {
            Default::default()
        };
        self.out.write_all(&[begin, &frame, end].concat())?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::backend::CrosstermBackend;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};
    use rstest::rstest;

    const COLUMNS: u16 = 24;
    const ROWS: u16 = 5;

    fn backend(erasing: Erasing) -> CellBackend<Vec<u8>> {
        let abilities = Abilities {
            palette: Palette::Any,
            attributes: Modifier::all(),
            erasing,
        };
        CellBackend::new(Vec::new(), abilities, || Ok(Size::new(COLUMNS, ROWS)))
    }

    /// Draws the buffers one after the other and answers the bytes of each frame.
    fn frames(erasing: Erasing, buffers: &[Buffer]) -> Vec<Vec<u8>> {
        let mut terminal = Terminal::new(backend(erasing)).unwrap();
        let frame = |buffer: &Buffer| {
            terminal
                .draw(|frame| frame.buffer_mut().clone_from(buffer))
                .unwrap();
            std::mem::take(&mut terminal.backend_mut().out)
        };
        buffers.iter().map(frame).collect()
    }

    fn blank() -> Buffer {
        Buffer::empty(Rect::new(0, 0, COLUMNS, ROWS))
    }

    fn on_ground() -> Buffer {
        let mut buffer = blank();
        let style = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(9, 9, 9));
        buffer.set_style(buffer.area, style);
        buffer
    }

    fn text(frame: &[u8]) -> String {
        String::from_utf8(frame.to_vec())
            .unwrap()
            .replace('\u{1b}', "^")
    }

    #[test]
    fn a_frame_in_which_nothing_changed_is_not_a_byte() {
        let frames = frames(Erasing::FillsBackground, &[on_ground(), on_ground()]);

        assert!(!frames[0].is_empty());
        assert_eq!(text(&frames[1]), "");
    }

    #[test]
    fn a_letter_is_a_move_and_the_letter() {
        let mut first = on_ground();
        first.set_string(2, 1, "ab", Style::new());
        let mut second = first.clone();
        second.set_string(4, 1, "c", Style::new());

        let frames = frames(Erasing::FillsBackground, &[first, second]);

        assert_eq!(text(&frames[1]), "^[2;5Hc");
    }

    #[test]
    fn a_cleared_screen_is_given_its_ground_once() {
        let mut buffer = on_ground();
        buffer.set_string(0, 0, "ready", Style::new());

        let frames = frames(Erasing::FillsBackground, &[buffer]);

        assert_eq!(
            text(&frames[0]),
            "^[0;48;2;9;9;9m^[2J^[1;1H^[38;2;1;2;3mready^[?25l"
        );
    }

    #[test]
    fn a_terminal_that_erases_to_its_own_ground_is_given_every_blank() {
        let frames = frames(Erasing::Bare, &[on_ground()]);

        let blanks = text(&frames[0]).matches(' ').count();
        assert_eq!(blanks, usize::from(COLUMNS * ROWS));
    }

    #[test]
    fn a_long_frame_is_bracketed_and_a_short_one_is_not() {
        let mut second = on_ground();
        for row in 0..ROWS {
            for column in (0..COLUMNS).step_by(2) {
                let style = Style::new().fg(Color::Indexed(column.to_le_bytes()[0]));
                second.set_string(column, row, "x", style);
            }
        }
        let frames = frames(Erasing::FillsBackground, &[on_ground(), second]);

        assert!(!text(&frames[0]).contains("2026"));
        assert!(text(&frames[1]).starts_with("^[?2026h"));
        assert!(text(&frames[1]).ends_with("^[?2026l"));
    }

    #[test]
    fn muted_it_takes_everything_and_writes_nothing() {
        let mut backend = backend(Erasing::FillsBackground);
        backend.mute_switch().set(true);

        backend.write_all(b"gone").unwrap();
        backend.show_cursor().unwrap();
        Backend::flush(&mut backend).unwrap();

        assert!(backend.out.is_empty());
    }

    fn style() -> impl Strategy<Value = Style> {
        let color = || {
            prop_oneof![
                Just(Color::Reset),
                Just(Color::Red),
                Just(Color::Indexed(200)),
                Just(Color::Rgb(7, 8, 9)),
            ]
        };
        let attributes = prop_oneof![
            4 => Just(Modifier::empty()),
            1 => Just(Modifier::BOLD),
            1 => Just(Modifier::DIM),
            1 => Just(Modifier::ITALIC | Modifier::BOLD),
            1 => Just(Modifier::UNDERLINED),
            1 => Just(Modifier::REVERSED),
        ];
        (color(), color(), attributes).prop_map(|(text, background, attributes)| {
            // The parser knows either bold or dim.
            Style::new()
                .fg(text)
                .bg(background)
                .add_modifier(attributes)
                .remove_modifier(attributes.complement())
        })
    }

    /// A screen: a background, texts on it, and stretches of another look.
    fn screen() -> impl Strategy<Value = Buffer> {
        let words = (0..COLUMNS, 0..ROWS, "[ab é漢漢·─]{0,12}", style());
        let bars = (0..COLUMNS, 0..ROWS, 0..COLUMNS, style());
        (
            style(),
            prop::collection::vec(words, 0..8),
            prop::collection::vec(bars, 0..3),
        )
            .prop_map(|(background, words, bars)| {
                let mut buffer = blank();
                buffer.set_style(buffer.area, background);
                for (x, y, width, style) in bars {
                    let bar = Rect::new(x, y, width, 1).intersection(buffer.area);
                    buffer.set_style(bar, style);
                }
                for (x, y, word, style) in words {
                    buffer.set_string(x, y, word, style);
                }
                buffer
            })
    }

    /// The same bytes for a terminal that erases to its own background.
    fn bare(bytes: &str) -> String {
        let mut pieces = bytes.split('\u{1b}');
        let mut bare = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            match piece.split_once(['X', 'J']) {
                Some((numbers, text)) if numbers.trim_start_matches('[').parse::<u16>().is_ok() => {
                    let end = piece.as_bytes()[numbers.len()] as char;
                    bare.push_str(&format!(
                        "\u{1b}7\u{1b}[49m\u{1b}{numbers}{end}\u{1b}8{text}"
                    ));
                }
                _ => {
                    bare.push('\u{1b}');
                    bare.push_str(piece);
                }
            }
        }
        bare
    }

    /// What a person sees: blanks show their background alone, unless something is drawn on them.
    fn seen(bytes: &[u8], erasing: Erasing) -> Vec<String> {
        let mut parser =
            vt100::Parser::new(ROWS.try_into().unwrap(), COLUMNS.try_into().unwrap(), 0);
        // The parser fills the background; one that does not is had by taking the background away before.
        let bytes = match erasing {
            Erasing::FillsBackground => bytes.to_vec(),
            Erasing::Bare => bare(&String::from_utf8_lossy(bytes)).into_bytes(),
        };
        parser.process(&bytes);
        let screen = parser.screen();
        let cells = (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column)));
        cells
            .filter_map(|(row, column)| screen.cell(row, column))
            .map(|cell| {
                let is_blank = cell.contents().trim().is_empty();
                let is_seen = !is_blank || cell.inverse() || cell.underline();
                format!(
                    "{:?} {:?} {:?} {:?}",
                    cell.contents().trim(),
                    cell.bgcolor(),
                    (cell.inverse(), cell.underline()),
                    is_seen.then(|| (cell.fgcolor(), cell.bold(), cell.dim(), cell.italic())),
                )
            })
            .collect()
    }

    proptest! {
        /// Whatever is drawn after whatever, the terminal shows what crossterm's own backend would.
        #[test]
        fn the_screen_is_the_same_as_with_crossterm(
            screens in prop::collection::vec(screen(), 1..4),
            erasing in prop_oneof![Just(Erasing::FillsBackground), Just(Erasing::Bare)],
        ) {
            let ours = frames(erasing, &screens).concat();

            crossterm::style::force_color_output(true);
            let mut theirs = Vec::new();
            let options = ratatui::TerminalOptions {
                viewport: ratatui::Viewport::Fixed(Rect::new(0, 0, COLUMNS, ROWS)),
            };
            let backend = CrosstermBackend::new(&mut theirs);
            let mut terminal = Terminal::with_options(backend, options).unwrap();
            for screen in &screens {
                terminal
                    .draw(|frame| frame.buffer_mut().clone_from(screen))
                    .unwrap();
            }
            drop(terminal);
            prop_assert_eq!(seen(&ours, erasing), seen(&theirs, erasing));
        }
    }

    #[rstest]
    #[case(Erasing::FillsBackground)]
    #[case(Erasing::Bare)]
    fn a_forgotten_screen_is_painted_whole(#[case] erasing: Erasing) {
        let mut terminal = Terminal::new(backend(erasing)).unwrap();
        let buffer = on_ground();
        let mut draw = || {
            terminal
                .draw(|frame| frame.buffer_mut().clone_from(&buffer))
                .unwrap();
            let frame = std::mem::take(&mut terminal.backend_mut().out);
            terminal.backend_mut().forget();
            terminal.resize(Rect::new(0, 0, COLUMNS, ROWS)).unwrap();
            text(&frame)
        };

        assert_eq!(draw(), draw());
    }
}
