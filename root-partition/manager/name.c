/* SPDX-License-Identifier: Apache-2.0 */
/* Checking names of partitions. */
#include "manager/name.h"

#include <errno.h>
#include <string.h>

static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

int
name_check(const char *name, struct err *e)
{
	size_t good = strspn(name, letters);

	if (name[0] == '\0')
		return err_set(e, EINVAL, "a partition needs a name");
	if (name[good] != '\0')
		return err_set(e, EINVAL,
		    "name \"%.40s\": only a to z, 0 to 9 and \"-\" are allowed",
		    name);
	if (name[0] == '-')
		return err_set(e, EINVAL,
		    "name \"%.40s\": the first character must be a letter or "
		    "a digit", name);
	if (good > NAME_LETTERS_MAX)
		return err_set(e, EINVAL,
		    "name \"%.40s\": %zu characters, at most %d are allowed",
		    name, good, NAME_LETTERS_MAX);
	return 0;
}
