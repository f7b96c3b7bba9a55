# SPDX-License-Identifier: GPL-2.0
# The front door: each target is one script, which can be called by itself (most have --help).

.PHONY: help demo test test-all kernel module schedulers deb kernel-deb lines clean

help:
	@echo 'make demo        build all, boot a guest, schedule it with scx_simple, and show it'
	@echo 'make test        all tests that need the hooks kernel only'
	@echo 'make test-all    everything: other kernels, costs, long runs'
	@echo 'make kernel      the kernel with the hooks, into the cache'
	@echo 'make module      sched_ext.ko for it, into build/module/hooks'
	@echo 'make schedulers  the BPF schedulers alone, into build/schedulers: against BTF=FILE[,MODULE.ko],'
	@echo '                 else the running kernel if it has sched_ext, else the kernel of make kernel'
	@echo 'make deb         Debian packages of module, tools and headers, into build/deb'
	@echo 'make kernel-deb  Debian packages of a kernel with the hooks, into build/deb: CONFIG=local for this'
	@echo '                 machine, CONFIG=debian with every driver; without CONFIG for QEMU, into build/deb-qemu'
	@echo 'make lines       lines of C and C++ in module/'
	@echo 'make clean       removes build/, not the cache'

demo:
	@tests/vm/demo

test:
	@tests/run

test-all:
	@tests/run --all

kernel:
	@kernel/build hooks

module: kernel
	@module/build hooks

# Types of the running kernel, where it can run them.
ifneq ($(wildcard /sys/kernel/btf/sched_ext),)
running := /sys/kernel/btf/vmlinux,/sys/kernel/btf/sched_ext
else
running = $(shell grep -qs sched_ext_ops /sys/kernel/btf/vmlinux && echo /sys/kernel/btf/vmlinux)
endif
ifeq ($(MAKECMDGOALS)$(BTF),schedulers)
BTF := $(running)
endif

comma := ,
space := $() $()
types := $(subst $(space),$(comma),$(abspath $(subst $(comma),$(space),$(BTF))))

schedulers: $(if $(BTF),,module)
	@$(MAKE) --no-print-directory -C userspace $(if $(BTF),BTF=$(types))

deb:
	@packaging/deb

kernel-deb:
	@packaging/kernel-deb --config $(or $(CONFIG),small)

lines:
	@module/lines

clean:
	rm -rf build
