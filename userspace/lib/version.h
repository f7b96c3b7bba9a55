// SPDX-License-Identifier: GPL-2.0
#pragma once

namespace scx {

inline constexpr const char* kVersion = "0.1.0";

} // namespace scx
