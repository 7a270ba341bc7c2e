# SPDX-License-Identifier: Apache-2.0
"""Tests of channels as such: looked at, and opened again and again."""
import json

from child import booted
from on_disks import images, wait_in_child, with_drivers
from on_integration import wait_info
from on_network import bring_up
from verdict import check

DRIVERS = "/sys/bus/vmbus/drivers"
REBINDS = 50
REBIND_SECONDS = 900
MIB = 1 << 20
# What the guest's kernel says when a driver's coming or going went wrong.
TROUBLE = ("WARNING|BUG:|hv_[a-z]*: .*(fail|timed|unable|invalid|unexpected)|"
           "refcount|blocked for more than")


def channels(child):
    """What `mullion channel list` tells, by class."""
    listed = json.loads(child.mullion("channel list", more="--json"))
    return {channel["class"]: channel for channel in listed
            if channel["sub_channel"] == 0}


def no_trouble(console):
    """The guest's kernel has complained of nothing."""
    lines = console.ask(f"dmesg | grep -E '{TROUBLE}'; true")
    check(lines == "", f"the guest says: {lines[-300:]}")


def everything(version, path):
    """Options for a child with a device of each kind."""
    return f"{with_drivers(version)} --disk {path} --network default"


def channels_are_listed(machine):
    """Every open channel is listed, with what has passed through it."""
    with images(machine, listed="16M") as [path], \
            booted(machine, "listed", everything("7.3", path), 2) as child:
        wait_info(child, '"heartbeat": "ok"')
        with child.console() as console:
            wait_in_child(console, "[ -b /dev/sda ]")
            bring_up(console)
            before = console.ask("cat /sys/bus/vmbus/devices/*/class_id "
                                 "> /dev/null; ls /sys/bus/vmbus/devices | "
                                 "wc -l")
            console.ask("dd if=/dev/sda of=/dev/null bs=1M count=8 "
                        "2> /dev/null")
        shown = channels(child)
        check(set(shown) >= {"scsi", "network", "heartbeat", "shutdown",
                             "timesync"}, f"listed: {sorted(shown)}")
        check(len(shown) <= int(before), f"{len(shown)} of {before} devices")
        for name, channel in shown.items():
            for way in ("from_guest", "to_guest"):
                flow = channel[way]
                check(flow["fill"] < flow["size"], f"{name}: {channel}")
        for name in ("scsi", "network", "heartbeat"):
            for way in ("from_guest", "to_guest"):
                flow = shown[name][way]
                check(min(flow["packets"], flow["bytes"], flow["signals"]) >
                      0, f"{name}: {shown[name]}")
        # Data is not in the rings: only what asks for it.
        check(0 < shown["scsi"]["from_guest"]["bytes"] < MIB,
              f"scsi: {shown['scsi']}")
        text = child.mullion("channel list")
        check("network" in text and "from guest" in text, f"text: {text}")
        child.mullion("pause")
        check(set(channels(child)) == set(shown), "another list when paused")
        child.mullion("resume")


def rebind(console, driver, after="true"):
    """Take each device from a driver and give it back, many times."""
    console.ask(
        f"cd {DRIVERS}/{driver} && for d in *-*-*-*-*; do i=0; "
        f"while [ $i -lt {REBINDS} ]; do echo $d > unbind && "
        f"echo $d > bind && {{ {after}; }} || break 2; i=$((i + 1)); done; "
        f"done; [ $i -eq {REBINDS} ]", REBIND_SECONDS)


def drivers_come_and_go(version):
    """A test that devices work after their driver was bound many times."""
    def test(machine):
        with images(machine, bound="16M") as [path], \
                booted(machine, "bound", everything(version, path),
                       2) as child:
            wait_info(child, '"heartbeat": "ok"')
            with child.console() as console:
                wait_in_child(console, "[ -b /dev/sda ]")
                bring_up(console)
                rebind(console, "hv_utils")
                rebind(console, "hv_netvsc")
                rebind(console, "hv_storvsc",
                       "until [ -b /dev/sda ]; do usleep 20000; done")
                bring_up(console)
                console.ask("dd if=/dev/sda of=/dev/null bs=1M 2> /dev/null")
                no_trouble(console)
            wait_info(child, '"heartbeat": "ok"')
            shown = channels(child)
            check(set(shown) >= {"scsi", "network", "heartbeat"},
                  f"listed: {sorted(shown)}")
    test.__name__ = f"drivers_of_{version}_come_and_go"
    return test
