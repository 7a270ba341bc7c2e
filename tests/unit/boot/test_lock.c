/* SPDX-License-Identifier: Apache-2.0 */
/* Spinlocks: mutual exclusion, and an order that is checked. */

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include "core/assert.h"
#include "core/lock.h"

#define ROUNDS	20000

static _Thread_local uint32_t ranks;
static struct spinlock counter_lock = SPINLOCK_INIT(3);
static volatile int counter;

uint32_t *
lock_ranks_held(void)
{
	return &ranks;
}

_Noreturn void
panic_at(const char *file, int line, const char *fmt, ...)
{
	(void)file;
	(void)line;
	(void)fmt;
	abort();
}

static void *
count(void *arg)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		spin_lock(&counter_lock);
		counter = counter + 1;
		spin_unlock(&counter_lock);
	}
	return arg;
}

Test(lock, lets_one_in_at_a_time)
{
	pthread_t thread[2];
	size_t i;

	for (i = 0; i < 2; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, count, NULL), 0);
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	cr_expect_eq(counter, 2 * ROUNDS);
}

Test(lock, trylock_fails_while_someone_has_it)
{
	struct spinlock l = SPINLOCK_INIT(1);

	cr_expect(spin_trylock(&l));
	cr_expect_not(spin_trylock(&l));
	spin_unlock(&l);
	cr_expect(spin_trylock(&l));
}

Test(lock, works_on_when_tickets_wrap_around)
{
	struct spinlock l = { .next = 65535, .owner = 65535, .rank = 1 };

	spin_lock(&l);
	cr_expect_not(spin_trylock(&l));
	spin_unlock(&l);
	cr_expect_eq(l.owner, 0);
	cr_expect(spin_trylock(&l));
}

Test(lock, allows_rising_ranks)
{
	struct spinlock low = SPINLOCK_INIT(1);
	struct spinlock high = SPINLOCK_INIT(2);

	spin_lock(&low);
	spin_lock(&high);
	cr_expect_eq(ranks, 6);
	spin_unlock(&low);
	spin_unlock(&high);
	cr_expect_eq(ranks, 0);
}

Test(lock, panics_when_taken_against_rank, .signal = SIGABRT)
{
	struct spinlock low = SPINLOCK_INIT(1);
	struct spinlock high = SPINLOCK_INIT(2);

	spin_lock(&high);
	spin_lock(&low);
}

Test(lock, panics_when_it_is_released_unheld, .signal = SIGABRT)
{
	struct spinlock l = SPINLOCK_INIT(1);

	spin_unlock(&l);
}
