/* mech/machine.c -- the arithmetic of a machine, and the normalizers' tools in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "mech/machine.h"

#include <math.h>

void sbx_mech_em(em *m, const sbx_mech_machine *s)
{
    *m = (em){.lead = ANY, .fma = s->fma, .kernel = s->exp_ulps == 0.0 && s->number == SBX_NUM_F64};
    sbx_fmt_make(&m->w, s->number, s->format, s->ftz);
    sbx_fmt_make(&m->a, s->acc, s->acc_format, s->ftz);
    m->wide = m->w;
    m->ulps = s->exp_ulps > 0.5 ? s->exp_ulps : 0.5;
    m->widened = m->a.p >= m->w.p && m->a.emin <= m->w.emin && m->a.emax >= m->w.emax &&
                 m->a.emin - m->a.p <= m->w.emin - m->w.p;
}

#include "mech/bind_sim.h"
#include "norm/tools.tmpl.c"
#include "mech/unbind.h"

#include "mech/bind_rea.h"
#include "norm/tools.tmpl.c"
#include "mech/unbind.h"
