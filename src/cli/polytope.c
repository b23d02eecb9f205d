/* cli/polytope.c -- the image of the box under softmax, as rows; what proves an affine bound.
 *
 * Every row reads v_i <= e^D v_j for v = (p_0, .., p_{n-1}, s), D exact: p is softmax of a point
 * of the box, within the bounds on differences, exactly when all p_j > 0, they add up to 1,
 * and some s > 0 makes every row true [L-SMX-30].
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <stdlib.h>
#include <string.h>

/* e^D, enclosed in o->num: below 1e-300 or so a double says 0 */
static bool factor(char *text[2], mpq_srcptr d, const bound_opts *o)
{
    cli_ends *z = cli_ends_new(1);
    const long prec = o->num == SBX_NUM_IVD ? 64 : o->ctx.prec;
    const sbx_ctx ctx = {.prec = prec};
    sbx_ivf x;
    mpfr_t t;
    mpq_t lo, hi;

    text[0] = text[1] = NULL;
    if (!z) return false;
    sbx_ivf_init(&x, &ctx);
    mpfr_init2(t, prec);
    mpq_inits(lo, hi, NULL);
    if (sbx_ivf_set_q(&x, d, &ctx, NULL) == SBX_OK && sbx_ivf_exp(&x, &x, &ctx, NULL) == SBX_OK &&
        sbx_ivf_get_q(lo, hi, &x, NULL) == SBX_OK) {
        mpq_set(z->lo, lo);
        mpq_set(z->hi, hi);
    } else {
        z->no_hi = true; /* 0 and inf */
    }
    text[0] = cli_lower(z, o->style);
    text[1] = cli_upper(z, o->style);
    mpq_clears(lo, hi, NULL);
    mpfr_clear(t);
    sbx_ivf_clear(&x);
    cli_ends_free(z, 1);
    return text[0] && text[1];
}

static void name(char *text, size_t size, size_t i, size_t n)
{
    if (i == n)
        (void)snprintf(text, size, "s");
    else
        (void)snprintf(text, size, "p_%zu", i);
}

static bool row(FILE *f, bool first, size_t i, size_t j, mpq_srcptr d, const bound_question *q,
                const bound_opts *o, bool json)
{
    char *e[2], *exact = cli_exact(d, o->style.hex), a[32], b[32];
    const bool ok = factor(e, d, o) && exact;
    name(a, sizeof a, i, q->lo.n);
    name(b, sizeof b, j, q->lo.n);
    if (ok && json)
        (void)fprintf(f,
                      "%s{\"i\":%zu,\"j\":%zu,\"log\":\"%s\",\"factor\":{\"lower\":\"%s\","
                      "\"upper\":\"%s\"}}",
                      first ? "" : ",", i, j, exact, e[0], e[1]);
    else if (ok)
        (void)fprintf(f, "  %s <= e^(%s) %s,  %s <= e^(%s) <= %s\n", a, exact, b, e[0], exact,
                      e[1]);
    free(e[0]);
    free(e[1]);
    free(exact);
    return ok;
}

bool bound_polytope(FILE *f, const bound_question *q, const bound_opts *o, bool json)
{
    const size_t n = q->lo.n;
    bool ok = true;
    mpq_t t;
    mpq_init(t);
    if (json)
        (void)fprintf(f, ",\"polytope\":{\"outputs\":%zu,\"rows\":[", n);
    else
        (void)fprintf(
            f, "softmax of the box: all p >= 0 with p_0 + .. + p_%zu = 1 and, for some s > 0,\n",
            n - 1);
    for (size_t j = 0; ok && j < n; j++) {
        ok = row(f, j == 0, j, n, q->hi.v[j], q, o, json);
        if (q->lo.below[j]) continue;
        mpq_neg(t, q->lo.v[j]);
        ok = ok && row(f, false, n, j, t, q, o, json);
    }
    for (size_t k = 0; ok && k < q->diffs; k++)
        ok = row(f, false, q->diff[k].i, q->diff[k].j, q->diff[k].d, q, o, json);
    if (json) (void)fputs("]}", f);
    mpq_clear(t);
    return ok;
}

/* ---- certificates ------------------------------------------------------------------ */

static bool number(FILE *f, const char *before, double v, bool hex)
{
    char *text = cli_double(v, hex);
    if (text) (void)fprintf(f, "%s\"%s\"", before, text);
    free(text);
    return text != NULL;
}

bool bound_certificate(FILE *f, const sbx_functional_cert *c, const sbx_ivd *v, sbx_end e, bool hex)
{
    bool ok = true;
    if (!c->leaves) {
        (void)fputs(",\"certificate\":null", f);
        return true;
    }
    (void)fputs(",\"certificate\":{", f);
    if (c->view < c->n) (void)fprintf(f, "\"pivot\":%zu,", c->view);
    ok = number(f, "\"const\":", c->cst, hex);
    for (size_t j = 0; v && ok && j < c->n; j++)
        ok = number(f, j ? "," : ",\"c\":[", e == SBX_LO ? v[j].lo : v[j].hi, hex);
    if (v) (void)fputc(']', f);
    (void)fputs(",\"leaves\":[", f);
    for (size_t k = 0; ok && k < c->leaves; k++) {
        const sbx_ivd *x = c->box + k * c->n;
        (void)fprintf(f, "%s{\"lo\":[", k ? "," : "");
        for (size_t j = 0; j < c->n; j++)
            ok = ok && number(f, j ? "," : "", x[j].lo, hex);
        (void)fputs("],\"hi\":[", f);
        for (size_t j = 0; j < c->n; j++)
            ok = ok && number(f, j ? "," : "", x[j].hi, hex);
        ok = ok && number(f, "],\"ref\":", c->ref[k], hex);
        (void)fputs(",\"pieces\":[", f);
        for (size_t p = c->first[k]; p < c->first[k + 1]; p++) {
            ok = ok && number(f, p > c->first[k] ? ",[" : "[", c->t[2 * p], hex);
            ok = ok && number(f, ",", c->t[2 * p + 1], hex);
            ok = ok && number(f, ",", c->mu[p], hex);
            (void)fputc(']', f);
        }
        (void)fputs("]}", f);
    }
    (void)fputs("]}", f);
    return ok;
}
