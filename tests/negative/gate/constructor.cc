// SPDX-License-Identifier: GPL-2.0
// expect: section .init_array
// expect: needs __cxa_atexit
// expect: needs _Z13random_numberv
int random_number();

struct Registry {
	Registry() : seed{random_number()} {}
	~Registry();
	int seed;
};

Registry registry;
