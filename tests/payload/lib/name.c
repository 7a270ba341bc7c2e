/* SPDX-License-Identifier: Apache-2.0 */
/* What the build says of one payload; compiled once for each. */
#include "lib/payload.h"

const char payload_name[] = PAYLOAD_NAME;
const uint32_t payload_vps = PAYLOAD_VPS;
