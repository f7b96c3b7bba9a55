// SPDX-License-Identifier: GPL-2.0
/*
 * A driver of processors whose frequency changes nothing: it takes what a governor asks for, and
 * scaling_cur_freq shows it.
 */
#include <linux/cpufreq.h>
#include <linux/module.h>

static struct cpufreq_frequency_table frequencies[] = {
	{ .frequency = 800000 },
	{ .frequency = 1600000 },
	{ .frequency = 2400000 },
	{ .frequency = 3200000 },
	{ .frequency = CPUFREQ_TABLE_END },
};

static int fake_init(struct cpufreq_policy *policy)
{
	policy->freq_table = frequencies;
	policy->cur = frequencies[0].frequency;
	policy->transition_delay_us = 20000; /* The thread that changes it is above all others. */
	return 0;
}

static int fake_target_index(struct cpufreq_policy *policy, unsigned int index)
{
	policy->cur = frequencies[index].frequency;
	return 0;
}

static struct cpufreq_driver driver = {
	.name = "fake",
	/* Tells nobody of a change: the kernel would take it for one of the clock. */
	.flags = CPUFREQ_ASYNC_NOTIFICATION,
	.init = fake_init,
	.verify = cpufreq_generic_frequency_table_verify,
	.target_index = fake_target_index,
};

static int __init fake_load(void)
{
	return cpufreq_register_driver(&driver);
}

static void __exit fake_unload(void)
{
	cpufreq_unregister_driver(&driver);
}

module_init(fake_load);
module_exit(fake_unload);
MODULE_DESCRIPTION("A CPU frequency driver without a CPU whose frequency it could change");
MODULE_LICENSE("GPL");
/* The loader warns of modules from elsewhere, and a guest fails for warnings. */
MODULE_INFO(intree, "Y");
