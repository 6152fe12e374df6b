//! Plots as text: bars in eighths of a cell, a curve in dots of a quarter of one.

const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Dots across and down in one cell of braille.
const ACROSS: usize = 2;
const DOWN: usize = 4;

/// How many values share a bar when there are more of them than columns.
pub(crate) fn values_per_bar(count: usize, width: usize) -> usize {
    count.div_ceil(width.max(1)).max(1)
}

/// The bars of the values from the top row to the bottom row; the highest one fills the height.
pub(crate) fn bars(values: &[u64], width: usize, height: usize) -> Vec<String> {
    let sums: Vec<u64> = values
        .chunks(values_per_bar(values.len(), width))
        .map(|chunk| chunk.iter().sum())
        .collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let columns = (width / sums.len().max(1)).max(1);
    let gap = usize::from(columns >= 3);
    (0..height)
        .map(|row| {
            let below = (height - 1 - row).saturating_mul(8);
            let mut line = String::new();
            for sum in &sums {
                let eighths = scaled(*sum, most, height.saturating_mul(8));
                let step = eighths.saturating_sub(below).min(8);
                let c = HEIGHTS.get(step).copied().unwrap_or('█');
                line.extend(std::iter::repeat_n(c, columns - gap));
                line.extend(std::iter::repeat_n(' ', gap));
            }
            line
        })
        .collect()
}

/// The curve through the values, from the top row to the bottom row; `top` is the upper edge.
pub(crate) fn curve(values: &[u64], top: u64, size: (usize, usize)) -> Vec<String> {
    let (width, height) = size;
    let (across, down) = (width * ACROSS, height * DOWN);
    let mut cells = vec![0u8; width * height];
    let mut before: Option<usize> = None;
    for x in 0..across {
        let index = x * values.len() / across.max(1);
        let Some(value) = values.get(index) else {
            continue;
        };
        let y = scaled(*value, top, down.saturating_sub(1));
        // The dots between two neighbours make a steep rise a line.
        let (low, high) = match before {
            Some(last) if last < y => (last + 1, y),
            Some(last) if last > y => (y, last - 1),
            Some(_) | None => (y, y),
        };
        for dot in low..=high {
            let row = down - 1 - dot;
            let cell = (row / DOWN) * width + x / ACROSS;
            if let Some(cell) = cells.get_mut(cell) {
                *cell |= bit(x % ACROSS, row % DOWN);
            }
        }
        before = Some(y);
    }
    cells
        .chunks(width.max(1))
        .map(|row| row.iter().map(|bits| glyph(*bits)).collect())
        .collect()
}

/// The row, counted from the top, in which a value of the curve lies.
pub(crate) fn row_of(value: u64, top: u64, height: usize) -> usize {
    let down = height * DOWN;
    let dot = scaled(value, top, down.saturating_sub(1));
    (down.saturating_sub(1) - dot) / DOWN
}

/// A share of `cells`, rounded up so that one unit can be seen.
fn scaled(value: u64, most: u64, cells: usize) -> usize {
    let cells_wide = u128::try_from(cells).unwrap_or(0);
    let share = (u128::from(value) * cells_wide).div_ceil(u128::from(most.max(1)));
    usize::try_from(share).unwrap_or(cells).min(cells)
}

fn bit(x: usize, y: usize) -> u8 {
    match (x, y) {
        (x, 0..3) => 1 << (3 * x + y),
        (x, _) => 0x40 << x,
    }
}

fn glyph(bits: u8) -> char {
    match bits {
        0 => ' ',
        bits => char::from_u32(0x2800 + u32::from(bits)).unwrap_or(' '),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn plots_always_have_their_size(
            values in proptest::collection::vec(any::<u64>(), 0..100),
            top: u64, width in 1usize..120, height in 1usize..20,
        ) {
            let values: Vec<u64> = values.iter().map(|value| value >> 8).collect();
            let bars = bars(&values, width, height);
            prop_assert_eq!(bars.len(), height);
            prop_assert!(bars.iter().all(|row| row.chars().count() <= width));

            let curve = curve(&values, top, (width, height));
            prop_assert_eq!(curve.len(), height);
            prop_assert!(curve.iter().all(|row| row.chars().count() == width));
            prop_assert!(row_of(top / 2, top, height) < height);
        }
    }

    #[test]
    fn bars_stand_as_high_as_their_values() {
        assert_eq!(bars(&[0, 1, 8, 16], 4, 2), ["   █", " ▁██"]);
        assert_eq!(bars(&[1, 2], 8, 1), ["▄▄▄ ███ "]);
    }

    #[test]
    fn more_days_than_columns_share_bars() {
        assert_eq!(values_per_bar(90, 50), 2);
        assert_eq!(bars(&[1, 1, 2, 2], 2, 1), ["▄█"]);
    }

    #[test]
    fn a_curve_rises_from_the_lower_left_to_the_upper_right() {
        let rows = curve(&[0, 1, 2, 3, 4, 5, 6, 7], 7, (4, 2));

        assert_eq!(rows, ["  ⡠⠊", "⡠⠊  "]);
    }
}
