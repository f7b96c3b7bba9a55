// SPDX-License-Identifier: GPL-2.0
// Each file of this directory adds its plays.
#pragma once

#include "protocols/play.hpp"

namespace explore {

void add_ownership(std::vector<Protocol>& to);
void add_transfer(std::vector<Protocol>& to);
void add_exit_claim(std::vector<Protocol>& to);
void add_lifecycle(std::vector<Protocol>& to);
void add_iterator(std::vector<Protocol>& to);

} // namespace explore
