# SPDX-License-Identifier: Apache-2.0
"""A child whose guest lies to its host, and a neighbour that must not care."""
from child import booted, defined
from on_channels import everything, no_trouble
from on_disks import images, wait_in_child
from on_integration import wait_info
from on_network import GATEWAY, get_address
from on_vmbus import wait_in_parent
from verdict import check

LIAR = "/usr/lib/mullion/tests/hostile.elf"
ROUNDS = 60
RAW_CLASS = "c1a55000-0000-4000-8000-000000000000"
LIES_SECONDS = 600
# How a process ends that a lie has led astray.
ASTRAY = "status=(4/ILL|6/ABRT|7/BUS|8/FPE|11/SEGV|31/SYS)|dumped core"


def liar(machine, path, seed):
    """Options for the child that lies, with a device of each kind."""
    machine.ask(f"[ -e {LIAR} ]")
    return (f"--kernel {LIAR} --memory 64M --disk {path} --network default "
            f"--channel {RAW_CLASS},name=lies "
            f"--cmdline 'rounds={ROUNDS} seed={seed}'")


def healthy(child, wrote):
    """The neighbour's devices do what they should."""
    wait_info(child, '"heartbeat": "ok"')
    with child.console() as console:
        read = console.ask("sha256sum < /dev/sda", 120)
        check(read == wrote, f"its disk has {read}, it had {wrote}")
        console.ask(f"ping -c 3 -W 10 {GATEWAY}")
        no_trouble(console)


def lies_hurt_nobody(seed):
    """A test that a guest which lies hurts, at most, its own providers."""
    def test(machine):
        with images(machine, good="16M", bad="16M") as [good, bad], \
                booted(machine, "good", everything("7.3", good), 2) as child:
            with child.console() as console:
                wait_in_child(console, "[ -b /dev/sda ]")
                console.ask("dd if=/dev/urandom of=/dev/sda bs=64k count=16 "
                            "2> /dev/null; sync")
                get_address(console)
                wrote = console.ask("sha256sum < /dev/sda", 120)
            first = child.info()["pid"]
            with defined(machine, "liar", liar(machine, bad, seed),
                         2) as other:
                other.start()
                wait_in_parent(machine, "mullion log liar | grep -q "
                               "'^payload hostile:'", LIES_SECONDS)
                said = other.log().strip().splitlines()
                check(said[-1].endswith("hostile: success"), f"it said: "
                      f"{said[-3:]}")
                print(f"# {said[-2]}")
            healthy(child, wrote)
            check(child.info()["pid"] == first, "the neighbour's worker died")
            lines = machine.ask("journalctl -b -o cat --no-pager | grep -E "
                                f"'{ASTRAY}'; true")
            check(lines == "", f"led astray: {lines[-300:]}")
    test.__name__ = f"lies_with_seed_{seed}_hurt_nobody"
    return test


TESTS = [lies_hurt_nobody(1), lies_hurt_nobody(2)]
