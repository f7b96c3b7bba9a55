// SPDX-License-Identifier: GPL-2.0
// The few type traits the kernel side needs; <type_traits> does not exist under -nostdinc.
#pragma once

namespace cxxrt {

// An enumerator, not a static member: the kernel side compiles with -fno-weak, which has no inline
// variables, and static constexpr data members are inline variables.
template <bool kValue>
struct BoolConstant {
	enum : bool { value = kValue };
};

template <typename T>
struct remove_reference {
	using type = T;
};
template <typename T>
struct remove_reference<T&> {
	using type = T;
};
template <typename T>
struct remove_reference<T&&> {
	using type = T;
};
template <typename T>
using remove_reference_t = typename remove_reference<T>::type;

template <typename T>
struct remove_cv {
	using type = T;
};
template <typename T>
struct remove_cv<const T> {
	using type = T;
};
template <typename T>
struct remove_cv<volatile T> {
	using type = T;
};
template <typename T>
struct remove_cv<const volatile T> {
	using type = T;
};
template <typename T>
using remove_cv_t = typename remove_cv<T>::type;
template <typename T>
using remove_cvref_t = remove_cv_t<remove_reference_t<T>>;

// Keeps a parameter out of template argument deduction.
template <typename T>
struct type_identity {
	using type = T;
};
template <typename T>
using type_identity_t = typename type_identity<T>::type;

template <typename A, typename B>
struct is_same : BoolConstant<false> {};
template <typename T>
struct is_same<T, T> : BoolConstant<true> {};
template <typename A, typename B>
constexpr bool is_same_v = is_same<A, B>::value;

template <bool kCondition, typename T = void>
struct enable_if {};
template <typename T>
struct enable_if<true, T> {
	using type = T;
};
template <bool kCondition, typename T = void>
using enable_if_t = typename enable_if<kCondition, T>::type;

template <bool kCondition, typename A, typename B>
struct conditional {
	using type = A;
};
template <typename A, typename B>
struct conditional<false, A, B> {
	using type = B;
};
template <bool kCondition, typename A, typename B>
using conditional_t = typename conditional<kCondition, A, B>::type;

template <typename T>
struct is_const : BoolConstant<false> {};
template <typename T>
struct is_const<const T> : BoolConstant<true> {};
template <typename T>
constexpr bool is_const_v = is_const<T>::value;

template <typename T>
struct is_array : BoolConstant<false> {};
template <typename T>
struct is_array<T[]> : BoolConstant<true> {};
template <typename T, unsigned long kCount>
struct is_array<T[kCount]> : BoolConstant<true> {};
template <typename T>
constexpr bool is_array_v = is_array<T>::value;

template <typename T>
struct is_reference : BoolConstant<false> {};
template <typename T>
struct is_reference<T&> : BoolConstant<true> {};
template <typename T>
struct is_reference<T&&> : BoolConstant<true> {};
template <typename T>
constexpr bool is_reference_v = is_reference<T>::value;

template <typename T>
constexpr bool is_enum_v = __is_enum(T);

// Integers, enumerations and pointers: what one plain load or store can move.
template <typename T>
concept Scalar = !__is_class(T) && !__is_union(T) && !is_array_v<T> && !is_reference_v<T> &&
		 __is_trivially_copyable(T);

} // namespace cxxrt
