// SPDX-License-Identifier: GPL-2.0
// Room for a global whose type has a constructor or destructor. The loader runs neither for a
// module and says nothing about it, so the module's init and exit call them by name:
//
//	constinit NoDestroy<Registry> registry;
//	registry.emplace();   // in init
//	registry.destroy();   // in exit
#pragma once

#include "cxxrt/assert.hpp"
#include "cxxrt/new.hpp"
#include "cxxrt/utility.hpp"

namespace cxxrt {

template <typename T>
class NoDestroy {
public:
	constexpr NoDestroy() noexcept = default;
	NoDestroy(NoDestroy const&) = delete;
	NoDestroy& operator=(NoDestroy const&) = delete;

	template <typename... Arguments>
	T& emplace(Arguments&&... arguments) noexcept
	{
		CXXRT_BUG_ON(alive_);
		alive_ = true;
		return *::new (static_cast<void*>(storage_))
			T(cxxrt::forward<Arguments>(arguments)...);
	}

	void destroy() noexcept
	{
		CXXRT_BUG_ON(!alive_);
		get().~T();
		alive_ = false;
	}

	[[nodiscard]] bool alive() const noexcept { return alive_; }

	// Between emplace() and destroy() only.
	[[nodiscard]] T& get() noexcept { return *reinterpret_cast<T*>(storage_); }
	[[nodiscard]] T& operator*() noexcept { return get(); }
	[[nodiscard]] T* operator->() noexcept { return &get(); }

private:
	alignas(T) char storage_[sizeof(T)] = {};
	bool alive_ = false;
};

} // namespace cxxrt
