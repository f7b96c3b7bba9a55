// SPDX-License-Identifier: GPL-2.0
#include "protocols/protocols.hpp"

namespace explore {

std::vector<Protocol> const& protocols()
{
	static std::vector<Protocol> const all = [] {
		std::vector<Protocol> collected;

		add_ownership(collected);
		add_transfer(collected);
		add_exit_claim(collected);
		add_lifecycle(collected);
		add_iterator(collected);
		return collected;
	}();

	return all;
}

} // namespace explore
