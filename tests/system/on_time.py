# SPDX-License-Identifier: Apache-2.0
"""Tests of time: a child's against the parent's, the parent's against ours."""
import time

from child import booted, kernel
from verdict import check

INTERVAL_SECONDS = 60
SAMPLES = 40
DRIFT = 0.001
# Through a serial line and a shell that takes its time, ours is less exact.
PARENT_SAMPLES = 10
PARENT_DRIFT = 0.01
# /proc/uptime has two digits.
UPTIME_STEP = 0.01

# Asks the child for its uptime, and notes the parent's clock around it. What
# the console kept comes first; read passes over it.
SAMPLER = r"""
coproc CHILD { exec socat - "UNIX-CONNECT:/run/mullion/$1/console.sock"; }
sample() {
	local before=$EPOCHREALTIME line
	echo "$1" >&"${CHILD[1]}"
	while read -r -t 60 -u "${CHILD[0]}" line; do
		[[ $line != "uptime $1 "* ]] || break
	done
	echo "sample $before ${line//$'\r'} $EPOCHREALTIME"
}
samples() {
	for ((i = $1; i < $1 + $2; i++)); do
		sample "$i"
	done
}
samples 1000 "$2"
sleep "$3"
samples 2000 "$2"
"""

# In the child; a line typed is answered with the uptime.
ANSWERER = ("while read word; do read up idle < /proc/uptime; "
            "echo uptime $word $up; done")


class Offset:
    """Bounds of how far one clock is ahead of another."""

    def __init__(self):
        self.low = float("-inf")
        self.high = float("inf")
        self.start = None

    def add(self, before, low, high, after):
        """The other clock was between low and high, at some time between."""
        if self.start is None:
            self.start = before
        self.low = max(self.low, low - after)
        self.high = min(self.high, high - before)


def check_drift(first, second, allowed):
    """Fail if the clocks may have drifted apart by more than allowed."""
    for offset in first, second:
        check(offset.low <= offset.high, "the clock jumped by at least "
              f"{offset.low - offset.high:.3f} s while it was read")
    elapsed = second.start - first.start
    worst = max(abs(second.high - first.low), abs(second.low - first.high))
    check(elapsed >= INTERVAL_SECONDS, f"measured for {elapsed:.1f} s only")
    check(worst <= allowed * elapsed, f"drift of up to {1000 * worst:.0f} ms "
          f"in {elapsed:.1f} s, more than {100 * allowed:.1f} %")


def child_time_keeps_up(machine):
    """The child's time advances as the parent's, to 0.1 % in a minute."""
    with booted(machine, "clock", kernel("7.3"), 2) as child:
        with child.console() as console:
            console.send(ANSWERER + "\n")
        machine.write("/tmp/sampler", SAMPLER)
        output = machine.ask(
            f"bash /tmp/sampler clock {SAMPLES} {INTERVAL_SECONDS}",
            3 * INTERVAL_SECONDS + 120)
    offsets = {"1": Offset(), "2": Offset()}
    for line in output.splitlines():
        words = line.split()
        if len(words) == 6 and words[:3:2] == ["sample", "uptime"]:
            before, up, after = (float(words[i]) for i in (1, 4, 5))
            offsets[words[3][0]].add(before, up, up + UPTIME_STEP, after)
    for offset in offsets.values():
        check(offset.start is not None, f"no samples in: {output[-200:]}")
    check_drift(offsets["1"], offsets["2"], DRIFT)


def parent_offset(machine):
    """How far the parent's clock is ahead of ours."""
    offset = Offset()
    for _ in range(PARENT_SAMPLES):
        before = time.monotonic()
        now = float(machine.ask("echo $EPOCHREALTIME"))
        offset.add(before, now, now, time.monotonic())
    return offset


def parent_time_keeps_up(machine):
    """The parent's time advances as ours, to 1 % in a minute."""
    first = parent_offset(machine)
    machine.ask(f"sleep {INTERVAL_SECONDS}", 3 * INTERVAL_SECONDS)
    check_drift(first, parent_offset(machine), PARENT_DRIFT)
