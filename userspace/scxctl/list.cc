// SPDX-License-Identifier: GPL-2.0
// scxctl list: the schedulers that are installed, the loaded one marked.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "scxctl/commands.h"
#include "scxctl/schedulers.h"
#include "scxctl/state.h"

namespace scxctl {

Reply list(const Request& request)
{
	const auto schedulers = schedulers_in(request.directory);
	if (schedulers.empty())
		return scx::Error{fmt::format("no program called scx_* in {}; install "
					      "sched-ext-tools, or build the schedulers",
					      request.directory)};

	const std::string loaded = read_state(request.system).scheduler;
	nlohmann::ordered_json json = nlohmann::ordered_json::array();
	for (const Scheduler& scheduler : schedulers) {
		const std::string purpose = purpose_of(scheduler);
		if (request.json)
			json.push_back({{"name", scheduler.name},
					{"program", scheduler.program},
					{"purpose", purpose},
					{"loaded", scheduler.name == loaded}});
		else
			std::fputs(fmt::format("{} {:<10} {}\n",
					       scheduler.name == loaded ? '*' : ' ', scheduler.name,
					       purpose)
					   .c_str(),
				   stdout);
	}
	if (request.json)
		std::puts(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
				  .c_str());
	return kDone;
}

} // namespace scxctl
