/* kernel/kernels.c -- the instances of the kernel templates.
 *
 * Points: recursive sums, the maximum subtracted. mpq has sums and dot products; its
 * softmax is the refusal that names the systems that can. Enclosures: ranges at corners.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernel/generic.h"

#include "base/alloc.h"
#include "base/try.h"

#include "softbox/bind/f32.h"
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_point.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_point.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_point.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_point.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_point.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#define SOFTMAX     sbx_softmax_generic_ivd
#define LOG_SOFTMAX sbx_log_softmax_generic_ivd
#define LSE         sbx_lse_generic_ivd
#define FUNCTIONAL  sbx_softmax_functional_generic_ivd
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_range.tmpl.c"
#include "kernel/functional.tmpl.c"
#undef FUNCTIONAL
#undef SOFTMAX
#undef LOG_SOFTMAX
#undef LSE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#define SOFTMAX     sbx_softmax_ivf
#define LOG_SOFTMAX sbx_log_softmax_ivf
#define LSE         sbx_lse_ivf
#define FUNCTIONAL  sbx_softmax_functional_ivf
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_range.tmpl.c"
#include "kernel/functional.tmpl.c"
#undef FUNCTIONAL
#undef SOFTMAX
#undef LOG_SOFTMAX
#undef LSE
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#define SOFTMAX     sbx_softmax_ivq
#define LOG_SOFTMAX sbx_log_softmax_ivq
#define LSE         sbx_lse_ivq
#define FUNCTIONAL  sbx_softmax_functional_ivq
#include "kernel/array.tmpl.c"
#include "kernel/sum.tmpl.c"
#include "kernel/softmax_range.tmpl.c"
#include "kernel/functional.tmpl.c"
#undef FUNCTIONAL
#undef SOFTMAX
#undef LOG_SOFTMAX
#undef LSE
#include "softbox/bind/unbind.h"
