// SPDX-License-Identifier: GPL-2.0
// expect: each member must lie in the type of the one before it
#include "kernel.hpp"

struct Other {
	list_head node;
};

using Tasks = cxxrt::IntrusiveList<&Task::rcu, &Other::node>;

Task* first(list_head& head)
{
	return Tasks{head}.front();
}
