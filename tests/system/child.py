# SPDX-License-Identifier: Apache-2.0
"""A child partition, driven through `mullion` as a user would."""
import contextlib
import json
import shlex

from machine import plain
from verdict import Failure, check

FILES = "/usr/share/mullion/child"
BOOT_SECONDS = 240
DETACH = "\x1d"


class Console:
    """An attached console of a child that runs busybox's shell."""

    def __init__(self, machine):
        self.machine = machine

    def wait_for(self, pattern, seconds=60, what=None):
        """Wait for a regular expression on the child's console."""
        return self.machine.wait_for(pattern, seconds, what)

    def send(self, text):
        """Type text."""
        self.machine.send(text)

    def quiet(self):
        """Have the shell neither echo nor prompt."""
        ready = self.machine.mark()
        self.send(f"stty -echo; PS1=; printf '%s:%s\\n' {ready} ready\n")
        self.wait_for(f"{ready}:ready", what="shell of the child")

    def ask(self, command, seconds=60):
        """Run a command that must succeed; its output."""
        begin, end = self.machine.mark(), self.machine.mark()
        self.send(f"printf '%s:%s\\n' {begin} begins; {command}; "
                  f"printf '\\n%s:%d\\n' {end} $?\n")
        self.wait_for(rf"{begin}:begins\r*\n", seconds,
                      "begin of a command in the child")
        match = self.wait_for(rf"\r*\n{end}:(\d+)\r*\n", seconds,
                              "end of a command in the child")
        output = plain(self.machine.process.before).strip("\n")
        check(match.group(1) == "0", "a command in the child ended with "
              f"{match.group(1)}: {output[-200:]}")
        return output


class Child:
    """One partition. What cannot be done is a Failure."""

    def __init__(self, machine, name, options="", cpus=1):
        self.machine = machine
        self.name = name
        self.cpus = cpus
        self.options = f"--cpus {cpus} {options}"

    def mullion(self, command, seconds=60, more=""):
        """`mullion COMMAND NAME`, which must succeed; what it says."""
        return self.machine.ask(f"mullion {command} {self.name} {more}",
                                seconds)

    def create(self):
        """Define it."""
        self.mullion("create", more=self.options)

    def start(self):
        """Have it run."""
        return self.mullion("start", 120)

    def info(self):
        """What `mullion info` tells, as a dictionary."""
        return json.loads(self.mullion("info", more="--json"))

    def state(self):
        """Its state, a word."""
        return self.info()["state"]

    def stats(self):
        """What `mullion stats` tells, as a dictionary."""
        return json.loads(self.mullion("stats", more="--json"))

    def wait_state(self, state, seconds=60):
        """Wait until it is in a state; the info of then, with a reason."""
        word = shlex.quote(f'"state": "{state}"')
        self.machine.ask(
            f"(SECONDS=0; until mullion info {self.name} --json > /tmp/info "
            f"&& grep -q {word} /tmp/info; do "
            f"[ $SECONDS -lt {seconds} ] || {{ cat /tmp/info; exit 1; }}; "
            "done)", seconds + 30)
        return {"reason": "", **self.info()}

    def log(self):
        """All that its console wrote."""
        return self.mullion("log")

    @contextlib.contextmanager
    def console(self):
        """Attached to its console; detached afterwards."""
        end = self.machine.begin(f"mullion console {self.name}")
        try:
            self.machine.wait_for("Ctrl-] detaches", what="console of a child")
            yield Console(self.machine)
        except Failure:
            # What is typed next is for the shell again.
            with contextlib.suppress(Failure):
                self.machine.send(DETACH)
                self.machine.finish(end)
            raise
        self.machine.send(DETACH)
        result = self.machine.finish(end)
        check(result.status == 0,
              f"mullion console ended with {result.status}")

    def wait_up(self, seconds=BOOT_SECONDS):
        """Wait for userspace; the kernel's release."""
        with self.console() as console:
            match = console.wait_for(
                r"mullion-child: up, (\d+) processors, kernel (\S+)\r*\n",
                seconds, f"line of the init of {self.name}")
            console.quiet()
        check(int(match.group(1)) == self.cpus,
              f"{match.group(1)} processors in the child, not {self.cpus}")
        return match.group(2)

    def remove(self):
        """Delete it, whatever its state is."""
        self.mullion("delete", 90, "--force")


def check_rights(machine, pid, capabilities=0):
    """Check that a process has given up all rights but @capabilities."""
    lines = machine.ask(f"cat /proc/{pid}/status").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    check(status["Uid"].split()[0] != "0", "it runs as root")
    check(int(status["CapEff"], 16) == capabilities,
          f"rights: {status['CapEff']}")
    check(status["NoNewPrivs"] == "1", "it may gain privileges")
    check(status["Seccomp"] == "2", "its system calls are not filtered")


def check_sandbox(machine, pid, most_kib):
    """Check that a process has no rights and at most so much memory."""
    anonymous = machine.number(
        f"awk '/^Anonymous:/ {{ print $2 }}' /proc/{pid}/smaps_rollup")
    check(anonymous <= most_kib, f"{anonymous} KiB of its own")
    check_rights(machine, pid)


def kernel(version):
    """Options for the child kernel of a version, with the initramfs."""
    return (f"--kernel {FILES}/vmlinuz-{version} --initrd {FILES}/initrd "
            "--memory 256M")


@contextlib.contextmanager
def defined(machine, name, options="", cpus=1):
    """A partition that exists while the context does."""
    child = Child(machine, name, options, cpus)
    child.create()
    try:
        yield child
    except Failure:
        # What failed is worth more than that this fails, too.
        with contextlib.suppress(Failure):
            child.remove()
        raise
    child.remove()


@contextlib.contextmanager
def booted(machine, name, options="", cpus=1):
    """A partition with Linux in it while the context lasts."""
    with defined(machine, name, options, cpus) as child:
        child.start()
        child.wait_up()
        yield child
