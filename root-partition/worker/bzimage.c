/* SPDX-License-Identifier: Apache-2.0 */
/* Linux/x86 boot protocol, the fields of version 2.12 and later. */
#include "worker/bzimage.h"

#include <errno.h>
#include <string.h>

#include "worker/bytes.h"

enum {
	SETUP_SECTORS = 0x1f1,
	BOOT_FLAG = 0x1fe,
	JUMP_LENGTH = 0x201,
	MAGIC = 0x202,
	VERSION = 0x206,
	LOAD_FLAGS = 0x211,
	INITRD_MAX = 0x22c,
	XLOAD_FLAGS = 0x236,
	CMDLINE_SIZE = 0x238,
	PREF_ADDRESS = 0x258,
	INIT_SIZE = 0x260,
	HEADER_NEEDED = 0x264,
};

#define SECTOR 512
#define LOADED_HIGH 0x01
#define XLOAD_ENTRY_64 0x01
#define VERSION_MIN 0x020c	/* the first with a 64-bit entry */
#define SIZE_MAX_SANE (UINT64_C(1) << 30)

bool
bzimage_detect(const uint8_t *bytes, size_t len)
{
	return len >= MAGIC + 4 && get16(bytes + BOOT_FLAG) == 0xaa55 &&
	    memcmp(bytes + MAGIC, "HdrS", 4) == 0;
}

/* The header ends where the jump at its start leads to. */
static void
header_copy(const uint8_t *bytes, size_t len, struct bzimage *out)
{
	size_t end = (size_t)MAGIC + bytes[JUMP_LENGTH];

	if (end > BZIMAGE_HEADER_END)
		end = BZIMAGE_HEADER_END;
	if (end > len)
		end = len;
	out->header_size = end - BZIMAGE_HEADER;
	memcpy(out->header, bytes + BZIMAGE_HEADER, out->header_size);
}

static int
check_entry(const uint8_t *bytes, struct err *e)
{
	unsigned version = get16(bytes + VERSION);

	if (version < VERSION_MIN)
		return err_set(e, EINVAL,
		    "it speaks boot protocol %u.%u, at least 2.12 is needed",
		    version >> 8, version & 0xff);
	if ((bytes[LOAD_FLAGS] & LOADED_HIGH) == 0 ||
	    (get16(bytes + XLOAD_FLAGS) & XLOAD_ENTRY_64) == 0)
		return err_set(e, EINVAL,
		    "it has no 64-bit entry: an x86-64 kernel is needed");
	return 0;
}

int
bzimage_parse(const uint8_t *bytes, size_t len, uint64_t file_size,
    struct bzimage *out, struct err *e)
{
	unsigned sectors;

	if (!bzimage_detect(bytes, len) || len < HEADER_NEEDED)
		return err_set(e, EINVAL, "it is no Linux kernel image");
	if (check_entry(bytes, e) < 0)
		return -1;
	memset(out, 0, sizeof(*out));
	/* An image from before there was the field has 4. */
	sectors = bytes[SETUP_SECTORS] != 0 ? bytes[SETUP_SECTORS] : 4;
	out->file_offset = (sectors + 1) * (uint64_t)SECTOR;
	if (file_size <= out->file_offset + BZIMAGE_ENTRY_64)
		return err_set(e, EINVAL,
		    "it ends before the kernel begins: the file is cut off");
	out->size = file_size - out->file_offset;
	out->memory_size = get32(bytes + INIT_SIZE);
	if (out->memory_size < out->size)
		out->memory_size = out->size;
	out->preferred = get64(bytes + PREF_ADDRESS);
	if (out->preferred > SIZE_MAX_SANE || out->size > SIZE_MAX_SANE)
		return err_set(e, EINVAL, "its header holds absurd numbers");
	out->initrd_max = get32(bytes + INITRD_MAX);
	out->cmdline_max = get32(bytes + CMDLINE_SIZE);
	header_copy(bytes, len, out);
	return 0;
}
