/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrays: growing them before they are loaded, and indexing them in a way that
 * the verifier follows.
 *
 * The compiler may compute an address first and check the index afterwards, or
 * check a copy of it. Here the offset in bytes is computed, checked and added
 * in one place that it cannot take apart. An index that is out of bounds gives
 * NULL, which the caller must look for before every use.
 */
#ifndef SCX_POINTERS_BPF_H
#define SCX_POINTERS_BPF_H

/*
 *	u64 RESIZABLE_ARRAY(bss, per_cpu_totals);
 *
 * An array of one element in a data section of its own, alone, so that the user
 * half may give it more (RESIZE_ARRAY in common.h) before loading.
 */
#define RESIZABLE_ARRAY(section, array) array[1] SEC("." #section "." #array)

/* @offset, which must be at most @limit, from @start; else NULL. */
#define __scx_checked_address(type, start, offset, limit_constraint, limit) (type)	\
({											\
	u64 from_ = (u64)(start);							\
	u64 at_ = (u64)(offset);							\
											\
	asm volatile("if %[at] > %[most] goto +2\n\t"					\
		     "%[at] += %[from]\n\t"						\
		     "goto +1\n\t"							\
		     "%[at] = 0"							\
		     : [at] "+r"(at_)							\
		     : [from] "r"(from_), [most] limit_constraint(limit));		\
	at_;										\
})

/*
 * A member or an element of what has a fixed size:
 *
 *	u64 *slot = MEMBER_VPTR(table, [row][column].count);
 *
 * @base is the object, not a pointer to it: MEMBER_VPTR(*pointer, .member).
 */
#ifndef MEMBER_VPTR
#define MEMBER_VPTR(base, member)							\
	__scx_checked_address(__typeof__((base) member) *, &(base),			\
			      (u64)&((base) member) - (u64)&(base), "i",		\
			      ({ _Static_assert(sizeof(base) >= sizeof((base) member),	\
						"a member larger than its base: give the object, not a pointer"); \
				 sizeof(base) - sizeof((base) member); }))
#endif

/* Element @index of an array that the user half has given @count elements. */
#ifndef ARRAY_ELEM_PTR
#define ARRAY_ELEM_PTR(array, index, count)						\
	__scx_checked_address(__typeof__((array)[0]) *, (array),			\
			      (u64)&(array)[index] - (u64)(array), "r",			\
			      (u64)sizeof((array)[0]) * ((count) - 1))
#endif

#endif
