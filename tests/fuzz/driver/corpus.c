/* SPDX-License-Identifier: Apache-2.0 */
#include "corpus.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "random.h"

#define CORPUS_MAX 4096u

static struct input corpus[CORPUS_MAX];
static size_t count = 1;	/* entry 0 is the empty input */

size_t
corpus_count(void)
{
	return count;
}

const struct input *
corpus_at(size_t index)
{
	return &corpus[index];
}

static bool
input_load(struct input *in, const char *dir, const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f == NULL)
		return false;
	in->size = fread(in->bytes, 1, sizeof(in->bytes), f);
	fclose(f);
	return in->size > 0;
}

bool
corpus_load(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (d == NULL)
		return false;
	while (count < CORPUS_MAX && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    input_load(&corpus[count], dir, entry->d_name))
			count++;
	}
	closedir(d);
	return true;
}

void
corpus_add(const struct input *in)
{
	if (count < CORPUS_MAX)
		corpus[count++] = *in;
	else
		corpus[random_below(count)] = *in;
}

bool
input_save(const struct input *in, const char *dir, const char *name)
{
	char path[1024];
	bool done;
	FILE *f;

	if (mkdir(dir, 0777) != 0 && errno != EEXIST)
		return false;
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (f == NULL)
		return false;
	done = fwrite(in->bytes, 1, in->size, f) == in->size;
	return fclose(f) == 0 && done;
}
