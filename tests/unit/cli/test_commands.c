/* SPDX-License-Identifier: Apache-2.0 */
/* The program as it is run: output, exit codes, and what it does to files. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"

TestSuite(commands, .init = program_set_up, .fini = program_tear_down,
    .timeout = 60);

Test(commands, create_writes_the_file_and_list_shows_it)
{
	cr_expect_eq(run("create demo --cpus 2 --memory 512M --kernel "
			 "/proc/self/exe --cmdline 'a b' --start-at-boot"), 0,
	    "%s", output);
	cr_expect_str_eq(test_root_read(&root, DEMO),
	    "# A partition of Mullion; what may be said here: man mullion\n"
	    "cpus = 2\n"
	    "memory = 512M\n"
	    "kernel = /proc/self/exe\n"
	    "initrd = none\n"
	    "cmdline = a b\n"
	    "console = serial\n"
	    "start-at-boot = yes\n");
	cr_expect(fake.enabled);
	cr_expect_eq(run("list"), 0);
	expect_output("demo  stopped      2    512M       -  yes");
	cr_expect_eq(run("create demo --kernel /proc/self/exe"), 5);
	expect_output("mullion edit demo changes it");
}

Test(commands, create_takes_several_disks)
{
	test_root_write(&root, "a.img", "not empty, which is what counts");
	cr_expect_eq(run("create demo --kernel /proc/self/exe --disk %s/a.img",
	    root.path), 1);
	expect_output("smaller than a block");
	cr_assert_eq(truncate_in_root("a.img"), 0);
	test_root_write(&root, "b.img", "");
	cr_assert_eq(truncate_in_root("b.img"), 0);
	cr_expect_eq(run("create demo --kernel /proc/self/exe --disk %s/a.img "
			 "--disk %s/b.img,readonly=yes", root.path, root.path),
	    0, "%s", output);
	cr_expect_eq(run("info demo"), 0);
	expect_output("/a.img\ndisk           ");
	expect_output("/b.img,readonly=yes\n");
}

Test(commands, create_takes_raw_channels)
{
	static const char class[] = "12345678-9abc-def0-1234-56789abcdef0";

	cr_expect_eq(run("create demo --kernel /proc/self/exe --channel "
			 "%s,name=tea --channel %s", class, class), 0, "%s",
	    output);
	cr_expect_eq(run("info demo --json"), 0);
	expect_output("\"name\": \"tea\"");
	expect_output("\"instance_id\": "
	    "\"12345678-9abc-def0-1234-56789abc0002\"");
	cr_expect_eq(run("create other --channel tea"), 2);
	expect_output("is not of the form");
}

Test(commands, create_refuses_what_cannot_work)
{
	cr_expect_eq(run("create Demo"), 2);
	cr_expect_eq(run("create demo --cpus 0"), 2);
	expect_output("not from 1 to 64");
	cr_expect_eq(run("create demo --kernel /nonexistent"), 1);
	expect_output("kernel: /nonexistent: No such file");
	cr_expect_eq(run("create demo --network a/b"), 2);
	cr_expect_eq(run("create demo --disk ,id=x"), 1);
	cr_expect_eq(run("create demo --disk /a --disk /a"), 2);
	expect_output("/a is one already");
	cr_expect_str_eq(test_root_read(&root, DEMO), "");
}

Test(commands, unknown_partition_has_its_exit_code)
{
	static const char *const commands[] = { "start", "stop", "kill",
		"pause", "resume", "console", "info", "log", "stats", "edit",
		"delete", "restart", "freeze", "thaw",
		"copy /etc/passwd" };

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		cr_expect_eq(run("%s nobody%s", commands[i],
		    strchr(commands[i], ' ') != NULL ? ":/x" : ""), 3, "%s",
		    commands[i]);
		expect_output("no partition \"nobody\"");
	}
}

Test(commands, stopped_partition_refuses_what_needs_a_running_one)
{
	static const char *const commands[] = { "stop", "kill", "pause",
		"resume", "console", "stats", "restart", "freeze", "thaw" };

	test_root_write(&root, DEMO, GOOD);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		cr_expect_eq(run("%s demo", commands[i]), 4, "%s",
		    commands[i]);
		expect_output("demo is stopped");
	}
	cr_expect_eq(run("log demo"), 4);
	expect_output("never started");
}

Test(commands, start_has_systemd_do_it)
{
	test_root_write(&root, DEMO, GOOD "start-at-boot = yes\n");
	cr_expect_eq(run("start demo"), 0, "%s", output);
	expect_output("demo: running\n");
	cr_expect_str_eq(fake.calls, "EnableUnitFiles StartUnit ");
	cr_expect_eq(run("start demo"), 4);
	expect_output("demo is running");
}

Test(commands, start_looks_at_the_files_first)
{
	test_root_write(&root, DEMO, "kernel = /nonexistent\n");
	cr_expect_eq(run("start demo"), 1);
	expect_output("demo: kernel: /nonexistent: No such file");
	test_root_write(&root, DEMO, "cups = 2\n");
	cr_expect_eq(run("start demo"), 1);
	expect_output("line 1: unknown key \"cups\"");
	cr_expect_str_eq(fake.calls, "");
}

Test(commands, start_that_failed_says_why)
{
	test_root_write(&root, DEMO, GOOD);
	test_root_write(&root, "run/mullion/demo/status.json",
	    "{\"state\":\"failed\",\"reason\":\"/dev/mshv: gone\"}");
	fake.start_result = "failed";
	fake.after_start = "failed";
	cr_expect_eq(run("start demo"), 1);
	expect_output("demo failed to start: /dev/mshv: gone; journalctl -u "
		      "mullion-worker@demo may tell more");
}

Test(commands, several_names_go_on_after_a_failure)
{
	test_root_write(&root, DEMO, GOOD);
	cr_expect_eq(run("start nobody demo"), 3);
	expect_output("no partition \"nobody\"");
	expect_output("demo: running\n");
}

Test(commands, pause_and_resume_ask_the_worker)
{
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("pause demo"), 0, "%s", output);
	test_root_write(&root, "run/mullion/demo/status.json",
	    "{\"state\":\"paused\"}");
	cr_expect_eq(run("pause demo"), 4);
	expect_output("mullion resume lets it go on");
	cr_expect_eq(run("resume demo"), 0, "%s", output);
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked,
	    "{\"op\":\"pause\"} {\"op\":\"resume\"} ");
}

Test(commands, stop_waits_for_the_guest)
{
	worker.ends = &fake;
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("stop demo"), 0, "%s", output);
	expect_output("demo: stopped\n");
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked, "{\"op\":\"powerbutton\"} ");
}

Test(commands, stop_asks_the_guest_itself_first)
{
	struct fake_worker guest = { .reply = "{\"ok\":true}",
		.ends = &fake };

	demo_runs("{\"ok\":true}");
	fake_service_start(&guest, &root, "demo", "integration.sock");
	cr_expect_eq(run("stop demo"), 0, "%s", output);
	expect_output("demo: stopped\n");
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
	cr_expect_str_eq(guest.asked, "{\"op\":\"shutdown\"} ");
	cr_expect_str_eq(worker.asked, "");
}

Test(commands, stop_presses_the_button_of_a_guest_without_the_service)
{
	struct fake_worker guest = { .reply = "{\"ok\":false,"
		"\"error\":\"none\",\"code\":107}" };

	worker.ends = &fake;
	demo_runs("{\"ok\":true}");
	fake_service_start(&guest, &root, "demo", "integration.sock");
	cr_expect_eq(run("stop demo"), 0, "%s", output);
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked, "{\"op\":\"powerbutton\"} ");
}

Test(commands, stop_tells_that_the_guest_refuses)
{
	struct fake_worker guest = { .reply = "{\"ok\":false,"
		"\"error\":\"it will not\",\"code\":1}" };

	demo_runs("{\"ok\":true}");
	fake_service_start(&guest, &root, "demo", "integration.sock");
	cr_expect_eq(run("stop demo"), 7);
	expect_output("demo: it will not");
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked, "");
}

Test(commands, guest_does_what_it_is_told)
{
	struct fake_worker guest = { .reply = "{\"ok\":true,"
		"\"heartbeat\":\"ok\",\"addresses\":[\"10.0.0.2\"]}" };

	demo_runs("{\"ok\":true}");
	fake_service_start(&guest, &root, "demo", "integration.sock");
	cr_expect_eq(run("restart demo"), 0, "%s", output);
	cr_expect_eq(run("freeze --seconds 5 demo"), 0, "%s", output);
	cr_expect_eq(run("thaw demo"), 0, "%s", output);
	expect_output("demo: thawed\n");
	cr_expect_eq(run("copy /etc/passwd demo:/a/b -p -o"), 0, "%s", output);
	expect_output("demo: copied to /a/b\n");
	cr_expect_eq(run("list"), 0);
	expect_output("no    ok     10.0.0.2");
	cr_expect_eq(run("info demo"), 0);
	expect_output("address        10.0.0.2\n");
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
	cr_expect_eq(guest.fds, 1);
	cr_expect_str_eq(guest.asked, "{\"op\":\"restart\"} "
	    "{\"op\":\"freeze\",\"seconds\":5} {\"op\":\"thaw\"} "
	    "{\"op\":\"copy\",\"path\":\"/a/b\",\"overwrite\":true,"
	    "\"make_path\":true} {\"op\":\"status\"} "
	    "{\"op\":\"status\"} ");
}

Test(commands, memory_of_a_guest_is_set_and_shown)
{
	struct fake_worker guest = { .reply = "{\"ok\":true,"
		"\"driver\":\"ready\",\"assigned\":402653184,"
		"\"demanded\":104857600,\"available\":209715200}" };

	demo_runs("{\"ok\":true}");
	fake_service_start(&guest, &root, "demo", "memory.sock");
	cr_expect_eq(run("set demo --memory 384M"), 0, "%s", output);
	expect_output("demo: has 384M of memory now\n");
	cr_expect_eq(run("list"), 0);
	expect_output("384M    100M");
	cr_expect_eq(run("set demo"), 2);
	expect_output("set needs --memory");
	cr_expect_eq(run("set demo -m 5M"), 2);
	expect_output("not a multiple of 2M");
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
	cr_expect_str_eq(guest.asked, "{\"op\":\"set\",\"bytes\":402653184} "
	    "{\"op\":\"status\"} ");
}

Test(commands, memory_that_cannot_change_is_told)
{
	struct fake_worker guest = { .reply = "{\"ok\":false,"
		"\"error\":\"more than memory-max, 1G\",\"code\":22}" };

	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("set demo -m 512M"), 4);
	expect_output("does not listen");
	fake_service_start(&guest, &root, "demo", "memory.sock");
	cr_expect_eq(run("set demo -m 2G"), 1);
	expect_output("demo: more than memory-max, 1G");
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
}

Test(commands, guest_that_cannot_is_told)
{
	struct fake_worker guest = { .reply = "{\"ok\":false,"
		"\"error\":\"no daemon\",\"code\":107}" };

	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("restart demo"), 4);
	expect_output("does not listen");
	fake_service_start(&guest, &root, "demo", "integration.sock");
	cr_expect_eq(run("thaw demo"), 4);
	expect_output("demo: no daemon");
	cr_expect_eq(run("freeze -s 901 demo"), 2);
	cr_expect_eq(run("copy /etc/passwd demo"), 2);
	cr_expect_eq(run("copy /etc/passwd demo:x"), 2);
	cr_expect_eq(run("copy /etc/passwd"), 2);
	expect_output("copy needs a file and NAME:PATH");
	cr_expect_eq(run("copy /nonexistent demo:/x"), 1);
	fake_worker_stop(&guest);
	fake_worker_stop(&worker);
}

Test(commands, channels_of_a_running_partition_are_asked_for)
{
	demo_runs("{\"ok\":true,\"channels\":[{\"relid\":7,\"class\":"
	    "\"ba6163d9-04a1-4d29-b605-72e2ffb1dc7f\",\"instance\":\"i\","
	    "\"vp\":1,\"from_guest\":{\"size\":16384,\"fill\":80,"
	    "\"packets\":9,\"bytes\":2048,\"signals\":3},\"to_guest\":{"
	    "\"size\":16384}}],\"more\":false}");
	cr_expect_eq(run("channel list demo"), 0, "%s", output);
	expect_output("   7  scsi                1  from guest     16K      80"
	    "           9      2K           3  i\n");
	expect_output("to guest       16K  broken           0       0"
	    "           0\n");
	cr_expect_eq(run("channel list demo --json"), 0);
	expect_output("\"signals\": 3");
	cr_expect_eq(run("channel list nobody"), 3);
	fake_worker_stop(&worker);
	cr_expect_not_null(strstr(worker.asked,
	    "{\"op\":\"channels\",\"from\":0}"), "%s", worker.asked);
}

Test(commands, stop_tells_that_the_guest_does_not_listen)
{
	demo_runs("{\"ok\":false,\"error\":\"no power button\"}");
	cr_expect_eq(run("stop demo"), 4);
	expect_output("demo cannot be asked to shut down: no power button; "
		      "mullion kill demo ends it");
	fake_worker_stop(&worker);
}

Test(commands, stop_gives_up_after_its_time)
{
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("stop --timeout 1 demo"), 6);
	expect_output("still runs 1 seconds after");
	cr_expect_eq(run("stop --timeout 0 demo"), 2);
	fake_worker_stop(&worker);
}

Test(commands, kill_ends_a_willing_worker)
{
	worker.ends = &fake;
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("kill demo"), 0, "%s", output);
	expect_output("demo: stopped\n");
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked, "{\"op\":\"quit\"} ");
}

Test(commands, kill_ends_an_unwilling_worker)
{
	demo_runs(NULL);
	cr_expect_eq(run("kill demo"), 0, "%s", output);
	fake_worker_stop(&worker);
	cr_expect_not_null(strstr(fake.calls, "StopUnit"));
}

Test(commands, killed_worker_is_shown_as_failed)
{
	test_root_write(&root, DEMO, GOOD);
	fake.active = "failed";
	strcpy(fake.facts.result, "signal");
	fake.facts.exit_code = CLD_KILLED;
	fake.facts.exit_status = SIGKILL;
	cr_expect_eq(run("list"), 0);
	expect_output("failed");
	expect_output("worker killed by signal 9 (Killed)");
	cr_expect_eq(run("info demo --json"), 0);
	expect_output("\"state\": \"failed\"");
}

Test(commands, stats_are_shown)
{
	demo_runs("{\"ok\":true,\"memory\":268435456,\"vps\":[{\"index\":0,"
		  "\"hypercalls\":3,\"exits\":{\"cpuid\":4}}]}");
	cr_expect_eq(run("stats demo"), 0, "%s", output);
	expect_output("4 exits, 3 hypercalls");
	cr_expect_eq(run("stats demo --json"), 0);
	expect_output("\"hypercalls\": 3");
	fake_worker_stop(&worker);
}

Test(commands, log_shows_all_or_the_last_lines)
{
	test_root_write(&root, DEMO, GOOD);
	test_root_write(&root, "var/log/mullion/demo/console.log",
	    "one\ntwo\nthree\n");
	cr_expect_eq(run("log demo"), 0);
	cr_expect_str_eq(output, "one\ntwo\nthree\n");
	cr_expect_eq(run("log demo -n 2"), 0);
	cr_expect_str_eq(output, "two\nthree\n");
	cr_expect_eq(run("log demo -n 0"), 0);
	cr_expect_str_eq(output, "");
	cr_expect_eq(run("log demo -n 9"), 0);
	cr_expect_str_eq(output, "one\ntwo\nthree\n");
	test_root_write(&root, "var/log/mullion/demo/console.log", "a\nb");
	cr_expect_eq(run("log demo -n 1"), 0);
	cr_expect_str_eq(output, "b");
}

Test(commands, delete_needs_an_ended_partition_or_force)
{
	worker.ends = &fake;
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("delete demo"), 4);
	cr_expect_str_eq(test_root_read(&root, DEMO), GOOD);
	cr_expect_eq(run("delete demo --force"), 0, "%s", output);
	fake_worker_stop(&worker);
	cr_expect_str_eq(test_root_read(&root, DEMO), "");
	cr_expect_eq(run("list"), 0);
	expect_output("No partitions yet");
}

Test(commands, edit_takes_over_what_is_right)
{
	test_root_write(&root, DEMO, GOOD);
	setenv("VISUAL", "", 1);
	setenv("EDITOR", "sed -i s/2/3/", 1);
	cr_expect_eq(run("edit demo"), 0, "%s", output);
	expect_output("demo: changed\n");
	cr_expect_str_eq(test_root_read(&root, DEMO),
	    "cpus = 3\nkernel = /proc/self/exe\n");
	setenv("EDITOR", "true", 1);
	cr_expect_eq(run("edit demo"), 0);
	expect_output("demo: not changed\n");
}

/* Where the program said that it left the copy. */
static const char *
kept_copy(void)
{
	char *path = strstr(output, "what you wrote is in ");

	cr_assert_not_null(path, "%s", output);
	path += strlen("what you wrote is in ") + strlen(root.path) + 1;
	path[strcspn(path, "\n")] = '\0';
	return path;
}

Test(commands, edit_loses_nothing_that_is_wrong)
{
	test_root_write(&root, DEMO, GOOD);
	setenv("VISUAL", "sed -i s/2/many/", 1);
	cr_expect_eq(run("edit demo"), 1);
	expect_output("line 1: cpus: \"many\" is not a number");
	cr_expect_str_eq(test_root_read(&root, kept_copy()),
	    "cpus = many\nkernel = /proc/self/exe\n");
	cr_expect_str_eq(test_root_read(&root, DEMO), GOOD);
}

Test(commands, edit_does_not_overwrite_what_others_wrote)
{
	char editor[256];

	test_root_write(&root, DEMO, GOOD);
	snprintf(editor, sizeof(editor),
	    "sed -i s/2/4/ %s/" DEMO " && sed -i s/2/3/", root.path);
	setenv("VISUAL", editor, 1);
	cr_expect_eq(run("edit demo"), 1);
	expect_output("changed by somebody else");
	cr_expect_str_eq(test_root_read(&root, kept_copy()),
	    "cpus = 3\nkernel = /proc/self/exe\n");
	cr_expect_str_eq(test_root_read(&root, DEMO),
	    "cpus = 4\nkernel = /proc/self/exe\n");
}

Test(commands, edit_tells_when_there_is_no_editor)
{
	test_root_write(&root, DEMO, GOOD);
	setenv("VISUAL", "/nonexistent/editor", 1);
	cr_expect_eq(run("edit demo"), 1);
	expect_output("set EDITOR to one that is there");
	cr_expect_null(strstr(output, "what you wrote"), "%s", output);
}

Test(commands, console_shows_what_the_worker_replays)
{
	int listener, client;

	demo_runs("{\"ok\":true}");
	listener = fake_listen(&root, "demo", "console.sock", SOCK_STREAM);
	if (fork() == 0) {
		client = accept(listener, NULL, NULL);
		_exit(write(client, "login: ", 7) != 7);
	}
	cr_expect_eq(run("console demo"), 0, "%s", output);
	expect_output("Console of demo; Ctrl-] detaches.\n");
	expect_output("login: ");
	expect_output("demo has ended");
	wait(NULL);
	close(listener);
	fake_worker_stop(&worker);
}

Test(commands, partition_without_a_console_says_so)
{
	demo_runs("{\"ok\":true}");
	test_root_write(&root, DEMO, GOOD "console = none\n");
	cr_expect_eq(run("console demo"), 4);
	expect_output("set console = serial");
	fake_worker_stop(&worker);
}

Test(commands, help_and_version_need_nothing)
{
	cr_expect_eq(run("help"), 0);
	expect_output("Usage: mullion COMMAND");
	cr_expect_eq(run("help stop"), 0);
	expect_output("--timeout SECONDS");
	cr_expect_eq(run("stop --help"), 0);
	expect_output("--timeout SECONDS");
	cr_expect_eq(run("help me"), 2);
	cr_expect_eq(run("version --json"), 0);
	expect_output("\"mullion\": ");
	cr_expect_eq(run("nonsense"), 2);
}

Test(commands, full_disk_is_not_taken_for_success)
{
	cr_expect_eq(run("help >/dev/full"), 1);
}

/* What connects to the guest: takes one line, and gives @reply for it. */
struct fake_sockets {
	int listen_fd;
	const char *reply;
	char line[64];
	pthread_t thread;
};

static void *
sockets_serve(void *data)
{
	struct fake_sockets *f = data;
	int fd = accept(f->listen_fd, NULL, NULL);

	cr_assert_gt(read(fd, f->line, sizeof(f->line) - 1), 0);
	if (f->reply != NULL)
		cr_assert_gt(write(fd, f->reply, strlen(f->reply)), 0);
	close(fd);
	return NULL;
}

static void
sockets_start(struct fake_sockets *f)
{
	f->listen_fd = fake_listen(&root, "demo", "sockets/vsock",
	    SOCK_STREAM);
	cr_assert_eq(pthread_create(&f->thread, NULL, sockets_serve, f), 0);
}

static void
sockets_stop(struct fake_sockets *f)
{
	pthread_join(f->thread, NULL);
	close(f->listen_fd);
}

Test(commands, connect_joins_a_socket_of_the_guest)
{
	struct fake_sockets sockets = { .reply = "OK 7\nwelcome" };

	demo_runs("{\"ok\":true}");
	sockets_start(&sockets);
	cr_expect_eq(run("connect demo 5000"), 0, "%s", output);
	cr_expect_str_eq(output, "welcome");
	sockets_stop(&sockets);
	fake_worker_stop(&worker);
	cr_expect_str_eq(sockets.line, "CONNECT 5000\n");
}

Test(commands, connect_tells_that_it_was_refused)
{
	struct fake_sockets sockets = { .reply = NULL };

	demo_runs("{\"ok\":true}");
	sockets_start(&sockets);
	cr_expect_eq(run("connect demo 5000"), 4);
	expect_output("no program of the guest listens on port 5000");
	sockets_stop(&sockets);
	fake_worker_stop(&worker);
}

Test(commands, connect_says_how_to_have_sockets)
{
	demo_runs("{\"ok\":true}");
	test_root_write(&root, DEMO, GOOD "sockets = no\n");
	cr_expect_eq(run("connect demo 5000"), 4);
	expect_output("set sockets = yes with mullion edit demo");
	fake_worker_stop(&worker);
}

Test(commands, connect_takes_a_port)
{
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("connect demo 4294967295"), 2);
	expect_output("not a port");
	cr_expect_eq(run("connect demo http"), 2);
	cr_expect_eq(run("connect demo"), 2);
	fake_worker_stop(&worker);
}

Test(commands, send_key_joins_its_keys)
{
	struct fake_worker keyboard = { .reply = "{\"ok\":true}" };

	demo_runs("{\"ok\":true}");
	test_root_write(&root, DEMO, GOOD "keyboard = yes\n");
	fake_service_start(&keyboard, &root, "demo", "keyboard.sock");
	cr_expect_eq(run("send-key demo ctrl-alt-del l s"), 0, "%s", output);
	fake_worker_stop(&keyboard);
	fake_worker_stop(&worker);
	cr_expect_str_eq(keyboard.asked, "{\"op\":\"send\","
	    "\"keys\":\" ctrl-alt-del l s\"} ");
}

Test(commands, send_key_says_how_to_have_a_keyboard)
{
	demo_runs("{\"ok\":true}");
	cr_expect_eq(run("send-key demo a"), 4);
	expect_output("set keyboard = yes with mullion edit demo");
	fake_worker_stop(&worker);
}
