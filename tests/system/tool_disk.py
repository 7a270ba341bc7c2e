# SPDX-License-Identifier: Apache-2.0
"""The disk of programs that are not ours: fio, iperf3, kexec. The machine's
scenario has the option --test-tools; children read the same disk."""
from on_disks import device_of

FOLDER = "/tmp/tools"
IN_TOOLS = f"chroot {FOLDER}"
MOUNT = (f"mkdir -p {FOLDER} && mount -t ext4 -o ro {{device}} {FOLDER} && "
         f"for d in dev proc sys; do mount -o bind /$d {FOLDER}/$d; done && "
         f"mount -t tmpfs none {FOLDER}/tmp")


def again_and_again(command, stop, result):
    """A shell command that runs one until it fails or there is a file @stop,
    and then leaves its status in the file @result."""
    return (f"r=0; until [ -e {stop} ] || [ $r != 0 ]; do {command}; r=$?; "
            f"done; echo $r > {result}")


def tools_option(machine):
    """The disk as an option for a child."""
    device = machine.ask("findfs LABEL=mullion-tools").strip()
    return f"--disk {device},readonly=yes,id=tools"


def mount_in_parent(machine):
    """Have the programs in the parent."""
    machine.ask(f"mountpoint -q {FOLDER} || "
                f"{{ {MOUNT.format(device='LABEL=mullion-tools')}; }}")


def mount_in_child(console, lun):
    """Have the programs in a child, which has the disk as this LUN."""
    device = f"/dev/{device_of(console, lun)}"
    console.ask(MOUNT.format(device=device))
