//! Random numbers that depend on nothing but where they are used: seed, purpose, frame, row and column. Integers only, so that they are
//! the same everywhere, and no state, so that rows can be made in any order.

/// What numbers are for; those of different purposes have nothing to do with each other.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub enum Purpose {
    /// Errors of distance.
    Distance = 1,
    /// Errors of infrared.
    Infrared = 2,
    /// Which pixels are invalid.
    Validity = 3,
    /// How sensitive each pixel is: the same in all frames.
    Pattern = 4,
    /// How readily each pixel is invalid: the same in all frames.
    Habit = 5,
}

/// The numbers of one frame for one purpose.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    key: u64,
}

/// Of one row of these.
#[derive(Debug, Clone, Copy)]
pub struct RowNumbers {
    before: u32,
    between: u32,
}

/// The finaliser of the generator SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
fn mix64(mut bits: u64) -> u64 {
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

impl Numbers {
    pub fn new(seed: u32, purpose: Purpose, frame: u64) -> Self {
        Self { key: mix64(mix64(u64::from(seed) << 32 | u64::from(purpose as u32)).wrapping_add(frame)) }
    }

    pub fn row(&self, row: usize) -> RowNumbers {
        let key = mix64(self.key.wrapping_add(row as u64));
        RowNumbers { before: key as u32, between: (key >> 32) as u32 }
    }
}

impl RowNumbers {
    /// All 32 bits are random. A mixer of 32 bits (constants: C. Wellons, "Prospecting for hash functions", 2018), since compilers make
    /// four or eight of them at once; half of the row's key goes in midway, so that no two rows are pieces of one sequence.
    #[inline]
    pub fn at(self, column: usize) -> u32 {
        let mut bits = (column as u32).wrapping_mul(0x9e37_79b9) ^ self.before;
        bits = (bits ^ bits >> 16).wrapping_mul(0x7feb_352d).wrapping_add(self.between);
        bits = (bits ^ bits >> 15).wrapping_mul(0x846c_a68b);
        bits ^ bits >> 16
    }
}

/// Nearly normal, mean 0, standard deviation [`BELL`], at most 510 either way: the sum of the four bytes.
#[inline]
pub fn bell(bits: u32) -> i32 {
    let pairs = (bits & 0x00ff_00ff) + (bits >> 8 & 0x00ff_00ff);
    ((pairs & 0xffff) + (pairs >> 16)) as i32 - 510
}

/// Standard deviation of [`bell`]: four times the variance of one of 256 values, under the root.
pub const BELL: f32 = 147.8;

/// A field of errors that are alike in neighbouring pixels: independent ones, each smeared over thirteen pixels. Rows are given out from
/// the top to the bottom.
pub struct Smeared {
    width: usize,
    /// Five rows of independent numbers, with two columns more on each side; the middle one is that of the row given out.
    rows: [Vec<i16>; 5],
    /// The row given out.
    row: Vec<i32>,
}

/// Weights of the pixel itself, of the four beside it, the four diagonally, and the four at two pixels. They make correlations of 0.62,
/// 0.44 and 0.22 with those, and none beyond; after rounding to millimetres, and with what else is in a frame, that is measured as on a
/// real sensor: 0.57, 0.39 and 0.21.
const WEIGHTS: [i32; 4] = [50, 17, 11, 4];

/// Standard deviation of smeared numbers: that of one times the root of the sum of the squared weights.
pub const SMEARED: f32 = BELL * 64.838_26;

impl Smeared {
    pub fn new(width: usize) -> Self {
        Self { width, rows: std::array::from_fn(|_| vec![0; width + 4]), row: vec![0; width] }
    }

    /// Begins a frame.
    pub fn begin(&mut self, numbers: &Numbers) {
        for row in 0..5 {
            self.fill(row, numbers, row);
        }
    }

    /// The frame's next row, mean 0, standard deviation [`SMEARED`]; `row` is its number.
    pub fn next_row(&mut self, numbers: &Numbers, row: usize) -> &[i32] {
        let width = self.width;
        let at = |row: usize, column: usize| &self.rows[row][column..column + width];
        let beside = [at(2, 1), at(2, 3), at(1, 2), at(3, 2)];
        let diagonal = [at(1, 1), at(1, 3), at(3, 1), at(3, 3)];
        let beyond = [at(2, 0), at(2, 4), at(0, 2), at(4, 2)];
        let (itself, sum) = (at(2, 2), |of: &[&[i16]; 4], x: usize| of.iter().map(|row| i32::from(row[x])).sum::<i32>());
        for (x, smeared) in self.row.iter_mut().enumerate() {
            *smeared = WEIGHTS[0] * i32::from(itself[x])
                + WEIGHTS[1] * sum(&beside, x)
                + WEIGHTS[2] * sum(&diagonal, x)
                + WEIGHTS[3] * sum(&beyond, x);
        }
        self.rows.rotate_left(1);
        self.fill(4, numbers, row + 5);
        &self.row
    }

    fn fill(&mut self, into: usize, numbers: &Numbers, row: usize) {
        let numbers = numbers.row(row);
        for (x, value) in self.rows[into].iter_mut().enumerate() {
            *value = bell(numbers.at(x)) as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean_and_deviation(values: &[f64]) -> (f64, f64) {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
    }

    /// Of numbers with mean 0.
    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        sum(a, b) / (sum(a, a) * sum(b, b)).sqrt()
    }

    fn bells(numbers: RowNumbers) -> Vec<f64> {
        (0..20_000).map(|column| f64::from(bell(numbers.at(column)))).collect()
    }

    #[test]
    fn the_numbers_are_those_that_they_always_were() {
        let numbers = Numbers::new(1, Purpose::Distance, 2);
        assert_eq!([numbers.row(3).at(4), numbers.row(3).at(5), numbers.row(4).at(4)], [168_387_760, 3_857_410_102, 3_865_631_671]);
    }

    #[test]
    fn bells_have_the_mean_and_deviation_that_is_said() {
        let (mean, deviation) = mean_and_deviation(&bells(Numbers::new(0, Purpose::Infrared, 0).row(0)));
        assert!(mean.abs() < 4.0 && (deviation / f64::from(BELL) - 1.0).abs() < 0.02, "{mean} {deviation}");
        assert_eq!((bell(0), bell(u32::MAX)), (-510, 510));
    }

    #[test]
    fn seed_purpose_frame_row_and_column_make_independent_numbers() {
        let base = bells(Numbers::new(7, Purpose::Distance, 100).row(9));
        for other in [
            Numbers::new(8, Purpose::Distance, 100).row(9),
            Numbers::new(7, Purpose::Infrared, 100).row(9),
            Numbers::new(7, Purpose::Distance, 101).row(9),
            Numbers::new(7, Purpose::Distance, 99).row(10),
            Numbers::new(7, Purpose::Distance, 100).row(10),
        ] {
            assert!(correlation(&base, &bells(other)).abs() < 0.03);
        }
        assert!(correlation(&base[1..], &base[..base.len() - 1]).abs() < 0.03);
    }

    #[test]
    fn smeared_errors_are_alike_in_neighbours() {
        const SIZE: usize = 300;
        let (numbers, mut smeared) = (Numbers::new(3, Purpose::Distance, 0), Smeared::new(SIZE));
        smeared.begin(&numbers);
        let field: Vec<f64> = (0..SIZE).flat_map(|y| smeared.next_row(&numbers, y).to_vec()).map(f64::from).collect();
        let (mean, deviation) = mean_and_deviation(&field);
        assert!(mean.abs() < 0.05 * deviation && (deviation / f64::from(SMEARED) - 1.0).abs() < 0.03, "{mean} {deviation}");
        let apart = |dx: usize, dy: usize| {
            let at = |y: usize, from: usize, to: usize| field[y * SIZE + from..y * SIZE + to].to_vec();
            let pairs = |dx: usize, dy: usize| (0..SIZE - dy).map(move |y| (at(y, 0, SIZE - dx), at(y + dy, dx, SIZE)));
            let (a, b): (Vec<_>, Vec<_>) = pairs(dx, dy).unzip();
            correlation(&a.concat(), &b.concat())
        };
        for (dx, dy, expected) in
            [(1, 0, 0.615), (0, 1, 0.615), (1, 1, 0.441), (2, 0, 0.221), (0, 2, 0.221), (3, 0, 0.032), (4, 0, 0.0), (0, 5, 0.0)]
        {
            assert!((apart(dx, dy) - expected).abs() < 0.03, "{dx} {dy}: {} instead of {expected}", apart(dx, dy));
        }
    }
}
