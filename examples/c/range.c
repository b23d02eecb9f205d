/* range.c -- proved ranges of softmax over a box, in doubles.
 *
 *   cc range.c $(pkg-config --cflags --libs softbox) -o range
 *   ./range -1 1  0 2  1/3 1          lower and upper end of each coordinate
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <softbox/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* x = the least interval of doubles that holds the numbers a and b, read exactly */
static sbx_status side(sbx_ivd *x, const char *a, const char *b, sbx_err *err)
{
    sbx_ivd lo, hi;
    mpq_t q;
    sbx_status st;
    mpq_init(q);
    st = sbx_q_read(q, a, strlen(a), err);
    if (st == SBX_OK) st = sbx_ivd_set_q(&lo, q, NULL, err);
    if (st == SBX_OK) st = sbx_q_read(q, b, strlen(b), err);
    if (st == SBX_OK) st = sbx_ivd_set_q(&hi, q, NULL, err);
    if (st == SBX_OK) st = sbx_ivd_hull(x, &lo, &hi, NULL, err);
    mpq_clear(q);
    return st;
}

int main(int argc, char **argv)
{
    const size_t n = (size_t)(argc - 1) / 2;
    sbx_ivd *x = calloc(n + 1, sizeof *x);
    sbx_err err = {0};
    sbx_status st = x ? sbx_selftest(&err) : SBX_ERR_NOMEM;

    for (size_t i = 0; i < n && st == SBX_OK; i++)
        st = side(&x[i], argv[2 * i + 1], argv[2 * i + 2], &err);
    if (st == SBX_OK) st = sbx_softmax_ivd(x, x, n, NULL, &err);
    for (size_t i = 0; i < n && st == SBX_OK; i++) {
        char *lo = sbx_d_write(x[i].lo, SBX_LO, 17); /* rounded down as text, too */
        char *hi = sbx_d_write(x[i].hi, SBX_HI, 17);
        printf("softmax_%zu in [%s, %s]\n", i, lo ? lo : "?", hi ? hi : "?");
        sbx_text_free(lo);
        sbx_text_free(hi);
    }
    if (st != SBX_OK) fprintf(stderr, "range: %s: %s\n", sbx_status_name(st), err.msg);
    free(x);
    return st != SBX_OK;
}
