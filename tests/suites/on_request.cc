// SPDX-License-Identifier: GPL-2.0
// Cases that fail and skip when they are asked to: the proof that whoever runs these suites sees
// it, because insmod succeeds whatever comes out.
#include "suites/suite.hpp"

namespace suite::cases::on_request {

SUITE_CASE(on_request, fails)
{
	if (suite::failure_requested()) {
		CHECK_EQUAL(1, 2);
		CHECK_TEXT(suite::Text{"what there is"}, "what was wanted");
	}
}

SUITE_CASE(on_request, skips)
{
	if (suite::failure_requested())
		suite::skip("as it was asked to");
}

} // namespace suite::cases::on_request
