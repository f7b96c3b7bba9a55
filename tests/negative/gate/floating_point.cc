// SPDX-License-Identifier: GPL-2.0
// expect: floating point in
double scale(double value, double factor)
{
	return value * factor;
}
