# SPDX-License-Identifier: GPL-2.0
# Kbuild rules for C++ in a module. A Kbuild file sets these and includes this file:
#
#   cxxrt-dir      where cxxrt/ is
#   cxxrt-units    C++ objects, relative to the Kbuild file; each from the .cc of the same name
#   cxxrt-members  list files of the kernel types the units use (tools/gen_vmlinux.py); while none
#                  exists the units see every type
#   cxxrt-include  further include directories of the units
#   cxxrt-feature-prefix  of the macros for optional members
#
# The flags start from Kbuild's own c_flags, so every hardening, instrumentation and code model
# flag of the target kernel reaches the C++ code; only what a C++ compiler rejects and everything
# that leads to kernel headers is taken out. One unit per module is best: functions that two
# objects share would be COMDAT sections, which neither __mcount_loc nor ORC can refer to.
#
# objtool runs on C++ objects as on C ones: alone, or on the linked module where Kbuild delays it.

# Absent during `make clean`, where there is no compiler to check either.
ifdef CONFIG_CC_VERSION_TEXT

# The C++ compiler beside the C compiler: gcc-12 -> g++-12, clang -> clang++. A CXX given on the
# command line wins.
ifneq ($(origin CXX),command line)
CXX := $(shell echo '$(CC)' | sed -E 's/(^|[ \/-])gcc(-[0-9.]+)?$$/\1g++\2/; s/(^|[ \/])clang(-[0-9.]+)?$$/\1clang++\2/')
endif

cxx-major := $(shell $(CXX) -dumpversion 2>/dev/null | cut -d. -f1)
ifdef CONFIG_CC_IS_CLANG
cxx-wanted := $(shell expr $(CONFIG_CLANG_VERSION) / 10000)
cxx-family := clang++
else
cxx-wanted := $(shell expr $(CONFIG_GCC_VERSION) / 10000)
cxx-family := g++
endif

ifeq ($(cxx-major),)
$(error C++ compiler "$(CXX)" not found: this kernel was built with $(CONFIG_CC_VERSION_TEXT), so install $(cxx-family)-$(cxx-wanted) or pass CXX=)
endif
ifneq ($(cxx-major),$(cxx-wanted))
$(error C++ compiler "$(CXX)" is version $(cxx-major), but this kernel was built with $(CONFIG_CC_VERSION_TEXT): install $(cxx-family)-$(cxx-wanted) and pass CXX=$(cxx-family)-$(cxx-wanted))
endif
ifeq ($(wildcard vmlinux),)
$(error $(CURDIR)/vmlinux is missing: the module's types come from its BTF; use a built kernel tree or a headers package that ships vmlinux)
endif

# C only; GCC warns about each of them in a C++ compilation.
cxx-drop := -std=% \
	-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wdeclaration-after-statement \
	-Wno-pointer-sign -Wpointer-sign -Wno-override-init -Woverride-init \
	-Wimplicit-function-declaration -Wimplicit-int -Wdesignated-init \
	-Wincompatible-pointer-types -Wno-incompatible-pointer-types-discards-qualifiers \
	-Wno-initializer-overrides -Winitializer-overrides -Wenum-conversion -Wno-enum-conversion \
	-Werror=implicit-function-declaration -Werror=implicit-int -Werror=strict-prototypes \
	-Werror=incompatible-pointer-types -Werror=designated-init \
	-Wmissing-parameter-type -Wold-style-declaration -Wnested-externs -Wbad-function-cast
# Kernel headers, plugins that know C only, and what is set anew below.
cxx-drop += -include %.h -I$(srctree)/% -fplugin% -gdwarf% -g

cxx-add := -std=gnu++20 -ffreestanding -nostdinc++ \
	-fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit -fno-operator-names \
	-Werror -Wall -Wextra -Wold-style-cast -Wnon-virtual-dtor -Wmissing-declarations \
	-Wextra-semi -Werror=vla -Wno-unused-parameter -Wno-deprecated-enum-enum-conversion

ifdef CONFIG_CC_IS_CLANG
# Kernel types stand as locks in the annotations, but BTF cannot mark them as capabilities.
cxx-add += -Winconsistent-missing-override -Wno-thread-safety-attributes
else
# -fno-weak puts inline functions and templates into plain .text. Where that would change what the
# program means (inline variables), GCC warns, and -Werror stops.
cxx-add += -fno-weak -fcheck-new -Wsuggest-override -Wno-sized-deallocation
endif

# pahole gives up on C++ debug information, and which names its --lang_exclude knows depends on its
# version. Split DWARF leaves an empty compile unit in the object, which any pahole passes over;
# gdb finds the rest in the .dwo file, and line numbers stay in the object. DWARF 4, because a
# split unit of version 5 has a tag that pahole warns about.
ifdef CONFIG_DEBUG_INFO
cxx-add += -gdwarf-4 -gsplit-dwarf
endif

cxx_flags = $(filter-out $(LINUXINCLUDE) $(cxx-drop),$(c_flags)) $(cxx-add) \
	-I$(obj)/generated -I$(cxxrt-dir)/include $(addprefix -I,$(cxxrt-include))

quiet_cmd_cxx_o_cc = CXX $(quiet_modtag) $@
      cmd_cxx_o_cc = $(CXX) $(cxx_flags) -c -o $@ $< $(cmd_objtool)

define rule_cxx_o_cc
	$(call cmd_and_fixdep,cxx_o_cc)
	$(call cmd,gen_objtooldep)
endef

$(addprefix $(obj)/,$(cxxrt-units)): $(obj)/%.o: $(src)/%.cc $(obj)/generated/vmlinux.hpp FORCE
	$(call if_changed_rule,cxx_o_cc)

# The kernel's types as C++, and the same asserts as C against the kernel's headers.
cxxrt-generator := $(cxxrt-dir)/tools/gen_vmlinux.py
cxxrt-lists := $(cxxrt-dir)/kernel-members.txt $(wildcard $(cxxrt-members))

quiet_cmd_gen_vmlinux_hpp = GEN     $@
      cmd_gen_vmlinux_hpp = mkdir -p $(dir $@); python3 $(cxxrt-generator) --btf vmlinux \
		$(addprefix --members ,$(cxxrt-lists)) $(if $(wildcard $(cxxrt-members)),,--all) \
		$(addprefix --feature-prefix ,$(cxxrt-feature-prefix)) \
		--layout-check $(obj)/generated/kernel_layout_check.c --output $@

$(obj)/generated/vmlinux.hpp: vmlinux $(cxxrt-generator) $(cxxrt-dir)/tools/btf.py \
		$(cxxrt-dir)/tools/cxx_types.py $(cxxrt-lists) FORCE
	$(call if_changed,gen_vmlinux_hpp)

$(obj)/generated/kernel_layout_check.c: $(obj)/generated/vmlinux.hpp ;
$(obj)/generated/kernel_layout_check.o: $(obj)/generated/kernel_layout_check.c

targets += generated/vmlinux.hpp $(cxxrt-units)

endif

clean-files += generated $(cxxrt-units:.o=.dwo)
