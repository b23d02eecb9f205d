/* num_interval.tmpl.c -- one enclosure system: for random intervals and points in them, the
 * result holds the true value, which exact rationals or MPFR at 300 bits give; operands may
 * be the result. The including file binds a system and defines
 *
 *   load(x, lo, hi)     x = [lo, hi]
 *   lo_is(x, v), hi_is(x, v)  the sign of an end minus the rational v
 *   same(x, y)          equal ends
 *   UNBOUNDED           may an end be infinite?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#define UNARY(op)           \
    {                       \
#op, NUM_(op), NULL \
    }
#define BINARY(op)          \
    {                       \
#op, NULL, NUM_(op) \
    }

static const struct {
    const char *name;
    sbx_status (*f)(NUM *, const NUM *, const sbx_ctx *, sbx_err *);
    sbx_status (*g)(NUM *, const NUM *, const NUM *, const sbx_ctx *, sbx_err *);
} FN(table)[] = {
    UNARY(neg),   UNARY(abs),  UNARY(sqr),   UNARY(sqrt), UNARY(exp),     UNARY(exp2),
    UNARY(expm1), UNARY(log),  UNARY(log1p), UNARY(tanh), UNARY(sigmoid), BINARY(add),
    BINARY(sub),  BINARY(mul), BINARY(div),  BINARY(min), BINARY(max),    BINARY(hull),
};

/* Is an error the right answer? There is no value at any point; ivq: or no finite end, or
 * an exponential out of reach. */
static bool FN(may_fail)(const char *op, sbx_status st, const double x[2], const double y[2])
{
    const bool is_log = strcmp(op, "log") == 0, is_log1p = strcmp(op, "log1p") == 0;
    if (st == SBX_ERR_LIMIT) return !UNBOUNDED && (x[0] < -65536 || x[1] > 65536);
    if (st != SBX_ERR_DOMAIN) return false;
    if (strcmp(op, "sqrt") == 0) return x[1] < 0;
    if (is_log || is_log1p) return (UNBOUNDED ? x[1] : x[0]) <= (is_log ? 0 : -1);
    if (strcmp(op, "div") != 0) return false;
    return UNBOUNDED ? y[0] >= 0 && y[1] <= 0 : y[0] <= 0 && y[1] >= 0;
}

static void FN(holds)(void **state)
{
    const sbx_ctx precs[] = {{.prec = 2}, {.prec = 24}, {.prec = 53}, {.prec = 128}, {.prec = 200}};
    const sbx_ctx wide = {.prec = 53};
    uint64_t s = test_seed() + NUM_ID;
    value v;
    NUM x, y;
    (void)state;
    value_init(&v);
    NUM_(init)(&x, &wide);
    NUM_(init)(&y, &wide);
    for (long round = 0; round < test_rounds(6000); round++) {
        const uint64_t seed = s;
        const sbx_ctx *ctx = &precs[sbx_rng(&s) % 5];
        const size_t k = sbx_rng(&s) % (sizeof FN(table) / sizeof *FN(table));
        const char *op = FN(table)[k].name;
        double a[2], b[2];
        sbx_status st;
        NUM z;
        draw_interval(a, &s, UNBOUNDED);
        draw_interval(b, &s, UNBOUNDED);
        load(&x, a);
        load(&y, b);
        NUM_(init)(&z, ctx);
        st = FN(table)[k].f ? FN(table)[k].f(&z, &x, ctx, err)
                            : FN(table)[k].g(&z, &x, &y, ctx, err);
        if (st != SBX_OK && !FN(may_fail)(op, st, a, b))
            fail_msg("seed %ld: %s [%a,%a] [%a,%a]: %s", (long)seed, op, a[0], a[1], b[0], b[1],
                     test_err.msg);
        for (int i = 0; i < 6 && st == SBX_OK; i++) {
            const double p = draw_point(a, i & 1 ? i >> 1 : 3, &s), q = draw_point(b, i % 3, &s);
            if (!value_at(&v, op, p, q)) continue;
            if (lo_is(&z, v.lo) > 0 || hi_is(&z, v.hi) < 0)
                fail_msg("seed %ld: %s [%a,%a] [%a,%a] lacks the value at %a %a, %ld bits",
                         (long)seed, op, a[0], a[1], b[0], b[1], p, q, ctx->prec);
        }
        NUM_(clear)(&z);
    }
    NUM_(clear)(&x);
    NUM_(clear)(&y);
    value_clear(&v);
}

static void FN(aliases)(void **state)
{
    const sbx_ctx ctx = {.prec = 53};
    uint64_t s = test_seed() + NUM_ID;
    NUM x, y, z, w;
    (void)state;
    NUM_(init)(&x, &ctx);
    NUM_(init)(&y, &ctx);
    NUM_(init)(&z, &ctx);
    NUM_(init)(&w, &ctx);
    for (long round = 0; round < test_rounds(2000); round++) {
        const size_t k = sbx_rng(&s) % (sizeof FN(table) / sizeof *FN(table));
        double a[2], b[2];
        draw_interval(a, &s, UNBOUNDED);
        draw_interval(b, &s, UNBOUNDED);
        load(&x, a);
        load(&y, b);
        load(&z, b);
        NUM_(set)(&w, &x);
        if (FN(table)[k].f) {
            const sbx_status st = FN(table)[k].f(&z, &x, &ctx, err);
            assert_int_equal(st, FN(table)[k].f(&w, &w, &ctx, err));
            assert_true(st == SBX_OK ? same(&z, &w) : same(&w, &x)); /* refused: untouched */
        } else {
            const sbx_status st = FN(table)[k].g(&z, &x, &y, &ctx, err);
            if (st != SBX_OK) assert_true(same(&z, &y)); /* untouched */
            assert_int_equal(st, FN(table)[k].g(&w, &w, &y, &ctx, err));
            assert_true(st == SBX_OK ? same(&z, &w) : same(&w, &x));
            NUM_(set)(&w, &y);
            assert_int_equal(st, FN(table)[k].g(&w, &x, &w, &ctx, err));
            assert_true(st == SBX_OK ? same(&z, &w) : same(&w, &y));
            NUM_(set)(&w, &x);
            assert_ok(NUM_(fma)(&z, &x, &x, &x, &ctx, err));
            assert_ok(NUM_(fma)(&w, &w, &w, &w, &ctx, err));
            assert_true(same(&z, &w));
        }
    }
    NUM_(clear)(&x);
    NUM_(clear)(&y);
    NUM_(clear)(&z);
    NUM_(clear)(&w);
}

/* x y + a at points of the three intervals, exactly */
static void FN(fma_holds)(void **state)
{
    const sbx_ctx ctx = {.prec = 53};
    uint64_t s = test_seed() + NUM_ID;
    NUM x[3], z;
    mpq_t p, q;
    (void)state;
    mpq_init(p);
    mpq_init(q);
    NUM_(init)(&z, &ctx);
    for (int i = 0; i < 3; i++)
        NUM_(init)(&x[i], &ctx);
    for (long round = 0; round < test_rounds(2000); round++) {
        double a[3][2];
        for (int i = 0; i < 3; i++) {
            draw_interval(a[i], &s, UNBOUNDED);
            load(&x[i], a[i]);
        }
        assert_ok(NUM_(fma)(&z, &x[0], &x[1], &x[2], &ctx, err));
        for (int i = 0; i < 9; i++) {
            mpq_set_d(p, draw_point(a[0], i % 3, &s));
            mpq_set_d(q, draw_point(a[1], i / 3, &s));
            mpq_mul(p, p, q);
            mpq_set_d(q, draw_point(a[2], (int)(sbx_rng(&s) % 3), &s));
            mpq_add(p, p, q);
            assert_true(lo_is(&z, p) <= 0 && hi_is(&z, p) >= 0);
        }
    }
    for (int i = 0; i < 3; i++)
        NUM_(clear)(&x[i]);
    NUM_(clear)(&z);
    mpq_clear(p);
    mpq_clear(q);
}

/* hull and intersect as sets of points; the comparisons hold for all pairs or for none */
static void FN(sets_and_order)(void **state)
{
    const sbx_ctx ctx = {.prec = 53};
    uint64_t s = test_seed() + NUM_ID;
    NUM x, y, z, e;
    (void)state;
    NUM_(init)(&x, &ctx);
    NUM_(init)(&y, &ctx);
    NUM_(init)(&z, &ctx);
    NUM_(init)(&e, &ctx);
    for (int round = 0; round < 400; round++) {
        const double grid[] = {-2, -1, 0, 1, 2};
        double a[2], b[2];
        bool lt = true, le = true, eq = true, some_lt = false, some_le = false, some_eq = false;
        do
            for (int i = 0; i < 2; i++) {
                a[i] = grid[sbx_rng(&s) % 5];
                b[i] = grid[sbx_rng(&s) % 5];
            }
        while (a[0] > a[1] || b[0] > b[1]);
        load(&x, a);
        load(&y, b);
        for (int i = 0; i < 9; i++) { /* the ends and the middle decide all three */
            const double ps[] = {a[0], a[1], (a[0] + a[1]) / 2},
                         qs[] = {b[0], b[1], (b[0] + b[1]) / 2};
            const double p = ps[i % 3], q = qs[i / 3];
            lt &= p < q;
            le &= p <= q;
            eq &= p >= q && p <= q;
            some_lt |= p < q;
            some_le |= p <= q;
        }
        some_eq = a[0] <= b[1] && b[0] <= a[1];
        assert_int_equal(NUM_(lt)(&x, &y), lt ? SBX_TRUE : some_lt ? SBX_UNKNOWN : SBX_FALSE);
        assert_int_equal(NUM_(le)(&x, &y), le ? SBX_TRUE : some_le ? SBX_UNKNOWN : SBX_FALSE);
        assert_int_equal(NUM_(eq)(&x, &y), eq ? SBX_TRUE : some_eq ? SBX_UNKNOWN : SBX_FALSE);
        NUM_(set)(&z, &y);
        assert_status(some_eq ? SBX_OK : SBX_ERR_DOMAIN, NUM_(intersect)(&z, &x, &y, &ctx, err));
        if (some_eq) {
            const double m[2] = {a[0] > b[0] ? a[0] : b[0], a[1] < b[1] ? a[1] : b[1]};
            load(&e, m);
            assert_true(same(&z, &e));
        } else {
            assert_true(same(&z, &y));
        }
        assert_ok(NUM_(end)(&z, &x, SBX_HI, err));
        b[0] = b[1] = a[1];
        load(&e, b);
        assert_true(same(&z, &e));
        assert_ok(NUM_(end)(&x, &x, SBX_LO, err));
        b[0] = b[1] = a[0];
        load(&e, b);
        assert_true(same(&x, &e));
    }
    NUM_(clear)(&x);
    NUM_(clear)(&y);
    NUM_(clear)(&z);
    NUM_(clear)(&e);
}
#undef UNARY
#undef BINARY
