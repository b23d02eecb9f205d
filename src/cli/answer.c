/* cli/answer.c -- the answer to one question, as JSON or as a table.
 *
 * JSON: {"id":..,"index":i,"interval":{"lower","upper"},"er":{"lower":{"coef":[..],"const"},
 * "upper":{..}}}, or "outputs":[..] of such. Text: a row for each output and method; an
 * affine bound is shown by its value at the point, exact, cut by the range, and then rounded
 * outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <stdlib.h>
#include <string.h>

/* where the parts of an answer go */
typedef struct sink {
    FILE *f; /* JSON */
    cli_table *table;
    cli_style style;        /* of the interval         */
    cli_style affine_style; /* of what doubles bounded */
    bool failed;            /* no memory for a text    */
} sink;

/* "TEXT" and its end; no character of a number needs an escape */
static void quoted(sink *s, char *text)
{
    if (!text) s->failed = true;
    (void)fprintf(s->f, "\"%s\"", text ? text : "");
    free(text);
}

static void json_ends(sink *s, const cli_ends *z)
{
    (void)fputs("\"interval\":{\"lower\":", s->f);
    quoted(s, cli_lower(z, s->style));
    (void)fputs(",\"upper\":", s->f);
    quoted(s, cli_upper(z, s->style));
    (void)fputc('}', s->f);
}

/* cert NULL: none was asked for; v: the weights of a functional, else NULL */
static void json_plane(sink *s, const sbx_affine *a, sbx_end e, size_t n,
                       const sbx_functional_cert *cert, const sbx_ivd *v)
{
    char *text;
    (void)fprintf(s->f, "\"%s\":{\"coef\":[", e == SBX_LO ? "lower" : "upper");
    for (size_t j = 0; j < n; j++) {
        if (j) (void)fputc(',', s->f);
        quoted(s, cli_double(a->coef[j], s->affine_style.hex));
    }
    (void)fputs("],\"const\":", s->f);
    text = s->affine_style.hex ? sbx_d_write_hex(a->cst)
                               : sbx_d_write(a->cst, e, s->affine_style.digits);
    if (!text) s->failed = true;
    (void)fprintf(s->f, "\"%s\"", text ? text : "");
    sbx_text_free(text);
    if (cert && !bound_certificate(s->f, cert, v, e, s->affine_style.hex)) s->failed = true;
    (void)fputc('}', s->f);
}

/* upper - lower, rounded up to few digits */
static char *gap(const cli_ends *z)
{
    const cli_style few = {4, false};
    char *text;
    mpq_t d;
    if (z->no_lo || z->no_hi) return strdup("inf");
    mpq_init(d);
    mpq_sub(d, z->hi, z->lo);
    text = cli_outward(d, SBX_HI, few);
    mpq_clear(d);
    return text;
}

static void row(sink *s, const char *output, const char *method, const cli_ends *z, cli_style style)
{
    cli_table_add(s->table, output);
    cli_table_add(s->table, method);
    cli_table_take(s->table, cli_lower(z, style));
    cli_table_take(s->table, cli_upper(z, style));
    cli_table_take(s->table, gap(z));
}

/* what an affine bound says at a point is no worse than the range: both hold [L-NET-07] */
static void cut(cli_ends *z, const cli_ends *range)
{
    if (!range->no_lo && (z->no_lo || mpq_cmp(z->lo, range->lo) < 0)) {
        mpq_set(z->lo, range->lo);
        z->no_lo = false;
    }
    if (!range->no_hi && (z->no_hi || mpq_cmp(z->hi, range->hi) > 0)) {
        mpq_set(z->hi, range->hi);
        z->no_hi = false;
    }
}

/* the methods to answer with; an error for one that the normalizer does not have */
static sbx_status methods(unsigned *m, const bound_question *q, const bound_opts *o, sbx_err *err)
{
    const unsigned tame = 1U << SBX_METHOD_INTERVAL | 1U << SBX_METHOD_AUTO;
    sbx_status st = SBX_OK;
    *m = o->methods;
    for (unsigned k = 0; k < SBX_METHOD_COUNT; k++) {
        if (!(*m & 1U << k) || bound_has(q, (sbx_method)k)) continue;
        if (o->all || (tame & 1U << k))
            *m &= ~(1U << k);
        else
            CLI_FAIL(err, SBX_ERR_UNSUPPORTED, "%s has no bounds by %s; there are: %s",
                     bound_function(q), sbx_method_name((sbx_method)k),
                     q->norm.norm ? "interval" : "interval, constant, lse, env, auto, optimal");
    }
    *m |= 1U << SBX_METHOD_INTERVAL;
    if ((o->polytope || o->certificate) && (q->norm.norm || q->f != SBX_FN_SOFTMAX))
        CLI_FAIL(err, SBX_ERR_UNSUPPORTED, "%s: of softmax alone, not of %s",
                 o->polytope ? "polytope" : "certificate", bound_function(q));
    if (o->pieces && (q->norm.norm || q->c.n))
        CLI_FAIL(err, SBX_ERR_UNSUPPORTED,
                 "pieces: of outputs of softmax, log-softmax and lse alone, not of %s%s",
                 q->c.n ? "a functional of " : "", bound_function(q));
    if (o->pieces && q->diffs)
        CLI_FAIL(err, SBX_ERR_UNSUPPORTED, "pieces: of boxes without differences");
done:
    return st;
}

/* lower, upper: a pair of affine bounds, and their proofs */
typedef struct pair {
    sbx_affine lower, upper;
    sbx_functional_cert cert[2];
    sbx_ivd *c; /* the functional, or that of one output */
    double *v;
} pair;

static sbx_status pair_new(pair *p, size_t n, sbx_err *err)
{
    sbx_status st = SBX_OK;
    *p = (pair){0};
    p->lower.coef = calloc(n, sizeof *p->lower.coef);
    p->upper.coef = calloc(n, sizeof *p->upper.coef);
    p->c = calloc(n, sizeof *p->c);
    p->v = calloc(n, sizeof *p->v);
    if (!p->lower.coef || !p->upper.coef || !p->c || !p->v)
        CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for a bound");
done:
    return st;
}

static void pair_free(pair *p)
{
    free(p->lower.coef);
    free(p->upper.coef);
    free(p->c);
    free(p->v);
    sbx_functional_cert_clear(&p->cert[0]);
    sbx_functional_cert_clear(&p->cert[1]);
}

/* method m's bounds of output i, or of the functional; with proofs, if they are asked for */
static sbx_status affine(pair *p, sbx_method m, size_t i, const bound_question *q,
                         const bound_opts *o, const bound_box *b, sbx_err *err)
{
    const double *at = q->at.n || !q->diffs ? b->at : NULL;
    sbx_status st = SBX_OK;
    sbx_ivd unused;
    sbx_functional_cert_clear(&p->cert[0]);
    sbx_functional_cert_clear(&p->cert[1]);
    if (q->c.n) {
        for (size_t j = 0; j < b->n; j++)
            CLI_TRY(sbx_ivd_set_q(&p->c[j], q->c.v[j], NULL, err));
        return sbx_relax_functional(&p->lower, &p->upper, &unused, o->certificate ? p->cert : NULL,
                                    m, p->c, &b->zone, at, err);
    }
    CLI_TRY(sbx_relax_vector(&p->lower, &p->upper, &unused, q->f, m, i, &b->zone, at, err));
    if (!o->certificate) goto done;
    for (size_t j = 0; j < b->n; j++)
        p->v[j] = j == i;
    CLI_TRY(sbx_relax_certify(&p->cert[0], &p->lower.cst, SBX_LO, p->lower.coef, p->lower.cst, p->v,
                              &b->zone, err));
    CLI_TRY(sbx_relax_certify(&p->cert[1], &p->upper.cst, SBX_HI, p->upper.coef, p->upper.cst, p->v,
                              &b->zone, err));
done:
    return st;
}

/* ,"pieces":[{"lower","upper"},..]: method m's planes of output i at o->pieces points */
static sbx_status json_pieces(sink *s, sbx_method m, size_t i, const bound_question *q,
                              const bound_opts *o, const bound_box *b, sbx_err *err)
{
    const size_t r = o->pieces;
    sbx_affine *lower = calloc(r, sizeof *lower), *upper = calloc(r, sizeof *upper);
    double *coef = calloc(2 * r * b->n + 1, sizeof *coef);
    sbx_status st = SBX_OK;
    sbx_ivd unused;

    if (!lower || !upper || !coef) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu pieces", r);
    for (size_t k = 0; k < r; k++) {
        lower[k].coef = coef + 2 * k * b->n;
        upper[k].coef = lower[k].coef + b->n;
    }
    CLI_TRY(sbx_relax_pieces(lower, upper, &unused, q->f, m, i, &b->zone, NULL, r, err));
    (void)fputs(",\"pieces\":[", s->f);
    for (size_t k = 0; k < r; k++) {
        (void)fputs(k ? ",{" : "{", s->f);
        json_plane(s, &lower[k], SBX_LO, b->n, NULL, NULL);
        (void)fputc(',', s->f);
        json_plane(s, &upper[k], SBX_HI, b->n, NULL, NULL);
        (void)fputc('}', s->f);
    }
    (void)fputc(']', s->f);
done:
    free(coef);
    free(upper);
    free(lower);
    return st;
}

/* output i: its interval, then its affine bounds by each method */
static sbx_status one(sink *s, const cli_ends *range, unsigned m, size_t i, const bound_question *q,
                      const bound_opts *o, const bound_box *b, sbx_err *err)
{
    sbx_status st = SBX_OK;
    pair p;
    cli_ends *z = cli_ends_new(1);
    char name[32];

    CLI_TRY(pair_new(&p, q->lo.n, err));
    if (!z) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for a bound");
    (void)snprintf(name, sizeof name, "%zu", i);
    if (s->f)
        json_ends(s, range);
    else
        row(s, q->c.n ? "c" : name, "interval", range, s->style);
    for (unsigned k = SBX_METHOD_INTERVAL + 1; k < SBX_METHOD_COUNT; k++) {
        const char *method = sbx_method_name((sbx_method)k);
        if (!(m & 1U << k)) continue;
        CLI_TRY(affine(&p, (sbx_method)k, i, q, o, b, err));
        if (s->f) {
            (void)fprintf(s->f, ",\"%s\":{", method);
            json_plane(s, &p.lower, SBX_LO, b->n, o->certificate ? &p.cert[0] : NULL,
                       q->c.n ? p.c : NULL);
            (void)fputc(',', s->f);
            json_plane(s, &p.upper, SBX_HI, b->n, o->certificate ? &p.cert[1] : NULL,
                       q->c.n ? p.c : NULL);
            if (o->pieces) CLI_TRY(json_pieces(s, (sbx_method)k, i, q, o, b, err));
            (void)fputc('}', s->f);
        } else {
            bound_value(z, &p.lower, &p.upper, b);
            cut(z, range);
            row(s, "", method, z, s->affine_style);
        }
    }
done:
    cli_ends_free(z, 1);
    pair_free(&p);
    return st;
}

/* what stands before and after the outputs */
static void json_head(FILE *f, const bound_question *q, sink *s)
{
    (void)fputc('{', f);
    if (q->id) {
        (void)fputs("\"id\":", f);
        cli_json_echo(f, q->id);
        (void)fputc(',', f);
    }
    if (q->c.n) {
        (void)fputs("\"functional\":[", f);
        for (size_t j = 0; j < q->c.n; j++) {
            if (j) (void)fputc(',', f);
            quoted(s, cli_exact(q->c.v[j], s->style.hex));
        }
        (void)fputs("],", f);
    } else if (!q->one) {
        (void)fputs("\"outputs\":[", f);
    }
}

static void text_head(FILE *f, const bound_question *q, const bound_opts *o, unsigned m)
{
    const size_t n = q->lo.n;
    (void)fprintf(f, "%s%s over a box of %zu input%s, in %s\n", q->c.n ? "c." : "",
                  bound_function(q), n, n == 1 ? "" : "s", sbx_num_name(o->num));
    if (m & ~(1U << SBX_METHOD_INTERVAL))
        (void)fprintf(f, "affine bounds, in ivd: their values at %s\n",
                      q->at.n ? "the point given by --at" : "the centre of the box");
    for (size_t k = 0; k < q->diffs; k++) {
        char *d = cli_exact(q->diff[k].d, o->style.hex);
        (void)fprintf(f, "%s x_%zu - x_%zu <= %s%s", k ? "," : "with", q->diff[k].i, q->diff[k].j,
                      d ? d : "?", k + 1 < q->diffs ? "" : "\n");
        free(d);
    }
}

sbx_status bound_answer(FILE *f, const bound_question *q, const bound_opts *o, bool json,
                        sbx_err *err)
{
    const size_t outputs = bound_outputs(q);
    cli_table table = {.columns = 5};
    sink s = {json ? f : NULL, &table, o->style, {o->affine_digits, o->style.hex}, false};
    bound_box b = {0};
    sbx_status st = SBX_OK;
    unsigned m = 0;
    cli_ends *z = cli_ends_new(outputs);

    if (!z) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu outputs", outputs);
    CLI_TRY(methods(&m, q, o, err));
    CLI_TRY(bound_ranges(z, q, o, err));
    if (m & ~(1U << SBX_METHOD_INTERVAL)) CLI_TRY(bound_box_set(&b, q, err));
    if (json) {
        json_head(f, q, &s);
    } else {
        text_head(f, q, o, m);
        for (size_t k = 0; k < 5; k++)
            cli_table_add(&table, (const char *[]){"output", "method", "lower", "upper", "gap"}[k]);
    }
    for (size_t k = 0; k < outputs; k++) {
        const size_t i = q->one ? q->index : k;
        if (json && k) (void)fputc(',', f);
        if (json && !q->c.n) (void)fprintf(f, "%s\"index\":%zu,", q->one ? "" : "{", i);
        CLI_TRY(one(&s, &z[k], m, i, q, o, &b, err));
        if (json && !q->c.n && !q->one) (void)fputc('}', f);
    }
    if (json && !q->c.n && !q->one) (void)fputc(']', f);
    if (!json) cli_table_print(&table, f);
    if (o->polytope && !bound_polytope(f, q, o, json)) s.failed = true;
    if (json) (void)fputs("}\n", f);
    if (s.failed || table.failed) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for the answer");
done:
    cli_table_clear(&table);
    cli_ends_free(z, outputs);
    bound_box_clear(&b);
    return st;
}
