# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's disks: their data, their coming and going."""
import contextlib
import json

from child import booted, kernel
from verdict import check

MIB = 1 << 20
IMAGES = "/tmp/disks"
# What the guest's drivers say of a request that went wrong.
TROUBLE = ("hv_storvsc.*(cmd|Invalid|Incorrect)|I/O error|WARNING|BUG:|"
           "Unexpected response")
STORAGE_KIB = 3 * 1024


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


def storage_is_small_and_sandboxed(machine):
    """The process of the disks has little memory and few rights."""
    with images(machine, box="16M") as [path], \
            booted(machine, "box", f"{with_drivers('7.3')} --disk {path}",
                   2) as child:
        with child.console() as console:
            wait_in_child(console, "[ -b /dev/sda ]")
            console.ask("dd if=/dev/sda of=/dev/null bs=1M 2> /dev/null")
        pid = storage_pid(machine, "box")
        anonymous = machine.number(
            f"awk '/^Anonymous:/ {{ print $2 }}' /proc/{pid}/smaps_rollup")
        check(anonymous <= STORAGE_KIB, f"{anonymous} KiB of its own")
        lines = machine.ask(f"cat /proc/{pid}/status").splitlines()
        status = dict(line.split(":\t", 1) for line in lines
                      if ":\t" in line)
        check(status["Uid"].split()[0] != "0", "it runs as root")
        check(int(status["CapEff"], 16) == 0, f"rights: {status['CapEff']}")
        check(status["NoNewPrivs"] == "1", "it may gain privileges")
        check(status["Seccomp"] == "2", "its system calls are not filtered")
