/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody asks which way a program took that is no fuzz target. */

void __sanitizer_cov_trace_pc(void);

void
__sanitizer_cov_trace_pc(void)
{
}
