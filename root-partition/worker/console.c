/* SPDX-License-Identifier: Apache-2.0 */
/* Console: output from the ring to log and clients, input to the port. */
#include "worker/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/unix_socket.h"


#define PIECE 4096
#define SOCKET_NAME "console.sock"

int
console_open(struct console *c, struct machine *m, struct loop *l,
    const char *run_dir, const char *log_path, struct err *e)
{
	struct stat st;

	*c = (struct console){ .machine = m, .loop = l, .listen_fd = -1 };
	for (unsigned i = 0; i < CONSOLE_CLIENTS; i++)
		c->clients[i].fd = -1;
	c->log_fd = open(log_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
	    0640);
	if (c->log_fd < 0 || fstat(c->log_fd, &st) < 0)
		return err_set(e, errno, "%s: %s", log_path, strerror(errno));
	c->log_size = (uint64_t)st.st_size;
	if (!m->devices.serial)
		return 0;
	c->listen_fd = unix_socket_listen(run_dir, SOCKET_NAME, SOCK_STREAM, e);
	if (c->listen_fd < 0)
		return -1;
	return loop_add(l, c->listen_fd, LOOP_CONSOLE_LISTEN, 0, e);
}

/* Copy what comes at *@position; the child's processors go on meanwhile. */
static size_t
output_take(struct console *c, uint64_t *position, uint8_t out[PIECE])
{
	struct machine *m = c->machine;
	const uint8_t *bytes;
	size_t len;

	pthread_mutex_lock(&m->devices_lock);
	bytes = ring_peek(&m->devices.output, position, &len);
	if (len > PIECE)
		len = PIECE;
	memcpy(out, bytes, len);
	pthread_mutex_unlock(&m->devices_lock);
	return len;
}

/* A guest must not fill the parent's disk: the log begins anew. */
static void
log_restart(struct console *c)
{
	struct machine *m = c->machine;

	if (ftruncate(c->log_fd, 0) < 0)
		return;
	pthread_mutex_lock(&m->devices_lock);
	c->log_position = ring_oldest(&m->devices.output);
	pthread_mutex_unlock(&m->devices_lock);
	c->log_size = 0;
}

static void
log_write(struct console *c)
{
	uint8_t piece[PIECE];
	size_t len;

	while ((len = output_take(c, &c->log_position, piece)) != 0) {
		ssize_t n;

		if (c->log_size + len > CONSOLE_LOG_MAX) {
			log_restart(c);
			continue;
		}
		n = pwrite(c->log_fd, piece, len, (off_t)c->log_size);
		/* On a full disk the child goes on without its log. */
		if (n > 0)
			c->log_size += (uint64_t)n;
		c->log_position += len;
	}
}

static void
client_close(struct console_client *client)
{
	close(client->fd);
	client->fd = -1;
}

static void
client_watch(struct console *c, struct console_client *client)
{
	loop_change(c->loop, client->fd, LOOP_CONSOLE_CLIENT,
	    (unsigned)(client - c->clients), !c->input_held, client->behind);
}

static void
client_write(struct console *c, struct console_client *client)
{
	uint8_t piece[PIECE];
	bool behind = false;
	size_t len;

	while (!behind && !client->deaf &&
	    (len = output_take(c, &client->position, piece)) != 0) {
		ssize_t n = send(client->fd, piece, len,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			client->position += (uint64_t)n;
		else if (n < 0 && errno == EAGAIN)
			behind = true;
		else
			client->deaf = true;
	}
	if (behind != client->behind) {
		client->behind = behind;
		client_watch(c, client);
	}
}

void
console_flush(struct console *c)
{
	log_write(c);
	for (unsigned i = 0; i < CONSOLE_CLIENTS; i++)
		if (c->clients[i].fd >= 0 && !c->clients[i].behind)
			client_write(c, &c->clients[i]);
}

void
console_say(struct console *c, const char *text)
{
	struct machine *m = c->machine;

	pthread_mutex_lock(&m->devices_lock);
	for (; *text != '\0'; text++)
		ring_push(&m->devices.output, (uint8_t)*text);
	pthread_mutex_unlock(&m->devices_lock);
	console_flush(c);
}

static void
input_hold(struct console *c, bool held)
{
	if (c->input_held == held)
		return;
	c->input_held = held;
	for (unsigned i = 0; i < CONSOLE_CLIENTS; i++)
		if (c->clients[i].fd >= 0)
			client_watch(c, &c->clients[i]);
}

void
console_input_wanted(struct console *c)
{
	struct machine *m = c->machine;
	size_t room;

	pthread_mutex_lock(&m->devices_lock);
	room = uart_room(&m->devices.uart);
	pthread_mutex_unlock(&m->devices_lock);
	if (room != 0)
		input_hold(c, false);
}

static void
client_read(struct console *c, struct console_client *client)
{
	struct machine *m = c->machine;
	uint8_t bytes[UART_RECEIVE_MAX];
	struct devices_effect fx;
	size_t room;
	ssize_t n;

	pthread_mutex_lock(&m->devices_lock);
	room = uart_room(&m->devices.uart);
	pthread_mutex_unlock(&m->devices_lock);
	if (room == 0) {
		input_hold(c, true);
		return;
	}
	n = recv(client->fd, bytes, room, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(client);
		return;
	}
	pthread_mutex_lock(&m->devices_lock);
	devices_type(&m->devices, bytes, (size_t)n, &fx);
	pthread_mutex_unlock(&m->devices_lock);
	machine_effect(m, &fx);
}

void
console_accept(struct console *c)
{
	int fd = unix_socket_accept(c->listen_fd);
	struct err e;

	if (fd < 0)
		return;
	for (unsigned i = 0; i < CONSOLE_CLIENTS; i++) {
		struct console_client *client = &c->clients[i];

		if (client->fd >= 0)
			continue;
		if (loop_add(c->loop, fd, LOOP_CONSOLE_CLIENT, i, &e) < 0)
			break;
		*client = (struct console_client){ .fd = fd };
		client_watch(c, client);
		client_write(c, client);
		return;
	}
	close(fd);
}

void
console_client_event(struct console *c, const struct loop_event *event)
{
	struct console_client *client = &c->clients[event->index];

	if (client->fd >= 0 && event->writable)
		client_write(c, client);
	if (client->fd >= 0 && event->readable)
		client_read(c, client);
}
