// SPDX-License-Identifier: GPL-2.0
// What each file here starts from: all of cxxrt, a lock and an object.
#pragma once

#include "cxxrt/atomic.hpp"
#include "cxxrt/guard.hpp"
#include "cxxrt/intrusive_list.hpp"
#include "cxxrt/intrusive_rbtree.hpp"
#include "cxxrt/new.hpp"
#include "cxxrt/no_destroy.hpp"
#include "cxxrt/percpu.hpp"
#include "cxxrt/rcu.hpp"
#include "cxxrt/ref_ptr.hpp"
#include "cxxrt/result.hpp"
#include "cxxrt/unique_ptr.hpp"

struct CXXRT_CAPABILITY("queue lock") QueueLock {
	int word;
};

struct CXXRT_CAPABILITY("other lock") OtherLock {
	int word;
};

extern "C" void take_queue_lock(QueueLock* lock);
extern "C" void drop_queue_lock(QueueLock* lock);

struct QueueLocking {
	using Lock = QueueLock;
	struct State {};

	static State acquire(QueueLock& lock) noexcept
	{
		take_queue_lock(&lock);
		return {};
	}

	static void release(QueueLock& lock, State const&) noexcept { drop_queue_lock(&lock); }
};

using QueueGuard = cxxrt::Guard<QueueLocking>;

struct Task {
	u64 key;
	list_head node;
	callback_head rcu;
};

cxxrt::Result<void> start(Task& task);
cxxrt::Result<int> count(Task const& task);
void enqueue(cxxrt::Held<QueueLock> const& lock, Task& task);
