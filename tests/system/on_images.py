# SPDX-License-Identifier: Apache-2.0
"""Tests of disks in qcow2 and VHDX images."""
import contextlib

from child import check_rights
from on_disks import (IMAGES, MIB, WRITER, device_of, disks, no_errors,
                      quiet_child, replace_storage, storage_pid,
                      wait_in_child, wait_storage)
from verdict import check

# Clusters that nobody uses may be left of what was killed.
CHECK = "qemu-img check -q {path}; [ $? = 0 -o $? = 3 ]"
# A bit of a process's capabilities.
CAP_DAC_OVERRIDE = 2
# A shell command: the files in the folder are as they were.
KEPT = ("(for n in 1 2 3; do read sum name < /mnt/kept/$n.sum && "
        "[ $sum = $(sha256sum < /mnt/kept/$n | cut -c 1-64) ] || exit 1; done)")


@contextlib.contextmanager
def image(machine, name, size):
    """An empty qcow2 image while the context lasts; its path."""
    path = f"{IMAGES}/{name}.qcow2"
    machine.ask(f"mkdir -p {IMAGES}; rm -f {path}")
    machine.ask(f"mullion disk create {path} --size {size}")
    try:
        yield path
    finally:
        machine.run(f"rm -f {path}")


def daemon_pid(machine):
    """The only qemu-storage-daemon."""
    return machine.number("pgrep -x qemu-storage-da")


def kill_daemon(machine):
    """Kill it; wait until there is another one."""
    pid = daemon_pid(machine)
    machine.ask(f"kill -9 {pid}")
    machine.ask("n=0; until [ $n = 600 ] || { p=$(pgrep -x qemu-storage-da) "
                f"&& [ \"$p\" != {pid} ]; }}; do n=$((n + 1)); sleep 0.1; "
                "done; [ $n -lt 600 ]", 120)


def begin_writing(console):
    """Files and their sums, in the background."""
    console.ask(f"rm -f /stop /done; ({WRITER}) > /dev/null 2>&1 & true")


def end_writing(console):
    """All was written, and is as it was when nothing is cached."""
    console.ask(": > /stop")
    wait_in_child(console, "[ -e /done ]", 240)
    console.ask("[ ! -e /failed ] || { cat /failed; false; }")
    console.ask("sync; echo 3 > /proc/sys/vm/drop_caches")
    console.ask("cat /mnt/*.sum | sha256sum -c > /dev/null", 120)


def qcow2_keeps_what_was_synced(machine):
    """Data on a qcow2 disk outlive the ends of its process, of the daemon
    and of the child; the image is sound afterwards."""
    with image(machine, "kept", "64M") as path:
        with quiet_child(machine, "kept", f"--disk {path}") as child:
            with child.console() as console:
                disk = device_of(console, 0)
                console.ask(f"mke2fs /dev/{disk} > /dev/null; mkdir -p /mnt; "
                            f"mount -t ext2 /dev/{disk} /mnt")
                begin_writing(console)
            # It is to open its image itself.
            check_rights(machine, daemon_pid(machine), CAP_DAC_OVERRIDE)
            for command in ("kill -9 {pid}", "kill -9 {pid}",
                            "systemctl restart mullion-storage@{name}"):
                replace_storage(machine, child.name, command)
            with child.console() as console:
                end_writing(console)
            # Nothing that was answered is only in its memory now.
            kill_daemon(machine)
            with child.console() as console:
                console.ask("echo 3 > /proc/sys/vm/drop_caches; "
                            "cat /mnt/*.sum | sha256sum -c > /dev/null", 120)
                no_errors(console)
                console.ask("mkdir /mnt/kept; mv /mnt/*.sum /mnt/kept; "
                            "for n in 1 2 3; do cp /mnt/$n /mnt/kept; done; "
                            "sync")
                begin_writing(console)
            # And now there may be.
            before = disks(child)[0]["writes"]
            wait_storage(machine, child.name,
                         lambda disk: disk["writes"] > before + 20)
            kill_daemon(machine)
            child.mullion("kill")
            machine.ask(CHECK.format(path=path))
            child.start()
            child.wait_up()
            with child.console() as console:
                console.ask(f"dmesg -n 1; mkdir -p /mnt; "
                            f"mount -t ext2 /dev/{device_of(console, 0)} /mnt")
                console.ask(KEPT, 120)
                no_errors(console)
                # And had one been lost, that would have been seen.
                console.ask(f": > /mnt/kept/3; ! {KEPT}", 120)
        machine.ask(CHECK.format(path=path))


@contextlib.contextmanager
def small_file_system(machine, folder):
    """A folder that can be frozen, while the context lasts."""
    machine.ask(f"mkdir -p {folder}; truncate -s 128M {folder}.img; "
                f"mkfs.ext4 -q -F {folder}.img; "
                f"mount -o loop {folder}.img {folder}", 120)
    try:
        yield
    finally:
        machine.run(f"fsfreeze -u {folder}; umount {folder}; "
                    f"rm -f {folder}.img", 120)


def slow_disk_is_waited_for(machine):
    """The process of the disks is killed, and what an image's daemon has left
    to write takes so long that a guest would once have lost its disk."""
    folder = "/tmp/slow"
    path = f"{folder}/slow.qcow2"
    with small_file_system(machine, folder):
        machine.ask(f"mullion disk create {path} --size 64M")
        with quiet_child(machine, "slow", f"--disk {path}") as child:
            with child.console() as console:
                disk = device_of(console, 0)
                console.ask(f"mke2fs /dev/{disk} > /dev/null; mkdir -p /mnt; "
                            f"mount -t ext2 /dev/{disk} /mnt")
                begin_writing(console)
            replace_storage(machine, child.name, f"( (fsfreeze -f {folder}; "
                            "kill -9 {pid}; sleep 40; "
                            f"fsfreeze -u {folder}) > /dev/null 2>&1 &)",
                            180)
            with child.console() as console:
                end_writing(console)
                no_errors(console)
        machine.ask(CHECK.format(path=path))


def images_come_grow_and_go(machine):
    """A qcow2 disk is attached, resized and detached; a VHDX is read; what
    cannot be served is refused, and said why."""
    with image(machine, "first", "16M") as first, \
            image(machine, "more", "32M") as more, \
            quiet_child(machine, "grow", f"--disk {first}") as child:
        pid = storage_pid(machine, child.name)
        child.mullion("disk attach", more=more)
        with child.console() as console:
            disk = device_of(console, 1)
            console.ask(f"dd if=/dev/urandom of=/dev/{disk} bs=1M count=32 "
                        "conv=fsync 2> /dev/null; "
                        f"blkdiscard -l 16777216 /dev/{disk}", 120)
            console.ask(f"dd if=/dev/{disk} bs=1M count=16 2> /dev/null | "
                        "cmp -n 16777216 - /dev/zero")
        used = machine.number(f"du -k {more} | cut -f 1")
        check(used <= 18 * 1024, f"{used} KiB after a discard of the half")
        child.mullion("disk resize", more="1 --size 64M")
        with child.console() as console:
            wait_in_child(console,
                          f"[ $(cat /sys/block/{disk}/size) = 131072 ]")
            console.ask(f"dd if=/dev/urandom of=/dev/{disk} bs=1M count=2 "
                        "seek=62 conv=fsync 2> /dev/null")
            wrote = console.ask(f"sha256sum < /dev/{disk}", 120)
            no_errors(console)
        child.mullion("disk detach", more="1")
        with child.console() as console:
            wait_in_child(console, f"[ ! -e /sys/block/{disk} ]")
            # It flushes what is gone.
            console.ask("dmesg -c > /dev/null")
        machine.ask(f"qemu-img check -q {more}")
        machine.ask(f"qemu-img convert -O vhdx {more} {more}.vhdx")
        child.mullion("disk attach", more=f"{more}.vhdx")
        with child.console() as console:
            disk = device_of(console, 1)
            read = console.ask(f"sha256sum < /dev/{disk}", 120)
            check(read == wrote, f"read {read}, wrote {wrote}")
            check(console.ask(f"cat /sys/block/{disk}/ro").strip() == "1",
                  "a VHDX can be written")
            no_errors(console)
        check([(d["format"], d["size"]) for d in disks(child)] ==
              [("qcow2", 16 * MIB), ("vhdx", 64 * MIB)],
              f"there are {disks(child)}")
        machine.ask(f"cp {more}.vhdx {more}")
        told = machine.run(f"mullion disk attach {child.name} {more} 2>&1")
        check(told.status != 0 and "not in qcow2 format" in told.output,
              f"an image that is none: {told.output}")
        machine.ask(f"rm {more}.vhdx")
        check(storage_pid(machine, child.name) == pid,
              "the process of the disks is another one")
