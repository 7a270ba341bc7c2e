# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's network: addresses, traffic, VLANs, the cable."""
import contextlib
import json

from child import booted, kernel
from verdict import check

GATEWAY = "10.94.0.1"
TRANSFER_MIB = 4
DHCP_SECONDS = 120
TRANSFER_SECONDS = 240
# What udhcpc calls when it was given an address.
LEASE = (r'[ \"\$1\" = bound ] && ip addr add \$ip/\$mask dev \$interface && '
         r'ip route add default via \$router; true')
# What hv_netvsc says when something is wrong.
TROUBLE = r"hv_netvsc.*(fail|invalid|unable|overflow|unknown|error)|WARNING"


def networked(network="default"):
    """Options for a child with an adapter, and the driver for it."""
    return (kernel("7.3").replace("/initrd", "/initrd-vmbus") +
            f" --network {network}")


def ask_network(machine, child, request):
    """Send a request to the provider; its answer."""
    text = json.dumps(request)
    said = machine.ask(
        f"echo -n '{text}' | socat -t 5 - UNIX-CONNECT:/run/mullion/"
        f"{child.name}/network.sock,type=5")
    answer = json.loads(said)
    check(answer["ok"], f"{text} was refused: {said}")
    return answer


def bring_up(console):
    """Wait for the adapter, and bring it up."""
    console.ask("n=0; until [ -e /sys/class/net/eth0 ]; do n=$((n + 1)); "
                "[ $n -lt 600 ] || break; usleep 100000; done; "
                "ip link set eth0 up", DHCP_SECONDS)


def get_address(console):
    """Have the child ask for an address; what it got."""
    bring_up(console)
    console.ask(f'printf "#!/bin/sh\\n{LEASE}\\n" > /tmp/lease && '
                "chmod +x /tmp/lease")
    console.ask("udhcpc -i eth0 -n -q -t 20 -s /tmp/lease", DHCP_SECONDS)
    return console.ask("ip -4 -o addr show dev eth0 | "
                       "sed 's/.*inet \\([0-9.]*\\).*/\\1/'").strip()


def no_trouble(console):
    """The guest's driver has complained of nothing."""
    lines = console.ask(f"dmesg | grep -iE '{TROUBLE}'; true")
    check(lines == "", f"the guest says: {lines[-300:]}")


def address_by_dhcp_and_ping(machine):
    """A child gets an address; it and the parent reach each other."""
    with booted(machine, "net", networked()) as child:
        with child.console() as console:
            console.quiet()
            address = get_address(console)
            check(address.startswith("10.94.0."), f"it got {address}")
            console.ask(f"ping -c 3 -W 10 {GATEWAY}")
            console.ask(f"ping -c 3 -W 10 -s 1400 {GATEWAY}")
            no_trouble(console)
        machine.ask(f"ip neigh show {address} dev mullion0 | grep lladdr")


def bytes_arrive_as_sent(machine):
    """Data by TCP, each way, compared by its sum."""
    with booted(machine, "tcp", networked(), 2) as child:
        machine.ask(f"head -c {TRANSFER_MIB}M /dev/urandom > /tmp/sent")
        want = machine.ask("md5sum < /tmp/sent").split()[0]
        machine.ask("socat -u FILE:/tmp/sent TCP-LISTEN:5001,reuseaddr & "
                    "socat -u TCP-LISTEN:5002,reuseaddr "
                    "CREATE:/tmp/back & echo")
        with child.console() as console:
            console.quiet()
            get_address(console)
            console.ask(f"nc {GATEWAY} 5001 < /dev/null > /tmp/got",
                        TRANSFER_SECONDS)
            got = console.ask("md5sum < /tmp/got").split()[0]
            check(got == want, "what the child got is not what was sent")
            console.ask(f"nc {GATEWAY} 5002 < /tmp/got", TRANSFER_SECONDS)
            no_trouble(console)
        machine.ask("wait", TRANSFER_SECONDS)
        check(want in machine.ask("md5sum < /tmp/back"),
              "what the parent got is not what was sent")
        queues = ask_network(machine, child, {"op": "stats"})["queues"]
        check(sum(q["sent_bytes"] for q in queues) > TRANSFER_MIB << 20,
              f"too few bytes are counted: {queues}")
        for what in ("sent_malformed", "bad_messages"):
            check(all(q[what] == 0 for q in queues), f"{what}: {queues}")


def cable_is_pulled_and_plugged_in(machine):
    """The guest sees the link go and come."""
    with booted(machine, "cable", networked()) as child:
        with child.console() as console:
            console.quiet()
            get_address(console)
        for up in (False, True):
            ask_network(machine, child, {"op": "link", "port": 0, "up": up})
            with child.console() as console:
                console.quiet()
                console.ask("n=0; until [ $(cat /sys/class/net/eth0/carrier) "
                            f"= {int(up)} ]; do n=$((n + 1)); "
                            "[ $n -lt 300 ] || exit 1; usleep 100000; done",
                            60)
        with child.console() as console:
            console.quiet()
            console.ask(f"ping -c 3 -W 10 {GATEWAY}")


def vlans_are_apart(machine):
    """Children of one VLAN reach each other, those of two do not."""
    with contextlib.ExitStack() as stack:
        children = []
        for number, vlan in ((1, 7), (2, 7), (3, 8)):
            child = stack.enter_context(booted(
                machine, f"vlan{number}", networked(f"default,vlan={vlan}")))
            with child.console() as console:
                console.quiet()
                bring_up(console)
                console.ask(f"ip addr add 10.7.0.{number}/24 dev eth0")
            children.append(child)
        with children[0].console() as console:
            console.quiet()
            console.ask("ping -c 2 -W 10 10.7.0.2")
            console.ask("! ping -c 2 -W 2 10.7.0.3")
            console.ask(f"! ping -c 2 -W 2 {GATEWAY}")
