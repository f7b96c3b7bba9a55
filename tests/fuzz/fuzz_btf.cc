// SPDX-License-Identifier: GPL-2.0
// cxxrt/tools/gen_vmlinux.py on bytes that claim to be BTF: it writes a header or refuses them in
// one line, and ends. The generator is Python, run in this process; libFuzzer sees which of its
// lines follow one another as counters of its own.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

__attribute__((section("__libfuzzer_extra_counters"))) unsigned char counters[1 << 14];

PyObject* one;

int trace(PyObject*, PyFrameObject* frame, int what, PyObject*)
{
	static unsigned previous;

	if (what != PyTrace_LINE)
		return 0;

	PyCodeObject* const code = PyFrame_GetCode(frame);
	auto const here = static_cast<unsigned>(PyFrame_GetLineNumber(frame)) * 2654435761u ^
			  static_cast<unsigned>(reinterpret_cast<uintptr_t>(code) >> 4);

	Py_DECREF(code);
	++counters[(here ^ previous >> 1) % sizeof(counters)];
	previous = here;
	return 0;
}

[[noreturn]] void fail()
{
	PyErr_Print();
	std::abort();
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***)
{
	// The directories of the generator and of btf_target.py come from tests/fuzz/run.
	Py_Initialize();

	PyObject* const module = PyImport_ImportModule("btf_target");

	one = module ? PyObject_GetAttrString(module, "one") : nullptr;
	if (!one)
		fail();
	PyEval_SetTrace(trace, nullptr);
	return 0;
}

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size)
{
	PyObject* const result = PyObject_CallFunction(
		one, "y#", reinterpret_cast<char const*>(data), static_cast<Py_ssize_t>(size));

	if (!result)
		fail();
	Py_DECREF(result);
	return 0;
}
