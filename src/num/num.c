/* num/num.c -- the table of the number systems: names, capabilities, refusals.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "num/system.h"

#include <stdio.h>
#include <string.h>

const sbx_ctx sbx_ctx_default = {.prec = 128, .format = SBX_FP16};

#define SCALAR (SBX_CAN_SQRT | SBX_CAN_EXP | SBX_CAN_LOG)

static const struct {
    const char *name;
    unsigned can;
    bool prec; /* ":BITS" may follow */
} systems[SBX_NUM_COUNT] = {
    [SBX_NUM_F32] = {"f32", SCALAR, false},
    [SBX_NUM_F64] = {"f64", SCALAR, false},
    [SBX_NUM_LOWP] = {"lowp", SCALAR, false},
    [SBX_NUM_MPF] = {"mpf", SCALAR, true},
    [SBX_NUM_MPQ] = {"mpq", 0, false},
    [SBX_NUM_IVD] = {"ivd", SCALAR | SBX_CAN_ENCLOSE | SBX_CAN_UNBOUNDED, false},
    [SBX_NUM_IVF] = {"ivf", SCALAR | SBX_CAN_ENCLOSE | SBX_CAN_UNBOUNDED, true},
    [SBX_NUM_IVQ] = {"ivq", SCALAR | SBX_CAN_ENCLOSE, true},
};

static const char *const formats[SBX_FORMAT_COUNT] = {
    [SBX_FP16] = "fp16", [SBX_BF16] = "bf16", [SBX_TF32] = "tf32",
    [SBX_E5M2] = "e5m2", [SBX_E4M3] = "e4m3",
};

const char *sbx_num_name(sbx_num s)
{
    return (unsigned)s < SBX_NUM_COUNT ? systems[s].name : "unknown";
}

const char *sbx_format_name(sbx_format f)
{
    return (unsigned)f < SBX_FORMAT_COUNT ? formats[f] : "unknown";
}

unsigned sbx_num_can(sbx_num s) { return (unsigned)s < SBX_NUM_COUNT ? systems[s].can : 0; }

long sbx_ctx_prec(const sbx_ctx *ctx)
{
    const long p = sbx_ctx_or_default(ctx)->prec;
    return p < 2 ? 2 : p > SBX_PREC_MAX ? SBX_PREC_MAX : p;
}

/* Digits only, so that "128x", "+128" and "" are refused. */
static bool read_prec(long *prec, const char *s)
{
    long v = 0;
    if (!*s) return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9') return false;
        v = v * 10 + (*s - '0');
        if (v > SBX_PREC_MAX) return false;
    }
    *prec = v;
    return v >= 2;
}

sbx_status sbx_num_parse(sbx_num *s, sbx_ctx *ctx, const char *text, sbx_err *err)
{
    const char *colon = strchr(text, ':');
    const size_t n = colon ? (size_t)(colon - text) : strlen(text);
    long prec = 0;
    sbx_status st = SBX_OK;

    for (int i = 0; i < SBX_FORMAT_COUNT && !colon; i++)
        if (strcmp(text, formats[i]) == 0) {
            *s = SBX_NUM_LOWP;
            ctx->format = (sbx_format)i;
            return SBX_OK;
        }
    for (int i = 0; i < SBX_NUM_COUNT; i++) {
        if (strlen(systems[i].name) != n || strncmp(text, systems[i].name, n) != 0) continue;
        if (colon && !systems[i].prec)
            SBX_FAIL(err, SBX_ERR_PARSE, "%s has no precision to choose: '%.40s'", systems[i].name,
                     text);
        if (colon && !read_prec(&prec, colon + 1))
            SBX_FAIL(err, SBX_ERR_PARSE, "the precision in '%.40s' is not in 2 .. %ld", text,
                     SBX_PREC_MAX);
        *s = (sbx_num)i;
        if (colon) ctx->prec = prec;
        return SBX_OK;
    }
    SBX_FAIL(err, SBX_ERR_PARSE,
             "no number system '%.40s': f32, f64, fp16, bf16, tf32, e5m2, e4m3, lowp, mpf, "
             "mpf:BITS, mpq, ivd, ivf, ivf:BITS, ivq, ivq:BITS",
             text);
done:
    return st;
}

/* "f32, f64, ..." of the systems that have all of need; "none" if there is none */
static const char *who_can(char out[64], unsigned need)
{
    size_t k = 0;
    out[0] = 0;
    for (int i = 0; i < SBX_NUM_COUNT; i++)
        if ((systems[i].can & need) == need)
            k += (size_t)snprintf(out + k, 64 - k, "%s%s", k ? ", " : "", systems[i].name);
    return k ? out : "none";
}

sbx_status sbx_num_lacks(sbx_num s, unsigned need, const char *op, sbx_err *err)
{
    char who[64];
    return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE, "%s has no %s; these have: %s",
                    sbx_num_name(s), op, who_can(who, need));
}

sbx_status sbx_num_require(sbx_num s, unsigned need, const char *what, sbx_err *err)
{
    static const struct {
        unsigned bit;
        const char *name;
    } caps[] = {{SBX_CAN_SQRT, "square root"},
                {SBX_CAN_EXP, "exp"},
                {SBX_CAN_LOG, "log"},
                {SBX_CAN_ENCLOSE, "enclosure"},
                {SBX_CAN_UNBOUNDED, "unbounded side"}};
    const unsigned lacking = need & ~sbx_num_can(s);
    char who[64];
    if (!lacking) return SBX_OK;
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++)
        if (lacking & caps[i].bit)
            return sbx_fail(err, SBX_ERR_UNSUPPORTED, SBX_HERE,
                            "%s needs %s, which %s does not have; these have: %s", what,
                            caps[i].name, sbx_num_name(s), who_can(who, need));
    return sbx_fail(err, SBX_ERR_ARG, SBX_HERE, "%s needs an unknown capability", what);
}
