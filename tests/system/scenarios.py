# SPDX-License-Identifier: Apache-2.0
"""Which tests share one boot of the machine, and running them."""
import collections
import pathlib
import subprocess

import on_boot
import on_channels
import on_children
import on_crashes
import on_debian
import on_fio
import on_hostile
import on_images
import on_integration
import on_disks
import on_iperf
import on_kexec
import on_keyboard
import on_load
import on_memory
import on_network
import on_raw
import on_sockets
import on_suites
import on_time
import on_vmbus
from machine import Machine

TESTS = pathlib.Path(__file__).resolve().parent.parent

# @limit: seconds for all tests, the first of which is the boot itself.
Scenario = collections.namedtuple("Scenario", "name options limit tests")

RESTARTS_MAX = 2


def after_boot(processors):
    """What each boot is tested for."""
    return [on_boot.units_are_up, on_boot.is_root_partition,
            on_boot.processors(processors), on_children.demo_runs]


SCENARIOS = [
    Scenario("bios-1-processor", ["--cpus", "1"], 900, [
        *after_boot(1), on_children.boots("7.3", 2), on_boot.log_is_clean]),
    Scenario("uefi-4-processors", ["--cpus", "4", "--uefi"], 1200, [
        *after_boot(4), on_children.boots("7.3", 4),
        on_children.boots("6.12", 4), on_boot.log_is_clean,
        on_boot.powers_off]),
    Scenario("bios-2-processors", ["--cpus", "2"], 2700, [
        *after_boot(2), on_boot.has_reference_tsc_and_timers,
        on_boot.devices_use_msi, on_boot.hypervisor_is_small,
        on_children.wrong_use_is_explained,
        *(on_children.boots(version, vps)
          for version in ("7.3", "6.12") for vps in (1, 2, 4)),
        on_children.late_comer_sees_all, on_children.two_attach_at_once,
        on_children.pauses_and_resumes, on_children.stops_by_power_button,
        on_children.stops_itself, on_children.resets_itself,
        on_children.is_killed, on_children.is_deleted,
        on_children.stats_are_there,
        on_children.worker_is_small_and_sandboxed,
        on_children.killed_worker_is_shown,
        on_children.panic_ends_only_that_child,
        on_children.triple_fault_ends_only_that_child,
        on_children.payload_triple_fault,
        on_time.child_time_keeps_up, on_boot.log_is_clean,
        on_boot.powers_off]),
    Scenario("suites", ["--cpus", "2"], 2400, [
        on_suites.suite("payloads", "run-payloads", 900),
        on_suites.suite("mshv-conformance", "mshv-conformance", 900),
        on_suites.suite("fuzz-child",
                        f"run-payloads -d {on_suites.TESTS}/fuzz -t 600", 660),
        # The driver logs what these ask for wrongly: no look at its log.
        on_suites.suite("fuzz-mshv", "fuzz-mshv", 600),
        on_boot.hypervisor_is_silent]),
    Scenario("integration", ["--cpus", "2"], 2700, [
        on_integration.heartbeat("7.3"),
        on_integration.stops_by_its_service,
        on_integration.restarts_by_its_service,
        on_integration.clock_is_set_after_a_pause,
        *(on_integration.clock_follows_the_parents(version)
          for version in ("7.3", "6.12")),
        on_integration.driver_comes_and_goes,
        on_integration.provider_comes_back,
        on_integration.process_is_sandboxed, on_integration.goes_without,
        on_boot.log_is_clean]),
    Scenario("disks", ["--cpus", "2"], 2700, [
        on_disks.synced_data_survives("7.3"),
        *(on_disks.killed_storage_is_not_noticed(version)
          for version in ("7.3", "6.12")),
        on_disks.disks_come_grow_and_go,
        on_disks.storage_is_small_and_sandboxed, on_boot.log_is_clean]),
    Scenario("disk-rules", ["--cpus", "2"], 1800, [
        on_disks.disks_are_known_by_their_ids,
        on_disks.full_disk_pauses_or_fails("raw"),
        on_disks.full_disk_pauses_or_fails("qcow2"), on_boot.log_is_clean]),
    Scenario("images", ["--cpus", "2"], 1800, [
        on_images.images_come_grow_and_go,
        on_images.qcow2_keeps_what_was_synced,
        on_images.slow_disk_is_waited_for, on_boot.log_is_clean]),
    Scenario("crashes", ["--cpus", "2"], 1800, [
        on_crashes.flushed_writes_outlive_kills, on_boot.log_is_clean]),
    Scenario("fio", ["--cpus", "2", "--test-tools"], 2700, [
        *on_fio.TESTS, on_boot.log_is_clean]),
    Scenario("debian", ["--cpus", "2", "--disks", "--test-tools"], 2700, [
        on_debian.demo_boots_from_its_disk, on_debian.demo_stops_cleanly,
        on_debian.seed_is_honoured, on_debian.bad_disk_is_explained,
        on_boot.log_is_clean, on_boot.powers_off]),
    Scenario("load", ["--cpus", "2"], 2400, [
        on_time.parent_time_keeps_up, on_load.three_children_work_at_once,
        on_load.killed_worker_frees_all, on_boot.log_is_clean,
        on_boot.reboots, on_boot.powers_off]),
    Scenario("network", ["--cpus", "2", "--nic", on_network.NIC], 2400, [
        on_network.address_by_dhcp_and_ping, on_network.bytes_arrive_as_sent,
        on_network.outside_is_reached_and_reaches,
        on_network.adapters_come_and_go, on_network.vlans_are_apart,
        on_boot.log_is_clean]),
    Scenario("raw", ["--cpus", "2"], 2700, [
        *on_raw.TESTS, on_boot.log_is_clean]),
    Scenario("sockets", ["--cpus", "2"], 2700, [
        *on_sockets.TESTS, on_boot.log_is_clean]),
    Scenario("keyboard", ["--cpus", "2"], 1200, [
        *on_keyboard.TESTS, on_boot.log_is_clean]),
    Scenario("streams", ["--cpus", "2"], 2700, [
        on_network.rate_and_addresses_are_kept,
        on_network.killed_provider_comes_back,
        on_boot.log_is_clean]),
    Scenario("flows", ["--cpus", "2"], 2700, [
        on_network.streams_arrive, on_boot.log_is_clean]),
    Scenario("iperf", ["--cpus", "2", "--test-tools"], 2700, [
        on_iperf.streams_pass, on_boot.log_is_clean]),
    Scenario("kexec", ["--cpus", "2", "--test-tools"], 2700, [
        *on_kexec.TESTS, on_boot.log_is_clean]),
    Scenario("vmbus", ["--cpus", "2"], 2400, [
        *on_vmbus.TESTS, on_boot.log_is_clean]),
    Scenario("channels", ["--cpus", "2"], 2700, [
        on_channels.channels_are_listed,
        on_channels.drivers_come_and_go("7.3"),
        on_channels.drivers_come_and_go("6.12"), on_boot.log_is_clean]),
    Scenario("hostile", ["--cpus", "2"], 2400, [
        *on_hostile.TESTS, on_boot.log_is_clean]),
    Scenario("memory", ["--cpus", "2"], 2400, [
        *on_memory.TESTS, on_boot.log_is_clean]),
    Scenario("cycles", ["--cpus", "2"], 3600, [
        on_load.five_hundred_cycles_leak_nothing, on_boot.log_is_clean]),
]


def name_of(function):
    """How a test is called in verdicts."""
    return function.__name__.replace("_", "-")


class Run:
    """A scenario that is being run, and its machine, which may be replaced."""

    def __init__(self, scenario, build, logs, state, printer):
        self.scenario = scenario
        self.build = build
        self.logs = logs
        self.state = state
        self.printer = printer
        self.machine = None
        self.boots = 0

    def test(self, function):
        """Run one test on the machine."""
        return self.printer.test(
            f"system/{self.scenario.name}/{name_of(function)}", function,
            self.machine)

    def boot(self):
        """Start a machine; that it comes up is a test, the first time."""
        again = f"-{self.boots + 1}" if self.boots else ""
        self.boots += 1
        log = self.logs / f"system-{self.scenario.name}{again}.log"
        self.machine = Machine(self.build, log, self.state,
                               self.scenario.options, self.scenario.limit)
        self.machine.pass_on = self.printer.pass_on
        self.machine.start()
        return self.test(on_boot.prompt if self.boots == 1 else
                         on_boot.prompt_of_another_boot)

    def end(self):
        """End the machine."""
        if self.machine is not None:
            self.machine.end()
            self.machine = None

    def give_up(self, functions, reason):
        """Tests that cannot be run have failed."""
        for function in functions:
            self.printer.say("not ok", f"system/{self.scenario.name}/"
                             f"{name_of(function)}", reason)

    def run(self, functions):
        """Run the tests; one that breaks the machine costs it only."""
        for i, function in enumerate(functions):
            if self.machine is None and (
                    self.boots > RESTARTS_MAX or not self.boot()):
                self.give_up(functions[i:], "the machine does not boot")
                return
            if not self.test(function) and not self.machine.answers():
                self.end()


def run(scenario, build, logs, state, printer, wanted):
    """Run those tests of a scenario that are wanted."""
    functions = [function for function in scenario.tests
                 if wanted(f"{scenario.name}/{name_of(function)}")]
    if not functions:
        return
    one = Run(scenario, build, logs, state, printer)
    try:
        one.run(functions)
    finally:
        one.end()


def run_fuzz_parent(build, logs, printer, wanted):
    """The fuzzer that takes the parent's place; it boots by itself."""
    if not wanted("fuzz-parent"):
        return
    script = TESTS / "fuzz" / "hypercall" / "run-parent"
    with subprocess.Popen([script, build, logs], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        for line in process.stdout:
            printer.pass_on(line.rstrip("\n"))
    if process.returncode != 0:
        printer.say("not ok", "system/fuzz-parent",
                    f"ended with status {process.returncode}")
