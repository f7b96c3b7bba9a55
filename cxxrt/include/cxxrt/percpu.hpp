// SPDX-License-Identifier: GPL-2.0
// One object per CPU in the kernel's per-CPU memory. The memory starts as zero and no constructor
// or destructor runs, so only types that accept that are allowed.
#pragma once

#include "cxxrt/lock.hpp"
#include "cxxrt/new.hpp"
#include "cxxrt/result.hpp"

namespace cxxrt {

template <typename T>
class PerCpu {
	static_assert(__is_trivially_copyable(T),
		      "per-CPU memory is never constructed or destroyed");

public:
	constexpr PerCpu() noexcept = default;
	PerCpu(PerCpu const&) = delete;
	PerCpu& operator=(PerCpu const&) = delete;
	constexpr PerCpu(PerCpu&& other) noexcept : base_{take(other.base_, nullptr)} {}

	PerCpu& operator=(PerCpu&& other) noexcept
	{
		swap(base_, other.base_);
		return *this;
	}

	~PerCpu()
	{
		if (base_)
			kshim_free_percpu(base_);
	}

	// May sleep; fails with ENOMEM.
	[[nodiscard]] static Result<PerCpu> create() noexcept
	{
		PerCpu created;

		created.base_ = kshim_alloc_percpu(sizeof(T), alignof(T));
		if (!created.base_)
			return fail(kEnomem);
		return created;
	}

	// The calling CPU's; the proof holds the caller on that CPU.
	template <typename Tag>
	[[nodiscard]] T& this_cpu(Context<Tag> const&) const noexcept
	{
		static_assert(is_same_v<Tag, IrqsOffTag> || is_same_v<Tag, PreemptOffTag>);
		return *static_cast<T*>(kshim_this_cpu_ptr(base_));
	}

	// Any possible CPU's.
	[[nodiscard]] T& cpu(int cpu) const noexcept
	{
		return *static_cast<T*>(kshim_per_cpu_ptr(base_, cpu));
	}

	[[nodiscard]] explicit constexpr operator bool() const noexcept { return base_; }

private:
	void* base_ = nullptr;
};

// For per-CPU variables that the kernel declares: the address comes from a shim.
template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE T& this_cpu(T* percpu) noexcept
{
	return *static_cast<T*>(kshim_this_cpu_ptr(percpu));
}

template <typename T>
[[nodiscard]] CXXRT_ALWAYS_INLINE T& per_cpu(T* percpu, int cpu) noexcept
{
	return *static_cast<T*>(kshim_per_cpu_ptr(percpu, cpu));
}

} // namespace cxxrt
