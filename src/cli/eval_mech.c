/* cli/eval_mech.c -- softbox eval --mechanism: the weights and the outputs of an attention mechanism.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/eval_mech.h"
#include "cli/mech_input.h"

#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox eval --mechanism NAME[:P=V..] --input FILE.npz [options]\n"
    "       softbox eval --mechanism NAME[:P=V..] --q FILE --k FILE --v FILE [options]\n"
    "       softbox eval --mechanism NAME[:P=V..] --generate INPUT --n N --d D [options]\n",
    "Weights (i,j) of query i and key j, and outputs (i,c): exactly what the number system\n"
    "computes, or, in ivd, ivf and ivq, proved enclosures. Inputs are read exactly, then rounded\n"
    "as the number system does. JSON: weights and outputs are arrays of rows, their elements\n"
    "texts, or objects with lower and upper.\n"};

#include "softbox/bind/f32.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/f64.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/lowp.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpf.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/mpq.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivd.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivf.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

#include "softbox/bind/ivq.h"
#include "cli/array.tmpl.c"
#include "cli/show.tmpl.c"
#include "cli/eval_mech.tmpl.c"
#include "softbox/bind/unbind.h"

static sbx_status answer(mech_answer *m, sbx_num num, sbx_err *err)
{
    switch (num) {
    case SBX_NUM_F32: return answer_f32(m, err);
    case SBX_NUM_F64: return answer_f64(m, err);
    case SBX_NUM_LOWP: return answer_lowp(m, err);
    case SBX_NUM_MPF: return answer_mpf(m, err);
    case SBX_NUM_MPQ: return answer_mpq(m, err);
    case SBX_NUM_IVD: return answer_ivd(m, err);
    case SBX_NUM_IVF: return answer_ivf(m, err);
    case SBX_NUM_IVQ: return answer_ivq(m, err);
    }
    return sbx_fail(err, SBX_ERR_ARG, "cli", "no such number system");
}

/* ---- writing ------------------------------------------------------------------------------- */

void mech_begin(mech_answer *m, const char *what)
{
    if (m->json)
        (void)fprintf(m->f, ",\"%ss\":[[", what);
    else
        (void)fprintf(m->f, "%s  %s\n", what, m->enclose ? "lower  upper" : "value");
}

static void text(mech_answer *m, const char *before, char *s, const char *after)
{
    m->failed |= s == NULL;
    (void)fprintf(m->f, "%s%s%s", before, s ? s : "", after);
    free(s);
}

void mech_put(mech_answer *m, const eval_value *v, size_t i, size_t j)
{
    if (m->json)
        (void)fputs(j ? "," : i ? "],[" : "", m->f);
    else
        (void)fprintf(m->f, "%zu,%zu", i, j);
    if (m->enclose) {
        text(m, m->json ? "{\"lower\":\"" : "  ", cli_lower(&v->z, m->style), "");
        text(m, m->json ? "\",\"upper\":\"" : "  ", cli_upper(&v->z, m->style),
             m->json ? "\"}" : "\n");
    } else {
        text(m, m->json ? "\"" : "  ", v->word ? strdup(v->word) : cli_exact(v->z.lo, m->style.hex),
             m->json ? "\"" : "\n");
    }
}

void mech_end(mech_answer *m)
{
    if (m->json) (void)fputs("]]", m->f);
}

static int copy(cli *c, const mech_answer *m, const char *name, const char *arith)
{
    const sbx_mech_shape s = m->x->shape;
    char block[4096];
    size_t n;
    const int status = cli_open(c, NULL);
    if (status != CLI_DONE) return status;
    if (m->json) {
        (void)fputs("{\"mechanism\":", c->out);
        cli_json_string(c->out, name);
        (void)fputs(",\"number\":", c->out);
        cli_json_string(c->out, arith);
        (void)fprintf(c->out, ",\"n\":%zu,\"m\":%zu,\"d\":%zu,\"dv\":%zu", s.n, s.m, s.d, s.dv);
    }
    rewind(m->f);
    while ((n = fread(block, 1, sizeof block, m->f)) > 0)
        (void)fwrite(block, 1, n, c->out);
    if (m->json) (void)fputs("}\n", c->out);
    return cli_close(c, ferror(m->f) ? CLI_INTERNAL : CLI_DONE);
}

/* ---- the command ----------------------------------------------------------------------------- */

typedef struct opts {
    mech_input in;
    const char *name, *number, *arith, *digits, *zero_row;
    bool weights, outputs, hex;
} opts;

static int check(const cli *c, sbx_mech_args *a, mech_answer *m, sbx_num *num, const opts *o)
{
    const char *number = o->number ? o->number : o->arith;
    sbx_err err = {SBX_OK, NULL, ""};
    uint64_t digits = 0;
    if (sbx_mech_read(a, o->name, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--mechanism: %s", err.msg);
    if (o->zero_row && !sbx_zero_row_read(&a->zero_row, o->zero_row))
        return cli_error(c, CLI_USAGE, "--zero-row '%s': error, uniform, zero", o->zero_row);
    if (number && sbx_num_parse(num, &m->ctx, number, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--number: %s", err.msg);
    if (o->digits && !cli_integer(&digits, o->digits, 1, 100000))
        return cli_error(c, CLI_USAGE, "--digits '%s': a whole number, 1 to 100000", o->digits);
    m->style = (cli_style){
        o->digits ? (int)digits : cli_digits(*num == SBX_NUM_IVD ? 53 : m->ctx.prec), o->hex};
    m->enclose = sbx_num_can(*num) & SBX_CAN_ENCLOSE;
    m->weights = (o->weights || !o->outputs) && !(sbx_mech_traits(a) & SBX_MECH_NO_WEIGHTS);
    m->outputs = o->outputs || !o->weights;
    if (o->weights && !m->weights)
        return cli_error(c, CLI_USAGE, "--weights: %s has no matrix of weights", o->name);
    return CLI_GO_ON;
}

int cli_eval_mech(int argc, char **argv)
{
    cli c = {.command = "eval"};
    opts o = {0};
    sbx_mech_args a = {0};
    sbx_mech_data x = {0};
    sbx_num num = SBX_NUM_IVD;
    mech_answer m = {.a = &a, .x = &x, .ctx = sbx_ctx_default};
    sbx_err err = {SBX_OK, NULL, ""};
    const cli_option options[] = {
        {"mechanism", "NAME[:P=V..]",
         "with its parameters: sima:eps=1e-6, ...; 'softbox list mechanisms'\nhas them", &o.name,
         NULL},
        MECH_INPUT_OPTIONS(o.in),
        {"number", "SYSTEM",
         "ivd (default), ivf:BITS, ivq, ivq:BITS; f32, f64, fp16, bf16,\n"
         "tf32, e5m2, e4m3, mpf:BITS, mpq",
         &o.number, NULL},
        {"arith", "SYSTEM", "the same as --number", &o.arith, NULL},
        {"zero-row", "WHAT", "in place of 0/0: error (default), uniform, zero", &o.zero_row, NULL},
        {"weights", NULL, "the weights alone", NULL, &o.weights},
        {"outputs", NULL, "the outputs alone", NULL, &o.outputs},
        {"digits", "N",
         "significant digits of an enclosure's ends; default 17, or as\n"
         "many as BITS are worth",
         &o.digits, NULL},
        {"hex", NULL, "hexadecimal floats", NULL, &o.hex},
    };
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = check(&c, &a, &m, &num, &o);
    if (status == CLI_GO_ON)
        status = mech_input_read(&c, &x, &o.in, sbx_mech_traits(&a) & SBX_MECH_TIED);
    if (status == CLI_GO_ON) {
        m.json = c.format == CLI_JSON;
        m.f = tmpfile();
        if (!m.f)
            status = cli_error(&c, CLI_INTERNAL, "no temporary file");
        else if (mech_input_extra(&c, &x, &a, &o.in, &err) != SBX_OK ||
                 answer(&m, num, &err) != SBX_OK)
            status = cli_fail(&c, &err);
        else if (m.failed || fflush(m.f) || ferror(m.f))
            status = cli_error(&c, CLI_INTERNAL, "no memory for the answer");
        else
            status = copy(&c, &m, o.name, o.number ? o.number : o.arith ? o.arith : "ivd");
    }
    if (m.f) (void)fclose(m.f);
    sbx_mech_data_clear(&x);
    sbx_mech_args_clear(&a);
    return status;
}
