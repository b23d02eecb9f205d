/* study/cell.c -- a cell and how it is filled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/study.h"

#include <string.h>

static const char not_meeting[] = "bounds that do not meet";

void sbx_cell_init(sbx_cell *z)
{
    memset(z, 0, sizeof *z);
    mpq_init(z->lo);
    mpq_init(z->hi);
}

void sbx_cell_clear(sbx_cell *z)
{
    mpq_clear(z->lo);
    mpq_clear(z->hi);
}

static void set(sbx_cell *z, sbx_cell_kind kind, bool exact, const char *how, const char *why)
{
    z->kind = kind;
    z->exact = exact;
    z->reached = exact;
    z->how = how;
    z->why = why;
}

void sbx_cell_q(calc *c, sbx_cell *z, mpq_srcptr v, const char *how)
{
    if (c->st != SBX_OK) return;
    mpq_set(z->lo, v);
    mpq_set(z->hi, v);
    set(z, SBX_CELL_NUMBER, true, how, NULL);
}

void sbx_cell_si(calc *c, sbx_cell *z, long a, long b, const char *how)
{
    mpq_t v;
    mpq_init(v);
    mpz_set_si(mpq_numref(v), a);
    mpz_set_si(mpq_denref(v), b);
    mpq_canonicalize(v);
    sbx_cell_q(c, z, v, how);
    mpq_clear(v);
}

static void ends(calc *c, sbx_cell *z, const sbx_ivf *lo, const sbx_ivf *hi)
{
    mpq_t t;
    mpq_init(t);
    if (c->st == SBX_OK) c->st = sbx_ivf_get_q(z->lo, t, lo, c->err);
    if (c->st == SBX_OK) c->st = sbx_ivf_get_q(t, z->hi, hi, c->err);
    mpq_clear(t);
}

/* An enclosure of zero width is a number that is known exactly. */
void sbx_cell_iv(calc *c, sbx_cell *z, const sbx_ivf *v, const char *how)
{
    ends(c, z, v, v);
    if (c->st == SBX_OK) set(z, SBX_CELL_NUMBER, mpq_equal(z->lo, z->hi) != 0, how, NULL);
}

void sbx_cell_between(calc *c, sbx_cell *z, const sbx_ivf *lo, const sbx_ivf *hi, const char *how)
{
    (void)how;
    ends(c, z, lo, hi);
    if (c->st == SBX_OK) set(z, SBX_CELL_NUMBER, mpq_equal(z->lo, z->hi) != 0, not_meeting, NULL);
}

bool sbx_cell_does_not_meet(const sbx_cell *z) { return z->how == not_meeting; }

void sbx_cell_at_least(calc *c, sbx_cell *z, const sbx_ivf *lo, const char *why)
{
    ends(c, z, lo, lo);
    if (c->st == SBX_OK) set(z, SBX_CELL_AT_LEAST, false, "a lower bound", why);
}

void sbx_cell_sqrt(calc *c, sbx_cell *z, mpq_srcptr v, const char *how)
{
    if (c->st != SBX_OK) return;
    if (mpz_perfect_square_p(mpq_numref(v)) && mpz_perfect_square_p(mpq_denref(v))) {
        mpq_t r;
        mpq_init(r);
        mpz_sqrt(mpq_numref(r), mpq_numref(v));
        mpz_sqrt(mpq_denref(r), mpq_denref(v));
        sbx_cell_q(c, z, r, how);
        mpq_clear(r);
    } else {
        sbx_ivf t;
        calc_init(c, &t, 1);
        calc_q(c, &t, v);
        calc_sqrt(c, &t, &t);
        sbx_cell_iv(c, z, &t, how);
        calc_clear(&t, 1);
    }
}

void sbx_cell_sqrt_si(calc *c, sbx_cell *z, long a, long b, const char *how)
{
    mpq_t v;
    mpq_init(v);
    mpz_set_si(mpq_numref(v), a);
    mpz_set_si(mpq_denref(v), b);
    mpq_canonicalize(v);
    sbx_cell_sqrt(c, z, v, how);
    mpq_clear(v);
}

void sbx_cell_infinite(sbx_cell *z, const char *why)
{
    set(z, SBX_CELL_INFINITE, false, "infinite", why);
    z->reached = true;
}

void sbx_cell_none(sbx_cell *z, const char *why) { set(z, SBX_CELL_NONE, false, "none", why); }

static bool has_number(const calc *c, const sbx_cell *z)
{
    return c->st == SBX_OK && (z->kind == SBX_CELL_NUMBER || z->kind == SBX_CELL_AT_LEAST);
}

void sbx_cell_times(calc *c, sbx_cell *z, mpq_srcptr v)
{
    if (!has_number(c, z)) return;
    mpq_mul(z->lo, z->lo, v);
    mpq_mul(z->hi, z->hi, v);
}

void sbx_cell_over(calc *c, sbx_cell *z, mpq_srcptr v)
{
    if (!has_number(c, z)) return;
    mpq_div(z->lo, z->lo, v);
    mpq_div(z->hi, z->hi, v);
}

/* All numbers here are >= 0, so that ends go to ends. */
void sbx_cell_times_iv(calc *c, sbx_cell *z, const sbx_ivf *v)
{
    mpq_t a, b;
    if (!has_number(c, z)) return;
    mpq_inits(a, b, (mpq_ptr)0);
    c->st = sbx_ivf_get_q(a, b, v, c->err);
    mpq_mul(z->lo, z->lo, a);
    mpq_mul(z->hi, z->hi, b);
    if (z->exact && mpq_equal(z->lo, z->hi) == 0) z->exact = z->reached = false;
    mpq_clears(a, b, (mpq_ptr)0);
}

void sbx_cell_over_iv(calc *c, sbx_cell *z, const sbx_ivf *v)
{
    sbx_ivf t;
    calc_init(c, &t, 1);
    calc_si(c, &t, 1);
    calc_div(c, &t, &t, v);
    sbx_cell_times_iv(c, z, &t);
    calc_clear(&t, 1);
}
