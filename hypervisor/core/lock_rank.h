/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which locks are taken: a later rank inside an earlier one. */
#ifndef HV_CORE_LOCK_RANK_H
#define HV_CORE_LOCK_RANK_H

enum lock_rank {
	LOCK_RANK_STATS		= 2,	/* which statistics pages exist */
	LOCK_RANK_PARTITION	= 4,	/* life cycle, VPs, ports */
	LOCK_RANK_GPAMAP	= 8,	/* one nested map */
	LOCK_RANK_POOL		= 12,	/* one pool of deposited pages */
	LOCK_RANK_TIMER		= 14,	/* one processor's deadlines */
	LOCK_RANK_SIGNAL	= 16,	/* what a root VP has to be told */
	LOCK_RANK_SYNIC		= 18,	/* SynIC and pages of one VP */
};

#endif /* HV_CORE_LOCK_RANK_H */
