/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper: its messages, its loop, and the programs it runs. */
#include "storage/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "storage/confine.h"
#include "storage/image.h"

#define DAEMON "/usr/bin/qemu-storage-daemon"
#define IMAGE_TOOL "/usr/bin/qemu-img"
#define EXPORT "disk"

/* As the programs have them. */
#define IMAGE_FD 3
#define LISTEN_FD 4
#define FREE_FD 10

#define ANSWER_SECONDS 60
/* What is in the parent's memory, and has to go to the slowest of disks. */
#define FLUSH_SECONDS 600
#define TOOL_MSEC 600000
/* What had to be written has been then. */
#define END_MSEC 60000
#define LOG_MAX 2048
#define ARGUMENTS_MAX 12
#define ARGUMENT_MAX 160

struct daemon {
	pid_t pid;	/* 0: there is none */
	int pidfd;
	int log;	/* what it says */
	int control;	/* a connection of ours, or -1 */
	bool begun;	/* it answers on all connections */
	struct nbd_export export;
};

/* What a program is started with. */
struct start {
	int image;
	int listener;	/* -1: none */
	bool readonly;
	char text[ARGUMENTS_MAX][ARGUMENT_MAX];
	unsigned count;
};

struct keeper {
	int socket;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	volatile uint8_t *marks;
	struct daemon daemons[KEEPER_NUMBERS];
};

int
keeper_send(int socket, const struct keeper_message *m, int fd,
    struct err *e)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec piece = { (void *)(uintptr_t)m, sizeof(*m) };
	struct msghdr h = { .msg_iov = &piece, .msg_iovlen = 1 };

	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
		h.msg_control = &control;
		h.msg_controllen = sizeof(control);
	}
	if (sendmsg(socket, &h, MSG_NOSIGNAL) < 0)
		return err_set(e, errno, "the keeper of images: %s",
		    strerror(errno));
	return 0;
}

/* The only descriptor of a packet; the kernel has closed others. */
static int
fd_take(struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	int fd = -1;

	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS && c->cmsg_len >= CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

int
keeper_receive(int socket, struct keeper_message *m, int *fd,
    struct err *e)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec piece = { m, sizeof(*m) };
	struct msghdr h = { .msg_iov = &piece, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket, &h, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	*fd = -1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return err_set(e, errno, "the keeper of images: %s",
		    strerror(errno));
	if (n == 0)
		return err_set(e, ECONNRESET, "the keeper of images is gone");
	*fd = fd_take(&h);
	if ((size_t)n < sizeof(*m) || m->kind >= KEEPER_KINDS ||
	    m->number >= KEEPER_NUMBERS) {
		if (*fd >= 0)
			close(*fd);
		*fd = -1;
		return err_set(e, EPROTO, "the keeper of images: a message "
		    "cannot be understood");
	}
	m->text[sizeof(m->text) - 1] = '\0';
	return 1;
}

static void
argument(struct start *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void
argument(struct start *s, const char *fmt, ...)
{
	va_list list;

	va_start(list, fmt);
	vsnprintf(s->text[s->count++], ARGUMENT_MAX, fmt, list);
	va_end(list);
}

/* In the child: 3 is the image, 4 the listener, 2 the log. */
static _Noreturn void
child(struct start *s, int log, pid_t parent)
{
	char *argv[ARGUMENTS_MAX + 1] = { NULL };
	int image = fcntl(s->image, F_DUPFD, FREE_FD);
	int listener = s->listener < 0 ? -1 :
	    fcntl(s->listener, F_DUPFD, FREE_FD);
	struct err e;

	for (unsigned i = 0; i < s->count; i++)
		argv[i] = s->text[i];
	dup2(log, STDERR_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(image, IMAGE_FD);
	if (listener >= 0)
		dup2(listener, LISTEN_FD);
	/* Whatever happens to us: what it has answered it must write. */
	prctl(PR_SET_PDEATHSIG, CONFINE_END);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	confine_run(argv, s->listener < 0 ? IMAGE_FD : LISTEN_FD, s->readonly,
	    &e);
	dprintf(STDERR_FILENO, "keeper: %s\n", e.text);
	_exit(EXIT_FAILURE);
}

static int
program_start(struct start *s, struct daemon *d, struct err *e)
{
	pid_t parent = getpid();
	int log[2];

	/* A program that says too much loses what is too much. */
	if (pipe2(log, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_set(e, errno, "pipe: %s", strerror(errno));
	d->pid = fork();
	if (d->pid == 0)
		child(s, log[1], parent);
	close(log[1]);
	d->control = -1;
	d->begun = false;
	d->log = log[0];
	d->pidfd = d->pid < 0 ? -1 :
	    (int)syscall(SYS_pidfd_open, d->pid, 0);
	if (d->pidfd >= 0)
		return 0;
	err_set(e, errno, "%s: %s", s->text[0], strerror(errno));
	close(log[0]);
	if (d->pid > 0) {
		kill(d->pid, SIGKILL);
		waitpid(d->pid, NULL, 0);
	}
	d->pid = 0;
	return -1;
}

/* The last line, without the program's name and its argument. */
static void
log_take(struct daemon *d, char out[KEEPER_TEXT_MAX])
{
	char text[LOG_MAX + 1], *line = text, *end;
	ssize_t n = read(d->log, text, LOG_MAX);

	text[n > 0 ? n : 0] = '\0';
	while ((end = strchr(line, '\n')) != NULL && end[1] != '\0')
		line = end + 1;
	if (end != NULL)
		*end = '\0';
	for (unsigned i = 0; i < 2 && (i == 0 || line[0] == '-'); i++) {
		end = strstr(line, ": ");
		line = end != NULL ? end + 2 : line;
	}
	snprintf(out, KEEPER_TEXT_MAX, "%.*s", KEEPER_TEXT_MAX - 1, line);
}

/* Wait for the end of a program; true if it says that it went well. */
static bool
program_reap(struct daemon *d, int msec, char text[KEEPER_TEXT_MAX])
{
	struct pollfd p = { .fd = d->pidfd, .events = POLLIN };
	int status = 0;

	if (poll(&p, 1, msec) <= 0)
		kill(d->pid, SIGKILL);
	waitpid(d->pid, &status, 0);
	log_take(d, text);
	if (WIFSIGNALED(status) && text[0] == '\0')
		snprintf(text, KEEPER_TEXT_MAX, "ended by signal %d",
		    WTERMSIG(status));
	close(d->pidfd);
	close(d->log);
	if (d->control >= 0)
		close(d->control);
	d->pid = 0;
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

/*
 * A signal that comes between its look at whether there was one and its sleep
 * does not wake it. So our connection ends after that, which does.
 */
static void
daemon_end(struct daemon *d)
{
	kill(d->pid, CONFINE_END);
	close(take_fd(&d->control));
}

/* To be waited for with daemon_finish(). */
static void
daemon_finish_begin(const struct daemon *d)
{
	struct err e;

	/* Who cannot be asked does not answer either. */
	if (d->pid != 0 && d->begun)
		nbd_flush_ask(d->control, &d->export, &e);
}

/*
 * True: all that it had answered was flushed. That it ends well says less: it
 * does when the last of its tables could not be written.
 */
static bool
daemon_finish(struct keeper *k, unsigned number, char text[KEEPER_TEXT_MAX])
{
	struct daemon *d = &k->daemons[number];
	struct err e = { .text = "it has not begun" };
	bool flushed = d->begun &&
	    nbd_flush_wait(d->control, &d->export, &e) == 0;

	if (flushed)
		k->marks[number] = 0;
	daemon_end(d);
	program_reap(d, END_MSEC, text);
	if (!flushed && text[0] == '\0')
		snprintf(text, KEEPER_TEXT_MAX, "%.200s", e.text);
	return flushed;
}

static bool
daemon_stop(struct keeper *k, unsigned number, char text[KEEPER_TEXT_MAX])
{
	text[0] = '\0';
	if (k->daemons[number].pid == 0)
		return true;
	daemon_finish_begin(&k->daemons[number]);
	return daemon_finish(k, number, text);
}

static int
wait_set(int fd, time_t seconds)
{
	struct timeval limit = { .tv_sec = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

static int
connection_make(const struct sockaddr_un *a)
{
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)a, sizeof(*a)) < 0
	    || wait_set(fd, ANSWER_SECONDS) < 0)
		return -1;
	return take_fd(&fd);
}

/* Nobody else can connect: the name is gone before anybody accepts. */
static int
connections_make(struct keeper *k, int *listener, int connections[2],
    struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, k->path, sizeof(a.sun_path));
	unlink(k->path);
	*listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*listener < 0 ||
	    bind(*listener, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(*listener, 2) < 0 ||
	    (connections[0] = connection_make(&a)) < 0 ||
	    (connections[1] = connection_make(&a)) < 0)
		return err_set(e, errno, "%s: %s", k->path, strerror(errno));
	unlink(k->path);
	return 0;
}

static const char *
driver_of(int image)
{
	struct stat st;

	return fstat(image, &st) == 0 && S_ISBLK(st.st_mode) ? "host_device" :
	    "file";
}

/* The image is locked already, by us, through the descriptor we pass. */
static void
daemon_arguments(const struct keeper_message *m, struct start *s)
{
	const char *access = m->readonly ? "on" : "off";

	argument(s, DAEMON);
	argument(s, "--blockdev");
	argument(s, "driver=%s,node-name=file,filename=/proc/self/fd/%d,"
	    "locking=off,discard=unmap,read-only=%s", driver_of(s->image),
	    IMAGE_FD, access);
	argument(s, "--blockdev");
	argument(s, "driver=%s,node-name=%s,file=file,discard=unmap,"
	    "read-only=%s", config_disk_formats[m->format], EXPORT, access);
	argument(s, "--nbd-server");
	argument(s, "addr.type=fd,addr.str=%d,max-connections=2", LISTEN_FD);
	argument(s, "--export");
	argument(s, "type=nbd,id=%s,node-name=%s,name=%s,writable=%s", EXPORT,
	    EXPORT, EXPORT, m->readonly ? "off" : "on");
}

static int
daemon_greet(struct daemon *d, int connection, struct err *e)
{
	if (nbd_begin(connection, EXPORT, &d->export, e) < 0 ||
	    nbd_begin(d->control, EXPORT, &d->export, e) < 0)
		return -1;
	if (wait_set(d->control, FLUSH_SECONDS) < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	d->begun = true;
	return 0;
}

/* Its connection, or -1: there is none, and @text says why. */
static int
daemon_start(struct keeper *k, const struct keeper_message *m, int image,
    char text[KEEPER_TEXT_MAX])
{
	struct start s = { .image = image, .listener = -1,
		.readonly = m->readonly != 0 };
	struct daemon *d = &k->daemons[m->number];
	int connections[2] = { -1, -1 };
	AUTO_CLOSE int listener = -1;
	struct err e;
	int ret = connections_make(k, &listener, connections, &e);

	text[0] = '\0';
	if (ret == 0) {
		s.listener = listener;
		daemon_arguments(m, &s);
		ret = program_start(&s, d, &e);
	}
	/* If the daemon ends now, nobody listens. */
	if (listener >= 0)
		close(take_fd(&listener));
	if (ret == 0) {
		d->control = take_fd(&connections[1]);
		ret = daemon_greet(d, connections[0], &e);
	}
	if (ret < 0 && d->pid != 0)
		daemon_stop(k, m->number, text);
	if (ret < 0 && text[0] == '\0')
		snprintf(text, KEEPER_TEXT_MAX, "%.200s", e.text);
	if (ret == 0)
		return connections[0];
	for (unsigned i = 0; i < 2; i++)
		if (connections[i] >= 0)
			close(connections[i]);
	return -1;
}

static void
tell(struct keeper *k, const struct keeper_message *m, int fd)
{
	struct err e;

	/* Who does not listen any more is about to be noticed. */
	keeper_send(k->socket, m, fd, &e);
}

static void
start(struct keeper *k, const struct keeper_message *m, int image,
    const char *complaint)
{
	struct keeper_message answer = { .kind = KEEPER_STARTED,
		.number = m->number };
	AUTO_CLOSE int connection = daemon_start(k, m, image, answer.text);

	if (connection < 0) {
		answer.kind = KEEPER_FAILED;
		tell(k, &answer, -1);
		return;
	}
	answer.export = k->daemons[m->number].export;
	snprintf(answer.text, sizeof(answer.text), "%s", complaint);
	tell(k, &answer, connection);
}

static void
ended(struct keeper *k, unsigned number, bool cleanly, const char *text)
{
	struct keeper_message m = { .kind = KEEPER_ENDED, .number = number,
		.cleanly = cleanly };

	snprintf(m.text, sizeof(m.text), "%s", text);
	tell(k, &m, -1);
}

static void
stop(struct keeper *k, unsigned number)
{
	char text[KEEPER_TEXT_MAX];
	bool cleanly;

	if (k->daemons[number].pid == 0)
		return;
	cleanly = daemon_stop(k, number, text);
	ended(k, number, cleanly, text);
}

/* @complaint is empty when it went well. */
static void
image_resize(const struct keeper_message *m, int image,
    char complaint[KEEPER_TEXT_MAX])
{
	struct start s = { .image = image, .listener = -1 };
	struct daemon d = { .pid = 0 };
	struct err e;

	argument(&s, IMAGE_TOOL);
	argument(&s, "resize");
	argument(&s, "--image-opts");
	argument(&s, "driver=%s,file.driver=%s,file.locking=off,"
	    "file.filename=/proc/self/fd/%d", config_disk_formats[m->format],
	    driver_of(image), IMAGE_FD);
	argument(&s, "%llu", (unsigned long long)m->size);
	if (program_start(&s, &d, &e) < 0)
		snprintf(complaint, KEEPER_TEXT_MAX, "%.200s", e.text);
	else if (program_reap(&d, TOOL_MSEC, complaint))
		complaint[0] = '\0';
}

static void
resize(struct keeper *k, const struct keeper_message *m, int image)
{
	char complaint[KEEPER_TEXT_MAX];

	/* Who asks has had all flushed, so that it may die of this. */
	if (!daemon_stop(k, m->number, complaint))
		ended(k, m->number, false, complaint);
	image_resize(m, image, complaint);
	start(k, m, image, complaint);
}

static bool
message_fits(const struct keeper_message *m, int fd)
{
	if (m->kind == KEEPER_START || m->kind == KEEPER_RESIZE)
		return fd >= 0 && (m->format == CONFIG_DISK_QCOW2 ||
		    m->format == CONFIG_DISK_VHDX);
	return m->kind == KEEPER_USER || m->kind == KEEPER_STOP;
}

/*
 * Whoever speaks to us may be a guest's, and what it has open is all that it
 * may have: our right to open images would make more of it.
 */
static bool
image_refused(struct keeper *k, const struct keeper_message *m, int image)
{
	struct keeper_message answer = { .kind = KEEPER_FAILED,
		.number = m->number };
	struct err e;

	if (image_vet(image, m->kind == KEEPER_START && m->readonly != 0,
	    &e) == 0)
		return false;
	snprintf(answer.text, sizeof(answer.text), "%.200s", e.text);
	tell(k, &answer, -1);
	return true;
}

static int
message_handle(struct keeper *k, struct err *e)
{
	struct keeper_message m;
	AUTO_CLOSE int fd = -1;
	int ret = keeper_receive(k->socket, &m, &fd, e);

	if (ret <= 0)
		return ret;
	if (!message_fits(&m, fd))
		return err_set(e, EPROTO, "the keeper of images: a message "
		    "is out of place");
	if (m.kind == KEEPER_USER)
		return confine_user(m.uid, e);
	if (m.kind == KEEPER_STOP) {
		stop(k, m.number);
	} else if (image_refused(k, &m, fd)) {
		return 0;
	} else if (m.kind == KEEPER_RESIZE) {
		resize(k, &m, fd);
	} else {
		stop(k, m.number);
		start(k, &m, fd, "");
	}
	return 0;
}

static int
wait_for_one(struct keeper *k, struct err *e)
{
	struct pollfd p[1 + KEEPER_NUMBERS];
	char text[KEEPER_TEXT_MAX];

	p[0] = (struct pollfd){ .fd = k->socket, .events = POLLIN };
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		p[1 + i] = (struct pollfd){ .events = POLLIN,
			.fd = k->daemons[i].pid != 0 ? k->daemons[i].pidfd :
			-1 };
	if (poll(p, 1 + KEEPER_NUMBERS, -1) < 0 && errno != EINTR)
		return err_set(e, errno, "poll: %s", strerror(errno));
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		if (p[1 + i].revents != 0) {
			program_reap(&k->daemons[i], END_MSEC, text);
			ended(k, i, false, text);
		}
	return p[0].revents != 0 ? message_handle(k, e) : 0;
}

static void
run(struct keeper *k)
{
	char text[KEEPER_TEXT_MAX];
	struct err e = { .code = 0 };

	while (wait_for_one(k, &e) == 0)
		continue;
	if (e.code != ECONNRESET)
		fprintf(stderr, "%s\n", e.text);
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		daemon_finish_begin(&k->daemons[i]);
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		if (k->daemons[i].pid != 0)
			daemon_finish(k, i, text);
}

int
keeper_begin(const char *run_dir, volatile uint8_t *marks, struct err *e)
{
	static struct keeper k;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(e, errno, "socketpair: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		k.socket = dup2(pair[1], IMAGE_FD);
		syscall(SYS_close_range, IMAGE_FD + 1, ~0U, 0);
		fcntl(k.socket, F_SETFD, FD_CLOEXEC);
		prctl(PR_SET_NAME, "disk-keeper");
		k.marks = marks;
		snprintf(k.path, sizeof(k.path), "%s/image.sock", run_dir);
		run(&k);
		_exit(EXIT_SUCCESS);
	}
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	err_set(e, errno, "fork: %s", strerror(errno));
	close(pair[0]);
	return -1;
}
