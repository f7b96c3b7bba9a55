// SPDX-License-Identifier: GPL-2.0
// Lock annotations that clang checks (`clang++ -fsyntax-only -Wthread-safety`); nothing to GCC.
#pragma once

#if defined(__clang__)
#define CXXRT_ANNOTATE(attribute) __attribute__((attribute))
#else
#define CXXRT_ANNOTATE(attribute)
#endif

// On types: what can be held, and the scope object that holds it.
#define CXXRT_CAPABILITY(name) CXXRT_ANNOTATE(capability(name))
#define CXXRT_SCOPED_CAPABILITY CXXRT_ANNOTATE(scoped_lockable)

// On data: the lock that must be held to touch it, or what it points to.
#define CXXRT_GUARDED_BY(lock) CXXRT_ANNOTATE(guarded_by(lock))
#define CXXRT_POINTEE_GUARDED_BY(lock) CXXRT_ANNOTATE(pt_guarded_by(lock))

// On functions: what the caller holds, and what the call changes about it.
#define CXXRT_REQUIRES(...) CXXRT_ANNOTATE(requires_capability(__VA_ARGS__))
#define CXXRT_REQUIRES_SHARED(...) CXXRT_ANNOTATE(requires_shared_capability(__VA_ARGS__))
#define CXXRT_EXCLUDES(...) CXXRT_ANNOTATE(locks_excluded(__VA_ARGS__))
#define CXXRT_ACQUIRE(...) CXXRT_ANNOTATE(acquire_capability(__VA_ARGS__))
#define CXXRT_RELEASE(...) CXXRT_ANNOTATE(release_capability(__VA_ARGS__))
#define CXXRT_TRY_ACQUIRE(...) CXXRT_ANNOTATE(try_acquire_capability(__VA_ARGS__))
#define CXXRT_ASSERT_HELD(...) CXXRT_ANNOTATE(assert_capability(__VA_ARGS__))
#define CXXRT_RETURNS_LOCK(lock) CXXRT_ANNOTATE(lock_returned(lock))

// For the one function that hands a lock over in a way the analysis cannot follow; say why there.
#define CXXRT_NO_THREAD_SAFETY_ANALYSIS CXXRT_ANNOTATE(no_thread_safety_analysis)
