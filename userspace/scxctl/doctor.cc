// SPDX-License-Identifier: GPL-2.0
// scxctl doctor: what a scheduler needs, whether it is there, and what to do next where not.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "scxctl/commands.h"
#include "scxctl/findings.h"

namespace scxctl {
namespace {

const char* word(Verdict verdict)
{
	switch (verdict) {
	case Verdict::ok:
		return "ok";
	case Verdict::note:
		return "note";
	case Verdict::wrong:
		return "wrong";
	case Verdict::unasked:
		break;
	}
	return "-";
}

void print_words(const Findings& findings)
{
	for (const Finding& finding : findings) {
		std::puts(fmt::format("{:<6} {:<11} {}", word(finding.verdict), finding.subject,
				      finding.detail)
				  .c_str());
		if (!finding.next.empty())
			std::puts(fmt::format("       {:<11} next: {}", "", finding.next).c_str());
	}
}

void print_json(const Findings& findings)
{
	using Json = nlohmann::ordered_json;
	Json json = Json::array();
	for (const Finding& finding : findings)
		json.push_back(
			{{"subject", finding.subject},
			 {"verdict", word(finding.verdict)},
			 {"detail", finding.detail},
			 {"next", finding.next.empty() ? Json(nullptr) : Json(finding.next)}});
	std::puts(json.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

} // namespace

Reply doctor(const Request& request)
{
	Findings findings;
	const bool kernel_can = check_kernel(request.system, findings);
	check_module(request.system, kernel_can, findings);
	check_surroundings(request.system, request.directory, findings);

	if (request.json)
		print_json(findings);
	else
		print_words(findings);
	for (const Finding& finding : findings)
		if (finding.verdict == Verdict::wrong)
			return kFailed;
	return kDone;
}

} // namespace scxctl
