/* margin.c -- the exact range of p_i - p_j for p = softmax(x), x in a ball: is class i
 * ahead of class j for every x that is within eps of the logits?
 *
 *   cc margin.c $(pkg-config --cflags --libs softbox) -o margin
 *   ./margin 0 1 0.25  2 1 -1         i, j, eps, logits (doubles)
 *
 * p_i - p_j is c.softmax(x) with c_i = 1, c_j = -1; subtracting the ranges of p_i and p_j
 * would be much wider.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <softbox/kernel.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const size_t n = argc > 4 ? (size_t)argc - 4 : 0;
    const size_t i = n ? strtoul(argv[1], NULL, 10) : 0, j = n ? strtoul(argv[2], NULL, 10) : 0;
    const double eps = n ? strtod(argv[3], NULL) : 0.0;
    sbx_ivd *x = calloc(2 * n + 1, sizeof *x), *c = x + n;
    sbx_ivd z = {0.0, 0.0}, r = {-eps, eps};
    sbx_err err = {0};
    sbx_status st = sbx_selftest(&err);

    if (!x || i >= n || j >= n || i == j || !(eps >= 0.0)) {
        fprintf(stderr, "usage: margin I J EPS LOGIT LOGIT ...\n");
        free(x);
        return 64;
    }
    for (size_t k = 0; k < n && st == SBX_OK; k++) {
        st = sbx_ivd_set_d(&x[k], strtod(argv[4 + k], NULL), NULL, &err);
        if (st == SBX_OK) st = sbx_ivd_add(&x[k], &x[k], &r, NULL, &err); /* outward */
        if (st == SBX_OK) st = sbx_ivd_set_si(&c[k], k == i ? 1 : k == j ? -1 : 0, NULL, &err);
    }
    if (st == SBX_OK) st = sbx_softmax_functional_ivd(&z, c, x, n, NULL, &err);
    if (st == SBX_OK) {
        char *lo = sbx_d_write(z.lo, SBX_LO, 6), *hi = sbx_d_write(z.hi, SBX_HI, 6);
        printf("p_%zu - p_%zu in [%s, %s]: %s\n", i, j, lo ? lo : "?", hi ? hi : "?",
               z.lo > 0.0   ? "ahead, proved"
               : z.hi < 0.0 ? "behind, proved"
                            : "not decided");
        sbx_text_free(lo);
        sbx_text_free(hi);
    } else {
        fprintf(stderr, "margin: %s: %s\n", sbx_status_name(st), err.msg);
    }
    free(x);
    return st != SBX_OK;
}
