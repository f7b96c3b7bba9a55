// SPDX-License-Identifier: GPL-2.0
// The last include of a kernel-side source file: what must not be written there stops compiling.
//
// In the unity translation unit everything after the first use is under it, so no header of the
// project may need these words (new.hpp, which forms part of the language support, comes before).
#pragma once

#ifndef CXXRT_HOST
#pragma GCC poison std throw catch dynamic_cast typeid
#pragma GCC poison float double
#endif
