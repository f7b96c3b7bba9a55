// SPDX-License-Identifier: GPL-2.0
#include "random/run.hpp"

#include "random/rig.hpp"

#include <gtest/gtest-spi.h>

namespace host::random {

Verdict carry_out(Script const& script, size_t* progress)
{
	testing::TestPartResultArray failures;
	testing::ScopedFakeTestPartResultReporter const reporter{
		testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &failures};
	Verdict verdict;
	u64 digest = 0;
	auto const seen = [&](size_t operation) {
		if (!failures.size())
			return false;
		verdict = {operation, failures.GetTestPartResult(0).message(), digest};
		return true;
	};
	size_t done = 0;
	size_t& at = progress ? *progress : done;

	{
		Rig rig{script.setting};

		for (at = 0; at < script.operations.size(); ++at) {
			rig.act(script.operations[at]);
			if ((at + 1) % script.setting.check_every == 0)
				rig.check();
			if (seen(at))
				return verdict;
		}
		rig.check();
		rig.finish();
		digest = rig.digest();
		if (seen(at))
			return verdict;
	}
	// What the end of the machine itself has to say.
	if (!seen(at))
		verdict = {at, {}, digest};
	return verdict;
}

} // namespace host::random
