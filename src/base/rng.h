/* base/rng.h -- seeded random numbers: splitmix64, one word of state.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_RNG_H
#define SBX_BASE_RNG_H

#include <stdint.h>

static inline uint64_t sbx_rng(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* uniform in [0, 1), a multiple of 2^-53 */
static inline double sbx_rng_unit(uint64_t *state)
{
    return (double)(sbx_rng(state) >> 11) * 0x1p-53;
}

#endif
