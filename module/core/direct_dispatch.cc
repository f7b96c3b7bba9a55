// SPDX-License-Identifier: GPL-2.0
#include "core/direct_dispatch.hpp"

#include "core/core_sched.hpp"
#include "core/dispatch.hpp"
#include "core/exit_control.hpp"
#include "core/ownership.hpp"

namespace scx {

namespace {

// What a callback on this CPU may dispatch, and whether it has.
struct DirectState {
	task_struct* task; // null outside DirectDispatchScope
	bool given;
};

void* direct_states;

DirectState& state_here()
{
	return *static_cast<DirectState*>(this_cpu_address(direct_states));
}

// Runs deferred dispatches at the next moment at which `rq` can be unlocked.
void schedule_deferred(RqHeld const& rq)
{
	// A wakeup ends in task_woken(), which runs them. A balance callback would be no help for
	// the others: whoever takes a lock that balance has dropped must not find one.
	if (!(rq.lock().scx.flags & SCX_RQ_IN_WAKEUP))
		irq_work_queue(&rq.lock().scx.deferred_irq_work);
}

void defer(RqHeld const& rq, task_struct& p)
{
	Ownership ownership{p};

	// The BPF side never had it; on a wakeup after ops.select_cpu() it was not even asked.
	if (ownership.word() != SCX_OPSS_NONE) {
		CXXRT_ASSERT(ownership.state() == SCX_OPSS_QUEUEING);
		ownership.release();
	}
	CXXRT_ASSERT(!p.scx.dsq && !list::is_linked(p.scx.dsq_list.node));
	list::push_back(rq.lock().scx.ddsp_deferred_locals, p.scx.dsq_list.node);
	schedule_deferred(rq);
}

} // namespace

Result<void> create_direct_dispatch_state()
{
	direct_states = kshim_alloc_percpu(sizeof(DirectState), alignof(DirectState));
	if (!direct_states)
		return cxxrt::fail(cxxrt::kEnomem);
	return cxxrt::ok();
}

void destroy_direct_dispatch_state()
{
	kshim_free_percpu(direct_states);
	direct_states = nullptr;
}

DirectDispatchScope::DirectDispatchScope(task_struct& p) noexcept
{
	DirectState& state = state_here();

	CXXRT_ASSERT(!state.task);
	state = {&p, false};
}

DirectDispatchScope::~DirectDispatchScope()
{
	state_here().task = nullptr;
}

bool in_direct_dispatch()
{
	return state_here().task;
}

bool record_direct_verdict(task_struct& p, DirectVerdict verdict)
{
	DirectState& state = state_here();

	if (unlikely(state.given)) {
		error("second direct dispatch of %s[%d] from one callback; one is all it may do",
		      p.comm, p.pid);
		return false;
	}
	state.given = true;

	if (unlikely(state.task != &p)) {
		error("direct dispatch of %s[%d] from a callback about %s[%d]; only the latter may "
		      "be "
		      "dispatched from it",
		      p.comm, p.pid, state.task->comm, state.task->pid);
		return false;
	}
	CXXRT_ASSERT(!has_direct_verdict(p) && !p.scx.ddsp_enq_flags);
	p.scx.ddsp_dsq_id = verdict.dsq_id;
	p.scx.ddsp_enq_flags = verdict.enq_flags;
	return true;
}

void dispatch_directly(RqHeld const& rq, task_struct& p, u64 enq_flags)
{
	scx_dispatch_q& dsq = queue_for_dispatch(rq.lock(), p.scx.ddsp_dsq_id, p);

	core_sched::touch_on_dispatch(rq.lock(), p);
	p.scx.ddsp_enq_flags |= enq_flags;

	if (dispatch_queue::is_local(dsq) && &dsq != &rq.lock().scx.local_dsq)
		return defer(rq, p);

	enqueue_to(dsq, p, take_direct_verdict(p).enq_flags | SCX_ENQ_CLEAR_OPSS);
}

} // namespace scx
