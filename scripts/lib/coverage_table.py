#!/usr/bin/env python3
"""A table of the lines that ran, by file, from what `llvm-cov export --format lcov` says.

    coverage_table.py [--least PERCENT] [--missed FILE]... < LCOV

Lines of test modules are left out: they run always. Exit status: 1 if less than PERCENT of all lines ran.
"""

import argparse
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(lines):
    """File -> line -> how often it ran, the largest of what several programs say."""
    files, counts = {}, None
    for line in lines:
        kind, _, rest = line.rstrip("\n").partition(":")
        if kind == "SF":
            counts = files.setdefault(os.path.relpath(rest, TOP), {})
        elif kind == "DA":
            number, count = (int(part) for part in rest.split(",")[:2])
            counts[number] = max(count, counts.get(number, 0))
    return files


def without_tests(name, counts):
    """The counts of the lines that are not in a test module, which is a file of its own or stands at the end of one."""
    if name.endswith("tests.rs"):
        return {}
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        text = file.read()
    tests = re.search(r"^#\[cfg\(test\)\]\nmod \w+ \{$", text, re.MULTILINE)
    if not tests:
        return counts
    assert text[tests.end():].find("\n}\n") == len(text) - tests.end() - 3, f"{name} goes on behind its tests"
    first = text.count("\n", 0, tests.start()) + 1
    return {line: count for line, count in counts.items() if line < first}


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3, 7"."""
    found = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in found)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--least", type=float, default=0)
    arguments.add_argument("--missed", action="append", default=[])
    options = arguments.parse_args()

    files = {name: without_tests(name, counts) for name, counts in read(sys.stdin).items() if name.startswith("src/")}
    rows = [(name, sum(1 for count in counts.values() if count), len(counts)) for name, counts in files.items() if counts]
    if not rows:
        sys.exit("coverage_table.py: nothing was counted")
    ran, all_lines = sum(row[1] for row in rows), sum(row[2] for row in rows)
    print(f"{'file':<44} {'lines':>6} {'ran':>6} {'%':>6}")
    for name, some, of in sorted(rows, key=lambda row: row[1] / row[2]) + [("src/", ran, all_lines)]:
        print(f"{name:<44} {of:>6} {some:>6} {100 * some / of:>6.1f}")
    for name in options.missed:
        print(f"\n{name}, never ran: {ranges(sorted(line for line, count in files.get(name, {}).items() if not count))}")
    if 100 * ran < options.least * all_lines:
        sys.exit(f"coverage_table.py: less than {options.least:g} % of the lines ran")


if __name__ == "__main__":
    main()
