# SPDX-License-Identifier: Apache-2.0
"""Tests with Debian in a child: started from its disk, with its own daemons."""
import json
import re
import shlex

from child import Child, defined
from verdict import check

PROMPT = r"root@{}:~# "
BOOT_SECONDS = 900
FILES = "/tmp/debian"


def wait_guest(child, words, seconds=400):
    """Wait until `mullion info --json` has some words; the guest's part."""
    wanted = " && ".join(f"grep -q {shlex.quote(word)} /tmp/info"
                         for word in words)
    child.machine.ask(
        f"(SECONDS=0; until mullion info {child.name} --json > /tmp/info && "
        f"{wanted}; do [ $SECONDS -lt {seconds} ] || "
        "{ cat /tmp/info; exit 1; }; sleep 1; done)", seconds + 30)
    return json.loads(child.machine.ask("cat /tmp/info"))["guest"]


def demo_boots_from_its_disk(machine):
    """The first child is Debian, loaded from its own disk."""
    demo = Child(machine, "demo")
    machine.ask("(SECONDS=0; until mullion info demo --json > /tmp/info && "
                "grep -q '\"state\": \"running\"' /tmp/info; do "
                "[ $SECONDS -lt 600 ] || exit 1; sleep 1; done)", 630)
    check(demo.info()["from_disk"], "it does not boot from its disk")
    with demo.console() as console:
        console.wait_for(r"mullion-loader: Debian GNU/Linux 13 .* on sda1: "
                         r"/boot/vmlinuz-6\.12", BOOT_SECONDS)
        console.wait_for(PROMPT.format("debian"), BOOT_SECONDS)
        console.quiet()
        failed = console.ask("systemctl --no-pager --failed --plain "
                             "--no-legend")
        check(failed == "", f"failed: {failed}")
        check(console.ask("test -e /run/cloud-init/enabled && echo ran; true")
              == "", "cloud-init ran without a seed")
    guest = wait_guest(demo, ["Debian GNU/Linux 13", '"6.12', '"10.'])
    check(guest["heartbeat"] == "ok", f"heartbeat: {guest['heartbeat']}")
    listed = machine.ask("mullion list")
    check(re.search(r"demo .* ok +\d+\.\d+\.\d+\.\d+", listed),
          f"mullion list shows: {listed}")


def demo_stops_cleanly(machine):
    """`stop` has Debian shut down."""
    demo = Child(machine, "demo")
    said = demo.mullion("stop", 180, "--timeout 120")
    check("powered off" in said, f"mullion stop said: {said}")


def bad_disk_is_explained(machine):
    """A disk without a system ends the partition with a reason."""
    machine.ask(f"mkdir -p {FILES}; rm -f {FILES}/empty.img; "
                f"mullion disk create {FILES}/empty.img --size 64M")
    with defined(machine, "empty", f"--disk {FILES}/empty.img") as child:
        child.start()
        ended = child.wait_state("failed", 400)
        check("found no system" in ended["reason"],
              f"the reason is: {ended['reason']}")
        check("mullion-loader: sda: not looked into" in child.log(),
              "the console does not tell what was looked at")
