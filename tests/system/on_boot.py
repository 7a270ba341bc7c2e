# SPDX-License-Identifier: Apache-2.0
"""Tests of the parent after its boot, and of its end."""
import re

from machine import BOOT_SECONDS
from verdict import check

KIB = 1024
# What the kernel says when something is wrong with it, or with us.
BAD_LINES = re.compile(
    r"\bBUG\b|WARNING:|Oops|Call Trace|general protection|soft lockup"
    r"|hard LOCKUP|rcu:? .*stall|as unstable|blocked for more than"
    r"|([Mm]shv|[Hh]yper-?[Vv]|\bhv_).*([Ff]ail|[Ee]rror|[Ii]nvalid|[Uu]nable"
    r"|[Cc]annot|timed out)|APIC.*(error|not functional|doesn't work)")
BANNER = re.compile(r"mullion: (\d+) processors at \d+ MHz, (\d+) MiB of RAM, "
                    r"(\d+) KiB of it for the hypervisor")


def prompt(machine):
    """The parent boots to the prompt of its shell."""
    machine.login()


def prompt_of_another_boot(machine):
    """The same after a test that broke the machine."""
    machine.login()


def units_are_up(machine):
    """systemd has started all, and nothing has failed."""
    machine.run("systemctl is-system-running --wait", BOOT_SECONDS)
    failed = machine.ask("systemctl --failed --no-legend --plain")
    check(failed == "", f"failed units: {failed}")


def processors(count):
    """A test that the parent uses all processors."""
    def all_processors_are_used(machine):
        seen = machine.number("nproc")
        check(seen == count, f"the parent uses {seen} processors of {count}")
    return all_processors_are_used


def is_root_partition(machine):
    """Linux says what it is, and has the device."""
    machine.ask("dmesg | grep -q 'Hyper-V: running as root partition'")
    machine.ask("test -c /dev/mshv")
    version = machine.ask("mullion version")
    check("Microsoft Hv" in version, f"mullion version says: {version}")


def has_reference_tsc_and_timers(machine):
    """The parent has the reference TSC page and uses synthetic timers."""
    names = machine.ask("cat /sys/devices/system/clocksource/clocksource0/"
                        "available_clocksource")
    check("hyperv_clocksource_tsc_page" in names, f"clock sources: {names}")
    timers = machine.ask("cat /sys/devices/system/clockevents/clockevent*/"
                         "current_device")
    check("Hyper-V clockevent" in timers, f"clock events: {timers}")


def devices_use_msi(machine):
    """PCI devices interrupt by MSI, and these arrive."""
    lines = machine.ask("grep -E 'MSI.*virtio' /proc/interrupts").splitlines()
    count = sum(int(word) for line in lines
                for word in line.split(":", 1)[1].split() if word.isdigit())
    check(count > 0, "no message interrupt of a virtio disk arrived")


def hypervisor_is_small(machine):
    """The hypervisor keeps at most 4 MiB and 0.2 % of the memory."""
    machine.log.flush()
    banner = BANNER.search(machine.log_path.read_text(encoding="utf-8"))
    check(banner, "the hypervisor printed no banner")
    ram, own = int(banner.group(2)) * KIB, int(banner.group(3))
    allowed = 4 * KIB + ram // 500
    check(own <= allowed, f"{own} KiB for the hypervisor, of {allowed}")


def bad_lines(text):
    """The lines that tell of something wrong."""
    return [line for line in text.splitlines() if BAD_LINES.search(line)]


def log_is_clean(machine):
    """Neither kernel nor hypervisor said that something is wrong."""
    bad = bad_lines(machine.ask("dmesg"))
    check(not bad, f"{len(bad)} bad lines, the first: {' | '.join(bad[:3])}")
    errors = machine.ask("dmesg --level=emerg,alert,crit,err")
    check(errors == "", f"errors in the log: {errors[:200]}")
    hypervisor_is_silent(machine)


def hypervisor_is_silent(machine):
    """The hypervisor told of no fault of its own."""
    machine.log.flush()
    said = re.findall(r"^mullion: .*(?:panic|assert|fault in).*",
                      machine.log_path.read_text(encoding="utf-8"),
                      re.MULTILINE | re.IGNORECASE)
    check(not said, f"the hypervisor said: {' | '.join(said[:3])}")


def check_end(machine):
    """systemd stopped and unmounted all on its way to what was waited for."""
    failed = re.findall(r"\[FAILED\] (.*)", machine.passed())
    check(not failed, f"at the end: {' | '.join(failed)}")


def reboots(machine):
    """`reboot` resets the machine, which then boots again."""
    machine.ask("echo before > /root/kept && sync")
    machine.send("systemctl reboot\n")
    machine.wait_for("Loading Mullion", 120, "boot menu after the reboot")
    check_end(machine)
    machine.login()
    kept = machine.ask("cat /root/kept")
    check(kept == "before", "what was written before the reboot is gone")


def powers_off(machine):
    """`poweroff` ends the machine."""
    machine.send("systemctl poweroff\n")
    status = machine.wait_exit(120)
    check(status == 0, f"QEMU ended with status {status}")
    check_end(machine)
