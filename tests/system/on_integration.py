# SPDX-License-Identifier: Apache-2.0
"""Tests of what a guest's utility services do for its parent."""
import contextlib
import json
import shlex

from child import FILES, booted
from on_vmbus import inside, wait_inside
from verdict import check

DRIVER_TIMES = 5
PAUSE_SECONDS = 5
# How far off a clock may be that was just set, on a slow machine.
CLOCK_SECONDS = 2
JUMP_SECONDS = 3600


def drivers(version):
    """Options for a child kernel with the drivers of VMBus."""
    return (f"--kernel {FILES}/vmlinuz-{version} "
            f"--initrd {FILES}/initrd-vmbus --memory 256M")


def wait_info(child, word, seconds=60):
    """Wait until `mullion info --json` has a text; the guest's part of it."""
    text = shlex.quote(word)
    child.machine.ask(
        f"(SECONDS=0; until mullion info {child.name} --json > /tmp/info && "
        f"grep -q {text} /tmp/info; do [ $SECONDS -lt {seconds} ] || "
        "{ cat /tmp/info; exit 1; }; done)", seconds + 30)
    return json.loads(child.machine.ask("cat /tmp/info"))["guest"]


def wait_service(child, service):
    """Wait until the guest serves something."""
    return wait_info(child, f'"{service}"')


def seconds_apart(child):
    """How far the child's clock is from the parent's, at least."""
    before = child.machine.number("date +%s")
    now = int(inside(child, "date +%s").split()[-1])
    after = child.machine.number("date +%s")
    return min(now - before, 0) + max(now - after, 0)


def heartbeat(version):
    """A test that the heartbeat of a kernel is shown."""
    def test(machine):
        with booted(machine, "beats", drivers(version)) as child:
            guest = wait_info(child, '"heartbeat": "ok"')
            check("shutdown" in guest["services"],
                  f"it serves {guest['services']}")
            listed = machine.ask("mullion list")
            check(" ok " in listed.split("beats")[1].splitlines()[0],
                  f"mullion list shows: {listed}")
    test.__name__ = f"heartbeat_of_{version}_is_shown"
    return test


def driver_comes_and_goes(machine):
    """Channels are closed and opened as the guest's driver is."""
    with booted(machine, "goes", drivers("7.3")) as child:
        for _ in range(DRIVER_TIMES):
            wait_info(child, '"heartbeat": "ok"')
            with child.console() as console:
                console.ask("rmmod hv_utils")
            wait_info(child, '"heartbeat": "none"')
            with child.console() as console:
                console.ask("insmod /lib/modules/$(uname -r)/vmbus/"
                            "*-hv_utils.ko")
        wait_info(child, '"heartbeat": "ok"')


def stops_by_its_service(machine):
    """`stop` has the guest shut itself down; no button is pressed."""
    with booted(machine, "shuts", drivers("7.3")) as child:
        wait_service(child, "shutdown")
        said = child.mullion("stop", 120)
        check("powered off" in said, f"mullion stop said: {said}")
        log = child.log()
        check("mullion-child: power button" not in log,
              "the power button was pressed")
        check(child.state() == "stopped", f"it is {child.state()}")


def restarts_by_its_service(machine):
    """`restart` has the guest reboot."""
    with booted(machine, "reboots", drivers("7.3")) as child:
        wait_service(child, "shutdown")
        first = child.info()["pid"]
        child.mullion("restart")
        machine.ask(f"(SECONDS=0; while mullion info reboots --json | "
                    f"grep -q '\"pid\": {first}'; do "
                    "[ $SECONDS -lt 90 ] || exit 1; done)", 120)
        child.wait_state("running", 120)
        child.wait_up()
        wait_info(child, '"heartbeat": "ok"')


def clock_is_set_after_a_pause(machine):
    """A guest that was paused has the parent's time again."""
    with booted(machine, "late", drivers("7.3")) as child:
        wait_info(child, '"drift_ns"')
        apart = seconds_apart(child)
        check(abs(apart) <= CLOCK_SECONDS, f"{apart} s apart after the boot")
        child.mullion("pause")
        machine.ask(f"sleep {PAUSE_SECONDS}", PAUSE_SECONDS + 60)
        child.mullion("resume")
        wait_info(child, '"heartbeat": "ok"')
        # It is set by a work queue of the guest, soon.
        now = machine.number("date +%s")
        wait_inside(child, f"[ $(date +%s) -ge {now} ]")
        apart = seconds_apart(child)
        check(abs(apart) <= CLOCK_SECONDS,
              f"{apart} s apart after a pause of {PAUSE_SECONDS} s")


def parent_jumps(machine, seconds):
    """Set the parent's clock forward or back."""
    machine.ask(f"date -s @$(($(date +%s) + {seconds}))")


@contextlib.contextmanager
def jumped(machine, seconds):
    """The parent's clock is off for as long as the context lasts."""
    parent_jumps(machine, seconds)
    try:
        yield
    finally:
        parent_jumps(machine, -seconds)


def wait_same_time(child):
    """Wait until the child has the parent's time."""
    now = child.machine.number("date +%s")
    # Long before the next jump would be right, too.
    wait_inside(child, f"[ $(date +%s) -ge {now} ] && "
                f"[ $(date +%s) -lt {now + JUMP_SECONDS // 2} ]")
    apart = seconds_apart(child)
    check(abs(apart) <= CLOCK_SECONDS, f"{apart} s apart after a jump")


def clock_follows_the_parents(version):
    """A test that the parent's clock can be set, and the child's follows."""
    def test(machine):
        with booted(machine, "jumps", drivers(version)) as child:
            wait_info(child, '"drift_ns"')
            for seconds in JUMP_SECONDS, -JUMP_SECONDS:
                with jumped(machine, seconds):
                    wait_same_time(child)
            wait_same_time(child)
            wait_info(child, '"heartbeat": "ok"')
    test.__name__ = f"clock_of_{version}_follows_the_parents"
    return test


def provider_comes_back(machine):
    """A provider that was killed is started again and offers anew."""
    unit = "mullion-integration@back.service"
    with booted(machine, "back", drivers("7.3")) as child:
        wait_info(child, '"heartbeat": "ok"')
        machine.ask(f"systemctl kill -s KILL {unit}")
        machine.ask("(SECONDS=0; until [ \"$(systemctl show -P NRestarts "
                    f"{unit})\" = 1 ] && systemctl -q is-active {unit}; do "
                    "[ $SECONDS -lt 60 ] || exit 1; done)", 90)
        wait_info(child, '"heartbeat": "ok"')
        check(child.state() == "running", f"it is {child.state()}")
        child.mullion("stop", 120)


def process_is_sandboxed(machine):
    """The provider has no rights, no network, and little memory."""
    with booted(machine, "boxed", drivers("7.3")) as child:
        wait_info(child, '"heartbeat": "ok"')
        pid = machine.ask("systemctl show -P MainPID "
                          "mullion-integration@boxed.service").strip()
        status = dict(line.split(":\t", 1) for line in machine.ask(
            f"cat /proc/{pid}/status").splitlines() if ":\t" in line)
        check(status["CapEff"].strip("0 ") == "" and
              status["CapBnd"].strip("0 ") == "",
              f"capabilities: {status['CapEff']}, {status['CapBnd']}")
        check(status["Uid"].split()[0] != "0", "it is root")
        check(status["Seccomp"] == "2" and status["NoNewPrivs"] == "1",
              "no filter of system calls")
        check(int(status["RssAnon"].split()[0]) < 2048,
              f"{status['RssAnon']} of its own")


def goes_without(machine):
    """`integration = no`: nothing is offered, and the button works."""
    with booted(machine, "bare",
                drivers("7.3") + " --integration no") as child:
        check("guest" not in child.info(), "it has a heartbeat")
        said = child.mullion("stop", 120)
        check("powered off" in said, f"mullion stop said: {said}")
        check("mullion-child: power button" in child.log(),
              "the guest did not notice its power button")
