/* run_itf1788 DIR -- runs the vectors of DIR/(*).itl (ITF1788's interval test language) in
 * ivd, ivf at 53 bits and ivq at 128 bits.
 *
 * The expected interval is the tightest one with double ends. A vector is a containment
 * failure when the computed interval, its ends rounded outward to doubles, does not hold
 * it, or when there is an error in its place. How much wider a computed interval is, is
 * counted in doubles a side; it must be 0 in ivf and ivq, and keep num.h's promise in ivd.
 *
 * Exit status: 0, 1 (a failure or a broken promise), 65 (no folder, no vectors).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "softbox/num.h"

#include "conf.h"

#include <ctype.h>
#include <math.h>

typedef enum op {
    POS,
    NEG,
    ABS,
    SQR,
    SQRT,
    RECIP,
    EXP,
    EXP2,
    EXPM1,
    LOG,
    LOG1P,
    TANH,
    SIN,
    COS,
    FLOOR,
    ROUND,
    SIGN,
    ADD,
    SUB,
    MUL,
    DIV,
    MIN,
    MAX,
    HULL,
    MEET,
    FMA,
    LE,
    LT,
    APART,
    OPS
} op;

static const struct {
    const char *name;
    int arity;
    int64_t promise; /* ivd: how many ulp a side */
} ops[OPS] = {
    [POS] = {"pos", 1, 0},           [NEG] = {"neg", 1, 0},
    [ABS] = {"abs", 1, 0},           [SQR] = {"sqr", 1, 1},
    [SQRT] = {"sqrt", 1, 1},         [RECIP] = {"recip", 1, 1},
    [EXP] = {"exp", 1, 4},           [EXP2] = {"exp2", 1, 4},
    [EXPM1] = {"expm1", 1, 4},       [LOG] = {"log", 1, 4},
    [LOG1P] = {"logp1", 1, 4},       [TANH] = {"tanh", 1, 4},
    [SIN] = {"sin", 1, 4},           [COS] = {"cos", 1, 4},
    [FLOOR] = {"floor", 1, 0},       [ROUND] = {"roundTiesToEven", 1, 0},
    [SIGN] = {"sign", 1, 0},         [ADD] = {"add", 2, 1},
    [SUB] = {"sub", 2, 1},           [MUL] = {"mul", 2, 1},
    [DIV] = {"div", 2, 1},           [MIN] = {"min", 2, 0},
    [MAX] = {"max", 2, 0},           [HULL] = {"convexHull", 2, 0},
    [MEET] = {"intersection", 2, 0}, [FMA] = {"fma", 3, 1},
    [LE] = {"precedes", 2, 0},       [LT] = {"strictPrecedes", 2, 0},
    [APART] = {"disjoint", 2, 0},
};

typedef struct item { /* an interval, or a word */
    double lo, hi;
    bool empty, yes; /* yes: the word true */
} item;

typedef enum system { IVD, IVF, IVQ, SYSTEMS } system_id;
static const char *const system_name[SYSTEMS] = {"ivd", "ivf:53", "ivq:128"};
static const sbx_ctx ctxs[SYSTEMS] = {{.prec = 53}, {.prec = 53}, {.prec = 128}};

static conf_count skipped;
static long run, failures, broken, vectors;
static long done[SYSTEMS][OPS], widest[SYSTEMS][OPS];

/* ---- one operation in one system -------------------------------------------------- */

#define EVAL(S)                                                                          \
    static sbx_status eval_##S(op f, sbx_##S *z, const sbx_##S x[3], const sbx_ctx *ctx, \
                               sbx_err *err)                                             \
    {                                                                                    \
        switch (f) {                                                                     \
        case NEG: return sbx_##S##_neg(z, &x[0], ctx, err);                              \
        case ABS: return sbx_##S##_abs(z, &x[0], ctx, err);                              \
        case SQR: return sbx_##S##_sqr(z, &x[0], ctx, err);                              \
        case SQRT: return sbx_##S##_sqrt(z, &x[0], ctx, err);                            \
        case EXP: return sbx_##S##_exp(z, &x[0], ctx, err);                              \
        case EXP2: return sbx_##S##_exp2(z, &x[0], ctx, err);                            \
        case EXPM1: return sbx_##S##_expm1(z, &x[0], ctx, err);                          \
        case LOG: return sbx_##S##_log(z, &x[0], ctx, err);                              \
        case LOG1P: return sbx_##S##_log1p(z, &x[0], ctx, err);                          \
        case TANH: return sbx_##S##_tanh(z, &x[0], ctx, err);                            \
        case SIN: return sbx_##S##_sin(z, &x[0], ctx, err);                              \
        case COS: return sbx_##S##_cos(z, &x[0], ctx, err);                              \
        case FLOOR: return sbx_##S##_floor(z, &x[0], ctx, err);                          \
        case ROUND: return sbx_##S##_round(z, &x[0], ctx, err);                          \
        case SIGN: return sbx_##S##_sign(z, &x[0], ctx, err);                            \
        case ADD: return sbx_##S##_add(z, &x[0], &x[1], ctx, err);                       \
        case SUB: return sbx_##S##_sub(z, &x[0], &x[1], ctx, err);                       \
        case MUL: return sbx_##S##_mul(z, &x[0], &x[1], ctx, err);                       \
        case DIV: return sbx_##S##_div(z, &x[0], &x[1], ctx, err);                       \
        case MIN: return sbx_##S##_min(z, &x[0], &x[1], ctx, err);                       \
        case MAX: return sbx_##S##_max(z, &x[0], &x[1], ctx, err);                       \
        case HULL: return sbx_##S##_hull(z, &x[0], &x[1], ctx, err);                     \
        case MEET: return sbx_##S##_intersect(z, &x[0], &x[1], ctx, err);                \
        case FMA: return sbx_##S##_fma(z, &x[0], &x[1], &x[2], ctx, err);                \
        case POS: sbx_##S##_set(z, &x[0]); return SBX_OK;                                \
        case RECIP:                                                                      \
            if (sbx_##S##_set_si(z, 1, ctx, err) != SBX_OK) return SBX_ERR_ARG;          \
            return sbx_##S##_div(z, z, &x[0], ctx, err);                                 \
        case LE:                                                                         \
        case LT:                                                                         \
        case APART:                                                                      \
        case OPS: break;                                                                 \
        }                                                                                \
        return SBX_ERR_ARG;                                                              \
    }                                                                                    \
    static bool compare_##S(op f, const sbx_##S x[3])                                    \
    {                                                                                    \
        if (f == LE) return sbx_##S##_le(&x[0], &x[1]) == SBX_TRUE;                      \
        if (f == LT) return sbx_##S##_lt(&x[0], &x[1]) == SBX_TRUE;                      \
        return sbx_##S##_eq(&x[0], &x[1]) == SBX_FALSE;                                  \
    }                                                                                    \
    static sbx_status apply_##S(op f, item *z, const item *in, bool *yes, sbx_err *err)  \
    {                                                                                    \
        const sbx_ctx *ctx = &ctxs[SYSTEM_OF_##S];                                       \
        sbx_##S x[3], r;                                                                 \
        sbx_status st = SBX_OK;                                                          \
        sbx_##S##_init(&r, ctx);                                                         \
        for (int i = 0; i < 3; i++) {                                                    \
            sbx_##S##_init(&x[i], ctx);                                                  \
            if (i < ops[f].arity) load_##S(&x[i], &in[i]);                               \
        }                                                                                \
        if (f >= LE)                                                                     \
            *yes = compare_##S(f, x);                                                    \
        else if ((st = eval_##S(f, &r, x, ctx, err)) == SBX_OK)                          \
            store_##S(z, &r);                                                            \
        for (int i = 0; i < 3; i++)                                                      \
            sbx_##S##_clear(&x[i]);                                                      \
        sbx_##S##_clear(&r);                                                             \
        return st;                                                                       \
    }
#define SYSTEM_OF_ivd IVD
#define SYSTEM_OF_ivf IVF
#define SYSTEM_OF_ivq IVQ

static void load_ivd(sbx_ivd *x, const item *v) { *x = (sbx_ivd){v->lo, v->hi}; }
static void store_ivd(item *v, const sbx_ivd *x) { *v = (item){.lo = x->lo, .hi = x->hi}; }
static void load_ivf(sbx_ivf *x, const item *v)
{
    mpfr_set_d(x->lo, v->lo, MPFR_RNDD);
    mpfr_set_d(x->hi, v->hi, MPFR_RNDU);
}
static void store_ivf(item *v, const sbx_ivf *x)
{
    *v = (item){.lo = mpfr_get_d(x->lo, MPFR_RNDD), .hi = mpfr_get_d(x->hi, MPFR_RNDU)};
}
static void load_ivq(sbx_ivq *x, const item *v)
{
    mpq_set_d(x->lo, v->lo);
    mpq_set_d(x->hi, v->hi);
}
static void store_ivq(item *v, const sbx_ivq *x)
{
    mpfr_t t;
    mpfr_init2(t, 53);
    mpfr_set_q(t, x->lo, MPFR_RNDD);
    v->lo = mpfr_get_d(t, MPFR_RNDD);
    mpfr_set_q(t, x->hi, MPFR_RNDU);
    v->hi = mpfr_get_d(t, MPFR_RNDU);
    mpfr_clear(t);
}
EVAL(ivd)
EVAL(ivf)
EVAL(ivq)

/* ---- one vector ------------------------------------------------------------------- */

static bool finite_item(const item *v) { return fabs(v->lo) < HUGE_VAL && fabs(v->hi) < HUGE_VAL; }

static bool in_reach(system_id s, op f, const item *in, const item *want)
{
    if (s != IVQ) return true; /* no infinite ends */
    for (int i = 0; i < ops[f].arity; i++)
        if (!finite_item(&in[i])) return false;
    return f >= LE || want->empty || finite_item(want);
}

static void complain(const char *what, system_id s, const char *text, const item *got)
{
    printf("%s in %s: %s", what, system_name[s], text);
    if (got)
        printf(": got [%a, %a]\n", got->lo, got->hi);
    else
        printf("\n");
}

/* false: a containment failure */
static bool check(system_id s, op f, const item *in, const item *want, const char *text)
{
    item got = {0};
    bool yes = false;
    sbx_err err;
    sbx_status st;
    int64_t below, above, wide;
    if (!in_reach(s, f, in, want)) return true;
    st = s == IVD   ? apply_ivd(f, &got, in, &yes, &err)
         : s == IVF ? apply_ivf(f, &got, in, &yes, &err)
                    : apply_ivq(f, &got, in, &yes, &err);
    if (s == IVQ && st == SBX_ERR_LIMIT) return true;
    done[s][f]++;
    if (f >= LE) {
        if (yes != want->yes) complain("wrong answer", s, text, NULL);
        return yes == want->yes;
    }
    if (want->empty) {
        if (st == SBX_ERR_DOMAIN) return true;
        complain("a value where there is none", s, text, st ? NULL : &got);
        return false;
    }
    if (st != SBX_OK) {
        complain(err.msg, s, text, NULL);
        return false;
    }
    if (!(got.lo <= want->lo && got.hi >= want->hi)) {
        complain("containment failure", s, text, &got);
        return false;
    }
    below = conf_ulps(got.lo, want->lo);
    above = conf_ulps(want->hi, got.hi);
    wide = below > above ? below : above;
    if (wide > widest[s][f]) widest[s][f] = (long)wide;
    if (wide > (s == IVD ? ops[f].promise : 0)) {
        broken++;
        complain("too wide", s, text, &got);
    }
    return true;
}

/* ---- the language ------------------------------------------------------------------ */

static const char *blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

/* NULL: read; otherwise the reason why this item cannot be used. *s moves behind it. */
static const char *read_item(item *v, const char **s)
{
    const char *p = *s, *end, *comma;
    *v = (item){0};
    if (*p != '[') {
        end = p + strcspn(p, " \t\r\n=");
        *s = end;
        v->yes = end - p == 4 && memcmp(p, "true", 4) == 0;
        return v->yes || (end - p == 5 && memcmp(p, "false", 5) == 0) ? NULL : "not an interval";
    }
    end = strchr(p, ']');
    if (!end) {
        *s = p + strlen(p);
        return "unreadable";
    }
    *s = end + 1 + strcspn(end + 1, " \t\r\n=");
    if (end[1] == '_') return "decorated";
    p = blanks(p + 1);
    if (strncmp(p, "nai", 3) == 0) return "decorated";
    v->empty = strncmp(p, "empty", 5) == 0;
    if (v->empty) return NULL;
    if (strncmp(p, "entire", 6) == 0) {
        v->lo = -HUGE_VAL;
        v->hi = HUGE_VAL;
        return NULL;
    }
    comma = memchr(p, ',', (size_t)(end - p));
    if (!comma || !conf_double(&v->lo, p, (size_t)(comma - p))) return "unreadable";
    p = blanks(comma + 1);
    return conf_double(&v->hi, p, (size_t)(end - p)) && v->lo <= v->hi ? NULL : "unreadable";
}

static const char *read_items(item *v, int *n, int max, const char **s)
{
    const char *why = NULL, *w;
    for (*n = 0; *(*s = blanks(*s)) && **s != '='; ++*n) {
        item extra;
        w = read_item(*n < max ? &v[*n] : &extra, s);
        if (!why) why = w;
    }
    return why;
}

/* OP INPUT... = OUTPUT, without its semicolon */
static void statement(const char *text)
{
    item in[3], want[1];
    int n = 0, m = 0, f = 0;
    const size_t len = strcspn(text, " \t\r\n");
    const char *s = text + len, *why;
    bool good = true;

    vectors++;
    while (f < OPS && (strlen(ops[f].name) != len || strncmp(text, ops[f].name, len) != 0))
        f++;
    if (f == OPS) {
        conf_add(&skipped, "not in the vocabulary");
        return;
    }
    why = read_items(in, &n, 3, &s);
    if (!why && *s != '=') why = "unreadable";
    if (!why) {
        s++;
        why = read_items(want, &m, 1, &s);
    }
    if (!why && strstr(text, "signal")) why = "with a signal";
    if (!why && (n != ops[f].arity || m != 1)) why = "unreadable";
    for (int i = 0; i < n && i < 3 && !why; i++)
        if (in[i].empty) why = "empty operand";
    if (why) {
        conf_add(&skipped, why);
        return;
    }
    run++;
    for (int k = 0; k < SYSTEMS; k++)
        if (!check((system_id)k, (op)f, in, want, text)) good = false;
    failures += !good;
}

/* Comments and strings become blanks (a string is no operand here), so that ; { } speak. */
static void blank_out(char *s)
{
    while (*s) {
        char *end = s;
        if (s[0] == '/' && s[1] == '*') {
            end = strstr(s + 2, "*/");
            end = end ? end + 2 : s + strlen(s);
        } else if (s[0] == '/' && s[1] == '/') {
            end = s + strcspn(s, "\n");
        } else if (s[0] == '"') {
            end = s + 1 + strcspn(s + 1, "\"");
            end += *end != 0;
            *s = '?';
            s++;
        }
        if (end <= s && *s != '?') {
            s++;
            continue;
        }
        while (s < end)
            *s++ = ' ';
        if (*s == '?') s++;
    }
}

static void file(const char *path, const char *name)
{
    char *text = conf_read(path), *s, *end;
    if (!text) {
        printf("%s: cannot be read\n", name);
        broken++;
        return;
    }
    blank_out(text);
    for (s = text; *(s += strspn(s, " \t\r\n;}"));) {
        end = s + strcspn(s, ";{}");
        if (*end == ';') {
            *end++ = 0;
            statement(s);
        } else if (*end == '{') { /* testcase NAME */
            end++;
        }
        s = end;
    }
    free(text);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: run_itf1788 DIR\n");
        return 64;
    }
    if (conf_each(argv[1], ".itl", file) < 0) {
        (void)fprintf(stderr, "run_itf1788: no folder %s\n", argv[1]);
        return BAD_INPUT;
    }
    if (vectors == 0) {
        (void)fprintf(stderr, "run_itf1788: no vectors (*.itl) in %s\n", argv[1]);
        return BAD_INPUT;
    }
    printf("%-14s %18s %18s %18s\n", "vectors, ulp", "ivd", "ivf:53", "ivq:128");
    for (int f = 0; f < OPS; f++) {
        if (!done[IVD][f]) continue;
        printf("%-14s", ops[f].name);
        for (int k = 0; k < SYSTEMS; k++)
            printf(" %10ld %7ld", done[k][f], widest[k][f]);
        printf("\n");
    }
    conf_show(&skipped, "skipped");
    printf("%ld wider than promised\n", broken);
    printf("%ld run, %ld skipped, %ld containment failures\n", run, conf_sum(&skipped), failures);
    mpfr_free_cache();
    return failures > 0 || broken > 0;
}
