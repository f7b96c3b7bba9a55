// SPDX-License-Identifier: GPL-2.0
/* Types that C lays out, orders or names in ways C++ does not. */
typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u8 wchar_t;

struct empty {};

struct holds_empty {
	u32 first;
	struct empty nothing;
	struct empty more[3];
	u32 second;
};

struct keywords {
	int class;
	int new;
	struct {
		int template;
	} private;
	bool operator;
	wchar_t this;
};

struct padded {
	u8 small;
	u64 line __attribute__((aligned(64)));
	u8 last;
} __attribute__((aligned(64)));

struct holds_padded {
	u8 before;
	struct padded inner;
};

struct squeezed {
	u8 kind;
	u64 value;
	u16 tail;
} __attribute__((packed));

struct squeezed_member {
	u8 kind;
	u64 value __attribute__((packed));
	u32 tail;
};

struct bits {
	u32 a : 3;
	u32 b : 7;
	u32 : 0;
	u32 c : 30;
	u64 d : 40;
	u8 e;
	u16 f : 5;
	bool g : 1;
	u32 after;
};

struct unnamed {
	u32 tag;
	union {
		u64 whole;
		struct {
			u32 low;
			u32 high;
		};
		struct empty none;
		u8 bytes[0];
	};
	u32 last;
};

struct flexible {
	u32 count;
	u16 items[];
};

enum tiny { TINY_A, TINY_B = 200 } __attribute__((packed));
enum wide { WIDE_NEGATIVE = -1, WIDE_LARGE = 1ULL << 40 };
enum { UNNAMED_CONSTANT = 7 };

struct enums {
	enum tiny tiny;
	enum wide wide;
	enum { INNER_A, INNER_B = 5 } inner;
	enum tiny more[3];
};

typedef struct same_name same_name;
struct same_name {
	same_name *next;
};

struct clash {
	int x;
};
typedef unsigned long clash;

typedef void (*callback)(struct keywords *self, const u8 *restrict data, ...);

struct functions {
	callback one;
	callback table[4];
	int (*(*returns_function)(int, enum tiny))(const char *const *);
	u8 (*pointer_to_array)[12];
	const u32 fixed;
	volatile u64 *const registers;
	u32 matrix[2][3];
	clash number;
	struct clash structure;
	struct never_defined *opaque;
	const u16 constants[5];
	u32 u32;
};

struct holds_empty v1;
struct keywords v2;
struct holds_padded v3;
struct squeezed v4;
struct squeezed_member v5;
struct bits v6;
struct unnamed v7;
struct flexible v8;
struct enums v9;
same_name v10;
struct functions v11 = { .u32 = UNNAMED_CONSTANT };
