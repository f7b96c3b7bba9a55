// SPDX-License-Identifier: GPL-2.0
// The dump of a scheduler's end.
#include "tests/pick.hpp"

namespace host {
namespace {

class Dump : public Pick {
protected:
	void end(u32 dump_len)
	{
		Scheduler scheduler = fifo();

		scheduler.exit_dump_len = dump_len;
		scheduler.dump_task = [this](scx_dump_ctx*, task_struct*) { ++dumped; };
		start(std::move(scheduler));
		on_dispatch = [](s32, task_struct*) {};
		for (int i = 0; i < 500; ++i)
			awake("waits");
		machine.times_taken.clear();
		scx_entry_kf_kick_cpu(99, 0);
		machine.settle();
		ASSERT_TRUE(exited);
	}

	int dumped = 0;
};

TEST_F(Dump, HoldsNoLockForMoreThanATask)
{
	end(1 << 20);
	EXPECT_EQ(dumped, 500);
	EXPECT_GE(machine.times_taken[&machine.rq(0).__lock], 500);
	EXPECT_EQ(exited->dump.find("TRUNCATED"), std::string::npos);
	EXPECT_FALSE(machine.printed_line("is cut"));
}

TEST_F(Dump, EndsWithItsRoomAndSaysSo)
{
	end(4000);
	EXPECT_LT(dumped, 30) << "what would be lost is not made";
	EXPECT_EQ(exited->dump.size(), 3999u);
	EXPECT_TRUE(exited->dump.ends_with("\n~~~~ TRUNCATED ~~~~\n"));
	EXPECT_EQ(exited->dump.find("swapper[") != 0,
		  exited->dump.find("triggered exit kind") == 0);
	EXPECT_TRUE(machine.printed_line("is cut at 4000 bytes"));
}

// Whatever the room, its last byte included: what is missing is a whole line or a single character.
TEST_F(Dump, IsWholeOrSaysThatItIsNot)
{
	auto const dump_of = [this](size_t room) {
		Scheduler scheduler = fifo();

		scheduler.exit_dump_len = static_cast<u32>(room);
		start(std::move(scheduler));
		scx_entry_kf_kick_cpu(99, 0);
		machine.settle();
		return exited ? exited->dump : std::string{};
	};

	awake("a");

	std::string const whole = dump_of(1 << 16);
	std::string const last_line = whole.substr(whole.rfind('\n', whole.size() - 2));
	int cut = 0;

	ASSERT_GT(whole.size(), 200u);
	for (size_t room = whole.size() - 60; room < whole.size() + 8; ++room) {
		std::string const dump = dump_of(room);
		bool const says_so = dump.ends_with("\n~~~~ TRUNCATED ~~~~\n");

		EXPECT_NE(dump.ends_with(last_line), says_so) << dump.substr(dump.size() - 60);
		cut += says_so;
	}
	EXPECT_GT(cut, 50);
	EXPECT_LT(cut, 68);
}

TEST_F(Dump, NoRoomIsTooLittleToSayIt)
{
	end(8);
	EXPECT_EQ(exited->dump, "D ~~~~\n");
	EXPECT_TRUE(machine.printed_line("is cut at 8 bytes"));
}

} // namespace
} // namespace host
