// SPDX-License-Identifier: GPL-2.0
// As much of a kernel as the files here name.
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;
typedef unsigned long size_t;

struct list_head {
	list_head *next, *prev;
};

struct rb_node {
	unsigned long __rb_parent_color;
	rb_node* rb_right;
	rb_node* rb_left;
};

struct rb_root {
	::rb_node* rb_node;
};

struct callback_head {
	callback_head* next;
	void (*func)(callback_head*);
};

typedef struct {
	int counter;
} atomic_t;
