/* SPDX-License-Identifier: Apache-2.0 */
/* Disks in qcow2 images, with QEMU's own daemon if this machine has it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "manager/qcow2.h"
#include "storage/confine.h"
#include "storage/image.h"
#include "storage/images.h"
#include "storage/nbd_disk.h"

#define SIZE (UINT64_C(16) << 20)
#define PIECE 65536u
#define DAEMON "/usr/bin/qemu-storage-daemon"
/* What can be told to make any system call. */
#define PERL "/usr/bin/perl"
#define CALLS_MAX 40
/* More than a program is given that hangs. */
#define SLOW_SECONDS 12

static char folder[64], path[96];
static struct images images;
static struct backend *disk;
static unsigned ended, failed, closed_disks, resized;
static uint64_t new_size;
static struct err refusal;

/* In the engine's place. */
void
disk_io_done(struct disk_io *io, int error)
{
	(void)io;
	ended++;
	failed += error != 0;
}

static void
opened(void *ctx, unsigned lun, struct backend *b)
{
	(void)ctx;
	cr_expect_eq(lun, 3);
	disk = b;
}

static void
refused(void *ctx, unsigned lun, const struct err *e)
{
	(void)ctx;
	(void)lun;
	refusal = *e;
}

static void
resize_done(void *ctx, unsigned lun, const struct err *e)
{
	(void)ctx;
	(void)lun;
	resized++;
	if (e != NULL)
		refusal = *e;
}

static void
grown(void *ctx, unsigned lun, uint64_t size)
{
	(void)ctx;
	cr_expect_eq(lun, 3);
	new_size = size;
}

static void
disk_closed(void *ctx, unsigned lun)
{
	(void)ctx;
	(void)lun;
	closed_disks++;
}

static void
lost(void *ctx, const struct err *e)
{
	(void)ctx;
	cr_assert(false, "%s", e->text);
}

static const struct images_ops ops = { opened, refused, resize_done, grown,
	disk_closed, lost };

static void
set_up(void)
{
	struct err e = { 0 };

	if (access(DAEMON, X_OK) < 0)
		cr_skip_test("there is no " DAEMON);
	strcpy(folder, "/tmp/mullion-images-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/disk.qcow2", folder);
	cr_assert_eq(qcow2_create(path, SIZE, &e), 0, "%s", e.text);
	cr_assert_eq(images_begin(&images, folder, &ops, NULL, &e), 0, "%s",
	    e.text);
	cr_assert_eq(images_become(&images, geteuid(), &e), 0);
}

static void
tear_down(void)
{
	char command[128];

	if (images.marks != NULL)
		images_end(&images);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect_eq(system(command), 0);
}

TestSuite(images, .init = set_up, .fini = tear_down, .timeout = 120);

static void
wait_message(void)
{
	struct err e = { 0 };

	cr_assert_eq(images_wait(&images, &e), 0, "%s", e.text);
}

/* Until *@counter has come to @count. */
static void
wait_until(const unsigned *counter, unsigned count)
{
	while (images_pump(&images), *counter < count) {
		const struct backend *b = images.of[3].disk;
		struct pollfd p[2] = { { .fd = images.keeper,
			.events = POLLIN }, { .fd = -1, .events = POLLIN } };

		if (b != NULL)
			p[1].fd = nbd_disk_fd(b);
		cr_assert_gt(poll(p, 2, 60000), 0, "%u of %u", *counter,
		    count);
		if (p[0].revents != 0)
			wait_message();
	}
}

/* The daemon's answers, until @count have come. */
static unsigned
wait_for(unsigned count)
{
	failed = 0;
	wait_until(&ended, count);
	ended = 0;
	return failed;
}

static void
make_disk(int fd, enum config_disk_format format, bool readonly)
{
	struct config_disk d = { .format = format, .readonly = readonly };
	struct err e = { 0 };

	cr_assert_eq(images_open(&images, 3, &d, fd, &e), 0);
	while (disk == NULL && refusal.code == 0)
		wait_message();
}

static void
open_disk(const char *file, enum config_disk_format format, bool readonly)
{
	struct image image;
	struct err e = { 0 };

	cr_assert_eq(image_open(file, readonly, &image, &e), 0, "%s", e.text);
	make_disk(image.fd, format, readonly);
}

static unsigned
run(enum disk_op op, uint64_t offset, void *bytes, size_t len, bool durable)
{
	struct iovec iov[2] = { { bytes, len / 3 },
		{ (char *)bytes + len / 3, len - len / 3 } };
	struct disk_io io = { .op = op, .offset = offset, .length = len,
		.iov = iov, .iov_count = 2, .durable = durable };

	if (op != DISK_READ && op != DISK_WRITE)
		io.iov_count = 0;
	disk->ops->submit(disk, &io);
	return wait_for(1);
}

static pid_t
child_of(pid_t parent, const char *name)
{
	char text[32] = "", command[120];
	FILE *f;

	snprintf(command, sizeof(command), "pgrep -x %s -P %d", name, parent);
	f = popen(command, "r");
	cr_assert_not_null(fgets(text, sizeof(text), f));
	pclose(f);
	return (pid_t)atoi(text);
}

static pid_t
keeper_pid(void)
{
	return child_of(getpid(), "disk-keeper");
}

static pid_t
daemon_pid(void)
{
	return child_of(keeper_pid(), "qemu-storage-da");
}

/* What qemu-img says of the image, when nobody has it any more. */
static int
image_check(void)
{
	char command[200];

	disk->ops->close(disk);
	disk = NULL;
	wait_until(&closed_disks, 1);
	snprintf(command, sizeof(command), "qemu-img check -q %s", path);
	return system(command);
}

Test(images, what_is_written_is_read)
{
	static uint8_t bytes[PIECE], again[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_assert_eq(refusal.code, 0, "%s", refusal.text);
	cr_expect_eq(disk->size, SIZE);
	cr_expect(disk->discards && disk->zeroes);
	memset(bytes, 0x5a, PIECE);
	cr_expect_eq(run(DISK_WRITE, 4096, bytes, PIECE, false), 0);
	cr_expect_eq(run(DISK_WRITE, PIECE * 4, bytes, PIECE, true), 0);
	cr_expect_eq(run(DISK_FLUSH, 0, NULL, 0, false), 0);
	cr_expect_eq(images.marks[3], 0);
	cr_expect_eq(run(DISK_READ, 4096, again, PIECE, false), 0);
	cr_expect_arr_eq(again, bytes, PIECE);
	cr_expect_eq(run(DISK_DISCARD, 4096, NULL, 8192, false), 0);
	cr_expect_eq(images.marks[3], 1);
	cr_expect_eq(run(DISK_READ, 4096, again, PIECE, false), 0);
	cr_expect_eq(again[8191], 0);
	cr_expect_eq(again[8192], 0x5a);
	cr_expect_eq(image_check(), 0);
	cr_expect_eq(images.marks[3], 0, "it ended cleanly");
}

Test(images, many_at_a_time_all_end)
{
	enum { MANY = 300 };
	static struct disk_io io[MANY];
	static struct iovec iov[MANY];
	static uint8_t bytes[MANY][32768], again[32768];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	for (unsigned i = 0; i < MANY; i++) {
		memset(bytes[i], (int)i, sizeof(bytes[i]));
		iov[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
		io[i] = (struct disk_io){ .op = DISK_WRITE,
			.offset = i * sizeof(bytes[i]), .iov = &iov[i],
			.length = sizeof(bytes[i]), .iov_count = 1 };
		disk->ops->submit(disk, &io[i]);
	}
	cr_expect_eq(wait_for(MANY), 0);
	for (unsigned i = 0; i < MANY; i++) {
		cr_assert_eq(run(DISK_READ, i * sizeof(again), again,
		    sizeof(again), false), 0);
		cr_assert_arr_eq(again, bytes[i], sizeof(again));
	}
	cr_expect_eq(image_check(), 0);
}

Test(images, daemon_that_is_killed_after_a_flush_is_not_noticed)
{
	static uint8_t bytes[PIECE], again[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	memset(bytes, 0x5a, PIECE);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	cr_expect_eq(run(DISK_FLUSH, 0, NULL, 0, false), 0);
	kill(daemon_pid(), SIGKILL);
	cr_expect_eq(run(DISK_READ, 0, again, PIECE, false), 0);
	cr_expect_arr_eq(again, bytes, PIECE);
	cr_expect_eq(run(DISK_WRITE, PIECE, bytes, PIECE, false), 0);
	cr_expect_eq(image_check(), 0);
}

Test(images, what_was_not_flushed_is_not_lost_in_silence)
{
	static uint8_t bytes[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	kill(daemon_pid(), SIGKILL);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 1);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 1);
	cr_expect_eq(images.marks[3], 1, "also for who comes after us");
	disk->ops->renew(disk);
	cr_expect_eq(images.marks[3], 0);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 0);
}

Test(images, mark_of_an_earlier_life_is_heeded)
{
	static uint8_t bytes[PIECE];

	images.marks[3] = 1;
	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 1);
	disk->ops->renew(disk);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 0);
}

Test(images, disk_grows_and_keeps_what_it_has)
{
	static uint8_t bytes[PIECE], again[PIECE];
	struct err e = { 0 };

	open_disk(path, CONFIG_DISK_QCOW2, false);
	memset(bytes, 0x5a, PIECE);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	cr_expect_eq(images_resize(&images, 3, SIZE / 2, &e), -1);
	cr_expect_not_null(strstr(e.text, "not made smaller"));
	cr_expect_eq(images_resize(&images, 3, SIZE * 4, &e), 0);
	/* Answered by this daemon, or by the next one. */
	cr_expect_eq(run(DISK_READ, 0, again, PIECE, false), 0);
	wait_until(&resized, 1);
	cr_expect_eq(refusal.code, 0, "%s", refusal.text);
	cr_expect_eq(new_size, SIZE * 4);
	cr_expect_arr_eq(again, bytes, PIECE);
	cr_expect_eq(run(DISK_WRITE, SIZE * 4 - PIECE, bytes, PIECE, false),
	    0);
	cr_expect_eq(image_check(), 0);
}

/* It has much to write before it can end. */
Test(images, slow_daemon_is_waited_for_when_the_disk_grows)
{
	static uint8_t bytes[PIECE], again[PIECE];
	struct err e = { 0 };
	pid_t slow, waker;

	open_disk(path, CONFIG_DISK_QCOW2, false);
	memset(bytes, 0x5a, PIECE);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	slow = daemon_pid();
	kill(slow, SIGSTOP);
	waker = fork();
	if (waker == 0) {
		sleep(SLOW_SECONDS);
		kill(slow, SIGCONT);
		_exit(EXIT_SUCCESS);
	}
	cr_assert_eq(images_resize(&images, 3, SIZE * 4, &e), 0);
	cr_expect_eq(run(DISK_READ, 0, again, PIECE, false), 0);
	cr_expect_arr_eq(again, bytes, PIECE);
	wait_until(&resized, 1);
	cr_expect_eq(refusal.code, 0, "%s", refusal.text);
	cr_expect_eq(waitpid(waker, NULL, 0), waker);
}

/* The keeper learns of both at once. */
Test(images, daemon_that_dies_as_the_disk_grows_is_followed_by_one)
{
	static uint8_t bytes[PIECE];
	struct err e = { 0 };
	pid_t keeper, daemon;

	open_disk(path, CONFIG_DISK_QCOW2, false);
	keeper = keeper_pid();
	daemon = daemon_pid();
	kill(keeper, SIGSTOP);
	cr_assert_eq(images_resize(&images, 3, SIZE * 4, &e), 0);
	/* Until that has been asked for. */
	while (images.of[3].settling)
		images_pump(&images);
	kill(daemon, SIGKILL);
	kill(keeper, SIGCONT);
	wait_until(&resized, 1);
	cr_expect_eq(refusal.code, 0, "%s", refusal.text);
	cr_expect_eq(new_size, SIZE * 4);
	daemon = daemon_pid();
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 0);
	cr_expect_eq(daemon_pid(), daemon, "and there is no other one");
	cr_expect_eq(images.of[3].starts, 0);
}

Test(images, disk_that_was_given_up_is_back_for_the_next_guest)
{
	static uint8_t bytes[PIECE];
	struct timespec now;

	open_disk(path, CONFIG_DISK_QCOW2, false);
	/* It has had as many as there are. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	images.of[3].first_start = (uint64_t)now.tv_sec * 1000000;
	images.of[3].starts = 100;
	kill(daemon_pid(), SIGKILL);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 1);
	disk->ops->renew(disk);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 1, "too soon");
	images.of[3].first_start = 0;
	disk->ops->renew(disk);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 0);
}

/* A daemon ends so as well when it could not write its tables. */
Test(images, end_of_a_daemon_that_says_all_is_well_is_not_believed)
{
	static uint8_t bytes[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	kill(daemon_pid(), SIGINT);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 1);
	cr_expect_eq(images.marks[3], 1);
}

static uint8_t
mark_of_the_end(void)
{
	char marks[sizeof(path)];
	uint8_t mark = 0xff;
	int fd;

	images_end(&images);
	images.marks = NULL;
	snprintf(marks, sizeof(marks), "%s/images", folder);
	fd = open(marks, O_RDONLY | O_CLOEXEC);
	cr_expect_eq(pread(fd, &mark, 1, 3), 1);
	close(fd);
	return mark;
}

/* So does systemd, whoever of us it means. */
Test(images, what_was_answered_is_flushed_when_all_are_ended)
{
	static uint8_t bytes[PIECE];
	char command[400];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	memset(bytes, 0x5a, PIECE);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	kill(daemon_pid(), SIGTERM);
	disk->ops->close(disk);
	cr_expect_eq(mark_of_the_end(), 0);
	snprintf(command, sizeof(command), "qemu-io -f qcow2 -r %s -c "
	    "'read -P 0x5a 0 %u' > %s/said && ! grep -i fail %s/said", path,
	    PIECE, folder, folder);
	cr_expect_eq(system(command), 0);
}

Test(images, what_could_not_be_flushed_is_known_to_who_comes_next)
{
	static uint8_t bytes[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	kill(daemon_pid(), SIGKILL);
	cr_expect_eq(mark_of_the_end(), 1);
}

Test(images, disk_that_was_killed_leaves_nothing_to_the_next_one)
{
	static uint8_t bytes[PIECE];

	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, PIECE, false), 0);
	kill(daemon_pid(), SIGKILL);
	image_check();
	cr_expect_eq(images.marks[3], 0);
	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_eq(run(DISK_READ, 0, bytes, PIECE, false), 0);
}

Test(images, image_that_names_another_file_is_refused)
{
	char command[512];

	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION) < 3)
		cr_skip_test("this kernel cannot keep it to its image");
	snprintf(command, sizeof(command), "qemu-img create -q -f raw "
	    "%s/secret 1M && rm %s && qemu-img create -q -f qcow2 -F raw "
	    "-b %s/secret %s", folder, path, folder, path);
	cr_assert_eq(system(command), 0);
	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_null(disk);
	cr_expect_not_null(strstr(refusal.text, "Could not open backing"),
	    "%s", refusal.text);
}

/* As a process might that a guest has taken over. */
Test(images, image_that_is_open_for_reading_is_not_written)
{
	make_disk(open(path, O_RDONLY | O_CLOEXEC), CONFIG_DISK_QCOW2, false);
	cr_expect_null(disk);
	cr_expect_not_null(strstr(refusal.text, "not open for writing"), "%s",
	    refusal.text);
}

Test(images, image_that_is_open_for_reading_is_not_resized)
{
	struct err e = { 0 };

	open_disk(path, CONFIG_DISK_QCOW2, true);
	cr_assert_eq(refusal.code, 0, "%s", refusal.text);
	images.of[3].readonly = false;
	cr_assert_eq(images_resize(&images, 3, SIZE * 4, &e), 0);
	wait_until(&resized, 1);
	cr_expect_not_null(strstr(refusal.text, "not open for writing"), "%s",
	    refusal.text);
	cr_expect_eq(new_size, 0);
}

Test(images, image_that_is_open_as_a_name_only_is_refused)
{
	make_disk(open(path, O_PATH | O_CLOEXEC), CONFIG_DISK_QCOW2, true);
	cr_expect_null(disk);
	cr_expect_not_null(strstr(refusal.text, "not open for reading"), "%s",
	    refusal.text);
}

Test(images, what_is_no_image_is_refused)
{
	snprintf(path, sizeof(path), "%s/none.qcow2", folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	cr_assert_eq(truncate(path, 1 << 20), 0);
	open_disk(path, CONFIG_DISK_QCOW2, false);
	cr_expect_null(disk);
	cr_expect_not_null(strstr(refusal.text, "not in qcow2 format"), "%s",
	    refusal.text);
}

/* Runs each argument, a system call by its number, in a daemon's place. */
static int
perl_status(const char *script, const char *const calls[])
{
	char *argv[CALLS_MAX + 3] = { (char *)(uintptr_t)PERL,
		(char *)(uintptr_t)"-" };
	int status = 0, words[2];
	pid_t pid;

	for (unsigned i = 0; calls[i] != NULL; i++)
		argv[i + 2] = (char *)(uintptr_t)calls[i];
	cr_assert_eq(pipe(words), 0);
	dprintf(words[1], "%s", script);
	close(words[1]);
	pid = fork();
	if (pid == 0) {
		struct err e;

		dup2(words[0], STDIN_FILENO);
		dup2(open(path, O_RDWR), 3);
		confine_run(argv, 3, false, &e);
		dprintf(STDERR_FILENO, "%s\n", e.text);
		_exit(EXIT_FAILURE);
	}
	close(words[0]);
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

#define CALL(...) "for (@ARGV) { my ($n, @a) = split /,/; " \
	"@a = map { $_ eq 'p' ? $p : $_ + 0 } @a; $! = 0; " \
	"my $r = syscall($n + 0, @a); " __VA_ARGS__ " }"

Test(images, daemon_reaches_no_other_process_and_no_name)
{
	/* Number and arguments; p is the process that started it. */
	static const char *const calls[] = {
		"62,p,0", "200,p,0", "234,p,p,0",	/* kill, tgkill */
		"129,p,0,0", "297,p,p,0,0",		/* rt_sigqueueinfo */
		"302,p,7,0,0", "203,p,0,0", "142,p,0",	/* limits, times */
		"144,p,0,0", "314,p,0,0", "141,0,p,0", "251,1,p,0",
		"312,p,p,0,0,0", "256,p,0,0,0", "279,p,0,0,0,0,0",
		"29,0,4096,896", "68,0,896", "64,0,1,896", "240,0,66,384,0",
		"463,0,0,0,0,0,0", "466,0,0,0,0", "469,0,0,0,0,0",
		"452,0,0,0,0", "90,0,0", "92,0,0,0", "132,0,0",
		"300,0,0", "304,0,0,0", NULL,
	};
	int status;

	if (access(PERL, X_OK) < 0)
		cr_skip_test("there is no " PERL);
	status = perl_status("my $p = getppid(); " CALL(
	    "unless ($r == -1 && $! == 1) { print STDERR qq{$_: $r $!\n}; "
	    "exit 1 }"), calls);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(images, daemon_can_signal_itself)
{
	static const char *const calls[] = { "302,0,7,0,0", "234,p,p,6",
		NULL };
	int status;

	if (access(PERL, X_OK) < 0)
		cr_skip_test("there is no " PERL);
	status = perl_status("my $p = $$; " CALL("exit 1 if $r < 0;"), calls);
	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	    "%x", status);
}

Test(images, vhdx_is_read)
{
	static uint8_t bytes[PIECE];
	char command[512];

	snprintf(command, sizeof(command), "cd %s && dd if=/dev/zero bs=64k "
	    "count=16 2> /dev/null | tr '\\0' Z > raw && qemu-img convert "
	    "-O vhdx raw disk.vhdx", folder);
	cr_assert_eq(system(command), 0);
	snprintf(path, sizeof(path), "%s/disk.vhdx", folder);
	open_disk(path, CONFIG_DISK_VHDX, true);
	cr_assert_eq(refusal.code, 0, "%s", refusal.text);
	cr_expect_eq(disk->size, 1 << 20);
	cr_expect_not(disk->discards);
	cr_expect_eq(run(DISK_READ, PIECE, bytes, PIECE, false), 0);
	cr_expect_eq(bytes[0], 'Z');
	cr_expect_eq(bytes[PIECE - 1], 'Z');
	cr_expect_eq(run(DISK_FLUSH, 0, NULL, 0, false), 0);
}
