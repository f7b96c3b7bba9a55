// SPDX-License-Identifier: GPL-2.0
// A scheduler's user half, as the run loop sees it.
#pragma once

#include <linux/types.h>
#include <scx/exit_mailbox.h>

#include <chrono>
#include <memory>

#include "lib/kernel.h"
#include "lib/result.h"
#include "lib/statistics.h"

struct bpf_object;

// Skeletons name the types of a BPF half's variables without declaring them,
// struct exit_mailbox and these: include a skeleton after this file.
using u8 = __u8;
using u16 = __u16;
using u32 = __u32;
using u64 = __u64;
using s8 = __s8;
using s16 = __s16;
using s32 = __s32;
using s64 = __s64;

namespace scx {

class Program {
public:
	virtual ~Program() = default;

	// A fresh, configured, not yet loaded BPF object. Called again on a restart.
	virtual Outcome open(const Kernel& kernel) = 0;

	// 0 or a negative errno. Only after open().
	virtual int load() = 0;

	virtual const bpf_object* object() const = 0;

	// Frees the object with its maps and mappings. Harmless when there is none.
	virtual void close() = 0;

	// After load() and before the scheduler is in force: the time to fill maps.
	virtual Outcome prepare() { return Done{}; }

	// While the scheduler is in force: does what is due, and says after how long to call
	// it again. Between two calls come signals, statistics and the scheduler's end.
	virtual std::chrono::nanoseconds work() { return std::chrono::hours(1); }

	// Adds the figures of now, once per interval. Only while the scheduler is in force.
	// Nothing is printed for one that adds none.
	virtual void statistics(Statistics& figures) { static_cast<void>(figures); }
};

// Program over a skeleton that bpftool generated. What remains to a scheduler:
// configure() and statistics().
template <typename Skeleton>
class SkeletonProgram : public Program {
public:
	Outcome open(const Kernel& kernel) override
	{
		skeleton_.reset(Skeleton::open());
		if (!skeleton_)
			return Error{"cannot open the BPF object; run with -v to see why"};
		return configure(kernel);
	}

	int load() override { return Skeleton::load(skeleton_.get()); }
	const bpf_object* object() const override { return skeleton_->obj; }
	void close() override { skeleton_.reset(); }

protected:
	// Sets read-only data and the fields of the ops table (complete_table() sets those that
	// all schedulers have).
	virtual Outcome configure(const Kernel& kernel) = 0;

	Skeleton& skeleton() { return *skeleton_; }

private:
	struct Destroy {
		void operator()(Skeleton* skeleton) const { Skeleton::destroy(skeleton); }
	};
	std::unique_ptr<Skeleton, Destroy> skeleton_;
};

} // namespace scx
