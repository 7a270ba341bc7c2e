# SPDX-License-Identifier: Apache-2.0
"""Tests of raw channels: a program of the guest and one of the parent."""
import contextlib
import re

from child import booted, defined
from on_channels import channels, no_trouble
from on_disks import wait_in_child
from on_vmbus import (UIO, inside, slow_signals, wait_in_parent,
                      with_drivers)
from verdict import Failure, check

CLASS = "c1a55000-0000-4000-8000-000000000000"
INSTANCE = "c1a55000-0000-4000-8000-00000000ca11"
DEVICE = f"/sys/bus/vmbus/devices/{INSTANCE}"
NAME = "tea"
OUTPUT = "/tmp/holder"
STREAM_BYTES = 1 << 30
# The longest there may be: a message costs more than its bytes.
STREAM_MESSAGE = 32768
# A minute or two on an emulated machine that has a processor for itself.
STREAM_SECONDS = 900
PING_SECONDS = 300
PINGS = 500


def with_channel(version, more=""):
    """Options for a child with a raw channel."""
    return (f"{with_drivers(version)} --channel "
            f"{CLASS},instance={INSTANCE},name={NAME}{more}")


def bind(child):
    """Give the channel to the driver for programs."""
    with child.console() as console:
        wait_in_child(console, f"[ -d {DEVICE} ]")
        console.ask(f"echo {CLASS} > {UIO}/new_id; [ -d {DEVICE}/uio ]")


@contextlib.contextmanager
def replaced(child):
    """The device is removed meanwhile, and comes again."""
    node = f"$(ls -diL {DEVICE})"
    before = inside(child, f"echo {node}").split()[0]
    yield
    with child.console() as console:
        wait_in_child(console, f"[ -d {DEVICE}/uio ] && "
                      f"! echo {node} | grep -q '^{before} '")


class Holder:
    """A program of the parent that holds the channel of a child."""

    def __init__(self, machine, child, program="raw-echo"):
        self.machine = machine
        machine.ask(f"rm -f {OUTPUT}.pid; (setsid sh -c 'echo $$ > "
                    f"{OUTPUT}.pid; exec {program} {child.name} {NAME}' "
                    f"> {OUTPUT} 2>&1; echo ended $? >> {OUTPUT}) & true")
        # It has connected, and waits for its turn.
        wait_in_parent(machine, f"ls -l /proc/$(cat {OUTPUT}.pid)/fd | "
                       "grep -q eventpoll")

    def pid(self):
        """Its process."""
        return self.machine.number(f"cat {OUTPUT}.pid")

    def kill(self):
        """End it without a word."""
        self.machine.ask(f"kill -KILL {self.pid()}")
        self.wait_ended(137)

    def wait_ended(self, status, seconds=60):
        """Wait until it has ended; what it said."""
        wait_in_parent(self.machine, f"grep -q '^ended' {OUTPUT}", seconds)
        said = self.machine.ask(f"cat {OUTPUT}")
        check(f"ended {status}" in said, f"the holder said: {said}")
        return said


@contextlib.contextmanager
def echoing(machine, child):
    """A holder that sends everything back while the context lasts."""
    holder = Holder(machine, child)
    try:
        yield holder
    finally:
        with contextlib.suppress(Failure):
            holder.kill()


def ping(child, size=64):
    """The guest's program pings the parent's."""
    inside(child, f"raw-throughput ping {PINGS * size} {size} {INSTANCE}",
           PING_SECONDS)


def echo_both_ways(machine, child):
    """Each end can ask the other."""
    with echoing(machine, child):
        for size in (8, 4096, 32768):
            ping(child, size)
    with replaced(child):
        inside(child, f"raw-echo {INSTANCE} > /tmp/echo 2>&1 & true")
        said = machine.ask(f"raw-throughput ping {PINGS * 64} 64 "
                           f"{child.name} {NAME}", PING_SECONDS)
    check("us a message" in said, f"it said: {said}")


def content_is_right_both_ways(machine, child):
    """Each way arrives what was sent."""
    words = f"{STREAM_BYTES} {STREAM_MESSAGE}"
    holder = Holder(machine, child, f"raw-throughput receive {words}")
    inside(child, f"raw-throughput send {words} {INSTANCE}", STREAM_SECONDS)
    holder.wait_ended(0)
    with replaced(child):
        holder = Holder(machine, child, f"raw-throughput send {words}")
        inside(child, f"raw-throughput receive {words} {INSTANCE}",
               STREAM_SECONDS)
        holder.wait_ended(0)


def holder_sees_only_its_rings(machine, child):
    """Nothing else of the guest is mapped where the channel is held."""
    with replaced(child), echoing(machine, child) as holder:
        receive_in_vain(machine, child)
        maps = machine.ask(f"cat /proc/{holder.pid()}/maps")
        shown = channels(child)["raw"]
    check("guest-memory" not in maps, f"mapped: {maps[-500:]}")
    sizes = sorted(int(end, 16) - int(start, 16) for start, end in
                   re.findall(r"^(\w+)-(\w+) rw-s .*dmabuf", maps, re.M))
    rings = sum(shown[way]["size"] + 4096
                for way in ("from_guest", "to_guest"))
    check(sizes == [4096, rings], f"mapped {sizes}, rings {rings}")
    guest_is_told(child)


def receive_in_vain(machine, child):
    """The guest's program waits for a message that does not come."""
    inside(child, f"(raw-throughput receive 8 8 {INSTANCE}; "
           "echo $? > /tmp/ended) 2> /tmp/said & true")
    wait_in_parent(machine, f"mullion channel list {child.name} | "
                   "grep -q ' raw '")


def guest_is_told(child):
    """What the guest's program waits for has ended, and comes again."""
    with child.console() as console:
        wait_in_child(console, "[ -e /tmp/ended ]")
        console.ask("grep -q 'Input/output error' /tmp/said; rm /tmp/ended")


def holder_is_killed(machine, child):
    """The guest sees the channel end, and gets a new one."""
    with replaced(child), echoing(machine, child) as holder:
        receive_in_vain(machine, child)
        holder.kill()
        guest_is_told(child)
    with echoing(machine, child):
        ping(child)


def guest_is_killed(machine, child):
    """A holder stays while programs of the guest come and go."""
    with echoing(machine, child):
        for _ in range(2):
            ping(child)
            inside(child, f"raw-throughput receive 8 8 {INSTANCE} & "
                   "p=$!; usleep 300000; kill -9 $p; wait $p; true")
        ping(child)


def guest_resets(machine, child):
    """A holder hears of it, and the next one finds the next guest."""
    with echoing(machine, child) as holder:
        ping(child)
        with child.console() as console:
            no_trouble(console)
            console.send("reboot -f\n")
            console.wait_for("has ended", 60, "end of the console")
        holder.wait_ended(0, 120)
    child.wait_state("running", 120)
    child.wait_up()
    bind(child)
    with echoing(machine, child):
        ping(child)


def works(version, *parts):
    """A test of what a raw channel does with a kernel, part by part."""
    def test(machine):
        with booted(machine, "raw", with_channel(version), 2) as child:
            bind(child)
            for part in parts:
                try:
                    part(machine, child)
                except Failure as why:
                    raise Failure(f"{part.__name__}: {why}") from None
    test.__name__ = f"raw_channel_of_{version}_works"
    return test


def works_by_intercepts(machine):
    """Where the hypervisor rings no bells, the worker does."""
    with slow_signals(machine, "raw"):
        works("7.3", echo_both_ways, guest_is_killed)(machine)


def others_are_refused(machine):
    """One holds a channel at a time, and only whom it is for."""
    with defined(machine, "guarded",
                 with_channel("7.3", ",user=nobody")) as child:
        child.start()
        wait_in_parent(machine, f"[ -S /run/mullion/guarded/channels/{NAME} ]")
        with echoing(machine, child):
            for user, word in ((0, "busy"), (65534, "busy"),
                               (65533, "denied")):
                said = machine.run(f"setpriv --reuid {user} --clear-groups "
                                   f"raw-echo guarded {NAME}")
                check(said.status == 1 and word in said.output,
                      f"user {user}: {said.output}")


TESTS = [
    others_are_refused,
    works("7.3", echo_both_ways, content_is_right_both_ways,
          holder_sees_only_its_rings, holder_is_killed, guest_is_killed,
          guest_resets),
    works("6.12", echo_both_ways, holder_is_killed),
    works_by_intercepts,
]
