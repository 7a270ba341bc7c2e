# SPDX-License-Identifier: Apache-2.0
"""Tests of a child's network: addresses, traffic, VLANs, the cable."""
import contextlib
import json
import socket

from child import booted, defined, kernel
from verdict import check

GATEWAY = "10.94.0.1"
STREAM = "/usr/lib/mullion/tests/network-stream"
STREAM_PORT, PROGRAM_PORT = 5201, 5202
# In QEMU's user network; cat answers there.
OUTSIDE = "10.0.2.100"
FORGED = "02:de:ad:00:be:ef"
BRIDGE = "mullion0"
LONG_MTU = 9000
# Segments whose checksum was wrong: the last number of that line.
WRONG_SUMS = "awk '/^Tcp:/ { n = $NF } END { print n }' /proc/net/snmp"
# Linux keeps a device's LRO off from then on.
WITHOUT_LRO = "echo 1 > /proc/sys/net/ipv4/ip_forward"


def free_port():
    """A port of this host that nobody uses now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


HOST_PORT = free_port()
# No further than this machine.
NIC = (f"user,restrict=on,guestfwd=tcp:{OUTSIDE}:7-cmd:/bin/cat,"
       f"hostfwd=tcp:127.0.0.1:{HOST_PORT}-:8080")
TRANSFER_MIB = 4
DHCP_SECONDS = 120
TRANSFER_SECONDS = 240
# What udhcpc calls when it was given an address.
LEASE = (r'[ \"\$1\" = bound ] && ip addr add \$ip/\$mask dev \$interface && '
         r'ip route add default via \$router; true')
# What hv_netvsc says when something is wrong.
TROUBLE = r"hv_netvsc.*(fail|invalid|unable|overflow|unknown|error)|WARNING"


def networked(network="default", version="7.3"):
    """Options for a child with an adapter, and the driver for it."""
    return (kernel(version).replace("/initrd", "/initrd-vmbus") +
            f" --network {network}")


def adapters(child):
    """What `mullion network list` tells."""
    return json.loads(child.mullion("network list", more="--json"))


def wait_in_child(console, condition):
    """Wait until a command in the child succeeds."""
    console.ask(f"n=0; until {condition}; do n=$((n + 1)); "
                "[ $n -lt 600 ] || exit 1; usleep 100000; done", DHCP_SECONDS)


def bring_up(console, device="eth0"):
    """Wait for an adapter, and bring it up."""
    wait_in_child(console, f"[ -e /sys/class/net/{device} ]")
    console.ask(f"ip link set {device} up", DHCP_SECONDS)


def get_address(console, device="eth0"):
    """Have the child ask for an address; what it got."""
    bring_up(console, device)
    console.ask(f'printf "#!/bin/sh\\n{LEASE}\\n" > /tmp/lease && '
                "chmod +x /tmp/lease")
    console.ask(f"udhcpc -i {device} -n -q -t 20 -s /tmp/lease", DHCP_SECONDS)
    return console.ask(f"ip -4 -o addr show dev {device} | "
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
            # Its driver takes no more than the port has, without a word.
            console.ask(f"ip link set eth0 mtu {LONG_MTU} && "
                        "grep -qx 1500 /sys/class/net/eth0/mtu", DHCP_SECONDS)
            wait_in_child(console, f"ping -c 1 -W 5 {GATEWAY}")
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
        said = adapters(child)[0]
        check(said["sent_bytes"] > TRANSFER_MIB << 20,
              f"too few bytes are counted: {said}")
        check(said["dropped"] == 0, f"some were dropped: {said}")


def adapters_come_and_go(machine):
    """One is attached, its cable pulled and plugged in, and detached."""
    with booted(machine, "hot", networked(), 2) as child:
        child.mullion("network attach", more="default")
        check([a["port"] for a in adapters(child)] == [0, 1],
              "there are not two adapters")
        with child.console() as console:
            console.quiet()
            get_address(console, "eth1")
            console.ask(f"ping -c 3 -W 10 {GATEWAY}")
        check(adapters(child)[1]["queues"] == 2, "not a queue for each VP")
        for up, word in enumerate(("down", "up")):
            child.mullion("network set", more=f"1 --link {word}")
            with child.console() as console:
                console.quiet()
                wait_in_child(
                    console, f"[ $(cat /sys/class/net/eth1/carrier) = {up} ]")
        with child.console() as console:
            console.quiet()
            console.ask(f"ping -c 3 -W 10 {GATEWAY}")
        child.mullion("network detach", more="1")
        with child.console() as console:
            console.quiet()
            wait_in_child(console, "[ ! -e /sys/class/net/eth1 ]")
            no_trouble(console)
        check([a["port"] for a in adapters(child)] == [0],
              "there is not one adapter")


@contextlib.contextmanager
def serving(machine):
    """The parent's end of streams, and the program for children's ends."""
    run = "systemd-run -q --collect --unit"
    machine.ask(f"{run}=stream {STREAM} serve {STREAM_PORT} && "
                f"{run}=program socat -U TCP-LISTEN:{PROGRAM_PORT},fork,"
                f"reuseaddr OPEN:{STREAM}")
    yield
    machine.ask("systemctl stop stream program")


def get_stream(console):
    """Have the child fetch the program for streams from the parent."""
    wait_in_child(console, f"nc -w 20 {GATEWAY} {PROGRAM_PORT} < /dev/null "
                  "> /tmp/stream && [ -s /tmp/stream ]")
    console.ask("chmod +x /tmp/stream")


def flows(to, count):
    """The command for streams to an address and back, all at once."""
    return f"/tmp/stream flows {to} {STREAM_PORT} {count} 1"


def wait_in_parent(machine, condition):
    """Wait until a command in the parent succeeds."""
    machine.ask(f"(SECONDS=0; until {condition}; do [ $SECONDS -lt 60 ] || "
                "exit 1; sleep 0.2; done) > /dev/null 2>&1", 90)


def fetch(address):
    """What is sent by whoever listens there, from outside of the machine."""
    with socket.create_connection(address, 60) as s:
        s.settimeout(60)
        return b"".join(iter(lambda: s.recv(4096), b"")).decode().strip()


def outside_is_reached_and_reaches(machine):
    """By NAT, and by published ports as long as the child runs."""
    options = networked("default,publish=8080:80,publish=53:5353/udp")
    rules = "nft list table ip mullion-web"
    with serving(machine), booted(machine, "web", options) as child:
        wait_in_parent(machine, "ip route | grep -q ^10.0.2.0")
        with child.console() as console:
            console.quiet()
            address = get_address(console)
            get_stream(console)
            said = console.ask(f"echo hello | nc -w 30 {OUTSIDE} 7")
            check(said == "hello", f"the outside answers {said!r}")
            console.ask("nc -ll -p 80 -e echo from the child & "
                        "/tmp/stream echo 5353 & echo")
        check(address in child.info()["guest"]["addresses"],
              f"{address} is not told")
        wait_in_parent(machine, f"{rules} | grep -q {address}:80")
        said = fetch(("127.0.0.1", HOST_PORT))
        check(said == "from the child", f"from outside comes {said!r}")
        said = machine.ask(f"socat -u -t 20 TCP:{GATEWAY}:8080 -")
        check(said == "from the child", f"in the parent comes {said!r}")
        said = machine.ask(f"echo hello | socat -t 20 - UDP:{GATEWAY}:53")
        check(said == "hello", f"by UDP comes {said!r}")
        with defined(machine, "clash", networked("default,publish=8080:1")):
            result = machine.run("mullion start clash")
            check(result.status == 1 and "is taken" in result.output,
                  f"a clash: {result}")
        child.mullion("kill")
        wait_in_parent(machine, f"! {rules}")
        with defined(machine, "clash", networked("default,publish=8080:1")):
            machine.ask("mullion start clash", 120)


def rate_and_addresses_are_kept(machine):
    """A child gets no more than its rate, and forges no address."""
    options = networked("default,rate=2M")
    with serving(machine), booted(machine, "kept", options) as child:
        with child.console() as console:
            console.quiet()
            get_address(console)
            get_stream(console)
            said = console.ask(flows(GATEWAY, 1), TRANSFER_SECONDS)
            # 8.4 Mbit each way, one after the other, but for 0.1 s at once.
            check(int(said.split()[0]) > 7500, f"1 MiB each way took {said}")
            console.ask(f"/tmp/stream forge eth0 {FORGED}; "
                        f"! ip link set eth0 address {FORGED}")
        said = adapters(child)[0]
        check(said["spoofed"] >= 1, f"nothing was refused: {said}")
        machine.ask(f"! bridge fdb show | grep {FORGED}")


@contextlib.contextmanager
def long_frames(machine):
    """The parent's bridge carries them, and so do ports made meanwhile."""
    mtu = f"ip link set {BRIDGE} mtu"
    machine.ask("systemctl start systemd-networkd")
    wait_in_parent(machine, f"{mtu} {LONG_MTU}")
    yield
    machine.ask(f"{mtu} 1500")


def serve_streams(child):
    """Have a child fetch the program and wait for streams; its address."""
    with child.console() as console:
        console.quiet()
        address = get_address(console)
        get_stream(console)
        console.ask(f"/tmp/stream serve {STREAM_PORT} & echo")
    return address


def change(console, command):
    """Change the adapter, which may have the driver open it anew."""
    console.ask(command, DHCP_SECONDS)
    longest = "$(($(cat /sys/class/net/eth0/mtu) - 28))"
    wait_in_child(console, f"ping -c 1 -W 5 -s {longest} {GATEWAY}")


def streams_run(one, two, address, command):
    """Many at once, to the parent and to @two; both have changed before."""
    with two.console() as console:
        console.quiet()
        change(console, command)
        console.ask(f"{{ {flows(GATEWAY, 8)} > /tmp/said 2>&1; "
                    "echo $? > /tmp/status; } & echo")
    with one.console() as console:
        console.quiet()
        change(console, command)
        for to in (GATEWAY, address):
            for count in (1, 8):
                console.ask(flows(to, count), TRANSFER_SECONDS)
    with two.console() as console:
        console.quiet()
        wait_in_child(console, "[ -s /tmp/status ]")
        console.ask("cat /tmp/said; grep -qx 0 /tmp/status && "
                    "rm /tmp/status")


def all_went_well(machine, children, wrong_sums=WRONG_SUMS):
    """No sum was wrong at any end, as that command counts them, no driver has
    complained, and the ports, which carry long frames, dropped nothing."""
    for child in children:
        with child.console() as console:
            console.quiet()
            wrong = console.ask(wrong_sums).strip()
            check(wrong == "0", f"{wrong} checksums were wrong")
            no_trouble(console)
        said = adapters(child)[0]
        check(said["mtu"] == LONG_MTU and said["queues"] == 2 and
              said["dropped"] == 0, f"{said}")
    check(machine.number(wrong_sums) == 0, "wrong checksums were sent")


def of_two_kernels(stack, machine, more=""):
    """Two children with adapters, as long as the stack of contexts lasts."""
    return [stack.enter_context(booted(
        machine, f"kernel-{version.replace('.', '-')}",
        f"{networked(version=version)} {more}", 2))
            for version in ("7.3", "6.12")]


def streams_arrive(machine):
    """From two kernels, with short frames and long ones, as they were sent."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(serving(machine))
        stack.enter_context(long_frames(machine))
        one, two = children = of_two_kernels(stack, machine)
        serve_streams(one)
        address = serve_streams(two)
        for command in ("true", f"ip link set eth0 mtu {LONG_MTU}",
                        WITHOUT_LRO, "ip link set eth0 mtu 1500"):
            streams_run(one, two, address, command)
        all_went_well(machine, children)


def killed_provider_comes_back(machine):
    """With packets of the child in its ring; the driver stays as it is."""
    unit = "mullion-network@killed"
    with booted(machine, "killed", networked()) as child:
        with child.console() as console:
            console.quiet()
            get_address(console)
            console.ask("cat /sys/class/net/eth0/ifindex > /tmp/before")
        machine.ask(f"systemctl kill -s STOP {unit}")
        with child.console() as console:
            console.quiet()
            console.ask(f"! ping -c 2 -W 2 {GATEWAY}")
        machine.ask(f"systemctl kill -s KILL {unit}")
        with child.console() as console:
            console.quiet()
            wait_in_child(
                console, "[ -e /sys/class/net/eth0 ] && "
                "[ $(cat /sys/class/net/eth0/ifindex) != $(cat /tmp/before) ]")
            get_address(console)
            console.ask(f"ping -c 3 -W 10 {GATEWAY}")
            no_trouble(console)


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
