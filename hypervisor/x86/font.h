/* SPDX-License-Identifier: Apache-2.0 */
/* A font of 5 by 7 dots for the printable characters of ASCII. */
#ifndef HV_X86_FONT_H
#define HV_X86_FONT_H

#include "core/types.h"

#define FONT_WIDTH	5
#define FONT_HEIGHT	7
#define FONT_FIRST	' '
#define FONT_LAST	'~'

/*
 * By character from FONT_FIRST: FONT_WIDTH bits a row, the highest the left
 * dot, and the top row in the highest ones.
 */
extern const uint64_t font[FONT_LAST - FONT_FIRST + 1];

#endif /* HV_X86_FONT_H */
