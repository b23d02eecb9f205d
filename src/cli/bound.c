/* cli/bound.c -- softbox bound: proved bounds of softmax, log-softmax or lse over a box.
 *
 * An answer is built in memory and written whole, so that a line is an answer or an
 * error, never a part of one; each is flushed, so that a program can wait for it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox bound --lo A,B,.. --hi C,D,.. [options]\n"
    "       softbox bound --input FILE [options]\n",
    "Proved bounds of softmax over the box lo <= x <= hi. Numbers are decimals,\n"
    "fractions or hexadecimal floats, read exactly. With --input, each line of FILE\n"
    "is a JSON object {\"lo\":[..],\"hi\":[..]} and may have \"index\", \"functional\", \"at\",\n"
    "\"normalizer\", \"diff\":[[I,J,\"D\"],..] and \"id\"; each answer is a line of JSON. Keys of\n"
    "it that need words:\n"
    "\"polytope\": p is softmax of a point of the box exactly when all p_j > 0, they add up\n"
    "to 1, and for some s > 0 every row {\"i\",\"j\",\"log\":D,\"factor\"} holds: v_i <= e^D v_j,\n"
    "v = (p_0,..,p_{n-1},s), D exact, \"factor\" enclosing e^D.\n"
    "\"certificate\", of coef.x + const above c.softmax (c_i = 1 alone for output i; below: for\n"
    "-c, -coef, -const): leaves cover the box, or that of x_j - x_pivot, a leaf's pieces\n"
    "[t1,t2,m] the values that c.softmax has there, and at t = t1 and t = t2, so between\n"
    "them, t + sum_j max (m (c_j - t) e^(x_j - ref) - coef_j x_j) over the leaf is at most\n"
    "the certificate's const. Of a functional it has the \"c\" that it is for: doubles not\n"
    "below the weights (of a lower bound not above them). null: no short one was found.\n"
    "\"pieces\": R pairs of affine bounds, each of the whole box; together the greatest of\n"
    "the lower ones and the least of the upper ones at x bound the output at x.\n"};

/* "er,lse", "all" */
static bool read_methods(bound_opts *o, const char *text, sbx_err *err)
{
    o->methods = 1U << SBX_METHOD_INTERVAL;
    if (strcmp(text, "all") == 0) {
        o->methods = (1U << SBX_METHOD_COUNT) - 1;
        o->all = true;
        return true;
    }
    for (;;) {
        const size_t len = strcspn(text, ",");
        char name[64] = "";
        sbx_method m = SBX_METHOD_INTERVAL;
        memcpy(name, text, len < sizeof name ? len : sizeof name - 1);
        if (sbx_method_parse(&m, name, err) != SBX_OK) return false;
        o->methods |= 1U << m;
        if (!text[len]) return true;
        text += len + 1;
    }
}

/* The answer to q as a text of *len bytes. */
static sbx_status build(char **text, size_t *len, const bound_question *q, const bound_opts *o,
                        bool json, sbx_err *err)
{
    sbx_status st = SBX_OK;
    FILE *f = open_memstream(text, len);
    if (!f) CLI_FAIL(err, SBX_ERR_NOMEM, "no memory for the answer");
    st = bound_answer(f, q, o, json, err);
    if (ferror(f) | fclose(f)) st = sbx_fail(err, SBX_ERR_NOMEM, "cli", "no memory for the answer");
done:
    return st;
}

static void json_error(FILE *f, const json_t *id, const char *msg)
{
    (void)fputc('{', f);
    if (id) {
        (void)fputs("\"id\":", f);
        cli_json_echo(f, id);
        (void)fputc(',', f);
    }
    (void)fputs("\"error\":", f);
    cli_json_string(f, msg);
    (void)fputs("}\n", f);
}

/* One box of a file; a failure is told in place, or on standard error in text. */
static int answer_line(cli *c, const bound_opts *o, const char *line, size_t len, size_t number)
{
    bound_question q = {0};
    sbx_err err = {SBX_OK, NULL, ""};
    char *text = NULL;
    size_t n = 0;
    int status = CLI_DONE;
    sbx_status st = bound_from_json(&q, o, line, len, &err);

    if (st == SBX_OK) st = build(&text, &n, &q, o, c->format == CLI_JSON, &err);
    if (st == SBX_ERR_SOUNDNESS || st == SBX_ERR_NOMEM) {
        status = cli_fail(c, &err);
    } else if (st == SBX_OK) {
        (void)fwrite(text, 1, n, c->out);
    } else if (c->format == CLI_JSON) {
        json_error(c->out, q.id, err.msg);
    } else {
        status = cli_error(c, CLI_BAD_INPUT, "%s:%zu: %s", o->input, number, err.msg);
    }
    if (fflush(c->out)) c->why = errno;
    free(text);
    bound_question_clear(&q);
    return status;
}

static bool is_blank(const char *s, size_t len)
{
    for (size_t k = 0; k < len; k++)
        if (s[k] != ' ' && s[k] != '\t' && s[k] != '\r' && s[k] != '\n') return false;
    return true;
}

static int lines(cli *c, const bound_opts *o, FILE *f)
{
    char *line = NULL;
    size_t room = 0, number = 0;
    ssize_t len;
    int status = CLI_DONE;
    while (!ferror(c->out) && (errno = 0, len = getline(&line, &room, f)) >= 0) {
        number++;
        if (is_blank(line, (size_t)len)) continue;
        if (line[len - 1] == '\n') len--;
        const int one = answer_line(c, o, line, (size_t)len, number);
        if (one > status) status = one;
        if (one == CLI_INTERNAL) break;
    }
    if (ferror(f) || (errno == ENOMEM && !feof(f)))
        status = cli_error(c, CLI_BAD_INPUT, "%s:%zu: %s", o->input, number + 1, strerror(errno));
    free(line);
    return status;
}

static int run_input(cli *c, const bound_opts *o)
{
    FILE *f = cli_read_open(c, o->input);
    int status;
    if (!f) return CLI_BAD_INPUT;
    if (c->format == CLI_DEFAULT) c->format = CLI_JSON;
    status = cli_open(c, f);
    if (status == CLI_DONE) status = cli_close(c, lines(c, o, f));
    if (f != stdin) (void)fclose(f);
    return status;
}

static int run_box(cli *c, const bound_opts *o)
{
    bound_question q = {0};
    sbx_err err = {SBX_OK, NULL, ""};
    char *text = NULL;
    size_t n = 0;
    int status;
    sbx_status st = bound_from_options(&q, o, &err);

    if (st == SBX_OK) st = build(&text, &n, &q, o, c->format == CLI_JSON, &err);
    if (st != SBX_OK) {
        status = cli_fail(c, &err);
    } else if ((status = cli_open(c, NULL)) == CLI_DONE) {
        (void)fwrite(text, 1, n, c->out);
        status = cli_close(c, CLI_DONE);
    }
    free(text);
    bound_question_clear(&q);
    return status;
}

/* What is wrong with the command itself. */
static int check(const cli *c, bound_opts *o, const char *method, const char *arith,
                 const char *digits, const char *pieces)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_zero_row zero_row = SBX_ZERO_ERROR;
    uint64_t d = 0, r = 0;
    if (!read_methods(o, method ? method : "auto", &err))
        return cli_error(c, CLI_USAGE, "--method: %s, all", err.msg);
    if (arith && sbx_num_parse(&o->num, &o->ctx, arith, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--arith: %s", err.msg);
    if (!(sbx_num_can(o->num) & SBX_CAN_ENCLOSE))
        return cli_error(c, CLI_USAGE,
                         "--arith: %s proves nothing; ivd, ivf, ivf:BITS, ivq, "
                         "ivq:BITS do",
                         arith);
    if (digits && !cli_integer(&d, digits, 1, 100000))
        return cli_error(c, CLI_USAGE, "--digits '%s': a whole number, 1 to 100000", digits);
    if (pieces && !cli_integer(&r, pieces, 1, SBX_PIECES_MAX))
        return cli_error(c, CLI_USAGE, "--pieces '%s': a whole number, 1 to %d", pieces,
                         SBX_PIECES_MAX);
    o->pieces = (size_t)r;
    o->style.digits = digits ? (int)d : cli_digits(o->num == SBX_NUM_IVD ? 53 : o->ctx.prec);
    o->affine_digits = digits ? (int)d : 17;
    if (o->normalizer && strcmp(o->normalizer, "lse") != 0) {
        sbx_norm_args a;
        if (sbx_norm_read(&a, o->normalizer, &err) != SBX_OK)
            return cli_error(c, CLI_USAGE, "--normalizer: %s", err.msg);
        sbx_norm_args_clear(&a);
    }
    if (o->zero_row && !sbx_zero_row_read(&zero_row, o->zero_row))
        return cli_error(c, CLI_USAGE, "--zero-row '%s': error, uniform, zero", o->zero_row);
    if (o->index && o->functional)
        return cli_error(c, CLI_USAGE, "--index and --functional: one of them");
    if (o->input ? o->lo || o->hi : !o->lo || !o->hi)
        return cli_error(c, CLI_USAGE,
                         "a box is --lo and --hi, or --input; 'softbox bound --help'");
    return CLI_GO_ON;
}

int cli_bound(int argc, char **argv)
{
    cli c = {.command = "bound"};
    bound_opts o = {.num = SBX_NUM_IVD, .ctx = sbx_ctx_default};
    const char *method = NULL, *arith = NULL, *digits = NULL, *pieces = NULL;
    const cli_option options[] = {
        {"lo", "A,B,..", "lower ends of the box; -inf is allowed", &o.lo, NULL},
        {"hi", "C,D,..", "upper ends", &o.hi, NULL},
        {"input", "FILE", "boxes, one JSON object a line; - is standard input", &o.input, NULL},
        {"normalizer", "NAME[:P=V..]",
         "softmax (default), log-softmax, lse; or another one of\n"
         "'softbox list normalizers', by intervals",
         &o.normalizer, NULL},
        {"zero-row", "WHAT", "in place of 0/0: error (default), uniform, zero", &o.zero_row, NULL},
        {"method", "NAME,..",
         "interval, constant, lin, er, lse, lse-star, env, l2d,\n"
         "optimal-fast, auto (default), optimal, or all; the interval\n"
         "is always given",
         &method, NULL},
        {"arith", "SYSTEM",
         "ivd (default), ivf:BITS, ivq, ivq:BITS: the arithmetic of the\n"
         "interval; affine bounds have doubles in any case",
         &arith, NULL},
        {"index", "I", "output I alone, counted from 0", &o.index, NULL},
        {"functional", "A,B,..", "the range of A p_0 + B p_1 + .. for p = softmax(x)",
         &o.functional, NULL},
        {"diff", "I,J,D,..", "known besides: x_I - x_J <= D, and so on, three numbers each",
         &o.diff, NULL},
        {"polytope", NULL, "the set of all softmax(x), which is a polytope, row by row", NULL,
         &o.polytope},
        {"certificate", NULL,
         "in JSON, with every affine bound what proves it; a constant may\n"
         "become looser in its last digits for it",
         NULL, &o.certificate},
        {"pieces", "R",
         "in JSON, with every method R planes a side, touching at R\n"
         "points of the line along which the output grows",
         &pieces, NULL},
        {"at", "A,B,..", "where affine bounds touch; default the centre of the box", &o.at, NULL},
        {"digits", "N",
         "significant digits of what is rounded outward; default 17,\n"
         "or as many as BITS are worth",
         &digits, NULL},
        {"hex", NULL, "hexadecimal floats", NULL, &o.style.hex},
    };
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = check(&c, &o, method, arith, digits, pieces);
    if (status != CLI_GO_ON) return status;
    return o.input ? run_input(&c, &o) : run_box(&c, &o);
}
