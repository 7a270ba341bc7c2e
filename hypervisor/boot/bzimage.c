/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a Linux kernel's setup header and takes out what loading needs. */

#include "boot/bzimage.h"

#include "boot/bytes.h"

#define SECTOR			512
#define HEADER_MAGIC		0x53726448	/* "HdrS" */
#define HEADER_FIELDS_END	0x264		/* of what version 2.12 has */
#define VERSION_NEEDED		0x020c
#define LOADFLAG_HIGH		0x01
#define XLOADFLAG_64BIT		0x01
#define XLOADFLAG_ABOVE_4G	0x02
#define SIZE_LIMIT		SIZE_1G

static const char *
check_identity(const uint8_t *b, size_t size)
{
	if (size < SETUP_HEADER_END_MAX || get16(b + 0x1fe) != 0xaa55 ||
	    get32(b + 0x202) != HEADER_MAGIC)
		return "it is not a Linux kernel (bzImage)";
	if (get16(b + 0x206) < VERSION_NEEDED)
		return "it is older than Linux 3.8 (boot protocol 2.12)";
	if ((b[0x211] & LOADFLAG_HIGH) == 0 ||
	    (get16(b + 0x236) & XLOADFLAG_64BIT) == 0)
		return "it has no 64-bit entry point";
	if (b[0x234] == 0)
		return "it is not relocatable (CONFIG_RELOCATABLE)";
	return NULL;
}

static const char *
check_layout(const struct bzimage *k, size_t size)
{
	if (k->header_end < HEADER_FIELDS_END ||
	    k->header_end > SETUP_HEADER_END_MAX)
		return "its setup header has a wrong length";
	if (k->payload >= size)
		return "it ends before its protected-mode part";
	if (k->alignment < PAGE_SIZE || k->alignment > SIZE_1G ||
	    (k->alignment & (k->alignment - 1)) != 0)
		return "its alignment is not a sensible power of two";
	if (k->init_size > SIZE_LIMIT)
		return "it asks for more than 1 GiB to start in";
	if (k->init_size < k->payload_size)
		return "it asks for less memory than it is long";
	return NULL;
}

const char *
bzimage_parse(const uint8_t *bytes, size_t size, struct bzimage *out)
{
	const char *wrong = check_identity(bytes, size);
	size_t sectors;

	if (wrong != NULL)
		return wrong;
	sectors = bytes[0x1f1] == 0 ? 4 : bytes[0x1f1];
	*out = (struct bzimage){
		.header_end = 0x202 + (size_t)bytes[0x201],
		.payload = (sectors + 1) * SECTOR,
		.alignment = get32(bytes + 0x230),
		.preferred = get64(bytes + 0x258),
		.init_size = get32(bytes + 0x260),
		.cmdline_max = get32(bytes + 0x238),
		.initrd_max = get32(bytes + 0x22c),
	};
	if (out->payload < size)
		out->payload_size = size - out->payload;
	if ((get16(bytes + 0x236) & XLOADFLAG_ABOVE_4G) != 0)
		out->initrd_max = UINT64_MAX;
	return check_layout(out, size);
}
