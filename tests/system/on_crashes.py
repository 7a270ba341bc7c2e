# SPDX-License-Identifier: Apache-2.0
"""Tests of what a child's disks keep when a process is killed."""
import re
import time

from on_disks import (CHECKER, checker, device_of, images, quiet_child,
                      storage_pid, take_checker)
from on_images import CHECK, image
from verdict import check

# Files and their sums, each synced before it is told.
SYNCER = """n=0; while n=$((n + 1)); do
dd if=/dev/urandom of=/mnt/$n bs=32k count=$((n % 8 + 1)) conv=fsync \
2> /dev/null && sha256sum < /mnt/$n > /mnt/$n.sum && sync &&
echo "files: flushed $n" || break; rm -f /mnt/$((n - 60)); done"""
SEED = 20


def told(machine, name):
    """By who tells it, what was flushed last."""
    log = machine.ask(f"mullion log {name} | grep -a flushed | tail -n 60; :")
    # The last line may be cut, and tell less than there is.
    pairs = re.findall(r"(\S+): flushed (\d+)\r*\n", log + "\n")
    return {who: int(number) for who, number in pairs}


def wait_told(machine, name, before, seconds=240):
    """Wait until each of the three has flushed three times more."""
    limit = time.monotonic() + seconds
    while True:
        now = told(machine, name)
        if len(now) == 3 and all(number >= before.get(who, 0) + 3
                                 for who, number in now.items()):
            return
        check(time.monotonic() < limit, f"flushed were {now}")


def check_disk(machine, path, number):
    """A raw image has what was flushed of it."""
    machine.ask(f"l=$(losetup -f --show {path}) && {CHECKER} $l {SEED} kept "
                f"{number}; s=$?; losetup -d $l; [ $s = 0 ]", 120)


def sums_fit(path, first, number):
    """A shell command: a file system has the files as they were told."""
    return (f"(mkdir -p /tmp/m && mount -o loop,ro {path} /tmp/m && "
            f"for n in $(seq {first} {number}); do sha256sum < /tmp/m/$n | "
            "cmp - /tmp/m/$n.sum || exit 1; done); s=$?; umount /tmp/m; "
            "[ $s = 0 ]")


def check_files(machine, path, number):
    """A file system is clean and has the files that were told."""
    machine.ask(f"e2fsck -fp {path}; [ $? -le 1 ] && e2fsck -fn {path}", 120)
    fits = sums_fit(path, max(1, number - 50), number)
    machine.ask(fits, 120)
    # And had one been lost, that would have been seen.
    machine.ask(f"mount -o loop {path} /tmp/m && : > /tmp/m/{number}; s=$?; "
                "umount /tmp/m; [ $s = 0 ]", 120)
    check(machine.run(fits, 120).status != 0, "a lost file is not noticed")


def flushed_writes_outlive_kills(machine):
    """The process of the disks and the worker are killed in the middle of
    flushed writes: they are there, and the file system is clean."""
    name = "crash"
    with images(machine, raw="24M", files="64M") as [raw, files], \
            image(machine, "lost", "24M") as qcow2, \
            checker(machine) as program:
        machine.ask(f"mkfs.ext4 -q -F {files}")
        with quiet_child(machine, name, f"--disk {raw} --disk {qcow2} "
                         f"--disk {files} {program}") as child:
            with child.console() as console:
                take_checker(console, 3)
                one, two, three = (device_of(console, lun)
                                   for lun in range(3))
                console.ask("mkdir -p /mnt; "
                            f"mount -t ext4 /dev/{three} /mnt")
                for disk in (one, two):
                    console.ask(f"(/disk-check /dev/{disk} {SEED} lose > "
                                "/dev/console 2>&1 &) > /dev/null")
                console.ask(f"(({SYNCER}) > /dev/console 2>&1 &) > /dev/null")
            wait_told(machine, name, {})
            machine.ask(f"kill -9 {storage_pid(machine, name)}")
            wait_told(machine, name, told(machine, name))
            machine.ask(f"kill -9 {child.info()['pid']}")
            child.wait_state("failed")
            machine.ask("n=0; while systemctl is-active -q "
                        f"mullion-storage@{name} || pgrep -x qemu-storage-da;"
                        " do n=$((n + 1)); [ $n -lt 600 ] || break; sleep "
                        "0.1; done; [ $n -lt 600 ]", 120)
            flushed = told(machine, name)
        check_disk(machine, raw, flushed[f"/dev/{one}"])
        machine.ask(CHECK.format(path=qcow2))
        machine.ask(f"qemu-img convert -O raw {qcow2} {raw}", 120)
        check_disk(machine, raw, flushed[f"/dev/{two}"])
        check_files(machine, files, flushed["files"])
