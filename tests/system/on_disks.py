# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's disks: their data, their coming and going."""
import contextlib
import json
import time

from child import booted, check_sandbox, kernel
from verdict import check

MIB = 1 << 20
IMAGES = "/tmp/disks"
# What the guest's drivers say of a request that went wrong.
TROUBLE = ("hv_storvsc.*(cmd|Invalid|Incorrect)|I/O error|WARNING|BUG:|"
           "Unexpected response")
STORAGE_KIB = 3 * 1024
CHECKER = "/usr/lib/mullion/tests/system/disk-check"


def with_drivers(version):
    """Options for a child with the drivers of VMBus."""
    return kernel(version).replace("/initrd", "/initrd-vmbus")


def wait_in_child(console, condition, seconds=60):
    """Wait until a shell command succeeds in the child."""
    # Lines of the kernel would come between the shell's.
    console.ask(f"dmesg -n 1; n=0; until {condition}; do n=$((n + 1)); "
                f"[ $n -lt {seconds * 10} ] || break; usleep 100000; done; "
                f"{condition}", seconds + 30)


@contextlib.contextmanager
def images(machine, **sizes):
    """Empty images while the context lasts; their paths."""
    machine.ask(f"mkdir -p {IMAGES}")
    paths = [f"{IMAGES}/{name}.img" for name in sizes]
    for path, size in zip(paths, sizes.values()):
        machine.ask(f"rm -f {path}; mullion disk create {path} --size {size}")
    try:
        yield paths
    finally:
        machine.run(f"rm -f {' '.join(paths)}")


def storage_pid(machine, name):
    """The process of a child's disks."""
    return machine.number(
        f"systemctl show -P MainPID mullion-storage@{name}.service")


def disks(child):
    """What `mullion disk list` tells."""
    return json.loads(child.mullion("disk list", more="--json"))


def no_errors(console):
    """No request of a disk went wrong for the guest."""
    lines = console.ask(f"dmesg | grep -E '{TROUBLE}'; true")
    check(lines == "", f"the guest says: {lines[-300:]}")


def make_file_system(console):
    """A partition with a file system on sda, mounted."""
    wait_in_child(console, "[ -b /dev/sda ]")
    console.ask("printf 'n\\np\\n1\\n\\n\\nw\\n' | fdisk /dev/sda > /dev/null")
    wait_in_child(console, "[ -b /dev/sda1 ]")
    console.ask("mke2fs /dev/sda1 > /dev/null")
    console.ask("mkdir -p /mnt; mount -t ext2 /dev/sda1 /mnt")


def synced_data_survives(version):
    """A test that what was synced is there after the child was killed."""
    def test(machine):
        with images(machine, root="64M") as [path], \
                booted(machine, "synced",
                       f"{with_drivers(version)} --disk {path}", 2) as child:
            with child.console() as console:
                make_file_system(console)
                console.ask("dd if=/dev/urandom of=/mnt/data bs=64k count=256 "
                            "2> /dev/null; sync", 120)
                wrote = console.ask("sha256sum < /mnt/data")
                no_errors(console)
            [disk] = disks(child)
            check(disk["written_bytes"] > 16 * MIB and disk["flushes"] > 0
                  and disk["errors"] == 0, f"figures: {disk}")
            child.mullion("kill")
            child.start()
            child.wait_up()
            with child.console() as console:
                wait_in_child(console, "[ -b /dev/sda1 ]")
                console.ask("mkdir -p /mnt; mount -t ext2 /dev/sda1 /mnt")
                read = console.ask("sha256sum < /mnt/data", 120)
                no_errors(console)
            check(read == wrote, f"read {read}, wrote {wrote}")
    test.__name__ = f"disk_of_{version}_keeps_what_was_synced"
    return test


@contextlib.contextmanager
def quiet_child(machine, name, options, version="7.3"):
    """A child with two processors and disks, whose kernel leaves its console
    to the shell."""
    options = f"{with_drivers(version)} {options}"
    with booted(machine, name, options, 2) as child:
        with child.console() as console:
            console.ask("dmesg -n 1")
        yield child


def device_of(console, lun):
    """The name of a disk, which is there or about to be."""
    path = f"/sys/bus/scsi/devices/*:0:0:{lun}/block"
    wait_in_child(console, f"[ -b /dev/$(ls {path}) ]")
    return console.ask(f"ls {path}").strip()


def writes_without_end(device, word):
    """A shell command that writes until there is a file /stop or the device
    is gone, and then leaves its result in the file /WORD."""
    return (f"(r=0; while [ ! -e /stop ] && [ -b {device} ] && [ $r = 0 ]; do "
            f"dd if=/dev/urandom of={device} bs=64k count=64 "
            "conv=fsync,notrunc || r=1; done 2> /dev/null; "
            f"echo $r > /{word}) > /dev/null & true")


def disks_come_grow_and_go(machine):
    """Disks are attached, resized and detached while another is written to,
    and one while it is written to itself."""
    with images(machine, first="16M", more="32M") as [first, more], \
            quiet_child(machine, "plug", f"--disk {first}") as child:
        pid = storage_pid(machine, child.name)
        with child.console() as console:
            wait_in_child(console, "[ -b /dev/sda ]")
            console.ask(writes_without_end("/dev/sda", "first"))
        child.mullion("disk attach", more=more)
        with child.console() as console:
            wait_in_child(console, "[ -b /dev/sdb ]")
            console.ask("dd if=/dev/urandom of=/dev/sdb bs=1M count=32 "
                        "conv=fsync 2> /dev/null; "
                        "blkdiscard -l 16777216 /dev/sdb", 120)
            # What was discarded reads as zeros.
            console.ask("dd if=/dev/sdb bs=1M count=16 2> /dev/null | "
                        "cmp -n 16777216 - /dev/zero")
        used = machine.number(f"du -k {more} | cut -f 1")
        check(used <= 17 * 1024, f"{used} KiB after a discard of the half")
        child.mullion("disk resize", more="1 --size 64M")
        with child.console() as console:
            wait_in_child(console, "[ $(cat /sys/block/sdb/size) = 131072 ]")
            no_errors(console)
            console.ask(writes_without_end("/dev/sdb", "second"))
        child.mullion("disk detach", more="1")
        with child.console() as console:
            wait_in_child(console, "[ -s /second ] && [ ! -e /sys/block/sdb ]")
            console.ask("[ ! -s /first ] && : > /stop")
            wait_in_child(console, "[ -s /first ] && [ $(cat /first) = 0 ]",
                          120)
        check([disk["lun"] for disk in disks(child)] == [0],
              f"left are {disks(child)}")
        check(storage_pid(machine, child.name) == pid,
              "the process of the disks is another one")


# Writes files and their sums, each synced, until there is a file /stop.
WRITER = """n=0; while [ ! -e /stop ]; do n=$((n % 12 + 1));
dd if=/dev/urandom of=/mnt/$n bs=32k count=16 conv=fsync 2> /dev/null &&
sha256sum /mnt/$n > /mnt/$n.sum && sync || echo $n >> /failed; done
: > /done"""


def wait_storage(machine, name, condition, seconds=120):
    """Wait until what `mullion disk list` tells of LUN 0 is such; the disk's
    process may be away."""
    limit = time.monotonic() + seconds
    while True:
        told = machine.run(f"mullion disk list {name} --json 2> /dev/null")
        if told.status == 0 and condition(json.loads(told.output)[0]):
            return
        check(time.monotonic() < limit, f"disk of {name}: {told.output}")


def replace_storage(machine, name, command, seconds=60):
    """Have a command end the process of a child's disks while it writes; wait
    until another one does."""
    def busy(disk):
        return disk["writes"] > 8 and disk["flushes"] > 0

    wait_storage(machine, name, busy)
    pid = storage_pid(machine, name)
    machine.ask(command.format(pid=pid, name=name))
    limit = time.monotonic() + seconds
    while storage_pid(machine, name) in (0, pid):
        check(time.monotonic() < limit, "the process was not started again")
    wait_storage(machine, name, busy)


@contextlib.contextmanager
def checker(machine):
    """A disk, as an option, whose bytes are the program disk-check."""
    path = f"{IMAGES}-checker.img"
    machine.ask(f"cp {CHECKER} {path}; truncate -s %4096 {path}")
    try:
        yield f"--disk {path},readonly=yes,id=checker"
    finally:
        machine.run(f"rm -f {path}")


def take_checker(console, lun):
    """Have the program in the child, from the disk that it is."""
    console.ask(f"cat /dev/{device_of(console, lun)} > /disk-check; "
                "chmod 755 /disk-check")


def killed_storage_is_not_noticed(version):
    """A test that a child goes on while its storage is killed: files that are
    synced, and random writes, reads, flushes and discards, all checked."""
    def test(machine):
        with images(machine, kept="64M", plain="16M") as [kept, plain], \
                checker(machine) as program, \
                quiet_child(machine, "kept", f"--disk {kept} --disk {plain} "
                            f"{program}", version) as child:
            with child.console() as console:
                take_checker(console, 2)
                disk, other = (device_of(console, lun) for lun in (0, 1))
                console.ask(f"mke2fs /dev/{disk} > /dev/null; mkdir -p /mnt; "
                            f"mount -t ext2 /dev/{disk} /mnt")
                console.ask(f"(/disk-check /dev/{other} 2 /stop > /checked; "
                            "echo $? > /result) > /dev/null 2>&1 & true")
                console.ask(f"({WRITER}) > /dev/null 2>&1 & true")
            for command in (*["kill -9 {pid}"] * 3,
                            "systemctl restart mullion-storage@{name}"):
                replace_storage(machine, child.name, command)
            with child.console() as console:
                console.ask(": > /stop")
                wait_in_child(console, "[ -e /done ] && [ -s /result ]", 240)
                console.ask("[ ! -e /failed ] || { cat /failed; false; }")
                console.ask("cat /checked; [ $(cat /result) = 0 ]")
                console.ask(f"umount /mnt; mount -t ext2 /dev/{disk} /mnt")
                console.ask("cat /mnt/*.sum | sha256sum -c > /dev/null", 120)
                console.ask("umount /mnt")
                no_errors(console)
    test.__name__ = f"killed_storage_of_{version}_is_not_noticed"
    return test


def identities(console):
    """What the guest knows disks 0 and 1 by, by their serial numbers."""
    known = {}
    for lun in (0, 1):
        device = f"/sys/block/{device_of(console, lun)}"
        serial = console.ask(
            f"dd if={device}/device/vpd_pg80 bs=1 skip=4 2> /dev/null")
        known[serial.strip()] = tuple(
            console.ask(f"cat {device}/{file}").strip()
            for file in ("size", "ro", "device/wwid"))
    return known


def disks_are_known_by_their_ids(machine):
    """Serial numbers, sizes and rights are those that were given, and the
    identities are the same in another run."""
    with images(machine, one="32M", two="48M") as [one, two], \
            quiet_child(machine, "ids", f"--disk {one} "
                        f"--disk {two},readonly=yes,id=tools") as child:
        with child.console() as console:
            known = identities(console)
            console.ask("! dd if=/dev/zero of=/dev/"
                        f"{device_of(console, 1)} bs=4k count=1 conv=fsync "
                        "2> /dev/null")
            no_errors(console)
        ids = [known.get(serial, ("", "", ""))[2]
               for serial in ("ids-0", "tools")]
        check(known == {"ids-0": (str(32 * MIB // 512), "0", ids[0]),
                        "tools": (str(48 * MIB // 512), "1", ids[1])} and
              all(ids) and ids[0] != ids[1], f"the guest has {known}")
        child.mullion("kill")
        child.start()
        child.wait_up()
        with child.console() as console:
            again = identities(console)
        check(again == known, f"the guest had {known}, and has {again}")


def fill(machine, child, folder):
    """Write more than the folder has room for to the one disk, that waits, and
    to the other, that fails; make room."""
    write = "dd if=/dev/urandom bs=1M count=16 2> /dev/null"
    with child.console() as console:
        one, two = device_of(console, 0), device_of(console, 1)
        wrote = console.ask(
            f"{write} > /data; sha256sum < /data; (dd if=/data "
            f"of=/dev/{one} bs=1M conv=fsync 2> /dev/null; echo $? > "
            "/result) > /dev/null 2>&1 & true")
    wait_storage(machine, child.name, lambda disk: disk["waiting"] > 0)
    with child.console() as console:
        console.ask(f"! dd if=/data of=/dev/{two} bs=1M conv=fsync "
                    "2> /dev/null && [ ! -s /result ]", 120)
    [paused, failed] = disks(child)
    check(paused["errors"] == 0 and failed["errors"] > 0,
          f"figures: {paused} {failed}")
    machine.ask(f"mount -o remount,size=64M {folder}")
    with child.console() as console:
        wait_in_child(console, "[ -s /result ]", 120)
        console.ask("[ $(cat /result) = 0 ] && "
                    "echo 3 > /proc/sys/vm/drop_caches")
        read = console.ask(f"head -c 16777216 /dev/{one} | sha256sum", 120)
    check(read == wrote, f"read {read}, wrote {wrote}")


def full_disk_pauses_or_fails(kind):
    """A test that a write that finds no space for an image of this kind waits
    until there is some, or fails."""
    folder = "/tmp/small"
    paths = [f"{folder}/{name}.{kind}" for name in ("pause", "error")]

    def test(machine):
        machine.ask(f"mkdir -p {folder}; "
                    f"mount -t tmpfs -o size=8M none {folder}")
        try:
            for path in paths:
                machine.ask(f"mullion disk create {path} --size 24M")
            with quiet_child(machine, "full", f"--disk {paths[0]} "
                             f"--disk {paths[1]},full=error") as child:
                fill(machine, child, folder)
        finally:
            machine.run(f"umount {folder}")
    test.__name__ = f"full_{kind}_pauses_or_fails"
    return test


def storage_is_small_and_sandboxed(machine):
    """The process of the disks has little memory and few rights."""
    with images(machine, box="16M") as [path], \
            booted(machine, "box", f"{with_drivers('7.3')} --disk {path}",
                   2) as child:
        with child.console() as console:
            wait_in_child(console, "[ -b /dev/sda ]")
            console.ask("dd if=/dev/sda of=/dev/null bs=1M 2> /dev/null")
        pid = storage_pid(machine, "box")
        check_sandbox(machine, pid, STORAGE_KIB)
