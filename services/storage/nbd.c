/* SPDX-License-Identifier: Apache-2.0 */
/* NBD as its protocol document has it, so far as one export takes it. */
#include "storage/nbd.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC_SERVER UINT64_C(0x4e42444d41474943)
#define MAGIC_OPTION UINT64_C(0x49484156454f5054)
#define MAGIC_OPTION_REPLY UINT64_C(0x0003e889045565a9)
#define MAGIC_REQUEST UINT32_C(0x25609513)
#define MAGIC_REPLY UINT32_C(0x67446698)

/* Both of the server and of the client. */
#define FIXED_NEWSTYLE 0x0001
#define NO_ZEROES 0x0002

#define OPTION_GO 7
#define OPTION_REPLY_ACK 1
#define OPTION_REPLY_INFO 3
#define OPTION_REPLY_ERROR UINT32_C(0x80000000)
#define INFO_EXPORT 0

#define NAME_MAX_LENGTH 64u
#define ANSWERS_MAX 16
#define ANSWER_SIZE_MAX 4096u

struct greeting {
	uint64_t magic;
	uint64_t option_magic;
	uint16_t flags;
} __attribute__((packed));
_Static_assert(sizeof(struct greeting) == 18, "NBD");

struct option {
	uint32_t client_flags;	/* sent once, ahead of the first option */
	uint64_t magic;
	uint32_t option;
	uint32_t length;
	uint32_t name_length;
} __attribute__((packed));
_Static_assert(sizeof(struct option) == 24, "NBD");

struct option_reply {
	uint64_t magic;
	uint32_t option;
	uint32_t type;
	uint32_t length;
} __attribute__((packed));
_Static_assert(sizeof(struct option_reply) == 20, "NBD");

struct info_export {
	uint16_t type;
	uint64_t size;
	uint16_t flags;
} __attribute__((packed));
_Static_assert(sizeof(struct info_export) == 12, "NBD");

struct request_bytes {
	uint32_t magic;
	uint16_t flags;
	uint16_t command;
	uint64_t cookie;
	uint64_t offset;
	uint32_t length;
} __attribute__((packed));
_Static_assert(sizeof(struct request_bytes) == NBD_REQUEST_SIZE, "NBD");

struct reply_bytes {
	uint32_t magic;
	uint32_t error;
	uint64_t cookie;
} __attribute__((packed));
_Static_assert(sizeof(struct reply_bytes) == NBD_REPLY_SIZE, "NBD");

static const struct nbd_request the_flush = { .command = NBD_FLUSH };

static int
not_understood(struct err *e)
{
	return err_set(e, EPROTO, "what the other end says is not NBD");
}

static int
take(int fd, void *out, size_t len, struct err *e)
{
	ssize_t n = len > 0 ? recv(fd, out, len, MSG_WAITALL) : 0;

	if (n < 0)
		return err_set(e, errno, "NBD: %s", strerror(errno));
	if ((size_t)n < len)
		return err_set(e, ECONNRESET, "the other end has gone");
	return 0;
}

static int
give(int fd, const void *bytes, size_t len, struct err *e)
{
	ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

	if (n < 0)
		return err_set(e, errno, "NBD: %s", strerror(errno));
	if ((size_t)n < len)
		return err_set(e, EIO, "NBD: the socket takes too little");
	return 0;
}

static int
greet(int fd, struct err *e)
{
	struct greeting g;

	if (take(fd, &g, sizeof(g), e) < 0)
		return -1;
	if (be64toh(g.magic) != MAGIC_SERVER ||
	    be64toh(g.option_magic) != MAGIC_OPTION ||
	    (be16toh(g.flags) & FIXED_NEWSTYLE) == 0 ||
	    (be16toh(g.flags) & NO_ZEROES) == 0)
		return not_understood(e);
	return 0;
}

/* Choose the export, without asking for more than must be told of it. */
static int
choose(int fd, const char *name, struct err *e)
{
	uint8_t bytes[sizeof(struct option) + NAME_MAX_LENGTH + 2] = { 0 };
	uint32_t len = (uint32_t)strnlen(name, NAME_MAX_LENGTH);
	struct option o = {
		.client_flags = htobe32(FIXED_NEWSTYLE | NO_ZEROES),
		.magic = htobe64(MAGIC_OPTION),
		.option = htobe32(OPTION_GO),
		.length = htobe32(sizeof(o.name_length) + len + 2),
		.name_length = htobe32(len),
	};

	memcpy(bytes, &o, sizeof(o));
	memcpy(bytes + sizeof(o), name, len);
	return give(fd, bytes, sizeof(o) + len + 2, e);
}

static void
info_read(const uint8_t *bytes, size_t len, struct nbd_export *out,
    bool *told)
{
	struct info_export i;

	if (len < sizeof(i))
		return;
	memcpy(&i, bytes, sizeof(i));
	if (be16toh(i.type) != INFO_EXPORT)
		return;
	out->size = be64toh(i.size);
	out->flags = be16toh(i.flags);
	*told = true;
}

/* 1: that was the last one. */
static int
answer_take(int fd, struct nbd_export *out, bool *told, struct err *e)
{
	uint8_t bytes[ANSWER_SIZE_MAX];
	struct option_reply r;
	uint32_t len, type;

	if (take(fd, &r, sizeof(r), e) < 0)
		return -1;
	len = be32toh(r.length);
	type = be32toh(r.type);
	if (be64toh(r.magic) != MAGIC_OPTION_REPLY ||
	    be32toh(r.option) != OPTION_GO || len > sizeof(bytes))
		return not_understood(e);
	if (take(fd, bytes, len, e) < 0)
		return -1;
	if ((type & OPTION_REPLY_ERROR) != 0)
		return err_set(e, EPROTO, "NBD: refused: %.*s",
		    len > 200 ? 200 : (int)len, (const char *)bytes);
	if (type == OPTION_REPLY_INFO)
		info_read(bytes, len, out, told);
	return type == OPTION_REPLY_ACK;
}

int
nbd_begin(int fd, const char *name, struct nbd_export *out, struct err *e)
{
	bool told = false;

	memset(out, 0, sizeof(*out));
	if (greet(fd, e) < 0 || choose(fd, name, e) < 0)
		return -1;
	for (unsigned i = 0; i < ANSWERS_MAX; i++) {
		int last = answer_take(fd, out, &told, e);

		if (last < 0)
			return -1;
		if (last == 0)
			continue;
		if (!told || (out->flags & NBD_CAN_ANYTHING) == 0 ||
		    out->size > INT64_MAX)
			return not_understood(e);
		return 0;
	}
	return not_understood(e);
}

void
nbd_request_print(const struct nbd_request *r, uint8_t out[NBD_REQUEST_SIZE])
{
	struct request_bytes b = {
		.magic = htobe32(MAGIC_REQUEST),
		.flags = htobe16(r->flags),
		.command = htobe16((uint16_t)r->command),
		.cookie = htobe64(r->cookie),
		.offset = htobe64(r->offset),
		.length = htobe32(r->length),
	};

	memcpy(out, &b, sizeof(b));
}

/* The protocol's numbers are those of Linux, so far as they matter to us. */
static int
error_of(uint32_t error)
{
	switch (error) {
	case 0:
	case EPERM:
	case ENOMEM:
	case ENOSPC:
		return (int)error;
	default:
		return EIO;
	}
}

int
nbd_reply_parse(const uint8_t bytes[NBD_REPLY_SIZE], struct nbd_reply *out)
{
	struct reply_bytes b;

	memcpy(&b, bytes, sizeof(b));
	if (be32toh(b.magic) != MAGIC_REPLY)
		return -1;
	out->error = error_of(be32toh(b.error));
	out->cookie = be64toh(b.cookie);
	return 0;
}

int
nbd_flush_ask(int fd, const struct nbd_export *x, struct err *e)
{
	uint8_t bytes[NBD_REQUEST_SIZE];

	/* A server that does not flush has nothing to be flushed. */
	if ((x->flags & NBD_CAN_FLUSH) == 0)
		return 0;
	nbd_request_print(&the_flush, bytes);
	return give(fd, bytes, sizeof(bytes), e);
}

int
nbd_flush_wait(int fd, const struct nbd_export *x, struct err *e)
{
	uint8_t bytes[NBD_REPLY_SIZE];
	struct nbd_reply r;

	if ((x->flags & NBD_CAN_FLUSH) == 0)
		return 0;
	if (take(fd, bytes, sizeof(bytes), e) < 0)
		return -1;
	if (nbd_reply_parse(bytes, &r) < 0 || r.cookie != the_flush.cookie)
		return not_understood(e);
	if (r.error != 0)
		return err_set(e, r.error, "it cannot be flushed: %s",
		    strerror(r.error));
	return 0;
}
