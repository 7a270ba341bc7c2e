# SPDX-License-Identifier: Apache-2.0
"""Tests with Debian in a child: started from its disk, with its own daemons."""
import json
import re
import shlex

from child import Child, defined
from tool_disk import (FOLDER, IN_TOOLS, MOUNT, again_and_again,
                       tools_option)
from verdict import check

DISK = "/var/lib/mullion/demo.img"
PROMPT = r"root@{}:~# "
BOOT_SECONDS = 900
FILES = "/tmp/debian"
NAME = "seeded"
COPY_KIB = 256
FREEZE_SECONDS = 3
BUSY_BYTES = 64 << 10
FIO = (f"{IN_TOOLS} fio --name=frozen --filename=/mnt/fio --size=2M --bs=4k "
       "--rw=randwrite --direct=1 --fdatasync=1 --verify=crc32c "
       "--verify_fatal=1 --verify_backlog=32 --verify_state_save=0")


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
    """At the prompt Debian runs in a child, loaded from its own disk."""
    demo = Child(machine, "demo")
    info = demo.info()
    check(info["state"] == "running", f"demo is {info['state']}")
    check(info["from_disk"], "it does not boot from its disk")
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


def make_seed(machine):
    """A seed that names the guest and lets the parent in."""
    machine.ask(f"mkdir -p {FILES}/seed /root/.ssh; rm -f {FILES}/*.iso "
                "/root/.ssh/id_ed25519; ssh-keygen -q -t ed25519 -N '' "
                "-f /root/.ssh/id_ed25519")
    machine.ask(f"printf '%s\\n' '#cloud-config' 'hostname: {NAME}' "
                "'disable_root: false' 'ssh_authorized_keys:' "
                "\"  - $(cat /root/.ssh/id_ed25519.pub)\" "
                f"> {FILES}/seed/user-data")
    machine.ask(f"mullion disk seed {FILES}/seed.iso --from {FILES}/seed")


def ssh(machine, address, command, seconds=90):
    """What a command in the guest prints; the first time, its key is new."""
    return machine.ask("ssh -o BatchMode=yes -o ConnectTimeout=60 "
                       "-o StrictHostKeyChecking=no -o LogLevel=ERROR "
                       f"root@{address} {shlex.quote(command)}", seconds)


def check_copy(machine, address):
    """A file arrives as it was, by the guest's daemon for it."""
    machine.ask(f"head -c {COPY_KIB}K /dev/urandom > {FILES}/sent")
    machine.ask(f"mullion copy {FILES}/sent {NAME}:/root/sent", 180)
    sent = machine.ask(f"sha256sum < {FILES}/sent")
    came = ssh(machine, address, "sha256sum < /root/sent")
    check(sent == came, f"sent {sent}, there is {came}")


def check_freeze(machine, address):
    """While the guest is frozen nothing of its writes gets to the disk, and
    fio, which writes and reads back meanwhile, meets no error."""
    ssh(machine, address, f"{MOUNT.format(device='LABEL=mullion-tools')} && "
        f"mount -o bind /root {FOLDER}/mnt")
    forever = again_and_again(FIO, "/root/enough", "/root/result")
    ssh(machine, address, f"nohup sh -c '{forever}' > /root/told 2>&1 &")
    written = "mullion disk list " + NAME + " --json | " \
        "grep -m 1 -o '\"written_bytes\": *[0-9]*' | grep -o '[0-9]*'"
    machine.ask(f"(SECONDS=0; n=$({written}); until [ $({written}) -gt "
                f"$((n + {BUSY_BYTES})) ]; do [ $SECONDS -lt 120 ] || exit 1; "
                "done)", 150)
    machine.ask(f"mullion freeze {NAME}", 90)
    # What was under way when the freeze was answered is done a little later.
    machine.ask("(SECONDS=0; now=; until [ \"$now\" = \"$before\" -a "
                "-n \"$now\" ]; do [ $SECONDS -lt 30 ] || exit 1; "
                f"before=$now; now=$({written}); sleep 1; done)", 60)
    before = machine.number(written)
    machine.ask(f"sleep {FREEZE_SECONDS}")
    after = machine.number(written)
    machine.ask(f"mullion thaw {NAME}", 90)
    check(before == after, f"frozen, it wrote: {before}, then {after}")
    ssh(machine, address, "touch /root/enough; n=0; "
        "until [ -s /root/result ] || [ $n = 900 ]; do n=$((n + 1)); "
        "sleep 0.2; done; [ $(cat /root/result) = 0 ] || "
        "{ tail -c 400 /root/told; false; }", 300)
    check(machine.number(written) > after, "thawed, it writes nothing")


def seed_is_honoured(machine):
    """With a seed the guest has its name and key; its daemons serve us."""
    # It has the disk.
    machine.run("mullion kill demo")
    make_seed(machine)
    with defined(machine, NAME, f"--disk {DISK} --disk {FILES}/seed.iso,"
                 f"format=iso {tools_option(machine)} --network default "
                 "--memory 384M") as child:
        child.start()
        guest = wait_guest(child, ['"pairs"', '"freeze"', '"copy"', '"10.'],
                           BOOT_SECONDS)
        address = next(each for each in guest["addresses"]
                       if each.startswith("10."))
        check(ssh(machine, address, "hostname", 180) == NAME,
              "ssh reached something else")
        status = ssh(machine, address, "cloud-init status --wait; true", 240)
        check("status: done" in status, f"cloud-init says: {status}")
        check_copy(machine, address)
        check_freeze(machine, address)
        child.mullion("stop", 180, "--timeout 120")


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
