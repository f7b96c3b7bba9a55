// SPDX-License-Identifier: GPL-2.0
#include "lib/stop_signals.h"

#include <ctime>

namespace scx {

StopSignals::StopSignals()
{
	sigemptyset(&signals_);
	sigaddset(&signals_, SIGINT);
	sigaddset(&signals_, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals_, &before_);
}

StopSignals::~StopSignals()
{
	sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool StopSignals::wait(std::chrono::nanoseconds time) const
{
	constexpr std::int64_t kPerSecond = 1'000'000'000;
	const timespec timeout = {.tv_sec = time.count() / kPerSecond,
				  .tv_nsec = time.count() % kPerSecond};
	return sigtimedwait(&signals_, nullptr, &timeout) > 0;
}

} // namespace scx
