/* io/vnnlib_term.c -- linear terms and comparisons.
 *
 * A sum that is being read is a stretch of one stack of terms: the arguments of + are
 * already their sum when they lie behind each other, - turns signs, * and / keep the one
 * argument with variables and fold the others into a factor. So nothing is copied, and the
 * cost of a term is its length times its depth at worst.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/try.h"

#include <stdlib.h>

static sbx_status push(sbx_vnn *v, sbx_vnn_of of, size_t var, mpq_ptr coef)
{
    sbx_vnn_term *p = sbx_vnn_room(v, v->term, v->n_term, &v->cap_term, sizeof *p);
    if (!p) return SBX_VNN_LOST(v);
    v->term = p;
    p[v->n_term++] = (sbx_vnn_term){of, var, coef};
    return SBX_OK;
}

static sbx_status number(mpq_ptr *q, sbx_vnn *v)
{
    *q = sbx_vnn_number(v);
    return *q ? SBX_OK : SBX_VNN_LOST(v);
}

sbx_status sbx_vnn_leaf(sbx_vnn *v, const sbx_vnn_token *t)
{
    sbx_status st = SBX_OK;
    sbx_err why = {0};
    sbx_vnn_of of = SBX_VNN_CONST;
    size_t k = 0;
    mpq_ptr q = NULL;

    SBX_TRY(number(&q, v));
    if (v->two && sbx_vnn_is_identifier(t)) {
        SBX_TRY(sbx_vnn_element(&of, &k, v, t));
        mpq_set_ui(q, 1, 1);
    } else if (!v->two && sbx_vnn_name(&of, &k, t)) {
        if (k >= v->declared_n[of] || !v->declared[of][k])
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, t->s, "'%.*s' is not declared", sbx_vnn_shown(t), t->s);
        mpq_set_ui(q, 1, 1);
    } else if (t->kind == SBX_VNN_WORD &&
               (*t->s == '-' || *t->s == '+' || *t->s == '.' || (*t->s >= '0' && *t->s <= '9'))) {
        const sbx_status code = sbx_q_read(q, t->s, t->len, &why);
        if (code == SBX_ERR_PARSE)
            SBX_VNN_FAIL(v, code, t->s, "'%.*s' is not a number", sbx_vnn_shown(t), t->s);
        if (code != SBX_OK)
            SBX_VNN_FAIL(v, code, t->s, "'%.*s': %.100s", sbx_vnn_shown(t), t->s, why.msg);
        SBX_TRY(sbx_vnn_sized(v, q, t->s));
    } else {
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t->s, "'%.*s' is no number and no variable%s",
                     sbx_vnn_shown(t), t->s, v->two ? "" : " X_k or Y_k");
    }
    SBX_TRY(push(v, of, k, q));
done:
    return st;
}

/* q = q * by, or q / by */
static sbx_status scale(sbx_vnn *v, mpq_ptr q, mpq_srcptr by, bool divide, const char *at)
{
    if (divide)
        mpq_div(q, q, by); /* by != 0 */
    else
        mpq_mul(q, q, by);
    return sbx_vnn_sized(v, q, at);
}

/* The terms from `from` on are constants: their sum, in the first; the others leave. */
static sbx_status fold(mpq_ptr *sum, sbx_vnn *v, size_t from, const char *at)
{
    sbx_status st = SBX_OK;
    *sum = v->term[from].coef;
    for (size_t i = from + 1; i < v->n_term; i++) {
        mpq_add(*sum, *sum, v->term[i].coef);
        SBX_TRY(sbx_vnn_sized(v, *sum, at));
    }
    v->n_term = from;
done:
    return st;
}

sbx_status sbx_vnn_argument(sbx_vnn *v, sbx_vnn_frame *f, const char *at)
{
    sbx_status st = SBX_OK;
    bool constant = true;
    mpq_ptr q = NULL;

    f->args++;
    if (f->op != SBX_VNN_OP_MUL && f->op != SBX_VNN_OP_DIV) {
        if (f->args == 1) f->mark = v->n_term;
        goto done;
    }
    for (size_t i = f->mark; i < v->n_term && constant; i++)
        constant = v->term[i].of == SBX_VNN_CONST;
    if (f->op == SBX_VNN_OP_DIV ? f->args == 1 : !constant && !f->has_var) {
        f->has_var = true;
        f->mark = v->n_term;
        goto done;
    }
    if (!constant)
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, f->word.s, "nonlinear: '%.*s' of variables",
                     sbx_vnn_shown(&f->word), f->word.s);
    SBX_TRY(fold(&q, v, f->mark, at));
    if (f->op == SBX_VNN_OP_DIV && mpq_sgn(q) == 0)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, at, "division by zero");
    if (f->factor)
        SBX_TRY(scale(v, f->factor, q, false, at));
    else
        f->factor = q;
done:
    return st;
}

static void negate(sbx_vnn *v, size_t from)
{
    for (size_t i = from; i < v->n_term; i++)
        mpq_neg(v->term[i].coef, v->term[i].coef);
}

sbx_status sbx_vnn_close_term(sbx_vnn *v, sbx_vnn_frame *f)
{
    sbx_status st = SBX_OK;
    const bool single = f->op == SBX_VNN_OP_SUB || v->two; /* may have one argument */
    if (f->args < (single ? 1u : 2u))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, f->word.s, "'%.*s' with %zu argument%s",
                     sbx_vnn_shown(&f->word), f->word.s, f->args, f->args == 1 ? "" : "s");
    if (f->op == SBX_VNN_OP_SUB) negate(v, f->args == 1 ? f->start : f->mark);
    if (f->op == SBX_VNN_OP_MUL && !f->has_var) SBX_TRY(push(v, SBX_VNN_CONST, 0, f->factor));
    if (f->has_var && f->factor)
        for (size_t i = f->start; i < v->n_term; i++)
            SBX_TRY(scale(v, v->term[i].coef, f->factor, f->op == SBX_VNN_OP_DIV, f->word.s));
done:
    return st;
}

static int by_variable(const void *a, const void *b)
{
    const sbx_vnn_term *x = a, *y = b;
    if (x->of != y->of) return x->of < y->of ? -1 : 1;
    return x->var < y->var ? -1 : x->var > y->var;
}

/* The terms from `from` on, sorted, one a variable, zeros gone; the constant moves to the
 * other side: terms <= *rhs. */
static sbx_status collect(mpq_ptr *rhs, sbx_vnn *v, size_t from, const char *at)
{
    sbx_status st = SBX_OK;
    size_t n = from; /* kept so far */
    SBX_TRY(number(rhs, v));
    qsort(v->term + from, v->n_term - from, sizeof *v->term, by_variable);
    for (size_t i = from; i < v->n_term; i++) {
        const sbx_vnn_term t = v->term[i];
        if (t.of == SBX_VNN_CONST) {
            mpq_sub(*rhs, *rhs, t.coef);
            SBX_TRY(sbx_vnn_sized(v, *rhs, at));
            sbx_vnn_back(v, t.coef);
            continue;
        }
        if (n > from && by_variable(&v->term[n - 1], &t) == 0) {
            mpq_add(v->term[n - 1].coef, v->term[n - 1].coef, t.coef);
            SBX_TRY(sbx_vnn_sized(v, v->term[n - 1].coef, at));
            continue;
        }
        if (n > from && mpq_sgn(v->term[n - 1].coef) == 0) n--;
        v->term[n++] = t;
    }
    if (n > from && mpq_sgn(v->term[n - 1].coef) == 0) n--;
    v->n_term = n;
done:
    return st;
}

static sbx_status add_atom(sbx_vnn *v, const sbx_vnn_atom *atom, size_t parent, const char *at)
{
    sbx_status st = SBX_OK;
    size_t id;
    sbx_vnn_atom *p = sbx_vnn_room(v, v->atom, v->n_atom, &v->cap_atom, sizeof *p);
    if (!p) return SBX_VNN_LOST(v);
    v->atom = p;
    p[v->n_atom] = *atom;
    SBX_TRY(sbx_vnn_node_new(&id, v, SBX_VNN_ATOM));
    v->node[id].at = (uint32_t)v->n_atom++; /* < bytes of the file */
    SBX_TRY(sbx_vnn_attach(v, parent, id, at));
done:
    return st;
}

/* The terms from `from` on are <= rhs (>= rhs when `least`), or < rhs. A strict bound of one
 * input closes the box and stays a constraint too: the box alone would let its end in. */
static sbx_status add_side(sbx_vnn *v, size_t from, mpq_srcptr rhs, bool strict, bool least,
                           size_t parent, const char *at)
{
    sbx_status st = SBX_OK;
    const size_t n = v->n_term - from;
    const bool bound = n == 1 && v->term[from].of == SBX_VNN_X;
    sbx_vnn_atom a = {0};
    mpq_ptr q = NULL;

    SBX_TRY(number(&q, v));
    if (bound) {
        mpq_srcptr c = v->term[from].coef;
        a.is_bound = true;
        a.is_upper = (mpq_sgn(c) > 0) != least;
        a.var = v->term[from].var;
        if (mpz_cmpabs_ui(mpq_numref(c), 1) == 0 && mpz_cmp_ui(mpq_denref(c), 1) == 0) {
            mpq_set(q, rhs);
            if (mpq_sgn(c) < 0) mpq_neg(q, q);
        } else
            mpq_div(q, rhs, c);
        SBX_TRY(sbx_vnn_sized(v, q, at));
        *a.c.rhs = *q;
        SBX_TRY(add_atom(v, &a, parent, at));
        if (!strict) goto done;
        SBX_TRY(number(&q, v));
    }
    a = (sbx_vnn_atom){0};
    a.c.strict = strict;
    a.c.n_terms = n;
    a.c.term = sbx_vnn_mem(v, n, sizeof *a.c.term);
    if (!a.c.term) return SBX_VNN_LOST(v);
    for (size_t i = 0; i < n; i++) {
        mpq_ptr c = NULL;
        SBX_TRY(number(&c, v));
        mpq_set(c, v->term[from + i].coef);
        if (least) mpq_neg(c, c);
        SBX_TRY(sbx_vnn_sized(v, c, at));
        a.c.term[i].var = v->term[from + i].var;
        a.c.term[i].is_output = v->term[from + i].of == SBX_VNN_Y;
        *a.c.term[i].coef = *c;
    }
    mpq_set(q, rhs);
    if (least) mpq_neg(q, q);
    SBX_TRY(sbx_vnn_sized(v, q, at));
    *a.c.rhs = *q;
    SBX_TRY(add_atom(v, &a, parent, at));
done:
    return st;
}

/* Not equal: below, or above. */
static sbx_status add_either(sbx_vnn *v, size_t from, mpq_srcptr rhs, size_t parent, const char *at)
{
    sbx_status st = SBX_OK;
    size_t either, side;
    SBX_TRY(sbx_vnn_node_new(&either, v, SBX_VNN_OR));
    for (int least = 0; least < 2; least++) {
        SBX_TRY(sbx_vnn_node_new(&side, v, SBX_VNN_AND));
        SBX_TRY(add_side(v, from, rhs, true, least, side, at));
        SBX_TRY(sbx_vnn_attach(v, either, side, at));
    }
    SBX_TRY(sbx_vnn_attach(v, parent, either, at));
done:
    return st;
}

sbx_status sbx_vnn_close_cmp(sbx_vnn *v, sbx_vnn_frame *f, size_t parent)
{
    sbx_status st = SBX_OK;
    const char *at = f->word.s;
    const bool least = f->cmp == SBX_VNN_GE || f->cmp == SBX_VNN_GT;
    const bool strict = f->cmp == SBX_VNN_LT || f->cmp == SBX_VNN_GT;
    const size_t from = f->start;
    mpq_ptr rhs = NULL;
    size_t both = parent; /* where the atoms go: two of them are an and */

    if (f->args != 2)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, at, "'%.*s' with %zu argument%s, not 2",
                     sbx_vnn_shown(&f->word), at, f->args, f->args == 1 ? "" : "s");
    negate(v, f->mark);
    SBX_TRY(collect(&rhs, v, from, at));
    if (v->n_term == from)
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, at, "a comparison in which no variable is left");
    if (f->cmp == SBX_VNN_NE) {
        SBX_TRY(add_either(v, from, rhs, parent, at));
    } else {
        if (strict || f->cmp == SBX_VNN_EQ) SBX_TRY(sbx_vnn_node_new(&both, v, SBX_VNN_AND));
        if (!least) SBX_TRY(add_side(v, from, rhs, strict, false, both, at));
        if (least || f->cmp == SBX_VNN_EQ) SBX_TRY(add_side(v, from, rhs, strict, true, both, at));
        if (both != parent) SBX_TRY(sbx_vnn_attach(v, parent, both, at));
    }
    while (v->n_term > from) /* no atom has a copy of these */
        sbx_vnn_back(v, v->term[--v->n_term].coef);
    sbx_vnn_back(v, rhs);
done:
    return st;
}
