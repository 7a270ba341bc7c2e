/* SPDX-License-Identifier: Apache-2.0 */
/* Files that clients pass, as the desk reads them. */
#ifndef MULLION_INTEGRATION_SOURCE_H
#define MULLION_INTEGRATION_SOURCE_H

#include "integration/desk.h"

extern const struct desk_source source_files;

#endif
