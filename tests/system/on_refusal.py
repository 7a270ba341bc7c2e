# SPDX-License-Identifier: Apache-2.0
"""Machines on which the hypervisor cannot run: it must say so."""
import shutil
import subprocess

from machine import Machine
from verdict import Failure, check

LIMIT = 120

# Name; words for `simulate`; what is said to be wrong, and what to be needed.
CASES = [
    ("no-svm", ["--", "-cpu", "max,-svm"], "SVM", "SVM"),
    ("no-nested-paging", ["--", "-cpu", "max,-npt"], "nested paging",
     "nested paging"),
    ("no-x2apic", ["--", "-cpu", "max,-x2apic"], "x2APIC", "x2APIC"),
    ("little-memory", ["--memory", "128M"], "memory", "more memory"),
]

# Name; lines of the boot menu's entry; what is wrong; what is needed.
MENUS = [
    ("no-module", "multiboot2 /boot/mullion.elf",
     "no parent kernel was given", "module2 KERNEL"),
    ("wrong-module", "multiboot2 /boot/mullion.elf\n"
     "module2 /boot/grub/grub.cfg", "", "Linux kernel"),
]


def refusal(build, log, state, options, wrong, needed):
    """Boot, and wait for the two lines on the serial console."""
    with Machine(build, log, state, options, LIMIT) as machine:
        said = machine.wait_for(r"mullion: cannot start: ([^\r\n]*)\r*\n",
                                LIMIT, "refusal").group(1)
        check(wrong in said, f"it said: {said}")
        said = machine.wait_for(r"mullion: needed: ([^\r\n]*)\r*\n",
                                LIMIT, "word about what is needed").group(1)
        check(needed in said, f"it said: {said}")


def make_iso(build, scratch, name, lines):
    """An ISO with the hypervisor and a boot menu of our own."""
    tree = scratch / name
    grub = tree / "boot" / "grub"
    grub.mkdir(parents=True)
    shutil.copy(build / "hypervisor" / "mullion.elf",
                tree / "boot" / "mullion.elf")
    (grub / "grub.cfg").write_text(
        "serial --unit=0 --speed=115200\nterminal_output serial\n"
        f"set timeout=0\nmenuentry test {{\n{lines}\n}}\n", encoding="utf-8")
    iso = scratch / f"{name}.iso"
    made = subprocess.run(["grub-mkrescue", "-o", iso, tree],
                          capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise Failure(f"grub-mkrescue: {made.stderr[-200:]}")
    return iso


def menu_refusal(build, log, state, name, lines, wrong, needed):
    """The same with a boot menu of our own."""
    iso = make_iso(build, state.parent, name, lines)
    options = ["--", "-drive", f"if=none,id=menu,format=raw,file={iso}",
               "-device", "ide-cd,drive=menu,bootindex=0"]
    refusal(build, log, state, options, wrong, needed)


def run(build, logs, state, printer, wanted):
    """All cases, one boot each."""
    for name, options, wrong, needed in CASES:
        if wanted(f"refusal/{name}"):
            printer.test(f"system/refusal/{name}", refusal, build,
                         logs / f"system-refusal-{name}.log", state, options,
                         wrong, needed)
    for name, lines, wrong, needed in MENUS:
        if wanted(f"refusal/{name}"):
            printer.test(f"system/refusal/{name}", menu_refusal, build,
                         logs / f"system-refusal-{name}.log", state, name,
                         lines, wrong, needed)
