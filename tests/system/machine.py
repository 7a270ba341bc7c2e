# SPDX-License-Identifier: Apache-2.0
"""A machine in QEMU, driven through its serial console."""
import collections
import re
import shlex
import signal
import time

import pexpect

from verdict import Failure

PROMPT = r"root@parent:~# "
BOOT_SECONDS = 600
COMMAND_SECONDS = 60
END_SECONDS = 20
# Colours, cursor movements and the like.
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|[@-Z\\-_])|\r")

Result = collections.namedtuple("Result", "status output")


def plain(text):
    """Text without what only a terminal needs."""
    return ESCAPES.sub("", text)


class Machine:
    """One QEMU, from its start to its end, with a limit of time for all.

    The words of @options go to the build tree's `simulate`. Everything on the
    serial console goes to the file @log.
    """

    def __init__(self, build, log, state, options=(), limit=900):
        self.command = [str(build / "simulate"), "--state", str(state),
                        "--fresh", "--no-disks", *options]
        self.limit = limit
        self.pass_on = print    # what takes verdicts of other programs
        self.log_path = log
        self.log = None
        self.process = None
        self.deadline = 0
        self.serial = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end()

    def start(self):
        """Start QEMU; `simulate` becomes it, so that the pid is QEMU's."""
        self.deadline = time.monotonic() + self.limit
        self.log = open(self.log_path, "w", encoding="utf-8",
                        errors="replace")
        self.process = pexpect.spawn(
            self.command[0], self.command[1:], encoding="utf-8",
            codec_errors="replace", timeout=None, logfile=None)
        self.process.logfile_read = self.log
        self.process.delaybeforesend = None
        return self

    def end(self):
        """End QEMU if it still runs, by its pid."""
        if self.process is None:
            return
        if self.process.isalive():
            self.process.kill(signal.SIGTERM)
            self._wait_end(END_SECONDS)
        # Forceful: SIGHUP, SIGINT, then SIGKILL.
        self.process.close(force=True)
        self.log.close()
        self.process = None

    def _wait_end(self, seconds):
        """Read on until QEMU has ended."""
        try:
            self.process.expect(pexpect.EOF, timeout=seconds)
        except pexpect.TIMEOUT:
            return False
        self.process.wait()
        return True

    def wait_for(self, pattern, seconds=COMMAND_SECONDS, what=None):
        """Wait for a regular expression on the console; its match."""
        left = min(seconds, self.deadline - time.monotonic())
        try:
            self.process.expect(pattern, timeout=max(left, 0))
        except pexpect.TIMEOUT:
            raise Failure(
                f"no {what or repr(pattern)} in {max(left, 0):.0f} s; "
                f"last was: {self.last_words()}") from None
        except pexpect.EOF:
            self.process.wait()
            raise Failure(
                f"QEMU ended with status {self.process.exitstatus} before "
                f"{what or repr(pattern)}; last was: {self.last_words()}"
            ) from None
        return self.process.match

    def wait_exit(self, seconds):
        """Wait for QEMU to end by itself; its exit status."""
        left = min(seconds, self.deadline - time.monotonic())
        if not self._wait_end(max(left, 0)):
            raise Failure(f"the machine did not power off in {left:.0f} s; "
                          f"last was: {self.last_words()}")
        return self.process.exitstatus

    def passed(self):
        """What was read until the last thing that was waited for."""
        text = self.process.before
        return plain(text) if isinstance(text, str) else ""

    def last_words(self):
        """The end of it, in a line."""
        return " | ".join(self.passed().strip().splitlines()[-3:])[-300:]

    def send(self, text):
        """Type text."""
        self.process.send(text)

    def login(self, seconds=BOOT_SECONDS):
        """Wait for the parent's shell, and make it easy to read."""
        self.wait_for(PROMPT, seconds, "prompt of the parent")
        # Neither echo nor line editing nor lines of the kernel in between.
        self.send("exec bash --norc --noediting\n")
        self.send("stty -echo; PS1=; PS2=; dmesg -n 1; "
                  "printf 'mullion-%s\\n' ready\n")
        self.wait_for("mullion-ready", what="shell of the parent")

    def mark(self):
        """A word that was not on the console before."""
        self.serial += 1
        return f"mark-{self.serial}"

    def begin(self, command):
        """Start a command; finish() with the answer waits for its end."""
        begin, end = self.mark(), self.mark()
        # First away with what was typed and not taken.
        self.send(f"\x15printf '%s\\n' {begin}; {{ {command}\n}} 2>&1; "
                  f"printf '\\n%s:%d\\n' {end} $?\n")
        self.wait_for(begin + r"\r*\n", what="start of a command")
        return end

    def finish(self, end, seconds=COMMAND_SECONDS, what=None):
        """Wait for the end of a command; its status and output."""
        match = self.wait_for(rf"\r*\n{end}:(\d+)\r*\n", seconds, what)
        output = plain(self.process.before).rstrip("\n")
        return Result(int(match.group(1)), output)

    def run(self, command, seconds=COMMAND_SECONDS):
        """Run a shell command; its status and output."""
        return self.finish(self.begin(command), seconds,
                           f"end of `{command[:60]}`")

    def ask(self, command, seconds=COMMAND_SECONDS):
        """Run a shell command that must succeed; its output."""
        result = self.run(command, seconds)
        if result.status != 0:
            raise Failure(f"`{command[:80]}` ended with {result.status}: "
                          f"{result.output[-300:]}")
        return result.output

    def number(self, command, seconds=COMMAND_SECONDS):
        """Run a shell command that prints a number."""
        output = self.ask(command, seconds).strip()
        if not re.fullmatch(r"-?\d+", output):
            raise Failure(f"`{command[:80]}` printed no number: "
                          f"{output[-100:]}")
        return int(output)

    def write(self, path, text):
        """Make a file in the parent."""
        quoted = shlex.quote(path)
        end = self.mark()
        self.ask(f"cat > {quoted} << '{end}'\n{text}{end}")

    def answers(self):
        """Whether the shell of the parent is there."""
        if self.process is None or not self.process.isalive():
            return False
        try:
            # Leave a console, end a command.
            self.send("\x1d\x03\n")
            return self.run("true", 30).status == 0
        except Failure:
            return False
