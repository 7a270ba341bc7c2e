# SPDX-License-Identifier: Apache-2.0
"""Test programs that run in the parent and print verdicts of their own."""
import re

from machine import plain
from verdict import Failure, check

TESTS = "/usr/lib/mullion/tests"
VERDICT = re.compile(r"^(?:ok|not ok|skip) \S+.*$", re.MULTILINE)
COUNT = re.compile(r"^\w+: \d+ passed, \d+ failed.*$", re.MULTILINE)
OUTPUT = "/tmp/suite"


def verdicts(text):
    """The verdict lines in what a program printed."""
    return VERDICT.findall(plain(text))


def suite(name, command, seconds):
    """A test that passes on the verdicts of a program in the parent."""
    def test(machine):
        try:
            result = machine.run(f"{TESTS}/{command} 2>&1 | tee {OUTPUT}; "
                                 "(exit ${PIPESTATUS[0]})",
                                 seconds)
        except Failure:
            # What it said until then is worth something, too.
            for line in verdicts(machine.process.before or ""):
                machine.pass_on(line)
            raise
        # On the console lines of the hypervisor may stand in between.
        lines = verdicts(machine.ask(f"cat {OUTPUT}"))
        for line in lines:
            machine.pass_on(line)
        check(lines, f"it printed no verdict: {result.output[-200:]}")
        failed = sum(line.startswith("not ok") for line in lines)
        check(failed or result.status == 0,
              f"it ended with {result.status}: {result.output[-200:]}")
    test.__name__ = name
    return test
