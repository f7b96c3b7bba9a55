// SPDX-License-Identifier: GPL-2.0
// A value or the reason why there is none.
//
// std::expected is C++23; this is the part of it that the schedulers use.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace scx {

// One line for a person: what failed, and after a semicolon what to do about it.
struct Error {
	std::string text;
};

// T must not be Error. Reading the side that is not there ends the program.
template <typename T>
class [[nodiscard]] Result {
public:
	Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
	Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

	[[nodiscard]] bool ok() const { return state_.index() == 0; }
	explicit operator bool() const { return ok(); }

	T& value() { return std::get<0>(state_); }
	const T& value() const { return std::get<0>(state_); }
	T& operator*() { return value(); }
	const T& operator*() const { return value(); }
	T* operator->() { return &value(); }
	const T* operator->() const { return &value(); }

	Error& error() { return std::get<1>(state_); }
	const Error& error() const { return std::get<1>(state_); }

private:
	std::variant<T, Error> state_;
};

struct Done {};

// The outcome of what has no value: `return Done{};` or `return Error{…};`.
using Outcome = Result<Done>;

} // namespace scx
