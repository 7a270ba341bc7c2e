/* SPDX-License-Identifier: Apache-2.0 */
/* The inputs that others are made from. */
#ifndef FUZZ_DRIVER_CORPUS_H
#define FUZZ_DRIVER_CORPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_MAX 4096u

struct input {
	size_t size;
	uint8_t bytes[INPUT_MAX];
};

/* How many there are; at least one, the empty input. */
size_t corpus_count(void);

/* @index: below corpus_count(). */
const struct input *corpus_at(size_t index);

/* Take in the files of a folder. false: errno tells why. */
bool corpus_load(const char *dir);

/* Take in an input, in place of any other when there is no room. */
void corpus_add(const struct input *in);

/* Write an input to a file of a folder, which is made if it isn't there.
 * false: errno tells why. */
bool input_save(const struct input *in, const char *dir, const char *name);

#endif
