/* cli/range.c -- the instances of range.tmpl.c, chosen by --arith.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <stdlib.h>

#include "softbox/bind/ivd.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include "cli/array.tmpl.c"
#include "cli/range.tmpl.c"
#include "softbox/bind/unbind.h"

sbx_status bound_ranges(cli_ends *z, const bound_question *q, const bound_opts *o, sbx_err *err)
{
    if (o->num == SBX_NUM_IVF) return ranges_ivf(z, q, &o->ctx, err);
    if (o->num == SBX_NUM_IVQ) return ranges_ivq(z, q, &o->ctx, err);
    return ranges_ivd(z, q, &o->ctx, err);
}
