// SPDX-License-Identifier: GPL-2.0
// expect: needs _Znwm
// expect: needs _ZdlPv
int* create()
{
	return new int;
}

void drop(int* number)
{
	delete number;
}
