/* SPDX-License-Identifier: Apache-2.0 */
/* The file or block device under a disk. */
#ifndef MULLION_STORAGE_IMAGE_H
#define MULLION_STORAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"

struct image {
	int fd; /* owned */
	uint64_t size;
	bool discards; /* holes can be punched */
	bool zeroes;   /* and they read as zeros */
};

/*
 * Open @path. Nobody else can have it for a disk that is written, or, with
 * @readonly, write it meanwhile. The error's text does not name @path.
 */
int image_open(const char *path, bool readonly, struct image *image,
    struct err *e);

/* The same for a descriptor that came from elsewhere, and is taken over. */
int image_adopt(int fd, bool readonly, struct image *image, struct err *e);

/* Is it open as one, for writing too unless @readonly? For who has not. */
int image_vet(int fd, bool readonly, struct err *e);

/* How large is it now? */
int image_measure(int fd, uint64_t *size, struct err *e);

#endif
