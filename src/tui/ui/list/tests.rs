use proptest::prelude::*;
use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};

use super::*;
use crate::theme::Theme;
use crate::tui::ui::columns::{Cell, Width};

/// A row with its place and a text.
#[derive(Debug, Clone, PartialEq)]
struct Item(i64, &'static str);

impl Row for Item {
    type Key = i64;

    fn key(&self) -> i64 {
        self.0
    }
}

fn page(ids: impl IntoIterator<Item = i64>) -> Vec<Item> {
    ids.into_iter().map(|id| Item(id, "")).collect()
}

fn of(height: usize) -> List<Item> {
    let mut list = List::default();
    list.fit::<()>(height, &[]);
    list
}

fn ids(list: &List<Item>) -> Vec<i64> {
    list.rows.iter().map(Row::key).collect()
}

const NAMED: &[Column<Item, ()>] = &[Column::new("number", Width::Rest, |item: &Item, ()| {
    Cell::new(Role::Text, item.0.to_string())
})];

/// A list of a hundred rows, the last one selected, as lines of an area of a height.
fn drawn(height: u16) -> (List<Item>, Vec<String>) {
    let mut list = of(1);
    list.replace(page(0..100));
    list.fit(usize::from(height), NAMED);
    list.on(Command::Bottom, Turn::Row);
    let mut terminal = Terminal::new(TestBackend::new(12, height)).unwrap();
    let how = Drawn {
        pane: "list",
        selection: Selection::Sign,
        look: &(),
    };
    let theme = Theme::default();
    let draw = |frame: &mut Frame<'_>| {
        let area = frame.area();
        list.draw(&mut Painter::new(frame, &theme, None), area, NAMED, &how);
    };
    terminal.draw(draw).unwrap();
    let lines = crate::tui::testing::text(terminal.backend().buffer());
    (
        list,
        lines.lines().map(|line| line.trim().to_owned()).collect(),
    )
}

#[test]
fn heads_stand_above_where_eight_rows_remain_and_the_rows_agree_with_what_was_fitted() {
    for height in 1..30 {
        let (list, lines) = drawn(height);

        let has_heads = height >= 9;
        assert_eq!(lines[0] == "number", has_heads, "{height}");
        let rows = lines.iter().filter(|line| *line != "number").count();
        assert_eq!(rows, list.height(), "{height}");
        assert_eq!(lines.last().unwrap(), "▌99", "{height}");
    }
}

const SORTED: &[Column<Item, ()>] = &[
    Column::new("number", Width::Fixed(8), |item: &Item, ()| {
        Cell::new(Role::Text, item.0.to_string())
    })
    .sorted(|a, b| a.0.cmp(&b.0)),
    Column::new("word", Width::Rest, |item: &Item, ()| {
        Cell::new(Role::Text, item.1)
    })
    .sorted(|a, b| a.1.cmp(b.1)),
];

#[test]
fn a_list_is_sorted_by_one_column_after_another_and_the_selection_stays_with_its_row() {
    let mut list = of(2);
    list.replace(vec![Item(1, "c"), Item(3, "a"), Item(2, "b")]);
    list.select_key(&3);

    for expected in [[1, 2, 3], [3, 2, 1], [3, 2, 1], [1, 2, 3], [1, 2, 3]] {
        list.sort_next(SORTED);

        assert_eq!(ids(&list), expected);
        assert_eq!(list.selected_key(), Some(3));
    }
}

#[test]
fn what_comes_later_is_sorted_too() {
    let mut list = of(9);
    list.sort_next(SORTED);
    list.sort_next(SORTED);

    list.replace(page([1, 3, 2]));
    list.fit(9, SORTED);

    assert_eq!(ids(&list), [3, 2, 1]);
}

const KEEP: usize = 1_000;

#[test]
fn a_newest_page_joins_what_is_held() {
    let mut list = of(10);
    list.take_newest(page([5, 4, 3]), true, KEEP);
    list.take_older(page([2, 1]), false);

    list.take_newest(page([7, 6, 5]), true, KEEP);

    assert_eq!(ids(&list), [7, 6, 5, 4, 3, 2, 1]);
    assert!(!list.has_more);
}

#[test]
fn a_gap_is_never_papered_over() {
    let mut list = of(10);
    list.take_newest(page([3, 2, 1]), false, KEEP);

    list.take_newest(page([99, 98]), true, KEEP);

    assert_eq!(ids(&list), [99, 98]);
    assert!(list.has_more);
}

#[test]
fn a_list_follows_at_the_top_and_stays_put_elsewhere() {
    let mut list = of(10);
    list.take_newest(page((1..=30).rev()), false, KEEP);
    list.take_newest(page((1..=31).rev()), false, KEEP);
    assert_eq!(list.selected_key(), Some(31));

    list.select(12);
    let (before, offset) = (list.selected_key(), list.view.offset);
    list.take_newest(page((3..=32).rev()), true, KEEP);

    assert_eq!(list.selected_key(), before);
    assert_eq!(list.view.offset, offset + 1);
}

#[test]
fn a_row_replaces_itself() {
    let mut list = of(10);
    list.take_newest(page([1]), false, KEEP);

    list.take_newest(vec![Item(1, "settled")], false, KEEP);

    assert_eq!(list.rows, [Item(1, "settled")]);
}

#[test]
fn older_rows_come_once() {
    let mut list = of(10);
    list.take_newest(page([5, 4, 3]), true, KEEP);

    list.take_older(page([3, 2]), false);

    assert_eq!(ids(&list), [5, 4, 3, 2]);
}

#[test]
fn what_is_too_much_is_forgotten_and_known_to_follow() {
    let mut list = of(4);
    list.take_newest(page((11..=20).rev()), true, 12);
    list.take_older(page((1..=10).rev()), false);

    list.take_newest(page((12..=21).rev()), true, 12);

    assert_eq!(ids(&list), (10..=21).rev().collect::<Vec<_>>());
    assert!(list.has_more);
}

proptest! {
    #[test]
    fn pages_never_make_a_gap_a_duplicate_or_lose_the_selection(
        sizes in proptest::collection::vec((0i64..8, 1usize..6), 1..20), at in 0usize..20
    ) {
        let mut list = of(4);
        let mut newest = 0i64;
        for (grown, page_rows) in sizes {
            newest += grown;
            let low = (newest - i64::try_from(page_rows).unwrap()).max(0);
            let (selected, followed) = (list.selected_key(), list.is_at_top());
            list.take_newest(page((low + 1..=newest).rev()), low > 0, KEEP);
            let held = ids(&list);
            prop_assert!(held.windows(2).all(|pair| pair[0] == pair[1] + 1), "{held:?}");
            if !followed && held.contains(&selected.unwrap()) {
                prop_assert_eq!(list.selected_key(), selected);
            }
            list.select(at);
        }
    }
}
