// SPDX-License-Identifier: GPL-2.0
// kfuncs that dispatch, consume and count.
#include "core/direct_dispatch.hpp"
#include "core/dispatch.hpp"
#include "core/enqueue.hpp"
#include "core/events.hpp"
#include "core/exit_control.hpp"
#include "core/idle_cpus.hpp"
#include "core/ops_table.hpp"
#include "core/ownership.hpp"
#include "core/slice.hpp"
#include "core/transfer.hpp"

namespace scx {

namespace {

bool flags_allowed(u64 enq_flags, char const* kfunc)
{
	if (likely(!(enq_flags & __SCX_ENQ_INTERNAL_MASK)))
		return true;
	error("%s(): enq_flags 0x%llx contain bits that are not for schedulers (63..56)", kfunc,
	      enq_flags);
	return false;
}

bool dispatch_allowed(task_struct const* p, u64 enq_flags, char const* kfunc)
{
	if (!kfunc_allowed(SCX_KF_ENQUEUE | SCX_KF_DISPATCH, kfunc))
		return false;
	if (unlikely(!p)) {
		error("%s() called with a NULL task", kfunc);
		return false;
	}
	return flags_allowed(enq_flags, kfunc);
}

// Neither queued in the scheduler nor on the way there: a verdict about it would be dropped.
bool lost_cause(Ownership::Word brand)
{
	if (likely(in_direct_dispatch() || brand))
		return false;

	IrqsOffScope irqs_off;

	count_event<&scx_event_stats::SCX_EV_INSERT_NOT_OWNED>();
	return true;
}

// Now and here for the task of a select_cpu or enqueue; into the buffer from dispatch. False if
// it was an error.
bool commit(task_struct& p, Ownership::Word brand, u64 dsq_id, u64 enq_flags)
{
	if (in_direct_dispatch())
		return record_direct_verdict(p, {dsq_id, enq_flags});

	DispatchBuffer& buffer = dispatch_buffers.here();

	if (unlikely(buffer.used >= dispatch_buffers.capacity())) {
		error("dispatch buffer overflow: more than dispatch_max_batch (%u) tasks "
		      "dispatched without an scx_bpf_consume() between",
		      dispatch_buffers.capacity());
		return false;
	}
	buffer.verdicts[buffer.used++] = {&p, brand, dsq_id, enq_flags};
	return true;
}

} // namespace

} // namespace scx

void scx_entry_kf_dispatch(task_struct* p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	using namespace scx;

	if (!dispatch_allowed(p, enq_flags, "scx_bpf_dispatch"))
		return;

	Ownership::Word const brand = Ownership{*p}.brand_before_writes();

	p->scx.slice = slice_for_dispatch(slice, p->scx.slice);
	commit(*p, brand, dsq_id, enq_flags);
}

void scx_entry_kf_dispatch_vtime(task_struct* p, u64 dsq_id, u64 slice, u64 vtime, u64 enq_flags)
{
	using namespace scx;

	if (!dispatch_allowed(p, enq_flags, "scx_bpf_dispatch_vtime"))
		return;

	Ownership::Word const brand = Ownership{*p}.brand_before_writes();

	p->scx.slice = slice_for_dispatch(slice, p->scx.slice);
	p->scx.dsq_vtime = vtime;
	commit(*p, brand, dsq_id, enq_flags | SCX_ENQ_DSQ_PRIQ);
}

bool scx_entry_kf_dsq_insert(task_struct* p, u64 dsq_id, u64 slice, u64 enq_flags)
{
	using namespace scx;

	if (!dispatch_allowed(p, enq_flags, "scx_bpf_dsq_insert"))
		return false;

	Ownership::Word const brand = Ownership{*p}.brand_before_writes();

	if (lost_cause(brand))
		return false;
	p->scx.slice = slice_for_dispatch(slice, p->scx.slice);
	return commit(*p, brand, dsq_id, enq_flags);
}

bool scx_entry_kf_dsq_insert_vtime(task_struct* p, scx_bpf_dsq_insert_vtime_args const* args)
{
	using namespace scx;

	if (!dispatch_allowed(p, args->enq_flags, "scx_bpf_dsq_insert_vtime"))
		return false;

	Ownership::Word const brand = Ownership{*p}.brand_before_writes();

	if (lost_cause(brand))
		return false;
	p->scx.slice = slice_for_dispatch(args->slice, p->scx.slice);
	p->scx.dsq_vtime = args->vtime;
	return commit(*p, brand, args->dsq_id, args->enq_flags | SCX_ENQ_DSQ_PRIQ);
}

u32 scx_entry_kf_dispatch_nr_slots(void)
{
	using namespace scx;

	if (!kfunc_allowed(SCX_KF_DISPATCH, "scx_bpf_dispatch_nr_slots"))
		return 0;
	return dispatch_buffers.capacity() - dispatch_buffers.here().used;
}

void scx_entry_kf_dispatch_cancel(void)
{
	using namespace scx;

	if (!kfunc_allowed(SCX_KF_DISPATCH, "scx_bpf_dispatch_cancel"))
		return;
	if (u32& used = dispatch_buffers.here().used; used)
		--used;
	else
		error("scx_bpf_dispatch_cancel() called with nothing dispatched");
}

namespace scx {

namespace {

// The global queue is one to a scheduler of 2023: this node's part of it first, then the others.
bool move_from_global(RqHeld const& rq, DispatchBuffer& buffer)
{
	scx_dispatch_q& nearest = global_queues.of_cpu(cpu_of(rq.lock()));
	bool const moved = consume(rq, nearest) || global_queues.any([&](scx_dispatch_q& dsq) {
		return &dsq != &nearest && consume(rq, dsq);
	});

	buffer.produced += moved;
	return moved;
}

// Flags is NoFlags, or a u64 of them.
template <typename Flags>
bool move_to_local(u64 dsq_id, Flags enq_flags, char const* kfunc)
{
	DispatchBuffer& buffer = dispatch_buffers.here();
	// ops.dispatch() runs under this lock; core scheduling may run it for a sibling.
	auto const rq = RqHeld::assumed(*buffer.rq);

	flush_verdicts(rq);

	scx_dispatch_q* dsq = user_queues::find(dsq_id);

	if (unlikely(!dsq)) {
		if (dsq_id == SCX_DSQ_GLOBAL && ops.dialect().free_queues)
			return move_from_global(rq, buffer);
		error("%s(0x%llx): no such queue; only those of scx_bpf_create_dsq() can be "
		      "taken from",
		      kfunc, dsq_id);
		return false;
	}
	if (!consume(rq, *dsq, enq_flags))
		return false;
	// It may be dequeued again before it runs, while other tasks are on their way: balance then
	// asks once more.
	buffer.produced++;
	return true;
}

} // namespace

} // namespace scx

bool scx_entry_kf_consume(u64 dsq_id)
{
	using namespace scx;

	return kfunc_allowed(SCX_KF_DISPATCH, "scx_bpf_consume") &&
	       move_to_local(dsq_id, NoFlags{}, "scx_bpf_consume");
}

bool scx_entry_kf_dsq_move_to_local(u64 dsq_id, u64 enq_flags)
{
	using namespace scx;

	return kfunc_allowed(SCX_KF_DISPATCH, "scx_bpf_dsq_move_to_local") &&
	       flags_allowed(enq_flags, "scx_bpf_dsq_move_to_local") &&
	       move_to_local(dsq_id, enq_flags, "scx_bpf_dsq_move_to_local");
}

// What scx_bpf_dsq_move_to_local() would look at first. The caller should be an RCU reader, for the
// sake of the task; the verifier of 6.12 does not see to it.
task_struct* scx_entry_kf_dsq_peek(u64 dsq_id)
{
	using namespace scx;

	if (unlikely(dsq_id & SCX_DSQ_FLAG_BUILTIN)) {
		error("scx_bpf_dsq_peek(0x%llx): only a scheduler's own queues can be looked into",
		      dsq_id);
		return nullptr;
	}

	RcuRead rcu;
	scx_dispatch_q* dsq = user_queues::find(dsq_id);

	if (unlikely(!dsq)) {
		error("scx_bpf_dsq_peek(0x%llx): no such queue", dsq_id);
		return nullptr;
	}
	if (!dispatch_queue::count(*dsq))
		return nullptr;

	DsqIrqGuard guard{*dsq};

	return dispatch_queue::next(*dsq, nullptr);
}

// From ops.cpu_release(): gives the tasks that wait on this CPU's local queue back to the
// scheduler.
u32 scx_entry_kf_reenqueue_local(void)
{
	using namespace scx;
	using Queued = cxxrt::IntrusiveList<&task_struct::scx, &sched_ext_entity::dsq_list,
					    &scx_dsq_list_node::node>;

	if (!kfunc_allowed(SCX_KF_CPU_RELEASE, "scx_bpf_reenqueue_local"))
		return 0;

	auto const rq = RqHeld::assumed(this_rq());
	list_head head;

	list::init(head);

	// All off first: what the scheduler dispatches right back must not be met again.
	Queued taken{head};

	for (task_struct& p : Queued{rq.lock().scx.local_dsq.list}.removable()) {
		// The stopper is about to move this one; until then mask and CPU may disagree.
		if (p.migration_pending)
			continue;
		remove_from_queue(rq, p);
		taken.push_back(p);
	}

	u32 count = 0;

	while (task_struct* p = taken.pop_front()) {
		enqueue_task(rq, *p, SCX_ENQ_REENQ);
		++count;
	}
	return count;
}

s32 scx_entry_kf_create_dsq(u64 dsq_id, s32 node)
{
	return scx::user_queues::create(dsq_id, node).to_int();
}

void scx_entry_kf_destroy_dsq(u64 dsq_id)
{
	scx::user_queues::destroy(dsq_id);
}

s32 scx_entry_kf_dsq_nr_queued(u64 dsq_id)
{
	using namespace scx;

	PreemptOffScope preempt_off;
	scx_dispatch_q* dsq;

	if (dsq_id == SCX_DSQ_LOCAL) {
		dsq = &this_rq().scx.local_dsq;
	} else if ((dsq_id & SCX_DSQ_LOCAL_ON) == SCX_DSQ_LOCAL_ON) {
		s32 const cpu = local_on_cpu(dsq_id);

		if (!check_cpu(cpu, "of SCX_DSQ_LOCAL_ON in scx_bpf_dsq_nr_queued()"))
			return cxxrt::kEnoent.negative();
		dsq = &cpu_rq(cpu).scx.local_dsq;
	} else {
		dsq = user_queues::find(dsq_id);
		if (!dsq && dsq_id == SCX_DSQ_GLOBAL && ops.dialect().free_queues)
			return static_cast<s32>(global_queues.count());
	}
	return dsq ? static_cast<s32>(dispatch_queue::count(*dsq)) : cxxrt::kEnoent.negative();
}
