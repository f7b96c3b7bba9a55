// SPDX-License-Identifier: GPL-2.0
// The scheduling classes. Their order of priority is their order in memory, so they are one array,
// and each class is a name for one of its elements.
#include "stand_ins/machine.hpp"

extern "C" {
extern sched_class const host_classes[6];
sched_class const host_classes[6] = {{"stop"}, {"dl"}, {"rt"}, {"fair"}, {"ext"}, {"idle"}};

// Nice -20 to 19, each step 1.25 times the next: 1024 is nice 0.
extern int const sched_prio_to_weight[40];
int const sched_prio_to_weight[40] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
	9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,
	1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,
	110,   87,    70,    56,    45,    36,    29,    23,    18,    15,
};
}

static_assert(sizeof(sched_class) == 64);

#define SCX_NAME_CLASS(name, offset)                                                               \
	asm(".globl " #name "_sched_class\n.set " #name "_sched_class, host_classes + " #offset)

SCX_NAME_CLASS(stop, 0);
SCX_NAME_CLASS(dl, 64);
SCX_NAME_CLASS(rt, 128);
SCX_NAME_CLASS(fair, 192);
SCX_NAME_CLASS(ext, 256);
SCX_NAME_CLASS(idle, 320);
