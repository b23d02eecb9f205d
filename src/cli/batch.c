/* cli/batch.c -- softbox batch: many verifications, several at a time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/batch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const cli_help help = {
    "usage: softbox batch INSTANCES.csv [options]\n",
    "Runs softbox verify on every line \"network,property,seconds\" of a list (VNN-COMP's\n"
    "instances.csv), each in a process of its own, and prints a table. With --results, every\n"
    "result is a line of JSON in that file as soon as it is there, and a run that was\n"
    "stopped goes on where it was: instances with a result of the same options are passed\n"
    "over. Names are tried with .gz behind them too.\n"};

#define MOST_JOBS 256

static volatile sig_atomic_t caught;
static void on_signal(int s) { caught = s; }

typedef struct batch_texts {
    const char *root, *jobs, *timeout;
} batch_texts;

/* ---- the table ------------------------------------------------------------------- */

typedef struct row {
    const char *name;
    size_t n, by[BATCH_ENDS];
    double *took; /* of those that are done */
    size_t done;
} row;

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void row_add(row *r, const batch_item *t)
{
    r->n++;
    r->by[t->end]++;
    if (t->end != BATCH_TODO) r->took[r->done++] = t->took;
}

static double median(row *r)
{
    qsort(r->took, r->done, sizeof *r->took, by_value);
    return r->done ? 0.5 * (r->took[(r->done - 1) / 2] + r->took[r->done / 2]) : 0.0;
}

static void row_print(cli_table *t, row *r, const char *unit)
{
    char text[32];
    cli_table_add(t, r->name);
    (void)snprintf(text, sizeof text, "%zu", r->n);
    cli_table_add(t, text);
    for (int e = BATCH_HOLDS; e < BATCH_ENDS; e++) {
        (void)snprintf(text, sizeof text, "%zu", r->by[e]);
        cli_table_add(t, text);
    }
    (void)snprintf(text, sizeof text, "%.2f%s", median(r), unit);
    cli_table_add(t, text);
}

/* a row a network, and the sum */
static bool print_table(const batch *b, FILE *f)
{
    static const char *const head[] = {"network", "instances", "holds", "violated",
                                       "unknown", "timeout",   "error", "median time"};
    cli_table t = {.columns = 8};
    const bool csv = b->c.format == CLI_CSV;
    double *const took = calloc(b->n + 1, sizeof *took);
    bool ok = took != NULL;
    for (size_t k = 0; k < 8; k++)
        cli_table_add(&t, csv && k == 7 ? "median seconds" : head[k]);
    for (size_t k = 0; ok && k <= b->n; k++) {
        const char *name = k < b->n ? b->item[k].net : NULL; /* the last: all */
        row r = {.name = name ? name : "all", .took = took};
        bool again = false;
        for (size_t i = 0; name && i < k; i++)
            again = again || strcmp(b->item[i].net, name) == 0;
        if (again) continue;
        for (size_t i = 0; i < b->n; i++)
            if (!name || strcmp(b->item[i].net, name) == 0) row_add(&r, &b->item[i]);
        row_print(&t, &r, csv ? "" : " s");
    }
    if (ok)
        (csv                           ? cli_table_csv
         : b->c.format == CLI_MARKDOWN ? cli_table_markdown
                                       : cli_table_print)(&t, f);
    ok = ok && !t.failed;
    cli_table_clear(&t);
    free(took);
    return ok;
}

static bool print_summary(const batch *b, FILE *f)
{
    double *const took = calloc(b->n + 1, sizeof *took);
    row r = {.took = took};
    if (!took) return false;
    for (size_t i = 0; i < b->n; i++)
        row_add(&r, &b->item[i]);
    (void)fprintf(f, "{\"summary\":true,\"instances\":%zu", r.n);
    for (int e = BATCH_TODO; e < BATCH_ENDS; e++)
        (void)fprintf(f, ",\"%s\":%zu", batch_names[e], r.by[e]);
    (void)fprintf(f, ",\"median_seconds\":\"%.3f\"}\n", median(&r));
    free(took);
    return true;
}

/* ---- the run --------------------------------------------------------------------- */

typedef struct running {
    batch *b;
    FILE *results;
    batch_job job[MOST_JOBS];
    size_t next, open, done;
    bool progress;
    char program[4096];
} running;

static void show(const running *r)
{
    size_t by[BATCH_ENDS] = {0};
    for (size_t k = 0; k < r->b->n; k++)
        by[r->b->item[k].end]++;
    (void)fprintf(stderr,
                  "\r%zu of %zu: %zu hold, %zu violated, %zu unknown or timeout, %zu errors\033[K",
                  r->b->n - by[BATCH_TODO], r->b->n, by[BATCH_HOLDS], by[BATCH_VIOLATED],
                  by[BATCH_UNKNOWN] + by[BATCH_TIMEOUT], by[BATCH_ERROR]);
    (void)fflush(stderr);
}

/* One result: to the file, and to the answer where that is JSON. */
static int keep(running *r, batch_job *j, int how)
{
    batch *const b = r->b;
    json_t *const o = batch_result(b, j, how);
    char *const line = o ? json_dumps(o, JSON_COMPACT) : NULL;
    int status = CLI_DONE;
    json_decref(o);
    if (!line) return cli_error(&b->c, CLI_INTERNAL, "no memory for a result");
    if (b->c.format == CLI_JSON) (void)fprintf(b->c.out, "%s\n", line);
    if (r->results && (fprintf(r->results, "%s\n", line) < 0 || fflush(r->results)))
        status = cli_error(&b->c, CLI_WRITE, "%s: %s", b->results, strerror(errno));
    free(line);
    if (r->progress) show(r);
    return status;
}

static int start_some(running *r)
{
    batch *const b = r->b;
    for (size_t k = 0; k < b->jobs; k++) {
        while (r->next < b->n && b->item[r->next].end != BATCH_TODO)
            r->next++;
        if (r->job[k].pid || r->next == b->n) continue;
        if (!batch_start(&r->job[k], b, r->next, r->program))
            return cli_error(&b->c, CLI_INTERNAL, "no process for an instance: %s",
                             strerror(errno));
        r->next++;
        r->open++;
    }
    return CLI_DONE;
}

static int run_all(running *r)
{
    const struct timespec nap = {0, 3000000};
    int status = CLI_DONE, how = 0;
    if (r->progress) show(r);
    while (status == CLI_DONE && !caught) {
        status = start_some(r);
        if (r->open == 0) break;
        for (size_t k = 0; k < r->b->jobs && status == CLI_DONE; k++) {
            if (!r->job[k].pid || !batch_ended(&r->job[k], &how)) continue;
            if (caught) break; /* the signal was the child's too: no result */
            r->open--;
            status = keep(r, &r->job[k], how);
        }
        (void)nanosleep(&nap, NULL);
    }
    for (size_t k = 0; k < r->b->jobs; k++)
        if (r->job[k].pid) batch_stop(&r->job[k]);
    if (r->progress) (void)fputs("\r\033[K", stderr);
    return status;
}

static int run(batch *b, FILE *results)
{
    running r = {.b = b, .results = results};
    const ssize_t n = readlink("/proc/self/exe", r.program, sizeof r.program - 1);
    const struct sigaction act = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    int status = n > 0 ? cli_open(&b->c, NULL)
                       : cli_error(&b->c, CLI_INTERNAL, "the program does not find itself");
    if (status != CLI_DONE) return status;
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    r.progress = !b->c.quiet && isatty(2);
    status = run_all(&r);
    if (!(b->c.format == CLI_JSON ? print_summary(b, b->c.out) : print_table(b, b->c.out)))
        status = cli_error(&b->c, CLI_INTERNAL, "no memory for the table");
    if (status == CLI_DONE && caught)
        status = cli_error(&b->c, CLI_TIMEOUT, "stopped by a signal%s",
                           b->results ? "; the same command goes on from here" : "");
    return cli_close(&b->c, status);
}

/* ---- options --------------------------------------------------------------------- */

static int check(batch *b, const batch_texts *t)
{
    uint64_t n = 0;
    size_t bytes;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    static const char *const methods[] = {"auto", "ibp", "crown", "bab"};
    bool known = false;
    for (size_t k = 0; k < 4; k++)
        known = known || strcmp(methods[k], b->method) == 0;
    if (!known)
        return cli_error(&b->c, CLI_USAGE, "--method '%s': auto, ibp, crown, bab", b->method);
    if (t->jobs && !cli_integer(&n, t->jobs, 1, MOST_JOBS))
        return cli_error(&b->c, CLI_USAGE, "--jobs '%s': a whole number, 1 to %d", t->jobs,
                         MOST_JOBS);
    b->jobs = t->jobs             ? (unsigned)n
              : cores < 1         ? 1
              : cores > MOST_JOBS ? MOST_JOBS
                                  : (unsigned)cores;
    if (b->max_nodes && !cli_integer(&n, b->max_nodes, 0, SIZE_MAX))
        return cli_error(&b->c, CLI_USAGE, "--max-nodes '%s': a whole number", b->max_nodes);
    if (!cli_memory(&bytes, b->memory))
        return cli_error(&b->c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, b->memory);
    if (t->timeout && !batch_seconds(&b->most, t->timeout))
        return cli_error(&b->c, CLI_USAGE, "--timeout '%s': seconds above 0", t->timeout);
    return CLI_GO_ON;
}

/* the folder of the list, or what --root says; NULL: no memory */
static char *root_of(const char *list, const char *root)
{
    const char *slash = strrchr(list, '/');
    if (root) return strdup(root);
    return slash ? strndup(list, slash == list ? 1 : (size_t)(slash - list)) : strdup("");
}

int cli_batch(int argc, char **argv)
{
    batch b = {.c = {.command = "batch", .forms = CLI_FORMS_ROWS}, .method = "auto"};
    batch_texts t = {0};
    char how[256], *root = NULL;
    FILE *results = NULL;
    const cli_option options[] = {
        {"root", "DIR", "where the paths of the list start; default: its folder", &t.root, NULL},
        {"results", "FILE", "results so far, and where new ones are added (JSON Lines)", &b.results,
         NULL},
        {"jobs", "N", "instances at a time; default: one a processor", &t.jobs, NULL},
        {"timeout", "S", "seconds an instance at most, where its line allows more", &t.timeout,
         NULL},
        {"method", "NAME", "as of verify: auto (default), ibp, crown, bab", &b.method, NULL},
        {"max-nodes", "N", "as of verify", &b.max_nodes, NULL},
        CLI_MEMORY_OPTION(b.memory),
        {"witness", NULL, "counterexamples go into the results", NULL, &b.witness},
    };
    int status =
        cli_parse(&b.c, argc, argv, options, sizeof options / sizeof *options, 1, 1, &help);
    if (status == CLI_GO_ON) status = check(&b, &t);
    if (status != CLI_GO_ON) return status;
    b.list = b.c.arg[0];
    b.root = root = root_of(b.list, t.root);
    (void)snprintf(how, sizeof how,
                   "softbox %s, method %s, max-nodes %.24s, timeout %.24s, seed %llu, memory %.24s",
                   sbx_version(), b.method, b.max_nodes ? b.max_nodes : "0",
                   t.timeout ? t.timeout : "as listed", (unsigned long long)b.c.seed,
                   b.memory ? b.memory : "2G");
    b.options = how;
    status = root ? batch_read(&b) : cli_error(&b.c, CLI_INTERNAL, "no memory");
    if (status == CLI_DONE) status = batch_resume(&b, &results);
    if (status == CLI_DONE) status = run(&b, results);
    if (results && fclose(results) && status == CLI_DONE)
        status = cli_error(&b.c, CLI_WRITE, "%s: %s", b.results, strerror(errno));
    batch_clear(&b);
    free(root);
    return status;
}
