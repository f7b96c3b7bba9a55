/* SPDX-License-Identifier: GPL-2.0 */
/* What cycle writes down. */
#ifndef CYCLE_H
#define CYCLE_H

enum { MAX_ENTRIES = 256 };

enum event { EVENT_SELECT_CPU, EVENT_ENQUEUE, EVENT_DISPATCH, EVENT_RUNNING };
enum place { PLACE_NONE, PLACE_LOCAL, PLACE_GLOBAL, PLACE_QUEUE };

struct entry {
	u32 event, place;
};

#endif
