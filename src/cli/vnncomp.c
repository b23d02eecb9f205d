/* cli/vnncomp.c -- softbox vnncomp: one instance with the arguments of VNN-COMP's
 * run_instance.sh, and its result file: a word, and after "sat" the counterexample.
 *
 * The inputs of a counterexample are written exactly, as decimals of all digits: rounded they
 * might leave the box. Where an input has no finite decimal the answer is "unknown".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const cli_help help = {
    "usage: softbox vnncomp v1 CATEGORY NET PROP RESULTFILE SECONDS [options]\n",
    "Runs one instance as VNN-COMP does. The result file holds sat, unsat, unknown, timeout\n"
    "or error, and after sat the counterexample, its inputs exact. Exit status 0 where the\n"
    "file was written.\n"};

#define DIGITS 2000 /* of an input, at most; a double has 1074 behind the point */

static double now(void)
{
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int late(void *end) { return now() >= *(const double *)end; }

/* ((X_0 v) ... (Y_0 v) ...); false: an input has no decimal, or no memory */
static bool put_witness(FILE *f, const sbx_verify_result *v)
{
    bool ok = true;
    for (size_t k = 0; k < v->n_x && ok; k++) {
        char *t = sbx_q_write_exact(v->x[k], DIGITS);
        ok = t && !strchr(t, '/');
        if (ok) (void)fprintf(f, "%s(X_%zu %s)\n", k ? "" : "(", k, t);
        sbx_text_free(t);
    }
    for (size_t k = 0; k < v->n_y && ok; k++) {
        char *t = sbx_q_write(v->y[k].lo, SBX_LO, 17);
        ok = t != NULL;
        if (ok) (void)fprintf(f, "(Y_%zu %s)%s\n", k, t, k + 1 == v->n_y ? ")" : "");
        sbx_text_free(t);
    }
    return ok;
}

/* the answer, as the text of the file */
static bool answer(FILE *f, const sbx_verify_result *v)
{
    char *text = NULL;
    size_t size = 0;
    FILE *g;
    if (v->verdict != SBX_VIOLATED)
        return fputs(v->verdict == SBX_HOLDS     ? "unsat\n"
                     : v->verdict == SBX_TIMEOUT ? "timeout\n"
                                                 : "unknown\n",
                     f) >= 0;
    g = open_memstream(&text, &size);
    if (!g) return false;
    {
        const bool exact = put_witness(g, v);
        const bool closed = fclose(g) == 0;
        if (exact && closed)
            (void)fprintf(f, "sat\n%s", text);
        else
            (void)fputs("unknown\n", f);
    }
    free(text);
    return true;
}

/* the work: false after an error message */
static bool solve(cli *c, FILE *f, double seconds)
{
    sbx_err err = {SBX_OK, NULL, ""};
    double end = now() + seconds;
    const sbx_verify_opts opts = {
        .threads = c->threads, .seed = c->seed, .stop = late, .stop_arg = &end};
    sbx_verify_result v = {0};
    sbx_net *net = NULL;
    sbx_property p = {0};
    const bool ok = sbx_net_read(&net, c->arg[2], 0, &err) == SBX_OK &&
                    sbx_property_read_vnnlib(&p, c->arg[3], &err) == SBX_OK &&
                    sbx_verify(&v, net, &p, &opts, &err) == SBX_OK;
    if (ok)
        (void)answer(f, &v);
    else {
        (void)fputs("error\n", f);
        (void)cli_fail(c, &err);
    }
    sbx_verify_result_clear(&v);
    sbx_property_clear(&p);
    sbx_net_free(net);
    return ok;
}

int cli_vnncomp(int argc, char **argv)
{
    cli c = {.command = "vnncomp"};
    uint64_t seconds = 0;
    FILE *f;
    bool ok;
    const int status = cli_parse(&c, argc, argv, NULL, 0, 6, 6, &help);
    if (status != CLI_GO_ON) return status;
    if (strcmp(c.arg[0], "v1") != 0)
        return cli_error(&c, CLI_USAGE, "'%s': v1 is the version that is known", c.arg[0]);
    if (!cli_integer(&seconds, c.arg[5], 1, 1000000000))
        return cli_error(&c, CLI_USAGE, "'%s': whole seconds, above 0", c.arg[5]);
    f = fopen(c.arg[4], "w");
    if (!f) return cli_error(&c, CLI_WRITE, "%s: %s", c.arg[4], strerror(errno));
    ok = solve(&c, f, (double)seconds);
    if (ferror(f) | fclose(f))
        return cli_error(&c, CLI_WRITE, "%s: the result could not be written", c.arg[4]);
    return ok ? CLI_DONE : CLI_BAD_INPUT;
}
