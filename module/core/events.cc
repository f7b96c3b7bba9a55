// SPDX-License-Identifier: GPL-2.0
#include "core/events.hpp"

#include "core/cpumask.hpp"

namespace scx {

constinit EventCounters event_counters;

Result<void> EventCounters::create()
{
	percpu_ = kshim_alloc_percpu(sizeof(scx_event_stats), alignof(scx_event_stats));
	if (!percpu_)
		return cxxrt::fail(cxxrt::kEnomem);
	return cxxrt::ok();
}

void EventCounters::destroy()
{
	kshim_free_percpu(percpu_);
	percpu_ = nullptr;
}

namespace {

scx_event_stats& counters_of(void* percpu, s32 cpu)
{
	return *static_cast<scx_event_stats*>(kshim_per_cpu_ptr(percpu, cpu));
}

} // namespace

void EventCounters::reset()
{
	for_each_cpu(__cpu_possible_mask, [this](s32 cpu) { counters_of(percpu_, cpu) = {}; });
}

scx_event_stats EventCounters::sum() const
{
	scx_event_stats all{};

	for_each_cpu(__cpu_possible_mask, [&](s32 cpu) {
		scx_event_stats const& one = counters_of(percpu_, cpu);

#define SCX_ADD_EVENT(name) all.name += read_once(one.name);
		SCX_EVENTS(SCX_ADD_EVENT)
#undef SCX_ADD_EVENT
	});
	return all;
}

} // namespace scx

size_t scx_entry_show_events(char* buffer, size_t size)
{
	scx_event_stats const all = scx::event_counters.sum();
	size_t used = 0;

#define SCX_SHOW_EVENT(name)                                                                       \
	used += static_cast<size_t>(                                                               \
		scnprintf(buffer + used, size - used, #name " %lld\n", all.name));
	SCX_EVENTS(SCX_SHOW_EVENT)
#undef SCX_SHOW_EVENT
	return used;
}

// A program built for another set of counters gets those that both know.
void scx_entry_kf_events(scx_event_stats* to, size_t size)
{
	scx_event_stats const all = scx::event_counters.sum();

	__builtin_memcpy(to, &all, size < sizeof(all) ? size : sizeof(all));
}
