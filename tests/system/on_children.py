# SPDX-License-Identifier: Apache-2.0
"""Tests of one child partition: its life as `mullion` tells and rules it."""
import json
import re

from child import Child, booted, check_sandbox, defined, kernel
from verdict import check

MIB = 1 << 20
PAYLOADS = "/usr/lib/mullion/tests/payload"
# Time in the child while it is paused, and between lines that it writes.
PAUSE_SECONDS = 5
TICK_SECONDS = 2
TICK = r"tick \d+\.\d\d\b"
# What the issue allows a worker beyond its guest's memory.
WORKER_KIB = 5 * 1024


def demo_runs(machine):
    """The child `demo` runs when the parent is up."""
    demo = Child(machine, "demo")
    demo.wait_state("running", 120)
    demo.wait_up()


def boots(version, cpus):
    """A test that a child kernel comes to userspace with so many VPs."""
    def test(machine):
        with defined(machine, "boots", kernel(version), cpus) as child:
            child.start()
            release = child.wait_up()
            check(release.startswith(version + "."), f"it is {release}")
    test.__name__ = f"child_{version}_with_{cpus}_vps"
    return test


def late_comer_sees_all(machine):
    """Who attaches late gets the output from the first line on."""
    with booted(machine, "late", kernel("7.3")) as child:
        with child.console() as console:
            console.wait_for(r"Linux version 7\.3", what="first line")
            console.wait_for(r"mullion-child: up", what="last line")
            console.ask("true")


def two_attach_at_once(machine):
    """Two consoles of one child show the same."""
    with booted(machine, "both", kernel("7.3")) as child:
        machine.ask("socat -u UNIX-CONNECT:/run/mullion/both/console.sock "
                    "OPEN:/tmp/second,creat,trunc & echo")
        with child.console() as console:
            console.ask("echo said-to-both")
        machine.ask("timeout 30 tail -n +1 -f /tmp/second | "
                    "grep -a -q -m 1 said-to-both")
        # Its other end goes with the child.
        child.mullion("kill")
        machine.ask("wait")


def pauses_and_resumes(machine):
    """A paused child does nothing, and its clock stands still."""
    with booted(machine, "pauses", kernel("7.3")) as child:
        with child.console() as console:
            console.send("while read up idle < /proc/uptime; do "
                         "echo tick $up; usleep 100000; done\n")
            console.wait_for(TICK, what="first tick")
        child.mullion("pause")
        state = child.state()
        before = child.log()
        # The interval is what is measured here, not a wait for anything.
        machine.ask(f"sleep {PAUSE_SECONDS}", PAUSE_SECONDS + 60)
        after = child.log()
        child.mullion("resume")
        ticks = len(re.findall(TICK, before))
        with child.console() as console:
            console.wait_for(rf"(?:{TICK}\s+){{{ticks + 3}}}", 60,
                             "ticks after the pause")
            console.send("\x03")
            console.ask("true")
        check(state == "paused", f"its state was {state}")
        check(before == after, "it wrote while it was paused")
        times = [float(tick.split()[1])
                 for tick in re.findall(TICK, child.log())]
        gap = times[ticks] - times[ticks - 1]
        check(0 <= gap < TICK_SECONDS,
              f"its time went on by {gap:.2f} s in {PAUSE_SECONDS} s of pause")


def stops_by_power_button(machine):
    """`stop` presses the button; the guest powers off."""
    with booted(machine, "stops", kernel("7.3")) as child:
        said = child.mullion("stop", 120)
        check("powered off" in said, f"mullion stop said: {said}")
        check("mullion-child: power button" in child.log(),
              "the guest did not notice its power button")
        check(child.state() == "stopped", f"it is {child.state()}")


def stops_itself(machine):
    """A guest that powers off is stopped."""
    with booted(machine, "off", kernel("6.12")) as child:
        with child.console() as console:
            console.send("poweroff -f\n")
            console.wait_for("has ended", 60, "end of the console")
        info = child.wait_state("stopped")
        check("powered off" in info["reason"], f"reason: {info['reason']}")


def resets_itself(machine):
    """A guest that reboots is built anew."""
    with booted(machine, "again", kernel("7.3")) as child:
        first = child.info()["pid"]
        with child.console() as console:
            console.send("reboot -f\n")
            console.wait_for("has ended", 60, "end of the console")
        child.wait_state("running", 120)
        child.wait_up()
        check(child.info()["pid"] != first, "it has the worker it had")


def is_killed(machine):
    """`kill` ends a child at once, and `start` starts it anew."""
    with booted(machine, "killed", kernel("7.3")) as child:
        child.mullion("kill")
        check(child.state() == "stopped", f"it is {child.state()}")
        child.start()
        child.wait_up()


def is_deleted(machine):
    """`delete` needs an end or --force; nothing is left."""
    with booted(machine, "gone", kernel("7.3")) as child:
        refused = machine.run("mullion delete gone")
        check(refused.status == 4, f"delete ended with {refused.status}")
        child.mullion("kill")
        child.mullion("delete")
        left = machine.ask("ls -d /etc/mullion/partitions/gone* "
                           "/run/mullion/gone /var/log/mullion/gone "
                           "2>/dev/null; true")
        check(left == "", f"left behind: {left}")
        names = [p["name"] for p in
                 json.loads(machine.ask("mullion list --json"))]
        check("gone" not in names, "it is still in the list")
        child.create()


def stats_are_there(machine):
    """`stats` tells figures of each VP and of the partition."""
    with booted(machine, "stats", kernel("7.3"), 2) as child:
        stats = child.stats()
        check(stats["memory"] == 256 * MIB, f"memory is {stats['memory']}")
        check(stats["deposited"] >= stats["in_use"] > 0,
              f"{stats['in_use']} of {stats['deposited']} bytes in use")
        check(len(stats["vps"]) == 2, f"{len(stats['vps'])} VPs")
        for vp in stats["vps"]:
            check(vp["run_time_ns"] > 0 and vp["hypercalls"] > 0
                  and any(vp["exits"].values()), f"figures of a VP: {vp}")


def worker_is_small_and_sandboxed(machine):
    """The worker has little memory and few rights."""
    with booted(machine, "worker", kernel("7.3"), 2) as child:
        pid = child.info()["pid"]
        check_sandbox(machine, pid, WORKER_KIB)


def panic_ends_only_that_child(machine):
    """A guest that panics is reported, and others do not notice."""
    cmdline = kernel("7.3") + " --cmdline 'console=ttyS0 panic=0'"
    with booted(machine, "other", kernel("7.3")) as other, \
            booted(machine, "panics", cmdline) as child:
        with child.console() as console:
            console.send("echo c > /proc/sysrq-trigger\n")
            console.wait_for("Kernel panic - not syncing", 60, "panic")
        info = child.wait_state("failed")
        check("panic" in info["reason"], f"reason: {info['reason']}")
        with other.console() as console:
            console.ask("true")


def triple_fault_ends_only_that_child(machine):
    """A triple fault is the reason of a failure, and others go on."""
    # With reboot=t Linux resets itself by a triple fault.
    cmdline = kernel("7.3") + " --cmdline 'console=ttyS0 reboot=t'"
    with booted(machine, "other", kernel("7.3")) as other, \
            booted(machine, "faults", cmdline, 2) as child:
        with child.console() as console:
            console.send("reboot -f\n")
            console.wait_for("triple fault", 60, "message on the console")
        info = child.wait_state("failed")
        check("triple fault" in info["reason"], f"reason: {info['reason']}")
        with other.console() as console:
            console.ask("true")


def payload_triple_fault(machine):
    """The same without an operating system."""
    with defined(machine, "bare", f"--kernel {PAYLOADS}/triple-fault.elf "
                 "--memory 64M") as child:
        machine.run("mullion start bare", 120)
        info = child.wait_state("failed")
        check("triple fault" in info["reason"], f"reason: {info['reason']}")


def killed_worker_is_shown(machine):
    """A worker that was killed with -9 is failed, with that reason."""
    with booted(machine, "lost", kernel("7.3"), 2) as child:
        machine.ask(f"kill -9 {child.info()['pid']}")
        info = child.wait_state("failed")
        check("signal 9" in info["reason"], f"reason: {info['reason']}")
        shown = machine.ask("mullion list")
        check(re.search(r"lost\s+failed.*signal 9", shown),
              f"mullion list shows: {shown}")
        child.start()
        child.wait_up()


def wrong_use_is_explained(machine):
    """Exit codes and messages of mistakes."""
    for command, status, word in [
            ("mullion start nobody", 3, "nobody"),
            ("mullion create Capital", 2, "Capital"),
            ("mullion create x --memory 3X", 2, "3X"),
            ("mullion create x --cpus 1000", 2, "64"),
            ("mullion create x --kernel /nowhere", 1, "/nowhere"),
            ("mullion create demo", 5, "demo"),
            ("mullion frobnicate", 2, "help")]:
        result = machine.run(command)
        check(result.status == status and word in result.output,
              f"`{command}` ended with {result.status}, not {status}, "
              f"and said: {result.output}")
