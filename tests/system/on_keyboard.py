# SPDX-License-Identifier: Apache-2.0
"""Tests of the keyboard that a child can have."""
from child import booted
from on_integration import drivers
from on_vmbus import inside, no_trouble, wait_in_parent, wait_inside

NAME = "AT Translated Set 2 keyboard"
# ctrl and c, down and up, as the kernel numbers keys.
PRESSED = "29 1 46 1 46 0 29 0"
# Of the events that were read: of a key, which one, and how it is now.
KEYS = (r"""hexdump -v -e '12/2 "%u " "\n"' /tmp/keys | """
        r"""awk '$9 == 1 { printf "%s %s ", $10, $11 }'""")


def with_keyboard(version):
    """Options for a child that has one, and the driver."""
    return drivers(version) + " --keyboard yes"


def wait_keyboard(child):
    """Wait until the child has found it."""
    wait_inside(child, f"grep -q '{NAME}' /sys/class/input/event*/device/name")


def keys_arrive(version):
    """A test that keys which are pressed are those that the guest sees."""
    def test(machine):
        with booted(machine, "types", with_keyboard(version)) as child:
            wait_keyboard(child)
            inside(child, "device=$(grep -l "
                   f"'{NAME}' /sys/class/input/event*/device/name); "
                   "device=${device%/device/name}; "
                   "(cat /dev/input/${device##*/} > /tmp/keys &)")
            machine.ask(f"mullion send-key {child.name} ctrl-c")
            wait_inside(child, f'[ "$({KEYS})" = "{PRESSED} " ]')
            no_trouble(child)
    test.__name__ = f"keys_arrive_in_{version}"
    return test


def three_keys_restart(machine):
    """Ctrl-alt-del is what it always was."""
    with booted(machine, "resets", with_keyboard("7.3")) as child:
        wait_keyboard(child)
        inside(child, "echo 1 > /proc/sys/kernel/ctrl-alt-del")
        pid = child.info()["pid"]
        machine.ask(f"mullion send-key {child.name} ctrl-alt-del")
        wait_in_parent(machine, f"[ ! -d /proc/{pid} ]")
        child.wait_state("running", 120)
        child.wait_up()
        wait_keyboard(child)


def useless_provider_is_left_alone(machine):
    """One that ends at once each time is not started for ever."""
    unit = "mullion-keyboard@useless.service"
    folder = f"/run/systemd/system/{unit}.d"
    machine.ask(f"systemctl show -P StartLimitBurst {unit} | grep -qx 30")
    # An emulated machine is too slow to do that often within seconds.
    machine.ask(f"mkdir -p {folder}; printf '[Unit]\nStartLimitIntervalSec="
                "1h\n[Service]\nExecStart=\nExecStart=false\n' > "
                f"{folder}/useless.conf; systemctl daemon-reload")
    with booted(machine, "useless", with_keyboard("7.3")) as child:
        wait_in_parent(machine, "[ $(systemctl show -P SubState "
                       f"{unit}) = failed ]", 300)
        machine.ask(f"rm -r {folder}; systemctl daemon-reload; "
                    f"systemctl restart {unit}")
        wait_keyboard(child)
        no_trouble(child)


TESTS = [keys_arrive("7.3"), keys_arrive("6.12"), three_keys_restart,
         useless_provider_is_left_alone]
