/* cli/zone.c -- bounds on differences of coordinates: read, checked, rounded outward.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void bound_diffs_clear(bound_question *q)
{
    for (size_t k = 0; k < q->diffs; k++)
        mpq_clear(q->diff[k].d);
    free(q->diff);
    q->diff = NULL;
    q->diffs = 0;
}

static sbx_status add(bound_question *q, size_t i, size_t j, mpq_srcptr d, sbx_err *err)
{
    sbx_status st = SBX_OK;
    bound_diff *p = realloc(q->diff, (q->diffs + 1) * sizeof *p);
    if (!p) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for a difference");
    q->diff = p;
    p += q->diffs++;
    p->i = i;
    p->j = j;
    mpq_init(p->d);
    mpq_set(p->d, d);
done:
    return st;
}

sbx_status bound_diffs_read(bound_question *q, const char *text, sbx_err *err)
{
    sbx_status st = SBX_OK;
    cli_vec v = {0};
    bound_diffs_clear(q);
    CLI_TRY(cli_vec_read(&v, "diff", text, false, err));
    if (v.n % 3 != 0) CLI_FAIL(err, SBX_ERR_ARG, "diff: %zu numbers, not I,J,D,I,J,D,..", v.n);
    for (size_t k = 0; k < v.n; k += 3) {
        for (size_t e = k; e < k + 2; e++)
            if (mpz_cmp_ui(mpq_denref(v.v[e]), 1) != 0 || !mpz_fits_ulong_p(mpq_numref(v.v[e])))
                CLI_FAIL(err, SBX_ERR_ARG, "diff[%zu]: not the number of a coordinate", e);
        CLI_TRY(add(q, mpz_get_ui(mpq_numref(v.v[k])), mpz_get_ui(mpq_numref(v.v[k + 1])),
                    v.v[k + 2], err));
    }
done:
    cli_vec_clear(&v);
    return st;
}

sbx_status bound_diffs_json(bound_question *q, const json_t *a, sbx_err *err)
{
    sbx_status st = SBX_OK;
    cli_vec v = {0};
    bound_diffs_clear(q);
    if (!json_is_array(a)) CLI_FAIL(err, SBX_ERR_PARSE, "diff is not an array");
    for (size_t k = 0; k < json_array_size(a); k++) {
        const json_t *e = json_array_get(a, k), *d = json_array_get(e, 2);
        const json_t *i = json_array_get(e, 0), *j = json_array_get(e, 1);
        char text[32];
        if (json_array_size(e) != 3 || !json_is_integer(i) || !json_is_integer(j) ||
            json_integer_value(i) < 0 || json_integer_value(j) < 0 ||
            !(json_is_string(d) || json_is_integer(d)))
            CLI_FAIL(err, SBX_ERR_PARSE, "diff[%zu] is not [i,j,\"D\"]", k);
        if (json_is_integer(d))
            (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(d));
        cli_vec_clear(&v);
        CLI_TRY(cli_vec_add(&v, "diff", json_is_string(d) ? json_string_value(d) : text,
                            json_is_string(d) ? json_string_length(d) : strlen(text), false, err));
        CLI_TRY(add(q, (size_t)json_integer_value(i), (size_t)json_integer_value(j), v.v[0], err));
    }
done:
    cli_vec_clear(&v);
    return st;
}

sbx_status bound_diffs_check(const bound_question *q, sbx_err *err)
{
    sbx_status st = SBX_OK;
    mpq_t t;
    mpq_init(t);
    if (q->diffs && q->norm.norm)
        CLI_FAIL(err, SBX_ERR_UNSUPPORTED, "diff: of softmax, log-softmax and lse, not of %s",
                 bound_function(q));
    for (size_t k = 0; k < q->diffs; k++) {
        const bound_diff *d = &q->diff[k];
        if (d->i >= q->lo.n || d->j >= q->lo.n)
            CLI_FAIL(err, SBX_ERR_ARG, "diff[%zu]: coordinates %zu and %zu of %zu", k, d->i, d->j,
                     q->lo.n);
        if (!q->at.n) continue;
        mpq_sub(t, q->at.v[d->i], q->at.v[d->j]);
        if (mpq_cmp(t, d->d) > 0)
            CLI_FAIL(err, SBX_ERR_ARG, "at is outside: at[%zu] - at[%zu] is above diff[%zu]", d->i,
                     d->j, k);
    }
done:
    mpq_clear(t);
    return st;
}

/* The nearest doubles to a point of the zone may be outside of it by a rounding: a few steps
 * towards every difference, each to the double below. */
static void into(bound_box *b)
{
    for (int round = 0; round < 8; round++)
        for (size_t k = 0; k < b->zone.diffs; k++) {
            const sbx_diff *d = &b->diff[k];
            double *p = &b->at[d->i];
            if (d->i == d->j || b->at[d->i] - b->at[d->j] <= d->d - fabs(d->d) * DBL_EPSILON)
                continue;
            if (b->at[d->i] - b->at[d->j] > d->d) *p = b->at[d->j] + d->d;
            *p -= fabs(*p) * DBL_EPSILON;
            if (*p < b->x[d->i].lo) *p = b->x[d->i].lo;
        }
}

sbx_status bound_zone_set(bound_box *b, const bound_question *q, sbx_err *err)
{
    const size_t n = b->n, m = n + 1;
    sbx_status st = SBX_OK;
    double *d = NULL;

    b->zone = sbx_zone_box(b->x, n);
    if (!q->diffs) goto done;
    b->diff = calloc(q->diffs, sizeof *b->diff);
    d = malloc(m * m * sizeof *d);
    if (!b->diff || !d) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu differences", q->diffs);
    for (size_t k = 0; k < q->diffs; k++) {
        sbx_ivd t;
        CLI_TRY(sbx_ivd_set_q(&t, q->diff[k].d, NULL, err));
        b->diff[k] = (sbx_diff){q->diff[k].i, q->diff[k].j, t.hi};
    }
    b->zone.diff = b->diff;
    b->zone.diffs = q->diffs;
    CLI_TRY(sbx_zone_close(d, &b->zone, err));
    if (!q->at.n) /* the centre of the zone's own box is in the zone */
        for (size_t j = 0; j < n; j++) {
            const double lo = -d[n * m + j], hi = d[j * m + n];
            b->at[j] = lo > -HUGE_VAL ? lo / 2 + hi / 2 : hi;
            mpq_set_d(b->point[j], b->at[j]);
        }
    into(b);
done:
    free(d);
    return st;
}

sbx_status bound_view(sbx_ivd *x, const bound_box *b, size_t i, sbx_err *err)
{
    const size_t n = b->n, m = n + 1;
    sbx_status st = SBX_OK;
    bool finite = true;
    double *d = malloc(m * m * sizeof *d);

    if (!d) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for %zu numbers", n);
    CLI_TRY(sbx_zone_close(d, &b->zone, err));
    for (int box = 0; box < 2; box++) {
        if (box && finite) break;
        for (size_t j = 0; j < n; j++) {
            const size_t k = box ? n : i;
            x[j] = j == k ? (sbx_ivd){0.0, 0.0} : (sbx_ivd){-d[k * m + j], d[j * m + k]};
            finite = finite && x[j].hi <= DBL_MAX;
        }
    }
done:
    free(d);
    return st;
}
