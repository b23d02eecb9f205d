/* num/f32.c -- IEEE binary32. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "softbox/bind/f32.h"
#define VAL  float
#define SQRT sqrtf
#define FMA  fmaf
#define RANGE         \
    {                 \
        24, -148, 128 \
    }
#include "num/hard.tmpl.c"
#include "softbox/bind/unbind.h"
