# SPDX-License-Identifier: Apache-2.0
"""How tests end, and how that is printed."""
import threading
import time


class Failure(Exception):
    """What is tested did what it must not, or not what it must."""


class Skip(Exception):
    """This machine has not what the test needs."""


def check(condition, reason):
    """Fail with the reason when the condition does not hold."""
    if not condition:
        raise Failure(reason)


class Printer:
    """Prints one line for each test and remembers whether one failed."""

    def __init__(self):
        self.failed = False
        self.lock = threading.Lock()

    def say(self, verdict, name, reason=""):
        """Print a verdict; the reason becomes one line."""
        self.pass_on(" ".join(f"{verdict} {name} {reason}".split()))

    def pass_on(self, line):
        """Print a line that a program in the parent wrote."""
        with self.lock:
            self.failed |= line.startswith("not ok ")
            print(line, flush=True)

    def test(self, name, function, *arguments):
        """Run a test, print how it ended; whether it did not fail."""
        before = time.monotonic()
        try:
            function(*arguments)
        except Skip as why:
            self.say("skip", name, str(why))
        except Failure as why:
            self.say("not ok", name, str(why))
            return False
        except Exception as why:
            # One test that is wrong does not take the others with it.
            self.say("not ok", name, f"the test itself: {why!r}")
            return False
        else:
            self.say("ok", name, f"{time.monotonic() - before:.0f} s")
        return True
