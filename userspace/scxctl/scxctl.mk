# SPDX-License-Identifier: GPL-2.0
# Included by userspace/Makefile: scxctl, beside the schedulers that it starts. Needs no kernel types.

scxctl := $(patsubst $(here)/scxctl/%.cc,%,$(wildcard $(here)/scxctl/*.cc))

# Of the hooks those that do not depend on the kernel's options.
$(obj)/scxctl/hooks.inc: $(top)/packaging/dkms/hook-exports $(wildcard $(top)/kernel/patches/6.12/*.patch)
	@mkdir -p $(@D)
	$< | sed -n 's/^\([^ ]*\) *$$/"\1",/p' > $@

$(scxctl:%=$(obj)/scxctl/%.o): $(obj)/scxctl/%.o: $(here)/scxctl/%.cc $(obj)/inputs.cxx $(obj)/scxctl/hooks.inc
	$(call compile,$(CXX) $(cxx_flags) -I$(obj)/scxctl $(if $(filter main,$*),-fexceptions -frtti) $(CXXFLAGS))

$(out)/scxctl: $(scxctl:%=$(obj)/scxctl/%.o) $(TOOLCHAIN)/lib/libbpf.a
	$(CXX) $(LDFLAGS) $(filter %.o,$^) $(libraries) -o $@

.PHONY: scxctl
scxctl: $(out)/scxctl
all: $(out)/scxctl

-include $(wildcard $(obj)/scxctl/*.d)
