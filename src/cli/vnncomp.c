/* cli/vnncomp.c -- softbox vnncomp: one query as the competition of verifiers asks it.
 *
 * The result file says "timeout" from the start, so that it is true whenever the program
 * is ended; the verdict takes its place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static const cli_help help = {
    "usage: softbox vnncomp v1 CATEGORY NET PROP.vnnlib RESULTFILE TIMEOUT [options]\n",
    "Decides one query as VNN-COMP asks it. The result file gets unsat (the property holds,\n"
    "proved), sat with a counterexample, unknown, timeout or error. Inputs of a\n"
    "counterexample are written exactly and lie in the exact box; each output is a decimal\n"
    "of its proved enclosure, if that has any. The exit status is 0 unless the result is error.\n"};

enum { VERSION, CATEGORY, NET, PROP, RESULT, TIMEOUT, N_ARGS };

static const char *const verdicts[] = {[SBX_VERDICT_UNKNOWN] = "unknown",
                                       [SBX_HOLDS] = "unsat",
                                       [SBX_VIOLATED] = "sat",
                                       [SBX_TIMEOUT] = "timeout"};

typedef struct comp_run {
    cli c;
    double limit, end; /* seconds given; when the search ends, by cli_now */
} comp_run;

static int stop(void *arg)
{
    const comp_run *r = arg;
    return cli_now() >= r->end;
}

/* What does not look at the clock in time is ended here: the file says "timeout". */
static void on_alarm(int s)
{
    (void)s;
    _exit(CLI_DONE);
}

static void set_alarm(double seconds)
{
    const struct sigaction act = {.sa_handler = on_alarm};
    const time_t whole = (time_t)seconds;
    const struct itimerval t = {
        .it_value = {whole, (suseconds_t)((seconds - (double)whole) * 999999.0) + 1}};
    (void)sigaction(SIGALRM, &act, NULL);
    (void)setitimer(ITIMER_REAL, &t, NULL);
}

/* ---- the result file ------------------------------------------------------------- */

/* A word and nothing else in the file. */
static int write_word(cli *c, const char *word)
{
    const int status = cli_open(c, NULL);
    if (status != CLI_DONE) return status;
    (void)fprintf(c->out, "%s\n", word);
    return cli_close(c, CLI_DONE);
}

static bool inside(const char *text, const sbx_ivq *y)
{
    mpq_t q;
    bool in;
    mpq_init(q);
    in = sbx_q_read(q, text, strlen(text), NULL) == SBX_OK && mpq_cmp(y->lo, q) <= 0 &&
         mpq_cmp(q, y->hi) <= 0;
    mpq_clear(q);
    return in;
}

/* The shortest of a few decimals that lies in the enclosure, so that it satisfies what was
 * proved of all of that; where there is none (a point without a decimal), near it. */
static bool write_output(FILE *f, size_t k, const sbx_ivq *y)
{
    char *text = NULL;
    mpq_t mid;
    mpq_init(mid);
    mpq_add(mid, y->lo, y->hi);
    mpq_div_2exp(mid, mid, 1);
    for (int digits = 17; digits < 1200; digits *= 2) {
        sbx_text_free(text);
        text = sbx_q_write(mid, SBX_LO, digits);
        if (!text || inside(text, y)) break;
    }
    mpq_clear(mid);
    if (text) (void)fprintf(f, "\n (Y_%zu %s)", k, text);
    sbx_text_free(text);
    return text != NULL;
}

/* "sat", and the counterexample; the inputs are decimals. */
static bool write_witness(FILE *f, const sbx_verify_result *v)
{
    bool ok = true;
    (void)fputs("sat\n(", f);
    for (size_t k = 0; ok && k < v->n_x; k++) {
        char *x = sbx_q_write_exact(v->x[k], SIZE_MAX);
        ok = x != NULL;
        (void)fprintf(f, "%s(X_%zu %s)", k ? "\n " : "", k, x ? x : "");
        sbx_text_free(x);
    }
    for (size_t k = 0; ok && k < v->n_y; k++)
        ok = write_output(f, k, &v->y[k]);
    (void)fputs(")\n", f);
    return ok;
}

static bool is_decimal(mpq_srcptr q)
{
    mpz_t d, five;
    bool is;
    mpz_init_set(d, mpq_denref(q));
    mpz_init_set_ui(five, 5);
    (void)mpz_remove(d, d, five);
    mpz_tdiv_q_2exp(d, d, mpz_scan1(d, 0));
    is = mpz_cmp_ui(d, 1) == 0;
    mpz_clears(d, five, NULL);
    return is;
}

static bool all_decimal(const sbx_verify_result *v)
{
    for (size_t k = 0; k < v->n_x; k++)
        if (!is_decimal(v->x[k])) return false;
    return true;
}

static int write_result(comp_run *r, const sbx_verify_result *v)
{
    bool ok;
    int status;
    if (v->verdict != SBX_VIOLATED) {
        if (v->reason[0] && !r->c.quiet) (void)fprintf(stderr, "%s\n", v->reason);
        return write_word(&r->c, verdicts[v->verdict]);
    }
    if (!all_decimal(v)) {
        status = write_word(&r->c, verdicts[SBX_VERDICT_UNKNOWN]);
        (void)cli_error(&r->c, CLI_UNKNOWN,
                        "it is violated, but at fractions that no decimal is: no result of this "
                        "form can say so; 'softbox verify' does");
        return status;
    }
    status = cli_open(&r->c, NULL);
    if (status != CLI_DONE) return status;
    ok = write_witness(r->c.out, v);
    status = cli_close(&r->c, CLI_DONE);
    return ok ? status : cli_error(&r->c, CLI_INTERNAL, "no memory for the counterexample");
}

/* ---- the run --------------------------------------------------------------------- */

static int decide(comp_run *r)
{
    const sbx_verify_opts opts = {
        .threads = r->c.threads, .seed = r->c.seed, .stop = stop, .stop_arg = r};
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_net *net = NULL;
    sbx_property p = {0};
    sbx_verify_result v = {0};
    int status = CLI_GO_ON;
    if (sbx_net_read(&net, r->c.arg[NET], 0, &err) != SBX_OK ||
        sbx_property_read_vnnlib(&p, r->c.arg[PROP], &err) != SBX_OK)
        status = cli_fail(&r->c, &err);
    else if (p.network)
        status = cli_standard_match(&r->c, NULL, net, &p);
    if (status == CLI_GO_ON)
        status = sbx_verify(&v, net, &p, &opts, &err) == SBX_OK ? CLI_DONE : cli_fail(&r->c, &err);
    (void)sigaction(SIGALRM, &(const struct sigaction){.sa_handler = SIG_IGN}, NULL);
    if (status == CLI_DONE) status = write_result(r, &v);
    if (status != CLI_DONE && write_word(&r->c, "error") == CLI_WRITE) status = CLI_WRITE;
    sbx_verify_result_clear(&v);
    sbx_property_clear(&p);
    sbx_net_free(net);
    return status;
}

static unsigned processors(void)
{
    const long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > 1024 ? 1024 : (unsigned)n;
}

int cli_vnncomp(int argc, char **argv)
{
    comp_run r = {.c = {.command = "vnncomp", .threads = processors()}};
    const double start = cli_now();
    int status = cli_parse(&r.c, argc, argv, NULL, 0, N_ARGS, N_ARGS, &help);
    if (status != CLI_GO_ON) return status;
    if (strcmp(r.c.arg[VERSION], "v1") != 0)
        return cli_error(&r.c, CLI_USAGE, "'%s': the version of the form is v1", r.c.arg[VERSION]);
    if (!cli_seconds(&r.limit, r.c.arg[TIMEOUT]) || r.limit <= 0.0)
        return cli_error(&r.c, CLI_USAGE, "'%s': seconds above 0", r.c.arg[TIMEOUT]);
    if (r.c.output || r.c.format == CLI_JSON)
        return cli_error(&r.c, CLI_USAGE, "the answer goes to RESULTFILE, in its own form");
    r.c.output = r.c.arg[RESULT];
    /* a twentieth, at most a second, is kept for the end */
    r.end = start + r.limit - (r.limit < 20.0 ? r.limit / 20.0 : 1.0);
    status = write_word(&r.c, verdicts[SBX_TIMEOUT]);
    if (status != CLI_DONE) return status;
    set_alarm(r.limit);
    return decide(&r);
}
