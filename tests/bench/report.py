# SPDX-License-Identifier: Apache-2.0
"""Tables of what the logs of a bench run say."""
import re
import statistics

COLUMNS = ["bare", "ours", "kvm", "kvm+hv", "xen"]
MEASURE = re.compile(r"(?:(\w+?)\d \[[\d.]+\] )?(?:\(d\d+\) )?bench (\w+) "
                     r"n=\d+ (?:min=\d+ med|each)=(\d+)")
INIT_STAMPED = re.compile(r"linux\d \[([\d.]+)\] .*bench-init tsc=")
INIT_BARE = re.compile(r"^bench-init tsc=(\d+)", re.MULTILINE)
AGAINST_IF = re.compile(r"delivered_with_if0=(\d+)")

# Rows in their order, with what the project wants to reach.
TARGETS = {
    "null": "", "hypercall": "<= 200", "cpuid": "<= 250",
    "synthetic_msr_read": "<= 250", "reference_time_read": "",
    "apic_base_read": "", "apic_eoi": "<= 250", "self_ipi": "<= 800",
    "ipi_to_spinning_vp": "<= 1500", "ipi_to_halted_vp": "<= 3000",
    "port_read_by_vmm": "<= 4000", "port_write_by_vmm": "<= 4000",
    "apic_timer_50000_and_halt": "", "first_touch_4k": "",
    "first_touch_2m": "", "boot": "<= 1.10 x bare",
}
# Of devices: the whole machine's instructions for each request. KVM's are
# virtio's, and vhost's for its adapter and socket.
TARGETS.update({row: "<= kvm" for row in (
    "disk_read_4k_depth_1", "disk_write_4k_depth_1", "disk_read_4k_depth_32",
    "disk_write_4k_depth_32", "disk_read_128k", "disk_write_128k",
    "tcp_round_trip_1", "tcp_to_host_64k", "tcp_from_host_64k",
    "udp_to_host_64", "socket_round_trip_1", "socket_to_host_128",
    "socket_to_host_1k", "socket_to_host_4k", "socket_to_host_64k",
    "socket_from_host_64k")})
TARGETS["raw_round_trip_8"] = "<= kvm's socket / 2"
TARGETS.update({f"raw_{row}": "<= kvm's socket" for row in (
    "to_host_128", "to_host_4k", "to_host_64k", "from_host_64k")})


def log_text(logs, host, cpus):
    path = logs / f"{host}{cpus}.log"
    if not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace").replace("\r", "")


def read_log(text, host):
    """Medians by column and row."""
    found = {}
    for label, row, median in MEASURE.findall(text):
        column = "kvm+hv" if label == "hyperv" else host
        found[column, row] = int(median)
    stamped, bare = INIT_STAMPED.search(text), INIT_BARE.search(text)
    if stamped:
        found[host, "boot"] = round(float(stamped.group(1)) * 1e9)
    elif bare and host == "bare":
        # The machine's TSC starts with its power.
        found[host, "boot"] = int(bare.group(1))
    return found


def one_table(logs, cpus):
    found = {}
    for host in ("bare", "ours", "kvm", "xen"):
        found.update(read_log(log_text(logs, host, cpus), host))
    lines = [f"| {cpus} CPU{'s' if cpus > 1 else ''}, median instructions | "
             "to reach | " + " | ".join(COLUMNS) + " |",
             "| --- |" + " --- |" * (len(COLUMNS) + 1)]
    for row, target in TARGETS.items():
        cells = [f"{found[column, row]:,}" if (column, row) in found else ""
                 for column in COLUMNS]
        if any(cells):
            lines.append(f"| {row} | {target} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n" if len(lines) > 2 else ""


def table(logs):
    """The tables of 1 and of 2 CPUs."""
    return "\n".join(filter(None, (one_table(logs, n) for n in (1, 2)))) + \
        "\nboot: from the worker's, QEMU's or xl's start (bare: from power-on)" \
        "\nto the first line of the guest's init. Xen's has xl in it.\n" + \
        f"delivered_with_if0 of ours: {against_if(logs)}\n"


def round_ratios(logs, cpus):
    """Our figure by KVM's, for each row that both have."""
    found = {}
    for host in ("ours", "kvm"):
        found.update(read_log(log_text(logs, host, cpus), host))
    return {row: found["ours", row] / found["kvm", row] for row in TARGETS
            if found.get(("ours", row)) and found.get(("kvm", row))}


def ratios(rounds, processors):
    """Medians and ends of what @rounds say, the folders of their logs."""
    lines = []
    for cpus in processors:
        each = [round_ratios(logs, cpus) for logs in rounds]
        lines += [f"| {cpus} CPU{'s' if cpus > 1 else ''}, time of ours by "
                  "KVM's | median | least | most | rounds |",
                  "| --- | --- | --- | --- | --- |"]
        for row in TARGETS:
            values = [one[row] for one in each if row in one]
            if values:
                lines.append(f"| {row} | {statistics.median(values):.2f} | "
                             f"{min(values):.2f} | {max(values):.2f} | "
                             f"{len(values)} |")
    return "\n".join(lines) + "\n"


def against_if(logs):
    """Interrupts that our children got against their will, in all runs."""
    counts = [int(n) for cpus in (1, 2)
              for n in AGAINST_IF.findall(log_text(logs, "ours", cpus))]
    return sum(counts) if counts else "not measured"


def is_sound(logs):
    """Whether our figures count at all."""
    return against_if(logs) in (0, "not measured")
