# SPDX-License-Identifier: Apache-2.0
"""Tests of guests whose kernel goes while their channels are open and used."""
import contextlib
import re

from child import FILES, booted
from machine import plain
from on_channels import channels, no_trouble
from on_disks import IMAGES, checker, device_of, images, take_checker
from on_integration import wait_info
from on_network import GATEWAY, get_address, wait_in_child
from on_sockets import TOOLS, at, in_parent
from on_vmbus import wait_in_parent
from tool_disk import FOLDER, IN_TOOLS, mount_in_child, tools_option
from verdict import check

BOOT = "/tmp/boot"
SINK_PORT = 5204
LOAD = "/socket-peer load vsock:6000"
SEED = 30
SENT_BYTES = 1 << 20
WRITTEN_MIB = 4
FLUSHED = r"flushed (\d+)\r*\n"
ENDED = "The console closed"
UP = r"mullion-child: up, 2 processors"
WAIT_SECONDS = 300
# The disks of the child.
WORK, BOOT_FILES, PROGRAMS, DISK_CHECK = range(4)


@contextlib.contextmanager
def boot_files(machine, version):
    """A folder with a kernel and an initramfs with all programs, and a disk
    with the same."""
    path = f"{IMAGES}-boot.img"
    machine.ask(f"mkdir -p {BOOT}; cp {FILES}/vmlinuz-{version} "
                f"{BOOT}/vmlinuz; cat {FILES}/initrd-vmbus {TOOLS}/initrd "
                f"> {BOOT}/initrd; rm -f {path}; "
                f"mke2fs -q -d {BOOT} {path} 64M", 120)
    try:
        yield path
    finally:
        machine.run(f"rm -rf {BOOT} {path}")


@contextlib.contextmanager
def sink(machine):
    """Somewhere in the parent to send to, while the context lasts."""
    machine.ask("systemd-run -q --collect --unit=sink socat -u TCP-LISTEN:"
                f"{SINK_PORT},fork,reuseaddr OPEN:/dev/null")
    try:
        yield
    finally:
        machine.run("systemctl stop sink")


@contextlib.contextmanager
def echo(child):
    """Somewhere in the parent for sockets of the child."""
    wait_in_parent(child.machine, f"[ -S /run/mullion/{child.name}/sockets/"
                   "vsock ]")
    with in_parent(child.machine, f"echo {at(child, 6000)}"):
        yield


@contextlib.contextmanager
def child_with_all(machine, version):
    """A child that has a device of each kind, and another kernel."""
    with images(machine, work="16M") as [work], sink(machine), \
            boot_files(machine, version) as boot, \
            checker(machine) as program, \
            booted(machine, f"goes-{version.replace('.', '-')}",
                   f"--kernel {BOOT}/vmlinuz --initrd {BOOT}/initrd "
                   "--cmdline 'console=ttyS0 panic=1' --memory 512M "
                   f"--network default --disk {work} "
                   f"--disk {boot},readonly=yes {tools_option(machine)} "
                   f"{program}", 2) as child:
        yield child


def load_kernel(child):
    """Have the kernel of the boot files be ready to be started."""
    with child.console() as console:
        console.ask("dmesg -n 1")
        mount_in_child(console, PROGRAMS)
        console.ask("mount -t ext4 -o ro "
                    f"/dev/{device_of(console, BOOT_FILES)} {FOLDER}/mnt")
        console.ask(f"{IN_TOOLS} /sbin/kexec -s -l /mnt/vmlinuz "
                    "--initrd=/mnt/initrd --reuse-cmdline", 240)


def begin_work(console):
    """Have the disk, the network and sockets be used without end; what is
    flushed to the disk is told on the console."""
    device = device_of(console, WORK)
    take_checker(console, DISK_CHECK)
    get_address(console)
    console.ask(f"(nc {GATEWAY} {SINK_PORT} < /dev/zero > /dev/null 2>&1 &)")
    wait_in_child(console, f"{LOAD} 2 3000 > /dev/null")
    console.ask(f"(while {LOAD} 2 3000; do :; done > /dev/null 2>&1 &)")
    wait_in_child(console, "[ $(cat /sys/class/net/eth0/statistics/tx_bytes) "
                  f"-gt {SENT_BYTES} ]")
    # Zeros are there at the beginning.
    console.ask(f"blkdiscard /dev/{device}")
    console.ask(f"(/disk-check /dev/{device} {SEED} lose > /dev/console 2>&1 "
                "&) > /dev/null")


def goes(child, command, pattern, what):
    """Have the kernel go in the midst of its work; the last flush that the
    console told of before @pattern."""
    with echo(child), child.console() as console:
        console.ask("dmesg -n 1")
        begin_work(console)
        first = console.wait_for(FLUSHED, WAIT_SECONDS, "flush").group(1)
        console.send(command + "\n")
        console.wait_for(pattern, WAIT_SECONDS, what)
        told = re.findall(FLUSHED, plain(child.machine.process.before))
    return int((told or [first])[-1])


def all_works(child, flushed):
    """Disks, network, sockets and services are there and work, in what has
    just come up; what was flushed is on the disk; channels are listed."""
    with echo(child), child.console() as console:
        console.quiet()
        console.ask("dmesg -n 1")
        device = device_of(console, WORK)
        take_checker(console, DISK_CHECK)
        console.ask(f"/disk-check /dev/{device} {SEED} kept {flushed}", 120)
        console.ask(f"head -c {WRITTEN_MIB}M /dev/urandom > /data; "
                    f"dd if=/data of=/dev/{device} bs=64k conv=fsync "
                    "2> /dev/null; echo 3 > /proc/sys/vm/drop_caches; "
                    f"head -c {WRITTEN_MIB}M /dev/{device} | cmp - /data", 120)
        get_address(console)
        console.ask(f"ping -c 3 -W 10 {GATEWAY}")
        wait_in_child(console, f"{LOAD} 10 3000 > /dev/null")
        no_trouble(console)
    wait_info(child, '"heartbeat": "ok"')
    shown = channels(child)
    check(set(shown) >= {"scsi", "network", "heartbeat", "shutdown",
                         "timesync"}, f"listed: {sorted(shown)}")


def starts_another(child):
    """By kexec, stopping nothing before; the machine goes on."""
    pid = child.info()["pid"]
    load_kernel(child)
    flushed = goes(child, f"{IN_TOOLS} /sbin/kexec -e", UP, "another kernel")
    all_works(child, flushed)
    check(child.info()["pid"] == pid, "it has another worker")


def resets(child):
    """The machine is built anew."""
    flushed = goes(child, "reboot -f", ENDED, "end of the machine")
    child.wait_state("running", 120)
    child.wait_up()
    all_works(child, flushed)


def panics(child):
    """The machine ends with a reason, whatever the guest would do next."""
    flushed = goes(child, "echo c > /proc/sysrq-trigger", ENDED,
                   "end of the machine")
    info = child.wait_state("failed", 60)
    check("panicked" in info["reason"], f"reason: {info['reason']}")
    child.start()
    child.wait_up()
    all_works(child, flushed)


def devices_come_back(version):
    """A test that all devices are there again after a kernel has gone while
    it used them."""
    def test(machine):
        with child_with_all(machine, version) as child:
            starts_another(child)
            resets(child)
            panics(child)
    test.__name__ = f"devices_come_back_to_{version}"
    return test


TESTS = [devices_come_back("7.3"), devices_come_back("6.12")]
