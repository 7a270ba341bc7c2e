/* SPDX-License-Identifier: Apache-2.0 */
/* The other ends of a controller, made up: a guest, and disks in memory. */
#ifndef TESTS_STORAGE_GUEST_H
#define TESTS_STORAGE_GUEST_H

#include "storage/controller.h"

#define ANSWERS_MAX 2048
#define MEMORY_DISK_BLOCKS 256u

/* A disk in memory. What is submitted waits for memory_disk_run(). */
struct memory_disk {
	struct backend backend;
	uint8_t *bytes;
	struct disk_io *queue; /* the last one first */
	bool closed;
	int error;	       /* what everything ends with, if not 0 */
	uint64_t room;	       /* writes at or after it find no space */
	unsigned flushes, durable_writes;
};

void memory_disk_init(struct memory_disk *m, uint64_t size);
void memory_disk_free(struct memory_disk *m);

/* Do all that waits; how much it was. */
unsigned memory_disk_run(struct memory_disk *m);

struct guest_answer {
	unsigned channel;
	uint64_t id;
	struct vstor_packet packet;
};

struct guest {
	struct controller controller;
	struct memory_disk disk;
	struct guest_answer answers[ANSWERS_MAX];
	unsigned answer_count;
	struct vstor_packet announced;
	unsigned announcements;
	unsigned sub_channels;
	struct controller_session remembered;
	unsigned idle; /* a bit for each channel */
	uint8_t data[4096]; /* what SRBs are about, unless told otherwise */
	uint64_t next_id;
};

/* A controller without disks, whose guest has initialised it. */
void guest_init(struct guest *g);

/* The same with a disk of MEMORY_DISK_BLOCKS as LUN 0, or a DVD. */
void guest_init_with_disk(struct guest *g);
void guest_init_with_dvd(struct guest *g);
void guest_free(struct guest *g);

struct disk_setup guest_disk_setup(struct guest *g, const char *serial);

/* Send @p without data; the answer to it, or NULL when there was none yet. */
const struct guest_answer *guest_send(struct guest *g, unsigned channel,
    const struct vstor_packet *p);

/* Send an operation with no body, on the primary channel. */
const struct guest_answer *guest_operate(struct guest *g,
    enum vstor_operation operation);

/* An SRB for LUN 0 with @len bytes of @g->data in two pieces. */
struct vstor_packet guest_srb(const uint8_t *cdb, size_t cdb_len, size_t len);
const struct guest_answer *guest_send_srb(struct guest *g, unsigned channel,
    const struct vstor_packet *p);

/* Both at once, with the disk run; an answer there always is. */
const struct vstor_srb *guest_run(struct guest *g, const uint8_t *cdb,
    size_t cdb_len, size_t len);
#define GUEST_RUN(g, len, ...) \
	guest_run((g), (const uint8_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }), (len))

/* Check how @srb ended. */
void expect_good(const struct vstor_srb *srb, uint32_t transferred);
void expect_sense(const struct vstor_srb *srb, unsigned key, unsigned asc);

#endif
