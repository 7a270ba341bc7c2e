/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds commands to a disk and a DVD drive, without the protocol around. */
#include <assert.h>
#include <stdint.h>

#include "disk.h"
#include "storage/disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A completion never comes here: nothing is submitted. */
void
disk_io_done(struct disk_io *io, int error)
{
	(void)io;
	(void)error;
	assert(false);
}

static void
check_io(const struct disk *d, const struct disk_io *io)
{
	uint64_t size = d->blocks * d->block;

	assert(io->offset <= size && io->length <= size - io->offset);
	assert(io->length <= DISK_TRANSFER_MAX);
	assert(io->op != DISK_DISCARD);
	assert(io->op != DISK_WRITE || !d->is.readonly);
}

static void
run_command(struct disk *d, const uint8_t *bytes, size_t len)
{
	struct disk_answer a;
	struct cdb c;

	if (cdb_decode(bytes, len, &c).key != SCSI_NO_SENSE)
		return;
	disk_execute(d, &c, &a);
	assert(a.reply.len <= REPLY_MAX);
	assert((a.verdict == DISK_REFUSED) == (a.sense.key != SCSI_NO_SENSE));
	if (a.verdict == DISK_IO)
		check_io(d, &a.io);
}

static void
run_unmap(const struct disk *d, const uint8_t *list, size_t len)
{
	struct disk_range ranges[DISK_DISCARD_RANGES];
	unsigned count;

	if (disk_unmap_parse(d, list, len, ranges, &count).key !=
	    SCSI_NO_SENSE)
		return;
	assert(count <= DISK_DISCARD_RANGES);
	for (unsigned i = 0; i < count; i++) {
		assert(ranges[i].length > 0);
		assert(ranges[i].offset <= FUZZ_DISK_SIZE);
		assert(ranges[i].length <= FUZZ_DISK_SIZE - ranges[i].offset);
	}
}

/* A byte that says what unit it is, then a command, then perhaps more. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_disk backend;
	struct disk_setup s = { .backend = &backend.backend, .serial = "x" };
	struct disk d;

	if (size == 0)
		return 0;
	fuzz_disk_init(&backend);
	backend.backend.discards = (data[0] & 4) != 0;
	s.dvd = (data[0] & 1) != 0;
	s.readonly = (data[0] & 2) != 0;
	disk_init(&d, &s, 0);
	for (size_t at = 1; at < size; at += CDB_SIZE_MAX) {
		size_t len = size - at;

		run_command(&d, data + at,
		    len < CDB_SIZE_MAX ? len : CDB_SIZE_MAX);
	}
	run_unmap(&d, data + 1, size - 1);
	return 0;
}
