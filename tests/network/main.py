"""Runs the tests of this folder, all or those named, for some rounds; shows what each measured. Started by run.sh."""

import argparse
import sys
import time
import unittest
from pathlib import Path


def all_tests(suite):
    """The single tests of a suite."""
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from all_tests(part)
        else:
            yield part


class Result(unittest.TestResult):
    """Keeps what went wrong."""

    def failure_text(self) -> str:
        """All of it."""
        return "".join(text for _, text in self.failures + self.errors)


def run(test) -> bool:
    """Runs one test and shows its outcome."""
    name = ".".join(test.id().split(".")[-2:])
    result, began = Result(), time.monotonic()
    test.run(result)
    outcome = "passed" if result.wasSuccessful() else "FAILED"
    print(f"{outcome} {name} ({time.monotonic() - began:.0f} s)")
    for note in getattr(test, "notes", []):
        print(f"    {note}")
    if not result.wasSuccessful():
        print(result.failure_text())
    sys.stdout.flush()
    return result.wasSuccessful()


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("tests", nargs="*")
    wanted = parser.parse_args()
    failed = 0
    for number in range(wanted.rounds):
        if wanted.rounds > 1:
            print(f"round {number + 1} of {wanted.rounds}")
        tests = list(all_tests(unittest.TestLoader().discover(str(Path(__file__).parent))))
        tests = [test for test in tests if not wanted.tests or any(part in test.id() for part in wanted.tests)]
        if not tests:
            print("no such test", file=sys.stderr)
            return 2
        failed += sum(not run(test) for test in tests)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
