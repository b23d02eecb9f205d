/* num/f64.c -- IEEE binary64. SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "softbox/bind/f64.h"
#define VAL  double
#define SQRT sqrt
#define FMA  fma
#define RANGE           \
    {                   \
        53, -1073, 1024 \
    }
#include "num/hard.tmpl.c"
#include "softbox/bind/unbind.h"
