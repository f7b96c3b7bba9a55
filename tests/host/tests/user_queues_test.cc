// SPDX-License-Identifier: GPL-2.0
// The schedulers' own queues by identifier: made, found, destroyed.
#include "tests/scheduler.hpp"

#include "core/locks.hpp"
#include "core/queues.hpp"

namespace host {
namespace {

class UserQueues : public ModuleTest {};

// Identifiers that share their low bits share a shortcut: each must still be found as itself, in
// whatever order they come and go, and none after its end.
TEST_F(UserQueues, QueuesThatShareAShortcutAreToldApart)
{
	constexpr u64 kFirst = 5, kSecond = 5 + scx::user_queues::kShortcuts;
	auto const id_found = [](u64 id) {
		scx::RcuRead rcu;
		scx_dispatch_q const* const dsq = scx::user_queues::find(id);

		return dsq ? dsq->id : u64{SCX_DSQ_INVALID};
	};

	for (bool const first_goes_first : {true, false}) {
		ASSERT_EQ(scx_entry_kf_create_dsq(kFirst, -1), 0);
		EXPECT_EQ(id_found(kSecond), u64{SCX_DSQ_INVALID});
		ASSERT_EQ(scx_entry_kf_create_dsq(kSecond, -1), 0);
		EXPECT_EQ(scx_entry_kf_create_dsq(kFirst, -1), cxxrt::kEexist.negative());
		EXPECT_EQ(id_found(kFirst), kFirst);
		EXPECT_EQ(id_found(kSecond), kSecond);

		u64 const gone = first_goes_first ? kFirst : kSecond;
		u64 const left = first_goes_first ? kSecond : kFirst;

		scx_entry_kf_destroy_dsq(gone);
		EXPECT_EQ(id_found(gone), u64{SCX_DSQ_INVALID});
		EXPECT_EQ(id_found(left), left);
		scx_entry_kf_destroy_dsq(left);
		EXPECT_EQ(id_found(left), u64{SCX_DSQ_INVALID});
	}
}

TEST_F(UserQueues, QueuesOfBadIdentifiersOrNodesAreRefused)
{
	EXPECT_EQ(scx_entry_kf_create_dsq(SCX_DSQ_GLOBAL, -1), cxxrt::kEinval.negative());
	EXPECT_EQ(scx_entry_kf_create_dsq(5, -2), cxxrt::kEinval.negative());
	EXPECT_EQ(scx_entry_kf_create_dsq(5, 1), cxxrt::kEinval.negative());
	ASSERT_EQ(scx_entry_kf_create_dsq(4, -1), 0);
	EXPECT_EQ(scx_entry_kf_create_dsq(4, -1), cxxrt::kEexist.negative());
	machine.fail_allocation_in = 0;
	EXPECT_EQ(scx_entry_kf_create_dsq(5, -1), cxxrt::kEnomem.negative());
	machine.fail_allocation_in = 1;
	EXPECT_EQ(scx_entry_kf_create_dsq(5, -1), cxxrt::kEnomem.negative());
	EXPECT_EQ(scx_entry_kf_create_dsq(5, -1), 0);
}

} // namespace
} // namespace host
