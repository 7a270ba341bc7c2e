# SPDX-License-Identifier: Apache-2.0
"""Tests of sockets between programs of a child and of the parent."""
import contextlib
import itertools
import re

from child import Child, FILES, booted
from on_vmbus import inside, no_trouble, wait_in_parent, wait_inside
from verdict import Failure, check

TOOLS = "/usr/lib/mullion/tests/sockets"
PEER = f"{TOOLS}/socket-peer"
INITRD = "/tmp/initrd-sockets"
CLASS = "facb-11e6-bd58-64006a7986d3"
CONNECTIONS = 1000
BYTES = 3000
LOAD_SECONDS = 600
PUSHED = 4 << 20
# What may be under way when one side does not read: rings of 24 KiB, and what
# the kernel keeps in a Unix socket.
UNDER_WAY = 1 << 20
# Refused after 2 s by a guest's kernel, after 3 s by us; machines are slow.
REFUSED_MS = 8000
RSS_KIB = 8192


# A port for each use: programs in children go on.
ports = itertools.count(5000)


def options(version):
    """Options for a child with the drivers of sockets, and the program."""
    return (f"--kernel {FILES}/vmlinuz-{version} --initrd {INITRD} "
            "--memory 512M --integration no")


@contextlib.contextmanager
def talker(machine, version="7.3"):
    """A child that can talk: one for all tests, until one fails."""
    child = Child(machine, f"talks-{version.replace('.', '-')}",
                  options(version))
    if machine.run(f"mullion info {child.name}").status != 0:
        machine.ask(f"cat {FILES}/initrd-vmbus {TOOLS}/initrd > {INITRD}")
        child.create()
        child.start()
        child.wait_up()
    wait_in_parent(machine, f"[ -S {folder(child)}/vsock ]")
    try:
        yield child
    except Failure:
        with contextlib.suppress(Failure):
            child.remove()
        raise


def leaves(version):
    """A test that a child that has talked can be removed."""
    def test(machine):
        with talker(machine, version) as child:
            child.remove()
    test.__name__ = f"child_with_{version}_is_removed"
    return test


def folder(child):
    """Where the sockets of a child are."""
    return f"/run/mullion/{child.name}/sockets"


def via(child, port):
    """How the program reaches a port of the child from the parent."""
    return f"via:{folder(child)}/vsock:{port}"


def at(child, port):
    """Where it listens in the parent for a port."""
    return f"unix:{folder(child)}/vsock_{port}"


@contextlib.contextmanager
def in_parent(machine, command, said="listening"):
    """The program in the parent; where it writes."""
    output = f"/tmp/peer-{machine.mark()}"
    machine.ask(f"mkfifo {output}.in; (setsid {PEER} {command} "
                f"<> {output}.in > {output} 2>&1 & echo $! > {output}.pid)")
    wait_in_parent(machine, f"grep -q {said} {output}")
    try:
        yield output
    finally:
        machine.run(f"kill $(cat {output}.pid)")


def in_child(child, command, said="listening"):
    """Have the program run in the child; where it writes."""
    output = f"/tmp/peer-{child.machine.mark()}"
    inside(child, f"mkfifo {output}.in; (setsid /socket-peer {command} "
           f"<> {output}.in > {output} 2>&1 &)")
    wait_inside(child, f"grep -q {said} {output}")
    return output


def process(child):
    """The process behind the sockets: its pid."""
    return child.machine.number(
        f"systemctl show -P MainPID mullion-sockets@{child.name}")


def rss(child):
    """KiB of memory of its own that it has."""
    return child.machine.number(
        f"awk '/^RssAnon:/ {{ print $2 }}' /proc/{process(child)}/status")


def thousand_from_parent(version):
    """A test of many connections to a program of the child."""
    def test(machine):
        port = next(ports)
        with talker(machine, version) as child:
            in_child(child, f"echo vsock:{port}")
            machine.ask(f"{PEER} load {via(child, port)} {CONNECTIONS} "
                        f"{BYTES}", LOAD_SECONDS)
            relids_return(child)
            no_trouble(child)
    test.__name__ = f"thousand_connections_to_{version}"
    return test


def thousand_from_child(version):
    """A test of many connections to a program of the parent."""
    def test(machine):
        with talker(machine, version) as child, \
                in_parent(machine, f"echo {at(child, 6000)}"):
            inside(child, f"/socket-peer load vsock:6000 {CONNECTIONS} "
                   f"{BYTES}", LOAD_SECONDS)
            relids_return(child)
            no_trouble(child)
    test.__name__ = f"thousand_connections_from_{version}"
    return test


def relids_return(child):
    """No channel of a connection that is over is left."""
    wait_inside(child, f"! grep -q {CLASS} /sys/bus/vmbus/devices/*/class_id")


def command_connects(machine):
    """`mullion connect` passes bytes and both ends on."""
    port = next(ports)
    with talker(machine) as child:
        in_child(child, f"echo vsock:{port}")
        output = machine.ask("printf 'over and out' | "
                             f"mullion connect {child.name} {port}")
        check(output == "over and out", f"came back: {output}")
        sums = machine.ask(
            f"head -c {PUSHED} /dev/urandom > /tmp/sent; mullion connect "
            f"{child.name} {port} < /tmp/sent > /tmp/got; "
            "sha256sum < /tmp/sent; sha256sum < /tmp/got", 120).split()
        check(sums[0] == sums[2], "other bytes came back")
        result = machine.run(f"mullion connect {child.name} 4999 < /dev/null")
        check(result.status == 4 and "no program of the guest" in
              result.output, f"{result.status}: {result.output}")


def milliseconds(output):
    """How long a try took, which was refused."""
    match = re.search(r"refused after (\d+) ms", output)
    check(match, f"it says: {output}")
    return int(match.group(1))


def refusals_are_quick(machine):
    """Where nobody listens both sides learn so within seconds."""
    port = next(ports)
    with talker(machine) as child:
        took = milliseconds(machine.ask(f"{PEER} try {via(child, port)}"))
        check(took < REFUSED_MS, f"the parent waited {took} ms")
        took = milliseconds(inside(child, "/socket-peer try vsock:6000"))
        check(took < REFUSED_MS, f"the child waited {took} ms")
        relids_return(child)
        # A socket that was left behind by a program is nobody, too.
        with in_parent(machine, f"echo {at(child, 6000)}"):
            pass
        milliseconds(inside(child, "/socket-peer try vsock:6000"))
        # After all that it still works.
        in_child(child, f"echo vsock:{port}")
        machine.ask(f"{PEER} load {via(child, port)} 1 10")


def stopped_after(output):
    """Where a sender had to stop."""
    match = re.search(r"stopped after (\d+)", output)
    check(match, f"it never had to stop: {output}")
    return int(match.group(1))


def slow_program_stops_the_child(machine):
    """What the parent does not read is kept by the child's sender."""
    with talker(machine) as child, \
            in_parent(machine, f"sink {at(child, 6000)}") as sink:
        before = rss(child)
        output = in_child(child, f"push vsock:6000 {PUSHED}", "stopped")
        stopped = stopped_after(inside(child, f"cat {output}"))
        check(stopped < UNDER_WAY, f"{stopped} bytes were under way")
        grown = rss(child) - before
        check(grown < 256, f"the process has grown by {grown} KiB")
        machine.ask(f"echo > {sink}.in")
        wait_in_parent(machine, f"grep -q 'got {PUSHED}' {sink}", 120)
        wait_inside(child, f"grep -q 'sent {PUSHED}' {output}")


def slow_child_stops_the_program(machine):
    """What the child does not read is kept by the parent's sender."""
    port = next(ports)
    with talker(machine) as child:
        sink = in_child(child, f"sink vsock:{port}")
        before = rss(child)
        with in_parent(machine, f"push {via(child, port)} {PUSHED}",
                       "stopped") as output:
            stopped = stopped_after(machine.ask(f"cat {output}"))
            check(stopped < UNDER_WAY, f"{stopped} bytes were under way")
            grown = rss(child) - before
            check(grown < 256, f"the process has grown by {grown} KiB")
            inside(child, f"echo > {sink}.in")
            wait_inside(child, f"grep -q 'got {PUSHED}' {sink}", 120)
            wait_in_parent(machine, f"grep -q 'sent {PUSHED}' {output}")


def ends_are_cut_off(machine):
    """Whoever dies, on either side, leaves nothing behind."""
    port = next(ports)
    with talker(machine) as child:
        dropped = in_child(child, f"drop vsock:{port}")
        machine.run(f"echo word | mullion connect {child.name} {port}")
        wait_inside(child, f"grep -q dropped {dropped}")
        with in_parent(machine, f"drop {at(child, 6000)}") as output:
            inside(child, "/socket-peer push vsock:6000 100 || true")
            wait_in_parent(machine, f"grep -q dropped {output}")
        relids_return(child)
        no_trouble(child)


def process_comes_back(machine):
    """A process that is killed costs its connections only."""
    port = next(ports)
    with talker(machine) as child:
        in_child(child, f"echo vsock:{port}")
        with in_parent(machine, f"push {via(child, port)} 100000000",
                       "stopped"):
            pid = process(child)
            machine.ask(f"kill -9 {pid}")
            wait_in_parent(
                machine, "pid=$(systemctl show -P MainPID mullion-sockets@"
                f"{child.name}); [ $pid -ne 0 -a $pid -ne {pid} ]")
        wait_in_parent(machine, f"{PEER} load {via(child, port)} 10 1000")
        relids_return(child)
        no_trouble(child)


def guest_resets(machine):
    """A guest that resets with connections open is served afterwards."""
    port = next(ports)
    with talker(machine) as child:
        in_child(child, f"sink vsock:{port}")
        with in_parent(machine, f"push {via(child, port)} {PUSHED}",
                       "stopped") as output:
            with child.console() as console:
                console.send("reboot -f\n")
                console.wait_for("has ended", 60, "end of the console")
            wait_in_parent(machine, f"! kill -0 $(cat {output}.pid)")
        child.wait_state("running", 120)
        child.wait_up()
        in_child(child, f"echo vsock:{port}")
        machine.ask(f"{PEER} load {via(child, port)} 10 1000")


def process_is_small_and_sandboxed(machine):
    """It has a user of its own, no rights, and little memory."""
    with talker(machine) as child:
        pid = process(child)
        status = machine.ask(f"cat /proc/{pid}/status")
        fields = dict(line.split(":\t", 1) for line in status.splitlines()
                      if ":\t" in line)
        check("0" not in fields["Uid"].split(), f"uid {fields['Uid']}")
        check(int(fields["CapBnd"], 16) == 0, "it may get capabilities")
        check(int(fields["CapPrm"], 16) == 0, "it has capabilities")
        check(fields["NoNewPrivs"] == "1", "it may get privileges")
        check(fields["Seccomp"] == "2", "no filter of system calls")
        root = machine.ask(f"readlink /proc/{pid}/root")
        check(root == folder(child), f"its root is {root}")
        check(int(fields["RssAnon"].split()[0]) < RSS_KIB,
              f"it has {fields['RssAnon']} of memory")


def goes_without(machine):
    """Who does not want sockets has no process."""
    without = f"{options('7.3')} --sockets no"
    with booted(machine, "alone", without) as child:
        result = machine.run(f"mullion connect {child.name} 5000 < /dev/null")
        check(result.status == 4 and "sockets = yes" in result.output,
              f"{result.status}: {result.output}")
        check(process(child) == 0, "there is a process")


TESTS = [
    command_connects, refusals_are_quick, slow_program_stops_the_child,
    slow_child_stops_the_program, ends_are_cut_off, process_comes_back,
    guest_resets, process_is_small_and_sandboxed,
    thousand_from_parent("7.3"), thousand_from_child("7.3"), leaves("7.3"),
    goes_without,
    thousand_from_parent("6.12"), thousand_from_child("6.12"), leaves("6.12"),
]
