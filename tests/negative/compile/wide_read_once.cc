// SPDX-License-Identifier: GPL-2.0
// expect: wider than one load
#include "kernel.hpp"

unsigned __int128 read(unsigned __int128& word)
{
	return cxxrt::read_once(word);
}
