// SPDX-License-Identifier: GPL-2.0
// expect: no .orc_unwind: objtool did not run
// expect: no section .return_sites
// expect: no section __mcount_loc
// expect: no .BTF
// expect: no .BTF_ids
// expect: vermagic is
// expect: license is not GPL
extern "C" int plain()
{
	return 1;
}
