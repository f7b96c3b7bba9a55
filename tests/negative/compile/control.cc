// SPDX-License-Identifier: GPL-2.0
// expect: nothing
// The right way to do what the other files do wrong: it must compile, or they prove nothing.
#include "kernel.hpp"

#include "cxxrt/enforce.hpp"

cxxrt::Result<void> start(Task& task)
{
	int const tasks = CXXRT_TRY(count(task));
	cxxrt::UniquePtr<Task> copy = CXXRT_TRY(cxxrt::make<Task>(cxxrt::Gfp::kernel));

	copy->key = static_cast<u64>(tasks);
	return cxxrt::ok();
}

void lock_and_enqueue(QueueLock& lock, Task& task);

void lock_and_enqueue(QueueLock& lock, Task& task)
{
	QueueGuard guard{lock};

	enqueue(guard, task);
}

Task* read_task(cxxrt::RcuPtr<Task>& pointer, cxxrt::RcuProof const& proof);

Task* read_task(cxxrt::RcuPtr<Task>& pointer, cxxrt::RcuProof const& proof)
{
	return pointer.load(proof);
}

void drop(cxxrt::RcuPtr<Task>& pointer);

void drop(cxxrt::RcuPtr<Task>& pointer)
{
	pointer.replace(nullptr).rcu_delete<&Task::rcu>();
}
