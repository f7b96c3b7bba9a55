// SPDX-License-Identifier: GPL-2.0
#include "core/exit_info.hpp"

#include "core/exit_control.hpp"
#include "core/locks.hpp"

namespace scx {

constinit ExitControl exit_control;

void queue_disable_work()
{
	PreemptOffScope preempt_off;
	s32 const here = this_cpu();
	s32 chosen = here;

	for (u32 i = 1; i < nr_cpus(); ++i) {
		auto const cpu = static_cast<s32>((static_cast<u32>(here) + i) % nr_cpus());

		if (!cpu_online(cpu))
			continue;
		if (is_idle(*read_once(cpu_rq(cpu).curr))) {
			chosen = cpu;
			break;
		}
		if (chosen == here)
			chosen = cpu;
	}
	kshim_queue_disable_work(chosen);
}

Result<void> ExitControl::create(u32 dump_size)
{
	auto* info = static_cast<scx_exit_info*>(kshim_alloc_large(sizeof(scx_exit_info)));

	if (!info)
		return cxxrt::fail(cxxrt::kEnomem);
	info_ = info;
	dump_size_ = dump_size;
	info->bt = static_cast<unsigned long*>(
		kshim_alloc_large(SCX_EXIT_BT_LEN * sizeof(unsigned long)));
	info->msg = static_cast<char*>(kshim_alloc_large(SCX_EXIT_MSG_LEN));
	info->dump = static_cast<char*>(kshim_alloc_large(dump_size));
	if (info->bt && info->msg && info->dump)
		return cxxrt::ok();
	destroy();
	return cxxrt::fail(cxxrt::kEnomem);
}

void ExitControl::destroy()
{
	if (!info_)
		return;
	kshim_free_large(info_->dump);
	kshim_free_large(info_->msg);
	kshim_free_large(info_->bt);
	kshim_free_large(info_);
	info_ = nullptr;
}

void ExitControl::arm()
{
	write_once(published_, false);
	store_release(kind_, SCX_EXIT_NONE);
}

bool ExitControl::claim(scx_exit_kind kind)
{
	u32 expected = SCX_EXIT_NONE;

	if (!cxxrt::try_compare_exchange(kind_, expected, kind))
		return false;

	task_struct const& current = *current_task();

	info_->kind = kind;
	info_->reason = exit_reason(kind);
	for (u32 i = 0; i < sizeof(culprit_.comm); ++i)
		culprit_.comm[i] = current.comm[i];
	culprit_.comm[sizeof(culprit_.comm) - 1] = '\0';
	culprit_.pid = current.pid;
	culprit_.cpu = this_cpu();
	return true;
}

void ExitControl::publish()
{
	store_release(published_, true);
	queue_disable_work();
}

void ExitControl::request(scx_exit_kind kind)
{
	PreemptOffScope preempt_off;

	if (claim(kind))
		publish();
	else if (pending())
		// Its claimer may not have come to that, and the caller may wait for the end.
		queue_disable_work();
}

void ExitControl::request(scx_exit_kind kind, s64 code, char const* format,
			  __builtin_va_list arguments, s32 blamed_cpu)
{
	PreemptOffScope preempt_off;

	if (!claim(kind))
		return;
	culprit_.blamed_cpu = blamed_cpu >= 0 ? blamed_cpu : culprit_.cpu;
	info_->exit_code = code;
	if (kind >= SCX_EXIT_ERROR)
		info_->bt_len = stack_trace_save(info_->bt, SCX_EXIT_BT_LEN, 2);
	vscnprintf(info_->msg, SCX_EXIT_MSG_LEN, format, arguments);
	publish();
}

scx_exit_info* ExitControl::take()
{
	// Acquire: arm() may run meanwhile, and what was published before it must not be taken for
	// the report of a claim after it.
	u32 kind = load_acquire(kind_);

	do {
		// NONE: a new scheduler was loaded since the work was queued. DONE: it was carried
		// out.
		if (kind == SCX_EXIT_NONE || kind == SCX_EXIT_DONE)
			return nullptr;
		// The claimer runs on another CPU, with preemption off.
		while (!load_acquire(published_))
			cxxrt::cpu_relax();
	} while (!cxxrt::try_compare_exchange(kind_, kind, SCX_EXIT_DONE));
	return info_;
}

char const* exit_reason(scx_exit_kind kind)
{
	struct Reason {
		scx_exit_kind kind;
		char const* text;
	};
	static constexpr Reason kReasons[] = {
		{SCX_EXIT_UNREG, "unregistered from user space"},
		{SCX_EXIT_UNREG_BPF, "unregistered from BPF"},
		{SCX_EXIT_UNREG_KERN, "unregistered from the main kernel"},
		{SCX_EXIT_SYSRQ, "disabled by sysrq-S"},
		{SCX_EXIT_ERROR, "runtime error"},
		{SCX_EXIT_ERROR_BPF, "scx_bpf_error"},
		{SCX_EXIT_ERROR_STALL, "runnable task stall"},
	};

	for (Reason const& reason : kReasons)
		if (reason.kind == kind)
			return reason.text;
	return "unknown";
}

void error(char const* format, ...)
{
	__builtin_va_list arguments;

	__builtin_va_start(arguments, format);
	exit_control.request(SCX_EXIT_ERROR, 0, format, arguments);
	__builtin_va_end(arguments);
}

void exit_of_kind(scx_exit_kind kind, u64 code, char const* format, ...)
{
	__builtin_va_list arguments;

	__builtin_va_start(arguments, format);
	exit_control.request(kind, static_cast<s64>(code), format, arguments);
	__builtin_va_end(arguments);
}

void stall_on(s32 cpu, char const* format, ...)
{
	__builtin_va_list arguments;

	__builtin_va_start(arguments, format);
	exit_control.request(SCX_EXIT_ERROR_STALL, 0, format, arguments, cpu);
	__builtin_va_end(arguments);
}

bool check_cpu(s32 cpu, char const* where)
{
	if (likely(cpu >= 0 && cpu < static_cast<s32>(nr_cpus()) && cpu_possible(cpu)))
		return true;
	error("CPU %d %s does not exist; CPUs are 0 to %u", cpu, where, nr_cpus() - 1);
	return false;
}

namespace {

// One exit report is made at a time, under claim; but formatting comes before the claim, and a
// kilobyte is too much for a kernel stack that may be deep already.
char bpf_message[SCX_EXIT_MSG_LEN];
u32 bpf_message_busy;

void exit_from_bpf(scx_exit_kind kind, s64 code, char* format, unsigned long long* data,
		   u32 data_size)
{
	IrqsOffScope irqs_off;

	while (cxxrt::exchange(bpf_message_busy, 1u))
		cxxrt::cpu_relax();

	char const* why = "";
	s32 const length =
		kshim_format_bpf(bpf_message, sizeof(bpf_message), format, data, data_size, &why);

	if (length < 0)
		error("message of scx_bpf_%s() cannot be formatted: %s (%d)",
		      kind == SCX_EXIT_ERROR_BPF ? "error" : "exit", why, length);
	else
		exit_of_kind(kind, static_cast<u64>(code), "%s", bpf_message);
	store_release(bpf_message_busy, 0u);
}

} // namespace

} // namespace scx

void scx_entry_kf_exit(s64 exit_code, char* format, unsigned long long* data, u32 data_size)
{
	scx::exit_from_bpf(SCX_EXIT_UNREG_BPF, exit_code, format, data, data_size);
}

void scx_entry_kf_error(char* format, unsigned long long* data, u32 data_size)
{
	scx::exit_from_bpf(SCX_EXIT_ERROR_BPF, 0, format, data, data_size);
}

void scx_entry_sysrq_reset(void)
{
	scx::exit_control.request(SCX_EXIT_SYSRQ);
}
