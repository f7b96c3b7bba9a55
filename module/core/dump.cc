// SPDX-License-Identifier: GPL-2.0
#include "core/dump.hpp"

#include "core/enqueue.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/ownership.hpp"
#include "core/scheduler_state.hpp"
#include "core/task_state.hpp"

namespace scx {

DumpText::DumpText(char* buffer, u32 size) noexcept : buffer_{buffer}, size_{size}
{
	if (size_)
		buffer_[0] = '\0';
}

void DumpText::line(char const* format, ...)
{
	__builtin_va_list arguments;
	u32 const start = used_;

	if (cut_ || size_ - used_ < 2)
		return void(cut_ = true);

	// One byte stays free for the newline. A result that fills its room may have been longer.
	used_ += static_cast<u32>(scnprintf(buffer_ + used_, size_ - used_ - 1, "%s", prefix_));
	__builtin_va_start(arguments, format);
	used_ +=
		static_cast<u32>(vscnprintf(buffer_ + used_, size_ - used_ - 1, format, arguments));
	__builtin_va_end(arguments);

	if (size_ - used_ <= 2)
		cut_ = true;
	if (kshim_trace_dump_enabled())
		kshim_trace_dump_line(buffer_ + start);
	buffer_[used_++] = '\n';
	buffer_[used_] = '\0';
}

void DumpText::rewind(u32 mark)
{
	used_ = mark;
	cut_ = false;
	if (size_)
		buffer_[used_] = '\0';
}

void DumpText::finish()
{
	static constexpr char kMarker[] = "\n\n~~~~ TRUNCATED ~~~~\n";

	// Of the marker what fits; without room for a character there is no text either.
	if (!cut_ || !size_)
		return;

	u32 const length = cxxrt::min(size_, static_cast<u32>(sizeof(kMarker)));

	__builtin_memcpy(buffer_ + size_ - length, kMarker + sizeof(kMarker) - length, length);
}

namespace {

// While a dump callback runs: where scx_bpf_dump() writes. Callbacks run one at a time, on one
// CPU with interrupts off; that CPU's number lets scx_bpf_dump() in.
struct Session {
	s32 cpu = -1;
	DumpText* text = nullptr;
	bool wrote = false;
	u32 used = 0;
	char pending[SCX_EXIT_MSG_LEN] = {};
};

constinit Session session;

// Writes out what scx_bpf_dump() collected, which may be several lines.
void flush_pending()
{
	char* line = session.pending;

	if (!session.used)
		return;
	// A blank line sets the scheduler's own lines apart.
	if (!session.wrote)
		session.text->blank();
	session.wrote = true;
	for (;;) {
		char* end = line;

		while (*end && *end != '\n')
			++end;

		bool const last = !*end || !end[1];

		*end = '\0';
		session.text->line("%s", line);
		if (last)
			break;
		line = end + 1;
	}
	session.used = 0;
}

// Calls a dump callback with interrupts off. Returns whether it wrote anything.
template <typename Op, typename... Arguments>
bool call_dump(DumpText& text, char const* prefix, u32 mask, Op* op, Arguments... arguments)
{
	if (!op)
		return false;

	IrqsOffScope irqs_off;

	text.set_prefix(prefix);
	session.text = &text;
	session.wrote = false;
	session.used = 0;
	write_once(session.cpu, this_cpu());
	call(mask, op, arguments...);
	flush_pending();
	write_once(session.cpu, -1);
	text.set_prefix("");
	return session.wrote;
}

void dump_frames(DumpText& text, char const* indent, unsigned long const* frames, u32 count)
{
	char symbol[96];

	for (u32 i = 0; i < count; ++i) {
		kshim_format_symbol(symbol, sizeof(symbol), frames[i]);
		text.line("%s%s", indent, symbol);
	}
}

long relative_ms(unsigned long since, unsigned long now)
{
	return -static_cast<long>(jiffies_to_msecs(now - since));
}

// The runqueue of `p` is locked.
void dump_task(DumpText& text, scx_dump_ctx& context, task_struct& p, char marker)
{
	// The worker is alone with these; a stack has no room for them.
	static unsigned long frames[SCX_EXIT_BT_LEN];
	static char mask[128];
	Ownership::Word const owner = Ownership{p}.word();
	char queue[24] = "none";

	if (scx_dispatch_q* dsq = read_once(p.scx.dsq))
		scnprintf(queue, sizeof(queue), "0x%llx", dsq->id);
	kshim_format_cpumask(mask, sizeof(mask), p.cpus_ptr);

	text.blank();
	text.line(" %c%c %s[%d] %+ldms", marker, kshim_task_state_char(&p), p.comm, p.pid,
		  relative_ms(p.scx.runnable_at, context.at_jiffies));
	text.line("      scx_state/flags=%u/0x%x dsq_flags=0x%x ops_state/qseq=%lu/%lu",
		  task_state(p), p.scx.flags & ~SCX_TASK_STATE_MASK, p.scx.dsq_flags,
		  static_cast<unsigned long>(Ownership::state_of(owner)),
		  owner >> SCX_OPSS_QSEQ_SHIFT);
	text.line("      sticky/holding_cpu=%d/%d dsq_id=%s dsq_vtime=%llu slice=%llu",
		  p.scx.sticky_cpu, p.scx.holding_cpu, queue, p.scx.dsq_vtime, p.scx.slice);
	text.line("      cpus=%s", mask);

	call_dump(text, "    ", SCX_KF_REST, ops.get<&sched_ext_ops::dump_task>(), &context, &p);

	if (u32 const count = kshim_stack_of_task(&p, frames, SCX_EXIT_BT_LEN)) {
		text.blank();
		dump_frames(text, "    ", frames, count);
	}
}

void dump_mask(DumpText& text, char const* name, cpumask const& mask)
{
	char shown[128];

	if (kshim_format_cpumask(shown, sizeof(shown), &mask) > 0)
		text.line("  %-15s: %s", name, shown);
}

// Tasks of a runqueue, a few at a time and each with a reference, so that its lock is held for as
// long as it takes to collect those and not to write about thousands. A task that begins to wait
// meanwhile is met later, one that does no longer is not met, and may be missed if it was the last
// one collected.
class Waiting {
public:
	explicit Waiting(struct rq& rq) noexcept : rq_{rq} {}
	Waiting(Waiting const&) = delete;
	Waiting& operator=(Waiting const&) = delete;

	~Waiting()
	{
		while (next_ < count_)
			kshim_put_task(tasks_[next_++]);
		if (last_)
			kshim_put_task(last_);
	}

	// The next one, which is valid until the next call; null at the end.
	[[nodiscard]] task_struct* next()
	{
		if (next_ == count_)
			collect();
		if (next_ == count_)
			return nullptr;
		if (last_)
			kshim_put_task(last_);
		return last_ = tasks_[next_++];
	}

private:
	void collect()
	{
		RqIrqGuard guard{rq_};
		list_head* const head = &rq_.scx.runnable_list;
		list_head* node = head;

		if (last_ && &task_rq(*last_) == &rq_ && list::is_linked(last_->scx.runnable_node))
			node = &last_->scx.runnable_node;
		else if (last_)
			for (u32 i = 0; i < seen_ && node->next != head; ++i)
				node = node->next;

		for (next_ = count_ = 0; node->next != head && count_ < kCollect; ++seen_) {
			node = node->next;

			auto* entity = cxxrt::container_of<&sched_ext_entity::runnable_node>(node);
			auto* p = cxxrt::container_of<&task_struct::scx>(entity);

			if (kshim_tryget_task(p))
				tasks_[count_++] = p;
		}
	}

	enum : u32 { kCollect = 16 };

	struct rq& rq_;
	task_struct* tasks_[kCollect];
	task_struct* last_ = nullptr; // the one that next() returned
	u32 next_ = 0;
	u32 count_ = 0;
	u32 seen_ = 0;
};

void dump_locked_task(DumpText& text, scx_dump_ctx& context, task_struct& p)
{
	TaskRqLock lock{p};

	if (task_queued(p))
		dump_task(text, context, p, task_current(task_rq(p), p) ? '*' : ' ');
}

// The head of a CPU's part and its current task. False if there is nothing to say about it.
bool dump_cpu_head(DumpText& text, scx_dump_ctx& context, s32 cpu)
{
	struct rq& rq = cpu_rq(cpu);
	RqIrqGuard guard{rq};
	RunnableList waiting{rq.scx.runnable_list};
	bool const idle = waiting.empty() && is_idle(*rq.curr);
	auto* op = ops.get<&sched_ext_ops::dump_cpu>();
	u32 const before = text.mark();

	if (idle && !op)
		return false;

	text.blank();
	text.line("CPU %-4d: nr_run=%u flags=0x%x cpu_rel=%d", cpu, rq.scx.nr_running, rq.scx.flags,
		  (rq.scx.flags & kRqReleased) != 0);
	text.line("          curr=%s[%d] ext=%d", rq.curr->comm, rq.curr->pid, is_ext(*rq.curr));
	dump_mask(text, "cpus_to_kick", *rq.scx.cpus_to_kick);
	dump_mask(text, "idle_to_kick", *rq.scx.cpus_to_kick_if_idle);
	dump_mask(text, "cpus_to_preempt", *rq.scx.cpus_to_preempt);
	dump_mask(text, "cpus_to_wait", *rq.scx.cpus_to_wait);

	bool const wrote = call_dump(text, "  ", SCX_KF_REST, op, &context, cpu, idle);

	if (idle && !wrote) {
		text.rewind(before);
		return false;
	}
	if (is_ext(*rq.curr))
		dump_task(text, context, *rq.curr, '*');
	return true;
}

void dump_cpu(DumpText& text, scx_dump_ctx& context, s32 cpu)
{
	if (!cpu_possible(cpu) || text.is_cut() || !dump_cpu_head(text, context, cpu))
		return;

	Waiting waiting{cpu_rq(cpu)};

	while (task_struct* p = text.is_cut() ? nullptr : waiting.next()) {
		dump_locked_task(text, context, *p);
		kshim_cond_resched();
	}
}

u32 dump_requested;

} // namespace

void dump_state(scx_exit_info& info, u32 size, ExitControl::Culprit const& culprit)
{
	scx_dump_ctx context{info.kind, info.exit_code, info.reason, ktime_get_mono_fast_ns(),
			     jiffies};
	DumpText text{info.dump, size};

	if (info.kind == SCX_EXIT_NONE) {
		text.line("Debug dump triggered by %s", info.reason);
	} else {
		text.line("%s[%d] on CPU %d triggered exit kind %u:", culprit.comm, culprit.pid,
			  culprit.cpu, static_cast<u32>(info.kind));
		text.line("  %s (%s)", info.reason, info.msg);
		text.blank();
		text.line("Backtrace:");
		dump_frames(text, "  ", info.bt, info.bt_len);
	}

	call_dump(text, "", SCX_KF_UNLOCKED, ops.get<&sched_ext_ops::dump>(), &context);

	text.blank();
	text.line("CPU states");
	text.line("----------");
	// What it is about first: the end may be cut.
	if (info.kind != SCX_EXIT_NONE)
		dump_cpu(text, context, culprit.blamed_cpu);
	for (s32 cpu = 0; cpu < static_cast<s32>(nr_cpus()); ++cpu) {
		if (info.kind == SCX_EXIT_NONE || cpu != culprit.blamed_cpu)
			dump_cpu(text, context, cpu);
		kshim_cond_resched();
	}
	text.finish();
	if (text.is_cut() && info.kind != SCX_EXIT_NONE)
		kshim_print(KSHIM_INFO,
			    "the dump of \"%s\" is cut at %u bytes; ops.exit_dump_len makes room",
			    ops.loaded().name, size);
}

// With interrupts off, as dump callbacks have them, the answer cannot change.
bool dumping_here()
{
	return this_cpu() == read_once(session.cpu);
}

void request_dump()
{
	write_once(dump_requested, 1u);
	queue_disable_work();
}

void dump_if_requested()
{
	enum : u32 { kSize = 256 * 1024 };

	if (!cxxrt::exchange(dump_requested, 0u) || !scheduler.enabled())
		return;

	char* buffer = static_cast<char*>(kshim_alloc_large(kSize));

	if (!buffer)
		return kshim_print(KSHIM_WARNING, "no memory for the dump that SysRq-D asked for");

	scx_exit_info info{};

	info.reason = "SysRq-D";
	info.dump = buffer;
	dump_state(info, kSize, {});
	kshim_free_large(buffer);
}

} // namespace scx

void scx_entry_sysrq_dump(void)
{
	if (scx::scheduler.enabled())
		scx::request_dump();
}

void scx_entry_kf_dump(char* format, unsigned long long* data, u32 data_size)
{
	using namespace scx;

	if (!dumping_here()) {
		error("scx_bpf_dump() called from outside ops.dump(), dump_cpu() and dump_task()");
		return;
	}

	char const* why = "";
	u32 const room = static_cast<u32>(sizeof(session.pending)) - session.used;
	s32 const length = kshim_format_bpf(session.pending + session.used, room, format, data,
					    data_size, &why);

	if (length < 0)
		return session.text->line("[!] scx_bpf_dump() cannot be formatted: %s (%d)", why,
					  length);

	session.used = cxxrt::min(session.used + static_cast<u32>(length),
				  static_cast<u32>(sizeof(session.pending)) - 1);
	// A line may be built by several calls.
	if (session.used && (session.used == sizeof(session.pending) - 1 ||
			     session.pending[session.used - 1] == '\n'))
		flush_pending();
}
