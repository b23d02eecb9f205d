/* net/numvec.tmpl.c -- arrays of numbers of one system. Bound by net/numvec.c.
 * SPDX-License-Identifier: GPL-3.0-or-later */
NUM *FN(sbx_vec_new)(size_t n, const sbx_ctx *ctx)
{
    NUM *v = sbx_alloc(n, sizeof *v);
    if (v)
        for (size_t k = 0; k < n; k++)
            NUM_(init)(&v[k], ctx);
    return v;
}

void FN(sbx_vec_free)(NUM *v, size_t n)
{
    if (v)
        for (size_t k = 0; k < n; k++)
            NUM_(clear)(&v[k]);
    sbx_free(v);
}
