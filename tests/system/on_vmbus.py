# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's VMBus: the connection, offers, bells, and their ends."""
import contextlib

from child import booted, kernel
from verdict import Failure, check

BELL = "/usr/lib/mullion/tests/vmbus-bell"
CLASS = "b311b311-0000-4000-8000-000000000001"
INSTANCE = "b311b311-0000-4000-8000-000000000002"
DEVICE = f"/sys/bus/vmbus/devices/{INSTANCE}"
UIO = "/sys/bus/vmbus/drivers/uio_hv_generic"
ROUNDS = 5
SIGNALS = 100
# What the guest's drivers say when something is wrong.
TROUBLE = r"hv_vmbus: .*(fail|timed|unable|invalid|unexpected)|WARNING|BUG:"


def with_drivers(version):
    """Options for a child with the drivers of VMBus, and no device of it: file
    copy, too, would be a /dev/uio0."""
    return (kernel(version).replace("/initrd", "/initrd-vmbus") +
            " --integration no")


def wait_in_parent(machine, condition, seconds=60):
    """Wait until a shell command succeeds in the parent."""
    machine.ask(f"(SECONDS=0; until {condition}; do "
                f"[ $SECONDS -lt {seconds} ] || exit 1; done)", seconds + 30)


def inside(child, command, seconds=60):
    """Run a command in the child; the console is left for the parent's."""
    with child.console() as console:
        return console.ask(command, seconds)


def wait_inside(child, condition, seconds=60):
    """Wait until a shell command succeeds in the child."""
    inside(child, f"n=0; until {condition}; do n=$((n + 1)); "
           f"[ $n -lt {seconds * 10} ] || break; usleep 100000; done; "
           f"{condition}", seconds + 30)


class Bell:
    """The test's provider, in the parent."""

    def __init__(self, machine, child):
        self.machine = machine
        self.output = f"/tmp/bell-{child.name}"
        self.folder = f"/run/mullion/{child.name}"
        self.pid = 0

    def start(self):
        """Have it offer its channel."""
        self.machine.ask(f"(setsid {BELL} {self.folder} > {self.output} 2>&1 "
                         f"& echo $! > {self.output}.pid)")
        self.pid = self.machine.number(f"cat {self.output}.pid")
        self.wait_said("offered")

    def wait_said(self, text, times=1):
        """Wait until it has said something so often."""
        wait_in_parent(self.machine, f"[ $(grep -c '{text}' {self.output}) "
                       f"-ge {times} ]")

    def end(self, signal="TERM"):
        """End it by a signal; it is gone then."""
        self.machine.run(f"kill -s {signal} {self.pid}")
        wait_in_parent(self.machine, f"[ ! -d /proc/{self.pid} ]")


@contextlib.contextmanager
def with_bell(machine, child):
    """The provider while the context lasts."""
    bell = Bell(machine, child)
    bell.start()
    try:
        yield bell
    finally:
        with contextlib.suppress(Failure):
            bell.end()


def no_trouble(child):
    """The guest's kernel has complained of nothing."""
    lines = inside(child, f"dmesg | grep -E '{TROUBLE}'; true")
    check(lines == "", f"the guest says: {lines[-300:]}")


def opens(child):
    """Bind the driver of raw channels and open the device."""
    inside(child, f"echo {CLASS} > {UIO}/new_id; exec 3<> /dev/uio0")


def connects(version):
    """A test that a kernel's VMBus driver connects, and reboots."""
    def test(machine):
        with booted(machine, "connects", with_drivers(version)) as child:
            inside(child, "dmesg | grep -q 'Vmbus version:5.3'")
            no_trouble(child)
            with child.console() as console:
                console.send("reboot -f\n")
                console.wait_for("has ended", 60, "end of the console")
            child.wait_state("running", 120)
            child.wait_up()
            inside(child, "dmesg | grep -q 'Vmbus version:5.3'")
    test.__name__ = f"vmbus_of_{version}_connects"
    return test


def offer_comes_and_goes(machine):
    """A provider's offer is a device of the child as long as it lives."""
    with booted(machine, "offers", with_drivers("7.3"), 2) as child, \
            with_bell(machine, child) as bell:
        for signal in ("TERM", "KILL"):
            wait_inside(child, f"[ -d {DEVICE} ]")
            inside(child, f"grep -q {CLASS} {DEVICE}/class_id")
            bell.end(signal)
            wait_inside(child, f"[ ! -d {DEVICE} ]")
            bell.start()
        wait_inside(child, f"[ -d {DEVICE} ]")
        no_trouble(child)


@contextlib.contextmanager
def slow_signals(machine, name):
    """The worker of a partition passes signals on by itself."""
    folder = f"/run/systemd/system/mullion-worker@{name}.service.d"
    machine.ask(f"mkdir -p {folder}; printf '[Service]\nExecStart=\n"
                "ExecStart=/usr/libexec/mullion/mullion-worker "
                f"--slow-signals %%i\n' > {folder}/slow.conf; "
                "systemctl daemon-reload")
    yield
    machine.ask(f"rm -r {folder}; systemctl daemon-reload")


@contextlib.contextmanager
def direct_signals(_machine, _name):
    """Signals pass by the worker, which is the usual way."""
    yield


def bells_ring(version, how=direct_signals):
    """A test that signals pass both ways, each time the channel opens."""
    def test(machine):
        with how(machine, "rings"), \
                booted(machine, "rings", with_drivers(version), 2) as child, \
                with_bell(machine, child) as bell:
            wait_inside(child, f"[ -d {DEVICE} ]")
            inside(child, f"echo {CLASS} > {UIO}/new_id")
            # A write of 1 signals the host; a read waits for its signal.
            inside(child, f"i=0; while [ $i -lt {ROUNDS} ]; do i=$((i + 1)); "
                   "exec 3<> /dev/uio0; printf '\\1\\0\\0\\0' >&3; "
                   "dd bs=4 count=1 <&3 2>/dev/null | wc -c | grep -q 4 || "
                   f"break; exec 3<&-; echo {INSTANCE} > {UIO}/unbind; "
                   f"echo {INSTANCE} > {UIO}/bind; done; "
                   f"[ $i -eq {ROUNDS} ]", 120)
            bell.wait_said("rung", ROUNDS)
            bell.wait_said("closed", ROUNDS)
            no_trouble(child)
    test.__name__ = f"bells_ring_in_{version}"
    return test


def bells_ring_by_intercepts(machine):
    """Signals pass without the hypervisor's help, too."""
    bells_ring("7.3", slow_signals)(machine)


def stops_for_messages(machine, name):
    """How often the child's processors waited for the worker to answer a
    message, be it by post, signal or slot."""
    return machine.number(f"mullion stats {name} | "
                          "awk '/other-message/ { n += $2 } END { print n + 0 }'")


def signals_pass_by_the_worker(machine, name="passes", how=direct_signals,
                               stops=range(0, SIGNALS // 2)):
    """A guest's signals do not stop its processor."""
    with how(machine, name), \
            booted(machine, name, with_drivers("7.3")) as child, \
            with_bell(machine, child):
        wait_inside(child, f"[ -d {DEVICE} ]")
        opens(child)
        before = stops_for_messages(machine, name)
        inside(child, f"i=0; while [ $i -lt {SIGNALS} ]; do i=$((i + 1)); "
               "printf '\\1\\0\\0\\0' >&3; done", 120)
        lost = stops_for_messages(machine, name) - before
        check(lost in stops, f"{SIGNALS} signals stopped it {lost} times")
        inside(child, "exec 3<&-")


def slow_signals_stop_the_guest(machine):
    """What the test before counts is there to be counted."""
    signals_pass_by_the_worker(machine, "slow", slow_signals,
                               range(SIGNALS, 2 * SIGNALS))


def provider_is_killed_while_open(machine):
    """A provider that dies in the middle costs its device only."""
    with booted(machine, "dies", with_drivers("7.3")) as child, \
            with_bell(machine, child) as bell:
        wait_inside(child, f"[ -d {DEVICE} ]")
        opens(child)
        bell.wait_said("open")
        bell.end("KILL")
        inside(child, "exec 3<&-")
        wait_inside(child, f"[ ! -d {DEVICE} ]")
        bell.start()
        wait_inside(child, f"[ -d {DEVICE} ]")
        no_trouble(child)


def guest_resets_with_open_channel(machine):
    """A reset ends the provider's session; the next guest starts afresh."""
    with booted(machine, "resets", with_drivers("7.3")) as child:
        with with_bell(machine, child) as bell:
            wait_inside(child, f"[ -d {DEVICE} ]")
            opens(child)
            bell.wait_said("open")
            with child.console() as console:
                console.send("reboot -f\n")
                console.wait_for("has ended", 60, "end of the console")
            bell.wait_said("lost")
        child.wait_state("running", 120)
        child.wait_up()
        with with_bell(machine, child):
            wait_inside(child, f"[ -d {DEVICE} ]")


def panic_is_let_go_of(machine):
    """A guest that panics with an open channel does not wait for long."""
    options = with_drivers("7.3") + " --cmdline 'console=ttyS0 panic=0'"
    with booted(machine, "alarm", options, 2) as child, \
            with_bell(machine, child) as bell:
        wait_inside(child, f"[ -d {DEVICE} ]")
        opens(child)
        bell.wait_said("open")
        with child.console() as console:
            console.send("echo c > /proc/sysrq-trigger\n")
            console.wait_for("Kernel panic - not syncing", 60, "panic")
        info = child.wait_state("failed", 30)
        check("panic" in info["reason"], f"reason: {info['reason']}")
        check("Timed out waiting for UNLOAD" not in child.log(),
              "it waited in vain")


def users_differ(machine):
    """Each worker has users of its own."""
    with booted(machine, "one", kernel("7.3")) as one, \
            booted(machine, "two", kernel("7.3")) as two:
        users = [machine.number(
            f"awk '/^Uid:/ {{ print $2 }}' /proc/{c.info()['pid']}/status")
            for c in (one, two)]
        check(users[0] != users[1] and 0 not in users, f"users: {users}")


TESTS = [
    connects("7.3"), connects("6.12"), offer_comes_and_goes,
    bells_ring("7.3"), bells_ring("6.12"), bells_ring_by_intercepts,
    signals_pass_by_the_worker, slow_signals_stop_the_guest,
    provider_is_killed_while_open, guest_resets_with_open_channel,
    panic_is_let_go_of, users_differ,
]
