// SPDX-License-Identifier: GPL-2.0
// What ThreadSanitizer is told not to report; nothing without it.

extern "C" char const* __tsan_default_suppressions();
extern "C" char const* __tsan_default_options();

// scx_rq::flags is written under the runqueue lock, one aligned word at a time, and these ask
// for a bit of it without the lock, marked as such (read_once). In the kernel's memory model a
// plain aligned store does not tear, so marking the reader is enough; C++ wants both marked.
extern "C" char const* __tsan_default_suppressions()
{
	return "race:scx::rq_bypassing\n"
	       "race:scx::rq_online\n"
	       "race:has_scheduled\n"
	       "race:is_waiting\n";
}

// A report whose other stack is forgotten cannot be matched with the list above.
extern "C" char const* __tsan_default_options()
{
	return "history_size=7";
}
