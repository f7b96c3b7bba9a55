// SPDX-License-Identifier: GPL-2.0
// expect: section .gcc_except_table
// expect: section .eh_frame
// expect: needs _Unwind_Resume
// expect: needs __cxa_allocate_exception
struct Cleanup {
	~Cleanup();
};

void call();

int guarded()
{
	Cleanup cleanup;

	call();
	throw 1;
}
