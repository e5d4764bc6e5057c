#!/usr/bin/env python3
"""Makes src/codec/k2d/ratio/tables.rs, the symbol frequencies of profile R, of the counts in scripts/k2d_counts.csv.

Tables are the centres of clusters of all counted distributions (k-means; the distance is what coding one with another costs), each
given in 1024ths. Without arguments the file is written; with --check it is compared, and the exit status says whether it is the same.
"""

import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTS = ROOT / "scripts/k2d_counts.csv"
TABLES_FILE = ROOT / "src/codec/k2d/ratio/tables.rs"

TABLES = 64
CONTEXTS = 18
SYMBOLS = 42
SCALE = 1024
ROUNDS = 40
# Occurrences that no count has seen, per symbol: a table must suit images of other sensors.
UNSEEN = 0.5
# Distributions weigh less than in proportion to their counts, so that rare ones get tables as well.
WEIGHT = 0.75


def read_counts():
    """Of each line of the file: the source, the context, the counts of all symbols."""
    for line in COUNTS.read_text().splitlines():
        if line and not line.startswith("#"):
            source, context, *counts = line.split(",")
            yield source, int(context), [int(count) for count in counts]


def frequencies(weights):
    """Whole numbers in proportion to the weights, at least 1, that add up to SCALE: the cheapest ones."""
    total = sum(weights)
    result = [max(1, int(weight / total * SCALE)) for weight in weights]
    while sum(result) != SCALE:
        up = sum(result) < SCALE

        def gain(symbol):
            now = result[symbol]
            if up:
                return weights[symbol] * math.log((now + 1) / now)
            return weights[symbol] * math.log((now - 1) / now) if now > 1 else -math.inf

        result[max(range(SYMBOLS), key=gain)] += 1 if up else -1
    return result


def costs(table):
    """Nats that each symbol takes."""
    total = sum(table)
    return [-math.log(value / total) for value in table]


def product(a, b):
    return sum(map(float.__mul__, a, b))


def mixture(members):
    """The distribution in the middle of these."""
    sums = [sum(column) for column in zip(*members)]
    total = sum(sums)
    weights = sum(1 / sum(member) ** (1 / WEIGHT - 1) for member in members)
    return [value + UNSEEN * total / SCALE / SYMBOLS + 1e-9 * weights for value in sums]


def clusters(items):
    items = sorted(items, key=lambda item: sum(k * n for k, n in enumerate(item)) / sum(item))
    total = sum(map(sum, items))
    groups = [[] for _ in range(TABLES)]
    seen = 0
    for number, item in enumerate(items):
        groups[min(TABLES - 1, number * TABLES // len(items))].append(item)
        seen += sum(item)
    assert total == seen
    for _ in range(ROUNDS):
        centres = [mixture(group) for group in groups if group]
        prices = [costs(centre) for centre in centres]
        groups = [[] for _ in centres]
        for item in items:
            groups[min(range(len(prices)), key=lambda table: product(item, prices[table]))].append(item)
    return [mixture(group) for group in groups if group]


def main():
    rows = list(read_counts())
    items = [[float(n) for n in counts] for _, _, counts in rows]
    weighted = [[n * sum(item) ** (WEIGHT - 1) for n in item] for item in items]
    tables = sorted((frequencies(centre) for centre in clusters(weighted)), key=lambda table: sum(k * f for k, f in enumerate(table)))
    tables += [tables[-1]] * (TABLES - len(tables))
    prices = [costs(table) for table in tables]
    defaults = []
    for context in range(CONTEXTS):
        same = [counts for source, at, counts in rows if at == context and source.startswith("depth")]
        summed = [float(sum(column)) for column in zip(*same)] if same else [1.0] * SYMBOLS
        defaults.append(min(range(TABLES), key=lambda table: product(summed, prices[table])))

    lines = [
        "//! Symbol frequencies of profile R. Made by `scripts/k2d_tables.py` of `scripts/k2d_counts.csv`: change these and run it again.",
        "",
        "use super::model::{CONTEXTS, SYMBOLS};",
        "",
        "/// How many tables there are.",
        f"pub(super) const TABLES: usize = {TABLES};",
        "",
        "/// The table that suits each context as a rule.",
        "#[rustfmt::skip]",
        "pub(super) const DEFAULTS: [u8; CONTEXTS] = [" + ", ".join(map(str, defaults)) + "];",
        "",
        f"/// Of each table the frequencies of all symbols, in {SCALE}ths.",
        "#[rustfmt::skip]",
        "pub(super) static FREQUENCIES: [[u16; SYMBOLS]; TABLES] = [",
        *("    [" + ", ".join(map(str, table)) + "]," for table in tables),
        "];",
    ]
    text = "\n".join(lines) + "\n"
    if sys.argv[1:] == ["--check"]:
        sys.exit(TABLES_FILE.read_text() != text)
    TABLES_FILE.write_text(text)


if __name__ == "__main__":
    main()
