//! What the encoder chooses for an image, by samples of it: how many of the lowest bits are noise, and which table of symbol
//! frequencies each context uses. And these tables as coders want them.

use super::model::{CONTEXTS, SYMBOLS, Token};
use super::rans::{SHARE, STREAMS};
use super::strips::Lanes;
use super::tables::{DEFAULTS, FREQUENCIES, TABLES};

/// Frequencies of a table add up to 2 to the power of this.
pub(super) const SCALE_BITS: u32 = 10;

/// Distance between the contexts of an encoder's table: one entry for each value of a token's symbol.
const ENTRIES: usize = 1 << Token::CONTEXT_SHIFT;
/// Distance between the contexts of a decoder's table.
const SLOTS: usize = 1 << SCALE_BITS;

/// Entries in a line of a processor's cache.
const LINE: usize = 64 / size_of::<u32>();

/// For each context the index of its table.
pub(super) type Chosen = [u8; CONTEXTS];

/// Whether these are indices of tables.
pub(super) fn exist(chosen: &Chosen) -> bool {
    chosen.iter().all(|&table| usize::from(table) < TABLES)
}

/// Most bits that [`choose_shift`] takes off.
pub(super) const MOST_SHIFT: u32 = 10;
/// Rows that [`choose_shift`] looks at: one in so many.
const SAMPLED_ROWS: usize = 64;

/// How many of a residual's lowest bits are not worth a model: none in depth, some in infrared, whose noise is much larger. They are
/// written as they are, and the model sees what is above them.
///
/// So many that three quarters of all differences to the left are left with four bits.
pub(super) fn choose_shift(pixels: &[u16], width: usize) -> u32 {
    let mut lengths = [0u32; 17];
    for row in pixels.chunks_exact(width).step_by(SAMPLED_ROWS) {
        let pairs = row.iter().zip(&row[1..]);
        for (&left, &right) in pairs.filter(|&(&left, &right)| left != 0 && right != 0) {
            let difference = right.wrapping_sub(left).cast_signed().unsigned_abs();
            lengths[16 - difference.leading_zeros() as usize] += 1;
        }
    }
    let quarter = lengths.iter().sum::<u32>() / 4;
    let mut longer = 0;
    let usual = (0..=16).rev().find(|&length| {
        longer += lengths[length as usize];
        longer > quarter
    });
    usual.unwrap_or(0_u32).saturating_sub(4).min(MOST_SHIFT)
}

/// How often which token was met.
#[derive(Debug)]
pub(super) struct Counts([u32; PLACES]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; PLACES])
    }
}

impl Counts {
    pub(super) fn clear(&mut self) {
        self.0.fill(0);
    }

    pub(super) fn add(&mut self, tokens: &[Lanes]) {
        for step in tokens {
            for token in step.0 {
                self.0[usize::from(token.cast_unsigned())] += 1;
            }
        }
    }

    /// Every context that was met, with the counts of its symbols.
    #[cfg(test)]
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let rows = self.0.as_chunks::<ENTRIES>().0.iter().map(|counts| &counts[..SYMBOLS]).enumerate();
        rows.filter(|(_, counts)| counts.iter().any(|&count| count > 0))
    }

    /// Where a context was not met, or not often, the table that suits it as a rule.
    pub(super) fn choose(&self) -> Chosen {
        let mut chosen = DEFAULTS;
        for ((counts, chosen), default) in self.0.as_chunks::<ENTRIES>().0.iter().zip(&mut chosen).zip(DEFAULTS) {
            let total: u32 = counts[..SYMBOLS].iter().sum();
            if total == 0 {
                continue;
            }
            // So that sums of products with costs fit 31 bits, in numbers of 16 bits, which processors multiply best.
            let shift = (32 - total.leading_zeros()).saturating_sub(14);
            let usual = &FREQUENCIES[usize::from(default)];
            let weights: [i16; SYMBOLS] = std::array::from_fn(|symbol| (counts[symbol] >> shift) as i16 + (usual[symbol] >> 6) as i16);
            let cost = |table: &[i16; SYMBOLS]| -> i32 {
                table.iter().zip(&weights).map(|(&cost, &weight)| i32::from(cost) * i32::from(weight)).sum()
            };
            let mut least = cost(&COSTS[usize::from(default)]);
            for (table, costs) in (0..).zip(&COSTS) {
                let cost = cost(costs);
                if cost < least {
                    (least, *chosen) = (cost, table);
                }
            }
        }
        chosen
    }
}

/// What a symbol costs, in 256ths of a bit.
static COSTS: [[i16; SYMBOLS]; TABLES] = {
    let mut costs = [[0; SYMBOLS]; TABLES];
    let mut table = 0;
    while table < TABLES {
        let mut symbol = 0;
        while symbol < SYMBOLS {
            costs[table][symbol] = (SCALE_BITS as i16) * 256 - logarithm(FREQUENCIES[table][symbol]);
            symbol += 1;
        }
        table += 1;
    }
    costs
};

/// To base 2, in 256ths rounded down, of a number from 1 to 1023: a bit for every squaring that reaches 2.
const fn logarithm(number: u16) -> i16 {
    let whole = number.ilog2();
    let mut fraction = 0;
    let mut x = (number as u64) << (30 - whole);
    let mut bit = 128;
    while bit > 0 {
        x = (x * x) >> 30;
        if x >= 2 << 30 {
            x >>= 1;
            fraction += bit;
        }
        bit /= 2;
    }
    whole as i16 * 256 + fraction
}

/// Frequency and, from bit 16 on, start of every symbol of every table.
static ENCODERS: [[u32; ENTRIES]; TABLES] = {
    let mut entries = [[1; ENTRIES]; TABLES];
    let mut table = 0;
    while table < TABLES {
        let (mut symbol, mut start) = (0, 0);
        while symbol < SYMBOLS {
            let frequency = FREQUENCIES[table][symbol] as u32;
            entries[table][symbol] = start << 16 | frequency;
            start += frequency;
            symbol += 1;
        }
        assert!(start == 1 << SCALE_BITS);
        table += 1;
    }
    entries
};

/// For every token its symbol's frequency and, from bit 16 on, start. What no token is codes to nothing.
#[derive(Debug)]
pub(super) struct EncodeTables(pub(super) [u32; PLACES]);

/// The last one is that of [`Token::INVALID`].
const PLACES: usize = Token::INVALID as usize + 1;

/// A symbol that is all there is takes no place in a state.
const NOTHING: u32 = 1 << SCALE_BITS;

impl Default for EncodeTables {
    fn default() -> Self {
        Self([NOTHING; PLACES])
    }
}

impl EncodeTables {
    pub(super) fn choose(&mut self, chosen: &Chosen) {
        for (entries, &table) in self.0.as_chunks_mut::<ENTRIES>().0.iter_mut().zip(chosen) {
            *entries = ENCODERS[usize::from(table)];
        }
    }

    /// A step's entries, for each stream.
    #[inline(never)]
    pub(super) fn look_up(&self, tokens: &Lanes, entries: &mut Entries) {
        let [even, odd] = &mut entries.0;
        for ((even, odd), [even_token, odd_token]) in even.iter_mut().zip(odd).zip(tokens.0.as_chunks().0) {
            *even = self.0[usize::from(even_token.cast_unsigned())];
            *odd = self.0[usize::from(odd_token.cast_unsigned())];
        }
    }
}

/// What [`EncodeTables`] have for a step.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Entries(pub(super) [[u32; SHARE]; STREAMS]);

impl Entries {
    pub(super) const NOTHING: Self = Self([[NOTHING; SHARE]; STREAMS]);
}

/// For every context and every value of a state's lowest bits: the symbol's frequency, from bit 10 on how far the value is from the
/// symbol's start, and from bit 24 on what the symbol stands for, see [`DecodeTables::residual`].
#[derive(Debug)]
pub(super) struct DecodeTables {
    pub(super) entries: Box<[u32; CONTEXTS * SLOTS]>,
    built: [Option<u8>; CONTEXTS],
}

impl Default for DecodeTables {
    fn default() -> Self {
        Self { entries: Box::new([1; CONTEXTS * SLOTS]), built: [None; CONTEXTS] }
    }
}

impl DecodeTables {
    /// A symbol as the decoder has it: its residual plus this, or an escape, which is larger than any of them.
    pub(super) const ZERO: u8 = 20;

    /// Consecutive images mostly choose alike, and what is there already is kept.
    pub(super) fn choose(&mut self, chosen: &Chosen) {
        for ((slots, built), &table) in self.entries.as_chunks_mut::<SLOTS>().0.iter_mut().zip(&mut self.built).zip(chosen) {
            if *built != Some(table) {
                build(&FREQUENCIES[usize::from(table)], slots);
                *built = Some(table);
            }
        }
        // Between two images of a camera, caches fill with other things. The entries come back sooner in order than symbol by symbol.
        std::hint::black_box(self.entries.iter().step_by(LINE).fold(0, |all, entry| all | entry));
    }
}

fn build(frequencies: &[u16; SYMBOLS], mut slots: &mut [u32]) {
    for (symbol, &frequency) in (0..).zip(frequencies) {
        let (own, rest) = slots.split_at_mut(usize::from(frequency));
        for (offset, slot) in (0..).zip(own) {
            *slot = u32::from(meaning(symbol)) << 24 | offset << SCALE_BITS | u32::from(frequency);
        }
        slots = rest;
    }
}

/// See [`DecodeTables::ZERO`]; escapes stay what they are.
fn meaning(symbol: u16) -> u8 {
    let number = if symbol < super::model::DIRECT { super::model::unfolded(symbol).wrapping_add(20).cast_unsigned() } else { symbol };
    number as u8
}
