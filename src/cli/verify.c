/* cli/verify.c -- softbox verify: does a property hold of a network?
 *
 * The library counts work; the clock and the signals are here, in its stop callback. The
 * verdict is the first line, and the exit status.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cli_help help = {
    "usage: softbox verify NET PROP.vnnlib [options]\n"
    "       softbox verify PROP.vnnlib --network NAME=NET [options]\n",
    "Decides whether some input of the property's boxes satisfies its constraints on the\n"
    "outputs. holds: there is none, proved; violated: there is one, printed exactly;\n"
    "unknown, timeout: neither was proved, and why. The network is a function of real\n"
    "numbers with its weights read exactly. The second form is that of VNN-LIB 2.0: NAME is\n"
    "the network that the property declares; the answer is one of unsat, sat, unknown,\n"
    "timed-out, and what satisfies it; the exit status is 0 for each of them.\n"};

static const struct {
    const char *name;
    sbx_verify_method m;
} methods[] = {{"auto", SBX_VERIFY_AUTO},
               {"ibp", SBX_VERIFY_IBP},
               {"crown", SBX_VERIFY_CROWN},
               {"bab", SBX_VERIFY_BAB}};

static const struct {
    const char *name;
    int status;
} verdicts[] = {[SBX_VERDICT_UNKNOWN] = {"unknown", CLI_UNKNOWN},
                [SBX_HOLDS] = {"holds", CLI_DONE},
                [SBX_VIOLATED] = {"violated", CLI_VIOLATED},
                [SBX_TIMEOUT] = {"timeout", CLI_TIMEOUT}};

static volatile sig_atomic_t caught; /* the signal that asked for an end */

static void on_signal(int s) { caught = s; }

/* A second signal ends the program; one that is ignored stays so. */
static void catch_signal(int s)
{
    struct sigaction old, act = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    (void)sigemptyset(&act.sa_mask);
    if (sigaction(s, NULL, &old) == 0 && old.sa_handler != SIG_IGN) (void)sigaction(s, &act, NULL);
}

typedef struct verify_run {
    cli c;
    const char *net, *prop; /* their paths */
    const char *timeout, *method, *max_nodes, *network, *memory;
    size_t max_bytes;
    bool standard;       /* VNN-LIB 2.0's form of the command */
    double start, limit; /* seconds; limit 0: none */
    const sbx_net *graph;
    double shown; /* when the progress line was last written */
    bool progress;
} verify_run;

static int stop(void *arg)
{
    const verify_run *r = arg;
    return caught || (r->limit > 0.0 && cli_now() - r->start >= r->limit);
}

static void progress(void *arg, size_t nodes, size_t open, double best)
{
    verify_run *r = arg;
    const double t = cli_now();
    if (t - r->shown < 0.2) return;
    r->shown = t;
    (void)fprintf(stderr, "\r%.0f s, %zu boxes looked at, %zu open, margin %.4g\033[K",
                  t - r->start, nodes, open, best);
    (void)fflush(stderr);
}

/* ---- the answer ------------------------------------------------------------------ */

static void put(FILE *f, const char *before, char *text, const char *after, bool *ok)
{
    *ok &= text != NULL;
    (void)fprintf(f, "%s%s%s", before, text ? text : "", after);
    free(text);
}

static char *least_margin(const sbx_verify_result *v)
{
    char *text = sbx_d_write(v->bound, SBX_LO, 17), *copy = text ? strdup(text) : NULL;
    sbx_text_free(text);
    return copy;
}

static bool print_text(FILE *f, const verify_run *r, const sbx_verify_result *v, double seconds)
{
    const cli_style s = {17, false};
    bool ok = true;
    (void)fprintf(f, "%s\nnetwork   %s\nproperty  %s\nmethod    %s\ntimeout   %s%s\n",
                  verdicts[v->verdict].name, r->net, r->prop, r->method,
                  r->limit > 0.0 ? r->timeout : "none", r->limit > 0.0 ? " s" : "");
    (void)fprintf(f, "time      %.3f s\nboxes     %zu\n", seconds, v->nodes);
    if (v->verdict != SBX_VIOLATED) put(f, "margin    ", least_margin(v), "\n", &ok);
    if (v->reason[0])
        (void)fprintf(f, "reason    %s%s\n", caught ? "stopped by a signal: " : "", v->reason);
    cli_why_text(f, &v->why, r->graph);
    if (v->verdict != SBX_VIOLATED) return ok;
    (void)fprintf(f, "disjunct  %zu\n", v->disjunct);
    for (size_t k = 0; k < v->n_x; k++) {
        (void)fprintf(f, "X_%zu = ", k);
        put(f, "", cli_exact(v->x[k], false), "\n", &ok);
    }
    for (size_t k = 0; k < v->n_y; k++) {
        (void)fprintf(f, "Y_%zu in ", k);
        put(f, "[", cli_outward(v->y[k].lo, SBX_LO, s), ", ", &ok);
        put(f, "", cli_outward(v->y[k].hi, SBX_HI, s), "]\n", &ok);
    }
    return ok;
}

static bool print_json(FILE *f, const verify_run *r, const sbx_verify_result *v, double seconds)
{
    const cli_style s = {17, false};
    bool ok = true;
    (void)fprintf(f, "{\"verdict\":\"%s\",\"network\":", verdicts[v->verdict].name);
    cli_json_string(f, r->net);
    (void)fputs(",\"property\":", f);
    cli_json_string(f, r->prop);
    (void)fprintf(f, ",\"method\":\"%s\",\"timeout\":", r->method);
    cli_json_string(f, r->limit > 0.0 ? r->timeout : "none");
    (void)fprintf(f, ",\"threads\":%u,\"seconds\":\"%.3f\",\"boxes\":%zu", r->c.threads, seconds,
                  v->nodes);
    if (v->verdict != SBX_VIOLATED) put(f, ",\"margin\":\"", least_margin(v), "\"", &ok);
    if (v->verdict == SBX_VERDICT_UNKNOWN || v->verdict == SBX_TIMEOUT) {
        (void)fputs(",\"reason\":", f);
        cli_json_string(f, v->reason);
        if (caught) (void)fprintf(f, ",\"signal\":%d", (int)caught);
        cli_why_json(f, &v->why, r->graph);
    }
    if (v->verdict == SBX_VIOLATED) {
        (void)fprintf(f, ",\"disjunct\":%zu,\"x\":[", v->disjunct);
        for (size_t k = 0; k < v->n_x; k++)
            put(f, k ? ",\"" : "\"", cli_exact(v->x[k], false), "\"", &ok);
        (void)fputs("],\"y\":[", f);
        for (size_t k = 0; k < v->n_y; k++) {
            put(f, k ? ",{\"lower\":\"" : "{\"lower\":\"", cli_outward(v->y[k].lo, SBX_LO, s), "\"",
                &ok);
            put(f, ",\"upper\":\"", cli_outward(v->y[k].hi, SBX_HI, s), "\"}", &ok);
        }
        (void)fputc(']', f);
    }
    (void)fputs("}\n", f);
    return ok;
}

/* ---- the run --------------------------------------------------------------------- */

static int search(verify_run *r, const sbx_verify_opts *opts, const sbx_net *net,
                  const sbx_property *p, sbx_err *err)
{
    sbx_verify_result v = {0};
    double seconds;
    sbx_status st;
    int status;
    bool ok;

    status = cli_open(&r->c, NULL); /* before the work, so that it is not for nothing */
    if (status != CLI_DONE) return status;
    r->graph = net;
    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    st = sbx_verify(&v, net, p, opts, err);
    seconds = cli_now() - r->start;
    if (r->progress && r->shown > 0.0) (void)fputs("\r\033[K", stderr);
    if (st == SBX_ERR_ARG) /* what the two files do not agree on */
        return cli_close(&r->c, cli_error(&r->c, CLI_BAD_INPUT, "%s: %s", r->prop, err->msg));
    if (st != SBX_OK) return cli_close(&r->c, cli_fail(&r->c, err));
    if (r->c.format == CLI_JSON)
        ok = print_json(r->c.out, r, &v, seconds);
    else
        ok = r->standard ? cli_standard_print(r->c.out, &v, p)
                         : print_text(r->c.out, r, &v, seconds);
    status = cli_close(&r->c, r->standard ? CLI_DONE : verdicts[v.verdict].status);
    if (!ok) status = cli_error(&r->c, CLI_INTERNAL, "no memory for the answer");
    sbx_verify_result_clear(&v);
    return status;
}

static int run(verify_run *r, const sbx_verify_opts *opts)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_net *net = NULL;
    sbx_property p = {0};
    int status = CLI_GO_ON;
    if (sbx_net_read(&net, r->net, r->max_bytes, &err) != SBX_OK ||
        sbx_property_read(&p, r->prop, r->max_bytes, &err) != SBX_OK)
        status = cli_fail(&r->c, &err);
    else if (r->standard || p.network)
        status = cli_standard_match(&r->c, r->network, net, &p);
    if (status == CLI_GO_ON) status = search(r, opts, net, &p, &err);
    sbx_property_clear(&p);
    sbx_net_free(net);
    return status;
}

static int check(verify_run *r, sbx_verify_opts *opts)
{
    uint64_t n = 0;
    bool known = false;
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
        if (strcmp(methods[k].name, r->method) == 0) {
            opts->method = methods[k].m;
            known = true;
        }
    if (!known)
        return cli_error(&r->c, CLI_USAGE, "--method '%s': auto, ibp, crown, bab", r->method);
    if (!cli_seconds(&r->limit, r->timeout))
        return cli_error(&r->c, CLI_USAGE, "--timeout '%s': seconds, 0 for none", r->timeout);
    if (r->max_nodes && !cli_integer(&n, r->max_nodes, 0, SIZE_MAX))
        return cli_error(&r->c, CLI_USAGE, "--max-nodes '%s': a whole number", r->max_nodes);
    if (!cli_memory(&r->max_bytes, r->memory))
        return cli_error(&r->c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, r->memory);
    if (!r->standard && r->c.n_args < 2)
        return cli_error(&r->c, CLI_USAGE,
                         "an argument is missing: NET PROP, or PROP --network NAME=NET");
    if (r->standard && r->c.n_args > 1)
        return cli_error(&r->c, CLI_USAGE, "one argument too many beside --network: '%s'",
                         r->c.arg[1]);
    if (r->standard && (!strchr(r->network, '=') || r->network[0] == '='))
        return cli_error(&r->c, CLI_USAGE, "--network '%s': NAME=FILE", r->network);
    r->net = r->standard ? strchr(r->network, '=') + 1 : r->c.arg[0];
    r->prop = r->c.arg[r->standard ? 0 : 1];
    opts->max_nodes = (size_t)n;
    opts->threads = r->c.threads;
    opts->seed = r->c.seed;
    opts->stop = stop;
    opts->stop_arg = r;
    r->progress = !r->c.quiet && isatty(2);
    if (r->progress) opts->progress = progress;
    opts->progress_arg = r;
    return CLI_GO_ON;
}

int cli_verify(int argc, char **argv)
{
    verify_run r = {
        .c = {.command = "verify"}, .timeout = "60", .method = "auto", .start = cli_now()};
    sbx_verify_opts opts = {0};
    const cli_option options[] = {
        {"timeout", "S", "seconds, also with decimals; default 60, 0: no limit", &r.timeout, NULL},
        {"method", "NAME",
         "auto (default): falsify, linear propagation, then split the\n"
         "inputs; bab: the same; ibp, crown: one pass of interval or\n"
         "linear propagation",
         &r.method, NULL},
        {"network", "NAME=FILE", "the file of the network that the property calls NAME", &r.network,
         NULL},
        CLI_MEMORY_OPTION(r.memory),
        {"max-nodes", "N", "boxes to look at in all; default 0: no limit", &r.max_nodes, NULL},
    };
    int status =
        cli_parse(&r.c, argc, argv, options, sizeof options / sizeof *options, 1, 2, &help);
    r.standard = r.network != NULL;
    if (status == CLI_GO_ON && cli_count(argc, argv, "--network") > 1)
        status = cli_error(&r.c, CLI_USAGE, "--network twice: one network is supported");
    if (status == CLI_GO_ON) status = check(&r, &opts);
    return status == CLI_GO_ON ? run(&r, &opts) : status;
}
