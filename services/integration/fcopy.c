/* SPDX-License-Identifier: Apache-2.0 */
/* A start, blocks of 6 KiB one after the other, and an end. */
#include "integration/fcopy.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "integration/container.h"
#include "integration/utf16.h"

static const struct ic_version frameworks[] = { { 3, 0 } };
static const struct ic_version versions[] = { { 1, 1 } };

static struct fcopy *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct fcopy, ic);
}

static bool
is_plain(const char *path)
{
	for (; *path != '\0'; path++)
		if (*path < 0x20 || *path > 0x7e)
			return false;
	return true;
}

/* A component that names something: not empty, not where we are or were. */
static bool
component_is_name(const char *at, size_t len)
{
	return len > 0 && !(len == 1 && at[0] == '.') &&
	    !(len == 2 && at[0] == '.' && at[1] == '.');
}

int
fcopy_path_check(const char *path, struct err *e)
{
	const char *name = strrchr(path, '/');

	if (path[0] != '/')
		return err_set(e, EINVAL, "not an absolute path: \"%.60s\"",
		    path);
	if (!is_plain(path))
		return err_set(e, EINVAL, "guests keep only printable ASCII "
		    "in the names of files they are sent");
	for (const char *at = path + 1; ; ) {
		size_t len = strcspn(at, "/");

		if (!component_is_name(at, len))
			return err_set(e, EINVAL,
			    "\"%.*s\" is not the name of a folder or file, in "
			    "\"%.60s\"", (int)(len < 60 ? len : 60), at, path);
		if (at[len] == '\0')
			break;
		at += len + 1;
	}
	/* The folder keeps the slash at its end; each has its final NUL. */
	if (strlen(name + 1) >= WIRE_FCOPY_PATH ||
	    (size_t)(name + 1 - path) >= WIRE_FCOPY_PATH)
		return err_set(e, ENAMETOOLONG,
		    "folder and name have at most %u letters each",
		    WIRE_FCOPY_PATH - 1);
	return 0;
}

/*
 * The daemon of Linux creates those folders that have a slash behind them:
 * without the last one it would leave out the last folder.
 */
static void
path_put(struct wire_fcopy_start *body, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char folder[WIRE_FCOPY_PATH];
	size_t len = (size_t)(name - path);

	memcpy(folder, path, len);
	folder[len] = '\0';
	utf16_write(name, body->name, sizeof(body->name));
	utf16_write(folder, body->path, sizeof(body->path));
}

int
fcopy_start(struct fcopy *f, const struct fcopy_file *file, uint64_t now,
    struct err *e)
{
	struct wire_fcopy_start body = {
		.head.op = WIRE_FCOPY_START,
		.flags = (file->overwrite ? WIRE_FCOPY_OVERWRITE : 0) |
		    (file->make_path ? WIRE_FCOPY_MAKE_PATH : 0),
		.size = file->size,
	};

	if (f->ic.state != IC_READY)
		return err_set(e, ENOTCONN,
		    "the guest's daemon for copies does not run");
	if (f->state != FCOPY_NONE || !ic_idle(&f->ic))
		return err_set(e, EBUSY, "another copy goes on");
	if (fcopy_path_check(file->path, e) < 0)
		return -1;
	path_put(&body, file->path);
	f->state = FCOPY_STARTING;
	f->size = file->size;
	f->offset = 0;
	f->block = 0;
	f->outcome = 0;
	ic_request(&f->ic, &body, sizeof(body), now, FCOPY_LIMIT);
	return 0;
}

static void
end_send(struct fcopy *f, enum fcopy_state state, enum wire_fcopy_op op,
    uint64_t now)
{
	struct wire_fcopy body = { .op = op };

	f->state = state;
	ic_request(&f->ic, &body, sizeof(body), now, FCOPY_LIMIT);
}

bool
fcopy_wants(const struct fcopy *f, uint64_t *offset, uint32_t *size)
{
	uint64_t rest = f->size - f->offset;

	if (f->state != FCOPY_WANTING)
		return false;
	*offset = f->offset;
	*size = rest < WIRE_FCOPY_BLOCK ? (uint32_t)rest : WIRE_FCOPY_BLOCK;
	return true;
}

void
fcopy_block(struct fcopy *f, const uint8_t *data, uint64_t now)
{
	struct wire_fcopy_write body = { .head.op = WIRE_FCOPY_WRITE };
	uint64_t offset;
	bool wants = fcopy_wants(f, &offset, &f->block);

	assert(wants);
	body.offset = offset;
	body.size = f->block;
	memcpy(body.data, data, f->block);
	f->state = FCOPY_WRITING;
	ic_request(&f->ic, &body, sizeof(body), now, FCOPY_LIMIT);
}

/* Only the first thing that goes wrong is told. */
static void
fail(struct fcopy *f, const struct err *why)
{
	if (f->outcome != 0)
		return;
	f->outcome = why->code;
	f->why = *why;
}

void
fcopy_cancel(struct fcopy *f, const struct err *why, uint64_t now)
{
	if (f->state == FCOPY_NONE || f->state == FCOPY_CANCELLING)
		return;
	fail(f, why);
	if (f->state == FCOPY_WANTING)
		end_send(f, FCOPY_CANCELLING, WIRE_FCOPY_CANCEL, now);
	/* Else the answer that is awaited leads to it. */
}

int
fcopy_report(const struct fcopy *f, struct err *e)
{
	/* Nobody waits for a guest that may never answer again. */
	if (f->state != FCOPY_NONE && !f->ic.late)
		return err_set(e, EINPROGRESS, "the copy goes on");
	if (f->outcome == 0)
		return 0;
	*e = f->why;
	return -1;
}

static void
status_fail(struct fcopy *f, uint32_t status)
{
	struct err why;

	switch (status) {
	case IC_STATUS_EXISTS:
		err_set(&why, EEXIST, "the guest has such a file already");
		break;
	case IC_STATUS_DISK_FULL:
		err_set(&why, ENOSPC, "the guest's disk is full");
		break;
	default:
		err_set(&why, EIO, "the guest cannot %s the file",
		    f->state == FCOPY_STARTING ? "create" : "write");
	}
	fail(f, &why);
}

/* An answer of no error. */
static void
go_on(struct fcopy *f, uint64_t now)
{
	if (f->state == FCOPY_COMPLETING) {
		f->state = FCOPY_NONE;
		return;
	}
	if (f->state == FCOPY_WRITING)
		f->offset += f->block;
	if (f->offset == f->size)
		end_send(f, FCOPY_COMPLETING, WIRE_FCOPY_COMPLETE, now);
	else
		f->state = FCOPY_WANTING;
}

static void
fcopy_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct fcopy *f = of(ic);
	bool started = f->state != FCOPY_STARTING ||
	    a->status == IC_STATUS_OK;

	if (f->state == FCOPY_CANCELLING) {
		f->state = FCOPY_NONE;
		return;
	}
	if (a->status != IC_STATUS_OK)
		status_fail(f, a->status);
	if (f->outcome == 0)
		go_on(f, now);
	else if (!started || f->state == FCOPY_COMPLETING)
		f->state = FCOPY_NONE;
	else
		end_send(f, FCOPY_CANCELLING, WIRE_FCOPY_CANCEL, now);
}

static void
fcopy_missed(struct ic *ic, uint64_t now)
{
	struct err why;

	(void)now;
	err_set(&why, ERR_TIMEOUT, "the guest's daemon does not answer");
	fail(of(ic), &why);
}

static void
fcopy_closed(struct ic *ic, uint64_t now)
{
	struct fcopy *f = of(ic);
	struct err why;

	(void)now;
	err_set(&why, ENOTCONN, "the guest's daemon for copies ended");
	if (f->state != FCOPY_NONE)
		fail(f, &why);
	f->state = FCOPY_NONE;
}

static const struct ic_protocol protocol = {
	.type = IC_FCOPY,
	.framework = frameworks,
	.framework_count = 1,
	.message = versions,
	.message_count = 1,
	.ops = {
		.answered = fcopy_answered,
		.missed = fcopy_missed,
		.closed = fcopy_closed,
	},
};

void
fcopy_init(struct fcopy *f)
{
	memset(f, 0, sizeof(*f));
	ic_init(&f->ic, &protocol);
}
