/* SPDX-License-Identifier: Apache-2.0 */
/* Variables that give back what they own when they go out of scope. */
#ifndef MULLION_MANAGER_CLEANUP_H
#define MULLION_MANAGER_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
cleanup_pointer(void *p)
{
	free(*(void **)p);
}

static inline void
cleanup_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

/* Set such a variable where it is declared: it is looked at on every exit. */
#define AUTO_CLOSE __attribute__((cleanup(cleanup_fd)))
#define AUTO_FREE __attribute__((cleanup(cleanup_pointer)))
#define AUTO_FCLOSE __attribute__((cleanup(cleanup_file)))

/* Move a descriptor out of an AUTO_CLOSE variable: the caller owns it now. */
static inline int
take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Move a pointer out of an AUTO_FREE variable: the caller owns it now. */
static inline void *
take_pointer(void *p)
{
	void *taken = *(void **)p;

	*(void **)p = NULL;
	return taken;
}

#endif
