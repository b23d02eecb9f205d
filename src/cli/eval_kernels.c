/* cli/eval_kernels.c -- the instances of eval.tmpl.c, one for each number system.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/eval.h"

#include <stdlib.h>

#include "softbox/bind/f32.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval.tmpl.c"
#include "softbox/bind/unbind.h"

size_t eval_outputs(const eval_question *q)
{
    switch (q->kernel) {
    case EVAL_SOFTMAX:
    case EVAL_LOG_SOFTMAX: return q->at.n;
    case EVAL_LSE:
    case EVAL_SUM:
    case EVAL_DOT: return 1;
    case EVAL_NORM: return sbx_norm_outputs(&q->norm, q->at.n) * (q->jacobian ? q->at.n : 1);
    case EVAL_NET: return sbx_net_outputs(q->net);
    }
    return 0;
}

sbx_status eval_values(eval_value *v, const eval_question *q, sbx_err *err)
{
    switch (q->num) {
    case SBX_NUM_F32: return values_f32(v, q, err);
    case SBX_NUM_F64: return values_f64(v, q, err);
    case SBX_NUM_LOWP: return values_lowp(v, q, err);
    case SBX_NUM_MPF: return values_mpf(v, q, err);
    case SBX_NUM_MPQ: return values_mpq(v, q, err);
    case SBX_NUM_IVD: return values_ivd(v, q, err);
    case SBX_NUM_IVF: return values_ivf(v, q, err);
    case SBX_NUM_IVQ: return values_ivq(v, q, err);
    }
    return sbx_fail(err, SBX_ERR_ARG, "cli", "no such number system");
}
