# SPDX-License-Identifier: Apache-2.0
"""Tests of memory that a child is given and gives back while it runs."""
import contextlib
import json

from child import FILES, booted, check_sandbox, defined
from verdict import check

MIB = 1 << 20
MEMORY_KIB = 2 * 1024
WORKER_KIB = 5 * 1024
# What is written in the guest at once, and how long one size may take.
PIECE_MIB = 8
SET_SECONDS = 240
STEP_SECONDS = 240
REBINDS = 5
KILLS = 3
# Up and down, with and without memory that was added, while it is used.
SIZES = "400M 700M 420M 1G 512M 384M 896M 450M 768M 512M".split()

# In the guest: touch N has N MiB of memory used for a moment; fill N writes N
# pieces, same looks whether all are as written.
HELPERS = (
    "touch() { dd if=/dev/zero of=/mnt/z bs=1M count=$1 2> /dev/null && "
    "rm /mnt/z; }; "
    "fill() { n=0; while [ $n -lt $1 ]; do cp /seed /mnt/$n || return 1; "
    "n=$((n + 1)); done; }; "
    "same() { for f in /mnt/*; do cmp /seed $f || return 1; done; }; "
    "mkdir -p /mnt; mount -t tmpfs -o size=1g fill /mnt; "
    f"dd if=/dev/urandom of=/seed bs=1M count={PIECE_MIB} 2> /dev/null")


def options(version, limits="--memory-min 128M --memory-max 1G"):
    """Options for a child with the driver, and room to grow."""
    return (f"--kernel {FILES}/vmlinuz-{version} "
            f"--initrd {FILES}/initrd-vmbus --memory 512M {limits} "
            "--cmdline 'console=ttyS0 memhp_default_state=online'")


def memory(child):
    """What `mullion info` tells of its memory."""
    return child.info().get("memory_now", {})


def wait_driver(child, state="ready", seconds=90):
    """Wait until the guest's driver is in a state."""
    child.machine.ask(
        f"(SECONDS=0; until mullion info {child.name} --json | "
        f"grep -q '\"driver\": \"{state}\"'; do "
        f"[ $SECONDS -lt {seconds} ] || exit 1; done)", seconds + 30)


@contextlib.contextmanager
def ballooning(machine, name, version="7.3"):
    """A child whose memory can be changed."""
    with booted(machine, name, options(version)) as child:
        wait_driver(child)
        with child.console() as console:
            console.ask(HELPERS, STEP_SECONDS)
        yield child


def resize(child, size):
    """Change its memory, which must succeed."""
    said = child.mullion("set", SET_SECONDS, f"--memory {size}")
    check(said.strip() == f"{child.name}: has {size} of memory now", said)


def guest_total(console):
    """MiB that the guest's kernel has."""
    return int(console.ask("awk '/^MemTotal/ { print int($2 / 1024) }' "
                           "/proc/meminfo").split()[-1])


def parent_free(machine):
    """MiB that the parent has to give."""
    return machine.number("awk '/^MemAvailable/ { print int($2 / 1024) }' "
                          "/proc/meminfo")


def no_trouble(console):
    """The guest's kernel has complained of nothing."""
    lines = console.ask("dmesg | grep -E 'hv_balloon: .*(ail|rror)|"
                        "BUG:|WARNING|Bad page'; true")
    check(lines == "", f"the guest says: {lines[-300:]}")


def gives_back(machine, child, total):
    """Shrink it: the parent has the memory."""
    with child.console() as console:
        console.ask("touch 340", STEP_SECONDS)
    full, free = child.stats()["resident"], parent_free(machine)
    resize(child, "320M")
    small = child.stats()
    check(small["memory"] == 320 * MIB, f"it has {small['memory']}")
    check(full - small["resident"] >= 160 * MIB,
          f"resident: {full} before, {small['resident']} after")
    gained = parent_free(machine) - free
    check(gained >= 140, f"the parent has {gained} MiB more")
    with child.console() as console:
        check(guest_total(console) <= total - 190,
              "the guest still has its memory")


def gets_back(child, total):
    """Let it grow to what it had: the guest can use all of it."""
    resize(child, "512M")
    with child.console() as console:
        check(guest_total(console) >= total - 2,
              "the guest has not got its memory back")
        console.ask("touch 340 && fill 2 && same && rm /mnt/*", STEP_SECONDS)


def gets_more(child, total):
    """Give it more than it was started with, and take that back."""
    resize(child, "832M")
    with child.console() as console:
        # What Linux needs to keep track of it comes out of it.
        check(guest_total(console) >= total + 320 - 16,
              f"{guest_total(console)} MiB, after {total}")
        console.ask("dd if=/dev/zero of=/mnt/z bs=1M count=620 2> /dev/null",
                    STEP_SECONDS)
    check(child.stats()["resident"] > 600 * MIB,
          "what was added is not used")
    with child.console() as console:
        console.ask("rm /mnt/z", STEP_SECONDS)
    resize(child, "512M")
    check(child.stats()["resident"] <= 520 * MIB,
          "what was added did not go back")


def comes_and_goes(version):
    """A test that a guest's memory shrinks, grows and is added to."""
    def test(machine):
        with ballooning(machine, "breathes", version) as child:
            with child.console() as console:
                total = guest_total(console)
            gives_back(machine, child, total)
            gets_back(child, total)
            gets_more(child, total)
            with child.console() as console:
                no_trouble(console)
    test.__name__ = f"memory_of_{version}_comes_and_goes"
    return test


def wait_round(child):
    """Wait until all that is being written was compared once more."""
    with child.console() as console:
        console.ask("seen=$(cat /rounds); until [ \"$(cat /rounds)\" != "
                    "\"$seen\" ]; do usleep 200000; done", STEP_SECONDS)


def moves_under_load(machine):
    """What the guest writes is what it reads, whatever its memory does."""
    with ballooning(machine, "loaded") as child:
        with child.console() as console:
            # Takes and frees memory all the time, and looks at all of it.
            console.ask("(r=0; while [ ! -e /stop ]; do fill 6 && same || "
                        "echo $r >> /bad; rm /mnt/*; r=$((r + 1)); "
                        "echo $r > /rounds; done; echo > /stopped) & true")
        for size in SIZES:
            resize(child, size)
            wait_round(child)
        with child.console() as console:
            console.ask("echo > /stop; until [ -e /stopped ]; do "
                        "usleep 200000; done", STEP_SECONDS)
            console.ask("[ ! -e /bad ]")
            check(guest_total(console) >= 430, "memory was lost")


def refusal(machine, size, status, words):
    """Check that `mullion set` ends so, and says why."""
    result = machine.run(f"mullion set keeps --memory {size}", SET_SECONDS)
    check(result.status == status and words in result.output,
          f"{size}: {result.status}, {result.output}")


def limits_are_kept(machine):
    """Neither beyond the limits nor below what the guest needs; and who sees
    to that has few rights."""
    with ballooning(machine, "keeps") as child:
        refusal(machine, "2G", 1, "more than memory-max, 1G")
        refusal(machine, "64M", 1, "less than memory-min, 128M")
        refusal(machine, "129M", 2, "not a multiple of 2M")
        with child.console() as console:
            console.ask("fill 24", STEP_SECONDS)
        refusal(machine, "160M", 1, "the guest needs the rest itself")
        left = memory(child)["assigned"]
        check(24 * PIECE_MIB * MIB < left < 512 * MIB, f"it has {left}")
        with child.console() as console:
            console.ask("same", STEP_SECONDS)
            console.ask("echo 1 > /sys/module/hv_balloon/parameters/"
                        "pressure_report_delay")
        machine.ask("(SECONDS=0; until mullion info keeps --json | "
                    "grep -q demanded; do [ $SECONDS -lt 60 ] || exit 1; "
                    "done)", 90)
        now = memory(child)
        check(0 < now["demanded"] <= 2 * now["assigned"] and
              0 < now["available"] < now["assigned"], json.dumps(now))
        check(child.stats()["demanded"] > 0, "stats do not tell")
        pid = machine.ask("systemctl show -P MainPID "
                          "mullion-memory@keeps.service").strip()
        check_sandbox(machine, pid, MEMORY_KIB)
        check_sandbox(machine, child.info()["pid"], WORKER_KIB)


def has_it_all(child):
    """Check that nothing was lost since it had 384M."""
    check(memory(child)["assigned"] == 384 * MIB,
          f"it has {memory(child)['assigned']}")
    resize(child, "640M")
    with child.console() as console:
        check(guest_total(console) >= 560, "memory was lost")
        console.ask("touch 480 && fill 2 && same", STEP_SECONDS)


def outlives_its_provider(machine):
    """After kill -9 of the provider the account is as it was."""
    unit = "mullion-memory@outlives.service"
    with ballooning(machine, "outlives") as child:
        resize(child, "640M")
        resize(child, "384M")
        for kill in range(1, KILLS + 1):
            machine.ask(f"systemctl kill -s KILL {unit}")
            machine.ask("(SECONDS=0; until [ \"$(systemctl show -P NRestarts "
                        f"{unit})\" = {kill} ] && systemctl -q is-active "
                        f"{unit}; do [ $SECONDS -lt 60 ] || exit 1; done)",
                        90)
            wait_driver(child)
        has_it_all(child)


def unbind(child):
    """Take the device from the guest's driver."""
    with child.console() as console:
        console.ask("cd /sys/bus/vmbus/drivers/hv_balloon; "
                    "ls -d *-*-*-*-* > /device; cat /device > unbind; cd /")
    wait_driver(child, "none")


def driver_comes_and_goes(machine):
    """What was given up is known when the guest's driver is bound anew; and
    nothing can be done without it."""
    with ballooning(machine, "keeps") as child:
        resize(child, "384M")
        for _ in range(REBINDS):
            unbind(child)
            with child.console() as console:
                console.ask("cat /device > /sys/bus/vmbus/drivers/"
                            "hv_balloon/bind")
            wait_driver(child)
        has_it_all(child)
        unbind(child)
        refusal(machine, "256M", 4, "hv_balloon")


def fixed_memory_has_no_provider(machine):
    """`memory-min` as much as there may be: nothing is offered."""
    with defined(machine, "keeps", options("7.3", "--memory-min 512M")) as \
            child:
        child.start()
        refusal(machine, "256M", 4, "keeps: ")
        check(machine.run("systemctl -q is-active "
                          "mullion-memory@keeps").status != 0,
              "its provider runs")


TESTS = [
    comes_and_goes("7.3"), comes_and_goes("6.12"), moves_under_load,
    limits_are_kept, outlives_its_provider, driver_comes_and_goes,
    fixed_memory_has_no_provider,
]
