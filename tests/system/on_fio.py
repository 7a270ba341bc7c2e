# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's disks by fio, which reads back all that it has written
and compares the sums."""
import contextlib
import re

from on_disks import (device_of, disks, images, no_errors, quiet_child,
                      replace_storage, wait_in_child)
from on_images import CHECK, image
from tool_disk import (IN_TOOLS, again_and_again, mount_in_child,
                       tools_option)
from verdict import check

FIO = (f"{IN_TOOLS} fio --name=global --thread --direct=1 --verify=crc32c "
       "--verify_fatal=1 --verify_state_save=0 --randrepeat=0 "
       "--output-format=json")
# Only libaio waits for a discard before it writes there.
LIBAIO = "--ioengine=libaio --iodepth=32"
URING = "--ioengine=io_uring --iodepth=32"
SINGLE = "--ioengine=psync --iodepth=1"
RANDOM = f"{LIBAIO} --rw=randwrite --bsrange=4k-64k --fsync=32 --size=12M"
SEQUENTIAL = f"{URING} --rw=write --bs=128k --fdatasync=8 --size=24M"
SHALLOW = f"{SINGLE} --rw=randwrite --bs=4k --fdatasync=4 --size=768k"
DISCARDS = f"{LIBAIO} --rw=randtrimwrite --bs=16k --fdatasync=16 --size=8M"
MIXED = f"{URING} --rw=randrw --bs=4k --fsync=32 --size=4M --verify_backlog=64"
JOB_SECONDS = 300


def job(options, *devices):
    """The command for the same on some devices at once."""
    return " ".join([FIO, options] + [
        f"--name={device} --filename=/dev/{device}" for device in devices])


def passed(console, options, *devices):
    """Run a job; no device has an error, and each was written to."""
    console.ask(f"{job(options, *devices)} > /tmp/fio 2>&1; r=$?; "
                "[ $r = 0 ] || { head -c 400 /tmp/fio; false; }", JOB_SECONDS)
    told = console.ask("grep -oE '\"(error|total_ios)\" : [0-9]+' /tmp/fio")
    errors = re.findall(r'"error" : (\d+)', told)
    check(errors == ["0"] * len(devices), f"{options}: {told}")
    # Of each: reads, writes, discards, flushes.
    counts = [int(n) for n in re.findall(r'"total_ios" : (\d+)', told)]
    for at in range(0, len(counts), 4):
        wanted = counts[at:at + 3] if "trim" in options else \
            counts[at:at + 2]
        check(0 not in wanted, f"{options}: {told}")


@contextlib.contextmanager
def written_to(machine, version):
    """A child with a raw disk, a qcow2 disk, and the programs; their names.
    No request has failed, and the image is sound, when the context ends."""
    with images(machine, raw="24M") as [raw], \
            image(machine, "fio", "24M") as qcow2:
        with quiet_child(machine, "fio", f"--disk {raw} --disk {qcow2} "
                         f"{tools_option(machine)}", version) as child:
            with child.console() as console:
                mount_in_child(console, 2)
                pair = [device_of(console, lun) for lun in (0, 1)]
            yield child, pair
            with child.console() as console:
                no_errors(console)
            check([disk["errors"] for disk in disks(child)] == [0, 0, 0],
                  f"figures: {disks(child)}")
        machine.ask(CHECK.format(path=qcow2))


def jobs_pass(version, *jobs):
    """A test that what a kernel writes to both disks at once is read."""
    def test(machine):
        with written_to(machine, version) as (child, pair), \
                child.console() as console:
            for options in jobs:
                passed(console, options, *pair)
    test.__name__ = f"fio_in_{version}_reads_what_it_wrote"
    return test


def killed_storage_is_not_noticed(machine):
    """fio goes on while the process of its disks is killed."""
    with written_to(machine, "7.3") as (child, pair):
        with child.console() as console:
            forever = again_and_again(job(MIXED, *pair), "/stop", "/result")
            console.ask(f"({forever}) > /tmp/fio 2>&1 & true")
        for _ in range(3):
            replace_storage(machine, child.name, "kill -9 {pid}")
        with child.console() as console:
            console.ask(": > /stop")
            wait_in_child(console, "[ -s /result ]", JOB_SECONDS)
            console.ask("[ $(cat /result) = 0 ] || "
                        "{ tail -c 400 /tmp/fio; false; }")


TESTS = [
    jobs_pass("7.3", RANDOM, SEQUENTIAL, SHALLOW, DISCARDS),
    jobs_pass("6.12", RANDOM, DISCARDS), killed_storage_is_not_noticed,
]
