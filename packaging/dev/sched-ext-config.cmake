# SPDX-License-Identifier: GPL-2.0
# find_package(sched-ext): the target sched-ext::scx, and
#
#   sched_ext_add_scheduler(NAME [SOURCE...])
#
# which makes the program NAME from NAME.bpf.c, NAME.cc and further sources. NAME.cc includes
# NAME.skel.h, the skeleton of struct NAME_bpf.

find_program(SCHED_EXT_CLANG NAMES clang-19 clang-20 clang-18 clang REQUIRED)

# The package's own directory is PREFIX/lib/ARCHITECTURE/cmake/sched-ext.
get_filename_component(_sched_ext_libraries "${CMAKE_CURRENT_LIST_DIR}/../../sched-ext" ABSOLUTE)
get_filename_component(SCHED_EXT_INCLUDE_DIR "${CMAKE_CURRENT_LIST_DIR}/../../../../include/sched-ext" ABSOLUTE)

# Debian 12's own is too old for what the headers do.
set(SCHED_EXT_BPFTOOL "${_sched_ext_libraries}/bpftool" CACHE FILEPATH "bpftool of libbpf 1.4 or later")

if(NOT TARGET sched-ext::scx)
  add_library(sched-ext::scx STATIC IMPORTED)
  set_target_properties(sched-ext::scx PROPERTIES
    IMPORTED_LOCATION "${_sched_ext_libraries}/libscx.a"
    INTERFACE_INCLUDE_DIRECTORIES "${SCHED_EXT_INCLUDE_DIR}"
    INTERFACE_COMPILE_FEATURES cxx_std_20
    INTERFACE_LINK_LIBRARIES "${_sched_ext_libraries}/libbpf.a;elf;z;fmt")
endif()

function(sched_ext_add_scheduler name)
  set(object "${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o")
  set(linked "${CMAKE_CURRENT_BINARY_DIR}/${name}.linked.o")
  set(skeleton "${CMAKE_CURRENT_BINARY_DIR}/${name}.skel.h")
  add_custom_command(OUTPUT "${skeleton}"
    COMMAND "${SCHED_EXT_CLANG}" -O2 -g -Wall -Wextra -Wno-unused-parameter -std=gnu11
      -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -isystem "${SCHED_EXT_INCLUDE_DIR}"
      -MD -MF "${object}.d" -MT "${name}.skel.h"
      -c "${CMAKE_CURRENT_SOURCE_DIR}/${name}.bpf.c" -o "${object}"
    COMMAND "${SCHED_EXT_BPFTOOL}" gen object "${linked}" "${object}"
    COMMAND "${SCHED_EXT_BPFTOOL}" gen skeleton "${linked}" name "${name}_bpf" > "${skeleton}"
    MAIN_DEPENDENCY "${CMAKE_CURRENT_SOURCE_DIR}/${name}.bpf.c"
    DEPFILE "${object}.d"
    COMMENT "Compiling the BPF half of ${name}" VERBATIM)
  add_executable(${name} "${name}.cc" ${ARGN} "${skeleton}")
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
  target_link_libraries(${name} PRIVATE sched-ext::scx)
endfunction()
