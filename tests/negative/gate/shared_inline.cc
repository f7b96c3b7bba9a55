// SPDX-License-Identifier: GPL-2.0
// expect: weak symbol _Z5sharev
[[gnu::noipa]] inline int share()
{
	return 1;
}

int use()
{
	return share();
}
