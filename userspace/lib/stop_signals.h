// SPDX-License-Identifier: GPL-2.0
// SIGINT and SIGTERM as something to wait for instead of handlers.
#pragma once

#include <chrono>
#include <csignal>

namespace scx {

// While one exists the two signals are blocked in the calling thread: make it
// before starting other threads. A signal that came while nobody waited is kept.
class StopSignals {
public:
	StopSignals();
	~StopSignals();
	StopSignals(const StopSignals&) = delete;
	StopSignals& operator=(const StopSignals&) = delete;

	// True when one came; false when the time was up first.
	bool wait(std::chrono::nanoseconds time) const;

private:
	sigset_t signals_;
	sigset_t before_;
};

} // namespace scx
