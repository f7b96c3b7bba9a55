/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the made-up machine, in C++, and what it takes of the real kernel,
 * in C: memory, locks, threads, and KUnit. May sleep unless said otherwise.
 */
#ifndef KUNIT_SERVICES_H
#define KUNIT_SERVICES_H

#include "abi/types.h"

/* Zeroed, or NULL; for the machine itself, neither counted nor made to fail. */
void *service_alloc(size_t size);
void service_free(void *memory);

/* The lock of a made-up runqueue. Any context. */
void service_rq_lock_init(struct rq *rq);
void service_rq_lock(struct rq *rq);
bool service_rq_trylock(struct rq *rq);
void service_rq_unlock(struct rq *rq);

/* Which CPU of the machine the calling thread is. Any context. */
s32 service_acting_on(void);
void service_act_on(s32 cpu);

/* Runs @what for each index below @count (8 at most) on threads of their own, and waits. */
void service_run_together(s32 count, void (*what)(s32 index, void *argument), void *argument);

/* Assertions of the core that have failed since the last call. */
int service_take_warnings(void);

/* What happened in the case that runs. Any context. */
void service_failed(const char *file, int line, const char *text);
void service_skip(const char *why);
bool service_failure_requested(void);

#endif /* KUNIT_SERVICES_H */
