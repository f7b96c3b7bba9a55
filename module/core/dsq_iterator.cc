// SPDX-License-Identifier: GPL-2.0
#include "core/dsq_iterator.hpp"

#include "core/dispatch.hpp"
#include "core/exit_control.hpp"
#include "core/ops_table.hpp"
#include "core/transfer.hpp"

namespace scx {

namespace {

DsqIterator& iterator_of(bpf_iter_scx_dsq* opaque)
{
	return *reinterpret_cast<DsqIterator*>(opaque);
}

bool joined_later(DsqIterator const& it, task_struct const& p)
{
	return before(it.cursor.priv, p.scx.dsq_seq);
}

task_struct* step(DsqIterator& it)
{
	bool const reversed = it.cursor.flags & SCX_DSQ_ITER_REV;
	list_head& cursor = it.cursor.node;
	list_head* from = list::is_linked(cursor) ? &cursor : nullptr;
	task_struct* p;

	do {
		p = reversed ? dispatch_queue::previous(*it.dsq, from)
			     : dispatch_queue::next(*it.dsq, from);
		from = p ? &p->scx.dsq_list.node : nullptr;
	} while (p && joined_later(it, *p));

	if (list::is_linked(cursor))
		list::remove_init(cursor);
	if (p && reversed)
		list::insert_before(p->scx.dsq_list.node, cursor);
	else if (p)
		list::insert_after(p->scx.dsq_list.node, cursor);
	return p;
}

// Still where the iterator saw it, and in nobody's hands. Both locks are held; but a task that is
// not in this queue may be on its way anywhere, so which queue it names is read as it may change.
bool still_queued(DsqIterator const& it, task_struct const& p)
{
	return read_once(p.scx.dsq) == it.dsq && !joined_later(it, p) &&
	       read_once(p.scx.holding_cpu) < 0;
}

// The runqueue of `p` is locked; that of `here` is what SCX_DSQ_LOCAL means. Returns the runqueue
// that is locked afterwards.
struct rq& move_if_queued(DsqIterator& it, task_struct& p, struct rq& here, u64 dsq_id,
			  u64 enq_flags, struct rq& locked, bool& moved)
{
	DsqGuard guard{*it.dsq};

	if (unlikely(!still_queued(it, p) || !CXXRT_ASSERT(&locked == &task_rq(p))))
		return locked;

	scx_dispatch_q& destination = queue_for_dispatch(here, dsq_id, p);

	// Visible before the task is inserted; still under the old queue's lock.
	if (it.cursor.flags & __SCX_DSQ_ITER_HAS_VTIME)
		p.scx.dsq_vtime = it.vtime;
	if (it.cursor.flags & __SCX_DSQ_ITER_HAS_SLICE)
		p.scx.slice = it.slice;
	moved = true;
	(void)guard.leak();
	return move_between(p, enq_flags, *it.dsq, destination);
}

bool move(DsqIterator& it, task_struct& p, u64 dsq_id, u64 enq_flags)
{
	IrqsOffScope irqs_off;
	struct rq& from = task_rq(p);
	bool moved = false;

	if (kfunc_unlocked()) {
		raw_spin_rq_lock_nested(&from, 0);
		raw_spin_rq_unlock(
			&move_if_queued(it, p, this_rq(), dsq_id, enq_flags, from, moved));
		return moved;
	}

	// ops.dispatch(): balance holds a lock and expects it back. Core scheduling: a sibling's.
	struct rq& here = *dispatch_buffers.here().rq;
	auto const held = RqHeld::assumed(here);
	RqLockSwitch locked{held};

	locked.to(from);
	locked.exchanged(move_if_queued(it, p, here, dsq_id, enq_flags, from, moved));
	return moved;
}

} // namespace

} // namespace scx

int scx_entry_kf_iter_new(bpf_iter_scx_dsq* opaque, u64 dsq_id, u64 flags)
{
	using namespace scx;

	DsqIterator& it = iterator_of(opaque);

	// next and destroy are called whatever this returns.
	it.dsq = nullptr;
	if (flags & ~static_cast<u64>(SCX_DSQ_ITER_REV))
		return cxxrt::kEinval.negative();

	scx_dispatch_q* dsq = user_queues::find(dsq_id);

	if (!dsq)
		return cxxrt::kEnoent.negative();

	list::init(it.cursor.node);
	it.cursor.flags = SCX_DSQ_LNODE_ITER_CURSOR | static_cast<u32>(flags);
	it.cursor.priv = read_once(dsq->seq);
	it.dsq = dsq;
	return 0;
}

task_struct* scx_entry_kf_iter_next(bpf_iter_scx_dsq* opaque)
{
	using namespace scx;

	DsqIterator& it = iterator_of(opaque);

	if (!it.dsq)
		return nullptr;

	DsqIrqGuard guard{*it.dsq};

	return step(it);
}

void scx_entry_kf_iter_destroy(bpf_iter_scx_dsq* opaque)
{
	using namespace scx;

	DsqIterator& it = iterator_of(opaque);

	if (!it.dsq)
		return;
	if (list::is_linked(it.cursor.node)) {
		DsqIrqGuard guard{*it.dsq};

		list::remove_init(it.cursor.node);
	}
	it.dsq = nullptr;
}

void scx_entry_kf_iter_set_slice(bpf_iter_scx_dsq* opaque, u64 slice)
{
	scx::DsqIterator& it = scx::iterator_of(opaque);

	it.slice = slice;
	it.cursor.flags |= __SCX_DSQ_ITER_HAS_SLICE;
}

void scx_entry_kf_iter_set_vtime(bpf_iter_scx_dsq* opaque, u64 vtime)
{
	scx::DsqIterator& it = scx::iterator_of(opaque);

	it.vtime = vtime;
	it.cursor.flags |= __SCX_DSQ_ITER_HAS_VTIME;
}

bool scx_entry_kf_dispatch_from_dsq(bpf_iter_scx_dsq* opaque, task_struct* p, u64 dsq_id,
				    u64 enq_flags, bool by_vtime)
{
	using namespace scx;

	DsqIterator& it = iterator_of(opaque);

	// A program may go on with an iterator whose making failed.
	if (unlikely(!it.dsq))
		return false;
	if (!kfunc_unlocked() && !kfunc_allowed(SCX_KF_DISPATCH, "scx_bpf_dispatch_from_dsq"))
		return false;
	if (unlikely(enq_flags & __SCX_ENQ_INTERNAL_MASK)) {
		error("scx_bpf_dispatch_from_dsq(): enq_flags 0x%llx are not for schedulers",
		      enq_flags);
		return false;
	}

	bool const moved = move(it, *p, dsq_id, enq_flags | (by_vtime ? u64{SCX_ENQ_DSQ_PRIQ} : 0));

	it.cursor.flags &= ~(__SCX_DSQ_ITER_HAS_SLICE | __SCX_DSQ_ITER_HAS_VTIME);
	return moved;
}
