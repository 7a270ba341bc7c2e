# SPDX-License-Identifier: Apache-2.0
"""Tests of children's networks by iperf3: many streams, and no wrong sum."""
import contextlib
import json

from on_network import (GATEWAY, LONG_MTU, WITHOUT_LRO, all_went_well, change,
                        get_address, long_frames, of_two_kernels)
from tool_disk import IN_TOOLS, mount_in_child, mount_in_parent, tools_option
from verdict import Failure, check

PORT = 5203
# By itself it gives up a client who comes after two minutes in which nobody
# came, as it counts the time without data from its own start.
SERVE = f"{IN_TOOLS} iperf3 -s -p {PORT} --rcv-timeout 3600000"
FLOWS = 8
# It counts whole blocks only: small ones, so that each stream has some soon.
TCP = "-t 3 -l 16K"
UDP = "-t 3 -u -b 2M -l 1400"
LOST_PERCENT = 20
RUN_SECONDS = 120
# What came with a wrong sum, in all tables that count it, or broken else. TCP
# counts a SYN that comes again among the broken.
WRONG = r"""cat /proc/net/snmp /proc/net/netstat | awk '
$2 !~ /^-?[0-9]+$/ { split($0, name); next }
{ for (i = 2; i <= NF; i++) {
n[name[i]] += $i; if (name[i] ~ /CsumErrors/) sums += $i } }
END { n["InErrs"] -= n["TCPSYNChallenge"]
print sums + (n["InErrs"] > 0 ? n["InErrs"] : 0) }'"""


def run(console, to, options, wanted):
    """Run iperf3; the parts that match @wanted of what it tells in the end,
    which is JSON without spaces."""
    return console.ask(
        f"{IN_TOOLS} iperf3 -J -i 0 -c {to} -p {PORT} {options} > /tmp/iperf "
        "|| { grep error /tmp/iperf; false; } && "
        "tr -d ' \\t\\n' < /tmp/iperf | sed 's/.*\"end\":{//' | "
        f"grep -oE '{wanted}'", RUN_SECONDS).split()


def streams_arrive(console, to):
    """TCP to an address and back from there; each stream makes headway."""
    for count in 1, FLOWS:
        for options in f"{TCP} -P {count}", f"{TCP} -P {count} -R":
            said = run(console, to, options, '"bytes":[0-9]+')
            # Of each stream, and of all: sent, received.
            counts = [int(word.split(":")[1]) for word in said]
            check(len(counts) == 2 * count + 2 and 0 not in counts,
                  f"{options} with {to}: {counts}")


def datagrams_arrive(console, to):
    """UDP at a low rate: most arrive, either way."""
    for options in UDP, f"{UDP} -R":
        [said] = run(console, to, options, r'"sum_received":\{[^}]*\}')
        said = json.loads("{" + said + "}")["sum_received"]
        check(said["packets"] > 100 and
              said["lost_percent"] < LOST_PERCENT, f"{options}: {said}")


@contextlib.contextmanager
def serving(machine):
    """iperf3 waits in the parent."""
    mount_in_parent(machine)
    machine.ask(f"systemd-run -q --collect --unit=iperf {SERVE}")
    try:
        yield
    finally:
        with contextlib.suppress(Failure):
            machine.run("systemctl stop iperf")


def begin(child):
    """Have the programs and an address in a child, which it tells; iperf3
    waits there."""
    with child.console() as console:
        console.quiet()
        mount_in_child(console, 0)
        address = get_address(console)
        console.ask(f"{{ {SERVE} > /tmp/serve 2>&1 & }}")
    return address


@contextlib.contextmanager
def changed(child, command):
    """The console of a child that has changed its adapter."""
    with child.console() as console:
        console.quiet()
        change(console, command)
        yield console


def all_reach_all(one, two, address, command):
    """Both children and the parent, after a change to both adapters."""
    with changed(two, command) as console:
        streams_arrive(console, GATEWAY)
    with changed(one, command) as console:
        streams_arrive(console, GATEWAY)
        streams_arrive(console, address)
        datagrams_arrive(console, GATEWAY)


def streams_pass(machine):
    """Between children of two kernels and the parent, with short frames and
    long ones, and at last with the sum of each in its frame: without LRO the
    children look at all."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(serving(machine))
        stack.enter_context(long_frames(machine))
        one, two = children = of_two_kernels(stack, machine,
                                             tools_option(machine))
        begin(one)
        address = begin(two)
        for command in ("true", f"ip link set eth0 mtu {LONG_MTU}",
                        f"{WITHOUT_LRO}; ip link set eth0 mtu 1500"):
            all_reach_all(one, two, address, command)
        all_went_well(machine, children, WRONG)
