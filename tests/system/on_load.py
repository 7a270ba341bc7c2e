# SPDX-License-Identifier: Apache-2.0
"""Tests under load: children that work at once, and memory that comes back."""
import hashlib
import re

from child import booted, defined, kernel
from verdict import check

MIB = 1 << 20
PAYLOAD = "/usr/lib/mullion/tests/system/idle.elf"

WORK_BYTES = 2 * MIB
WORK_SECONDS = 600

CYCLES = 500
WARM_UP_CYCLES = 30
CYCLE_SECONDS = 12
# Two pages in each cycle; a child itself has 4 MiB. With nothing lost what the
# parent uses goes up and down by 1 MiB.
LEAK_KIB = 4000
KILL_LEAK_KIB = 8 * 1024

# Memory that is neither free nor a cache of a file, in KiB. That of a child is
# shared memory, which counts as cached. Each processor keeps a list of pages
# that are free, too (the counts in zoneinfo): they come to some 40 MiB, and go
# up and down by 10 MiB with no memory lost.
USED = (r"sync; echo 3 > /proc/sys/vm/drop_caches; awk '"
        r"/^(MemTotal|Shmem):/ { used += $2 } "
        r"/^(MemFree|Buffers|Cached|SReclaimable):/ { used -= $2 } "
        r"/^ +count:/ { used -= 4 * $2 } "
        r"END { print used }' /proc/meminfo /proc/zoneinfo")

# Pages of the hypervisor's own pool that are taken, and those it was given.
POOL = (r"cd /sys/kernel/debug/mshv/partition && "
        r"awk '/^(PtDepositedPages|PtPlaceholder1) / { print $NF }' "
        r'"$(ls | sort -n | head -n 1)"/stats')

CYCLER = r"""
payload=$1 count=$2
log=/var/log/mullion/cycle/console.log
for ((i = 1; i <= count; i++)); do
	mullion create cycle --memory 4M --sockets no --kernel "$payload" &&
	mullion start cycle || exit
	SECONDS=0
	until [[ -s $log ]]; do
		((SECONDS < 30)) || { echo "no word from the child"; exit 1; }
	done
	mullion kill cycle && mullion delete cycle || exit
done > /tmp/cycler.log
"""


def memory_used(machine):
    """KiB of the parent's memory that are in use."""
    machine.ask(USED)
    return machine.number(USED)


def pool(machine):
    """Pages deposited for the parent itself, and those of them in use."""
    numbers = machine.ask(POOL).split()
    check(len(numbers) == 2 and all(n.isdigit() for n in numbers),
          f"no figures of the hypervisor's memory: {numbers}")
    return [int(number) for number in numbers]


def work_result(name, job):
    """The sum that a job of a child has to end with."""
    line = f"{name} {job}\n".encode()
    count = -(-WORK_BYTES // len(line))
    return hashlib.sha256((line * count)[:WORK_BYTES]).hexdigest()


def start_work(child):
    """Two jobs at once in a child with two VPs."""
    with child.console() as console:
        console.send("for job in 1 2; do "
                     f"echo sum $job $(yes \"{child.name} $job\" | "
                     f"head -c {WORK_BYTES} | sha256sum) & done; wait; "
                     "echo work over\n")


def three_children_work_at_once(machine):
    """Three children of two VPs each compute right results at once."""
    with booted(machine, "ann", kernel("7.3"), 2) as ann, \
            booted(machine, "bob", kernel("6.12"), 2) as bob, \
            booted(machine, "eve", kernel("7.3"), 2) as eve:
        children = [ann, bob, eve]
        for child in children:
            start_work(child)
        check("work over" not in ann.log(),
              "the first was through before the last began")
        for child in children:
            with child.console() as console:
                console.wait_for("work over", WORK_SECONDS, "end of the work")
            sums = dict(re.findall(r"sum ([12]) ([0-9a-f]{64})", child.log()))
            for job in "1", "2":
                check(sums.get(job) == work_result(child.name, job),
                      f"{child.name} computed {sums.get(job)}")


def killed_worker_frees_all(machine):
    """After kill -9 of a worker its memory is free again."""
    with defined(machine, "victim", kernel("7.3"), 2) as child:
        # Once before, so that caches of the first time do not count.
        for _ in range(2):
            used, taken = memory_used(machine), pool(machine)[1]
            child.start()
            child.wait_up()
            during = memory_used(machine)
            machine.ask(f"kill -9 {child.info()['pid']}")
            child.wait_state("failed")
        # It has not touched all of its 256 MiB.
        check(during - used >= 64 * 1024,
              f"a child with Linux took {during - used} KiB only")
        lost = memory_used(machine) - used
        check(lost <= KILL_LEAK_KIB, f"{lost} KiB were not freed")
        left = pool(machine)[1] - taken
        check(left == 0, f"{left} pages of the hypervisor were not freed")


def cycle(machine, count):
    """Create, start, kill and delete partitions, one after another."""
    machine.ask(f"bash /tmp/cycler {PAYLOAD} {count} || "
                "{ tail -n 3 /tmp/cycler.log; false; }", count * CYCLE_SECONDS)


def five_hundred_cycles_leak_nothing(machine):
    """500 lives of a partition leave memory as it was."""
    machine.write("/tmp/cycler", CYCLER)
    # Nothing else that runs shall take memory meanwhile.
    machine.run("mullion kill demo")
    cycle(machine, WARM_UP_CYCLES)
    used, taken = memory_used(machine), pool(machine)
    for _ in range(10):
        cycle(machine, CYCLES // 10)
    now, lost = pool(machine), memory_used(machine) - used
    check(now == taken, "pages of the hypervisor, deposited and in use: "
          f"{taken} before, {now} afterwards")
    check(lost <= LEAK_KIB, f"{lost} KiB of the parent's memory were lost")
