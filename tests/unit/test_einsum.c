/* test_einsum.c -- Einsum against its definition: a sum over all values of all indices, in
 * rationals; values in all eight number systems, bounds and gradients. [L-NET-60]
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "opcase.h"

typedef struct {
    const char *equation, *in[2], *out; /* the indices of the operands, in[1] NULL: one */
    size_t rank[2], dim[2][4];          /* their shapes */
    int constant;                       /* which operand is one; 2: none */
    bool affine;
} form;

static const form forms[] = {
    {"ab,cb->ac", {"ab", "cb"}, "ac", {2, 2}, {{2, 3}, {4, 3}}, 1, true},
    {"ab,bcd->acd", {"ab", "bcd"}, "acd", {2, 3}, {{2, 3}, {3, 2, 2}}, 1, true},
    {"abcd,cde->abe", {"abcd", "cde"}, "abe", {4, 3}, {{1, 1, 2, 3}, {2, 3, 4}}, 1, true},
    {"dca,ab->bcd", {"dca", "ab"}, "bcd", {3, 2}, {{3, 2, 2}, {2, 3}}, 0, true},
    {"ij,jk", {"ij", "jk"}, "ik", {2, 2}, {{2, 3}, {3, 2}}, 1, true},
    {"zA , AB", {"zA", "AB"}, "Bz", {2, 2}, {{2, 3}, {3, 2}}, 1, true},
    {"ij,kl->ki", {"ij", "kl"}, "ki", {2, 2}, {{2, 3}, {2, 2}}, 1, true},
    {"bij,bjk->ikb", {"bij", "bjk"}, "ikb", {3, 3}, {{2, 1, 3}, {2, 3, 2}}, 1, true},
    {"ij,ij->i", {"ij", "ij"}, "i", {2, 2}, {{2, 3}, {2, 3}}, 2, false},
    {"ij,kj->ik", {"ij", "kj"}, "ik", {2, 2}, {{2, 3}, {2, 3}}, 2, false},
    {"bi,bj->bij", {"bi", "bj"}, "bij", {2, 2}, {{2, 3}, {2, 3}}, 2, false},
    {"ij,ij->", {"ij", "ij"}, "", {2, 2}, {{2, 3}, {2, 3}}, 2, false},
    {"ij->ji", {"ij", NULL}, "ji", {2, 0}, {{2, 3}, {0}}, 2, true},
    {" i j -> j ", {"ij", NULL}, "j", {2, 0}, {{2, 3}, {0}}, 2, true},
    {"ba", {"ba", NULL}, "ab", {2, 0}, {{2, 3}, {0}}, 2, true},
    {"ij->", {"ij", NULL}, "", {2, 0}, {{2, 3}, {0}}, 2, true},
};
static const form *now;

static size_t operand(sbx_net *net, size_t x, size_t i)
{
    int64_t to[4];
    if (now->constant == (int)i) return op_const(net, now->rank[i], now->dim[i], NULL);
    for (size_t k = 0; k < now->rank[i]; k++)
        to[k] = (int64_t)now->dim[i][k];
    return now->rank[i] == 2 ? x : NODE("Reshape", x, op_ints(net, now->rank[i], to));
}

static size_t build(sbx_net *net, size_t x)
{
    const sbx_attr at = {.name = "equation", .kind = SBX_ATTR_STRING, .s = now->equation};
    size_t in[2] = {operand(net, x, 0), 0};
    if (now->in[1]) in[1] = operand(net, x, 1);
    return op_node(net, "Einsum", in, now->in[1] ? 2 : 1, &at, 1);
}

/* sizes of the indices, by letter */
static void sizes(size_t n[128])
{
    memset(n, 0, 128 * sizeof *n);
    for (size_t i = 0; i < 2 && now->in[i]; i++)
        for (size_t k = 0; k < now->rank[i]; k++)
            n[(unsigned char)now->in[i][k]] = now->dim[i][k];
}

static size_t place(const char *w, const size_t *v, const size_t *n)
{
    size_t at = 0;
    for (; *w; w++)
        at = at * n[(unsigned char)*w] + v[(unsigned char)*w];
    return at;
}

static void value(mpq_t *y, mpq_t *x)
{
    size_t n[128], v[128] = {0};
    bool more = true;
    mpq_t p, c;
    mpq_inits(p, c, NULL);
    sizes(n);
    for (size_t k = 0; k < OP_MOST; k++) {
        size_t all = 1;
        for (const char *w = now->out; *w; w++)
            all *= n[(unsigned char)*w];
        if (k < all) mpq_set_ui(y[k], 0, 1);
    }
    while (more) {
        mpq_set_ui(p, 1, 1);
        for (size_t i = 0; i < 2 && now->in[i]; i++) {
            const size_t at = place(now->in[i], v, n);
            mpq_set_d(c, op_w(at));
            mpq_mul(p, p, now->constant == (int)i ? c : x[at]);
        }
        mpq_add(y[place(now->out, v, n)], y[place(now->out, v, n)], p);
        more = false;
        for (size_t c2 = 0; c2 < 128 && !more; c2++) {
            if (n[c2] == 0) continue;
            more = ++v[c2] < n[c2];
            if (!more) v[c2] = 0;
        }
    }
    mpq_clears(p, c, NULL);
}

static void every_form(void **state)
{
    uint64_t r = test_seed();
    (void)state;
    for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
        opcase c = {forms[k].equation, build, value, 1, 0, {0}, true, forms[k].affine, true, 0};
        size_t n[128];
        now = &forms[k];
        sizes(n);
        for (const char *w = now->out; *w; w++)
            c.n *= c.dim[c.rank++] = n[(unsigned char)*w];
        op_values(&c, &r);
        op_bounds(&c, test_rounds(20), &r);
    }
}

static void refusals(void **state)
{
    static const struct {
        const char *equation, *why;
        size_t operands;
    } bad[] = {{"ii->i", "stands twice", 1},
               {"ij->ii", "stands twice", 1},
               {"...j->j", "has a '.'", 1},
               {"ij,jk,kl->il", "three operands", 2},
               {"ij->k", "no operand has the index k", 1},
               {"ijk->i", "operand 1 has 2 dimensions, the equation 3", 1},
               {"ij,ij->i", "1 operands, the equation has 2", 1},
               {"ij->ji", "2 operands, the equation has 1", 2},
               {"ij,jk->ik", "the index j is 3 and 2", 2},
               {"ij->i->j", "has a '-'", 1},
               {"abcdefghi->a", "over 8", 1}};
    const sbx_shape in = {2, {2, 3}};
    const char *const name[1] = {"y"};
    (void)state;
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        const sbx_attr at = {.name = "equation", .kind = SBX_ATTR_STRING, .s = bad[k].equation};
        sbx_net *net;
        size_t x[2], y;
        sbx_status st;
        assert_ok(sbx_graph_new(&net, 13, 0, err));
        assert_ok(sbx_graph_input(&x[0], net, "x", &in, err));
        x[1] = x[0];
        st = sbx_graph_node(&y, net, "Einsum", "n", x, bad[k].operands, name, 1, &at, 1, err);
        assert_true(st == SBX_ERR_PARSE || st == SBX_ERR_UNSUPPORTED);
        if (!strstr(test_err.msg, bad[k].why)) fail_msg("%s: %s", bad[k].equation, test_err.msg);
        sbx_net_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
