/* SPDX-License-Identifier: Apache-2.0 */
/* Writes ACPI machine language and resource templates into a buffer. */
#ifndef MULLION_WORKER_AML_H
#define MULLION_WORKER_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What was written so far. When something does not fit, @overflow is set and
 * nothing is written from then on; the caller looks once, at the end.
 */
struct aml {
	uint8_t *bytes;
	size_t size;
	size_t len;
	bool overflow;
};

void aml_init(struct aml *a, void *bytes, size_t size);
void aml_byte(struct aml *a, uint8_t byte);
void aml_bytes(struct aml *a, const void *bytes, size_t len);

/* A path such as "\\_SB.PWRB" or "_CRS"; at most 2 segments. */
void aml_path(struct aml *a, const char *path);

void aml_integer(struct aml *a, uint64_t value);
void aml_string(struct aml *a, const char *text);

/* A PNP id such as "PNP0501" in the compressed form of 4 bytes. */
void aml_eisa_id(struct aml *a, const char *id);

/* Begin Name(@name, ...): the value follows. */
void aml_name(struct aml *a, const char *name);

/*
 * Begin an object whose length is known at its end only. aml_close() takes
 * what this returned; objects are closed in reverse order.
 */
size_t aml_open_scope(struct aml *a, const char *path);
size_t aml_open_device(struct aml *a, const char *name);
size_t aml_open_method(struct aml *a, const char *name, unsigned args,
    bool serialized);
size_t aml_open_package(struct aml *a, uint8_t elements);
size_t aml_open_if_arg0_is(struct aml *a, uint64_t value);
void aml_close(struct aml *a, size_t mark);

void aml_notify(struct aml *a, const char *path, uint8_t value);

/* Write Name(_CRS, ...) with the descriptors that @resources holds. */
void aml_resources(struct aml *a, const struct aml *resources);

/* Descriptors, for the second argument of aml_resources(). */
void aml_io_ports(struct aml *a, uint16_t port, uint8_t count);
void aml_edge_interrupt(struct aml *a, uint32_t gsi);
void aml_memory_window(struct aml *a, uint64_t first, uint64_t size);

#endif
