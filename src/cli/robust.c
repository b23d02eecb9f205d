/* cli/robust.c -- softbox robust: for how many items of a data set does a classifier keep the class in
 * a whole ball of the maximum norm?
 *
 * Every verdict is one sbx_verify of an exact property [L-NET-85]; whether an item is classified rightly
 * at all is the same question with radius 0. Threads take items, one thread an item.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cli_help help = {
    "usage: softbox robust NET --data FILE --radius R[,R..] [options]\n",
    "For each item of a data set (.npy, .npz, IDX, CSV, each also .gz) and each radius: does the\n"
    "network keep its class for all inputs within the radius of the item, in the maximum norm?\n"
    "certified: proved; falsified: an input of the ball has another class, proved;\n"
    "misclassified: the label is not the only largest output at the item itself, proved;\n"
    "unknown: nothing was proved. Certified accuracy is the certified among all items.\n"};

static volatile sig_atomic_t caught;
static void on_signal(int s) { caught = s; }

/* What the threads share; everything but the net and the data under the lock. */
typedef struct work {
    robust *r;
    FILE *results;
    pthread_mutex_t lock;
    size_t next, done;
    bool progress, lost;
    sbx_err err; /* the first that ends everything */
} work;

/* One thread's question. */
typedef struct asking {
    work *w;
    double start;
    mpq_t *x, zero;
} asking;

static int stop(void *arg)
{
    const asking *a = arg;
    return caught || (a->w->r->limit > 0.0 && cli_now() - a->start >= a->w->r->limit);
}

static void show(work *w)
{
    const robust *const r = w->r;
    const size_t n = r->n, wide = 30, full = n ? w->done * wide / n : wide;
    (void)fprintf(stderr, "\r[%.*s%*s] %zu of %zu items\033[K", (int)full,
                  "##############################", (int)(wide - full), "", w->done, n);
    (void)fflush(stderr);
}

/* ---- one item -------------------------------------------------------------------------------- */

static sbx_status ask(sbx_verify_result *v, asking *a, size_t k, mpq_srcptr radius,
                      mpq_srcptr probability, sbx_err *err)
{
    const robust *const r = a->w->r;
    const sbx_verify_opts opts = {
        .threads = 1, .seed = r->c.seed, .max_nodes = r->max_nodes, .stop = stop, .stop_arg = a};
    sbx_robust q = {.inputs = r->inputs,
                    .outputs = r->outputs,
                    .x = (const mpq_t *)a->x,
                    .label = r->label[k],
                    .radius = radius,
                    .probability = probability};
    sbx_property p = {0};
    sbx_status st = SBX_OK;
    if (r->clip.n) {
        q.clip_lo = r->clip.v[0];
        q.clip_hi = r->clip.v[1];
    }
    a->start = cli_now();
    CLI_TRY(sbx_property_robust(&p, &q, err));
    st = sbx_verify(v, r->net, &p, &opts, err);
    if (st == SBX_ERR_ARG) { /* outside of the network's own domain: no verdict on this item */
        *v = (sbx_verify_result){.bound = -HUGE_VAL};
        (void)snprintf(v->reason, sizeof v->reason, "%.250s", err->msg);
        st = err->code = SBX_OK;
    }
done:
    sbx_property_clear(&p);
    return st;
}

/* The witness as exact numbers. */
static json_t *witness_of(const sbx_verify_result *v)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < v->n_x; i++) {
        char *text = cli_exact(v->x[i], false);
        if (!text || json_array_append_new(list, json_string(text))) {
            json_decref(list);
            list = NULL;
        }
        free(text);
    }
    return list;
}

static void fill(robust_cell *c, const robust *r, const sbx_verify_result *v, double seconds)
{
    c->seconds = seconds;
    c->boxes = v->nodes;
    c->margin = v->bound;
    c->has_margin = v->verdict != SBX_VIOLATED;
    switch (v->verdict) {
    case SBX_HOLDS: c->end = ROBUST_CERTIFIED; break;
    case SBX_VIOLATED:
        c->end = ROBUST_FALSIFIED;
        if (r->text.witness) c->witness = witness_of(v);
        break;
    case SBX_TIMEOUT:
        c->end = ROBUST_UNKNOWN;
        c->reason = strdup("timeout");
        break;
    case SBX_VERDICT_UNKNOWN:
        c->end = ROBUST_UNKNOWN;
        c->reason = strdup(v->reason);
        break;
    }
}

/* A result is in its place: to the file too. The lock is held. */
static void keep(work *w, size_t k, size_t d)
{
    json_t *o = w->results ? robust_result(w->r, k, d) : NULL;
    char *line = o ? json_dumps(o, JSON_COMPACT) : NULL;
    if (w->results && (!line || fprintf(w->results, "%s\n", line) < 0 || fflush(w->results)))
        w->lost = true;
    json_decref(o);
    free(line);
}

/* Radius d of item k. */
static sbx_status ask_radius(asking *a, size_t k, size_t d, bool wrong, double seconds,
                             sbx_err *err)
{
    const robust *const r = a->w->r;
    sbx_verify_result v = {0};
    robust_cell c = {.end = ROBUST_MISCLASSIFIED, .seconds = seconds};
    sbx_status st = SBX_OK;
    if (!wrong) {
        CLI_TRY(ask(&v, a, k, r->radius.v[d], r->text.probability ? r->probability : NULL, err));
        if (caught && v.verdict != SBX_HOLDS && v.verdict != SBX_VIOLATED) goto done;
        fill(&c, r, &v, cli_now() - a->start);
    }
    (void)pthread_mutex_lock(&a->w->lock);
    *robust_at(r, k, d) = c;
    keep(a->w, k, d);
    (void)pthread_mutex_unlock(&a->w->lock);
done:
    sbx_verify_result_clear(&v);
    return st;
}

static sbx_status ask_item(asking *a, size_t k, sbx_err *err)
{
    const robust *const r = a->w->r;
    sbx_verify_result v = {0};
    size_t todo = 0;
    double seconds;
    sbx_status st = SBX_OK;
    bool wrong;
    for (size_t d = 0; d < r->radius.n; d++)
        todo += robust_at(r, k, d)->end == ROBUST_TODO;
    if (!todo) return SBX_OK;
    CLI_TRY(robust_input(a->x, r, k, err));
    CLI_TRY(ask(&v, a, k, a->zero, NULL, err));
    wrong = v.verdict == SBX_VIOLATED;
    seconds = cli_now() - a->start;
    sbx_verify_result_clear(&v);
    for (size_t d = 0; d < r->radius.n && !caught; d++)
        if (robust_at(r, k, d)->end == ROBUST_TODO)
            CLI_TRY(ask_radius(a, k, d, wrong, seconds, err));
done:
    sbx_verify_result_clear(&v);
    return st;
}

/* ---- all items ------------------------------------------------------------------------------- */

static void *worker(void *arg)
{
    asking a = {.w = arg};
    work *const w = a.w;
    sbx_err err = {SBX_OK, NULL, ""};
    a.x = calloc(w->r->inputs, sizeof *a.x);
    if (!a.x) (void)sbx_fail(&err, SBX_ERR_NOMEM, "cli", "no memory for an item");
    mpq_init(a.zero);
    for (size_t i = 0; a.x && i < w->r->inputs; i++)
        mpq_init(a.x[i]);
    while (a.x && !caught) {
        size_t k;
        bool more;
        (void)pthread_mutex_lock(&w->lock);
        k = w->next;
        more = k < w->r->n && w->err.code == SBX_OK && !w->lost;
        if (more) w->next++;
        (void)pthread_mutex_unlock(&w->lock);
        if (!more || ask_item(&a, k, &err) != SBX_OK) break;
        (void)pthread_mutex_lock(&w->lock);
        w->done++;
        if (w->progress) show(w);
        (void)pthread_mutex_unlock(&w->lock);
    }
    (void)pthread_mutex_lock(&w->lock);
    if (err.code != SBX_OK && w->err.code == SBX_OK) w->err = err;
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; a.x && i < w->r->inputs; i++)
        mpq_clear(a.x[i]);
    free(a.x);
    mpq_clear(a.zero);
    return NULL;
}

static void run_threads(work *w)
{
    pthread_t *const thread = calloc(w->r->c.threads, sizeof *thread);
    unsigned n = 0;
    if (w->progress) show(w);
    while (thread && n + 1 < w->r->c.threads && pthread_create(&thread[n], NULL, worker, w) == 0)
        n++;
    (void)worker(w); /* this thread too */
    while (n > 0)
        (void)pthread_join(thread[--n], NULL);
    free(thread);
    if (w->progress) (void)fputs("\r\033[K", stderr);
}

/* The radii stand at equal distances when they are far from even (they often double), so that
 * every one can be read; else in proportion. */
static void place(double *x, const robust *r)
{
    const size_t n = r->radius.n;
    double least = HUGE_VAL;
    for (size_t d = 0; d < n; d++)
        x[d] = mpq_get_d(r->radius.v[d]);
    for (size_t d = 1; d < n; d++)
        if (x[d] - x[d - 1] < least) least = x[d] - x[d - 1];
    if (n > 1 && least * 12.0 > x[n - 1] - x[0]) return;
    for (size_t d = 0; d < n; d++)
        x[d] = (double)d;
}

static sbx_plot *new_plot(const robust *r, double *x, double *certified, double *falsified)
{
    static const double percent[] = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
    static const char *const text[] = {"0 %", "20 %", "40 %", "60 %", "80 %", "100 %"};
    const size_t n = r->radius.n;
    const double margin = n > 1 ? 0.04 * (x[n - 1] - x[0]) : 0.5;
    const sbx_axis across = {.name = "radius, maximum norm",
                             .lo = x[0] - margin,
                             .hi = x[n - 1] + margin,
                             .ticks = n,
                             .tick = x,
                             .tick_text = (const char *const *)r->radius_text};
    const sbx_axis up = {
        .name = "of the items", .hi = 1.0, .ticks = 6, .tick = percent, .tick_text = text};
    sbx_plot *p = NULL;
    if (sbx_plot_new(&p, "robust", r->c.arg[0], NULL) != SBX_OK) return NULL;
    sbx_plot_panel(p, "", &across, &up);
    sbx_plot_curve(p, &(sbx_curve){.name = "certified",
                                   .colour = "#1b7837",
                                   .marks = true,
                                   .n = n,
                                   .x = x,
                                   .y = certified});
    sbx_plot_curve(p, &(sbx_curve){.name = "falsified",
                                   .colour = "#b2182b",
                                   .marks = true,
                                   .n = n,
                                   .x = x,
                                   .y = falsified});
    return p;
}

static int write_plot(const robust *r)
{
    const size_t n = r->radius.n;
    double *x = calloc(3 * n, sizeof *x), *certified = x ? x + n : NULL,
           *falsified = x ? x + 2 * n : NULL;
    sbx_plot *p;
    int status;
    for (size_t d = 0; x && d < n; d++) {
        const size_t all = r->n - robust_count(r, d, ROBUST_TODO);
        certified[d] = all ? (double)robust_count(r, d, ROBUST_CERTIFIED) / (double)all : 0.0;
        falsified[d] = all ? (double)robust_count(r, d, ROBUST_FALSIFIED) / (double)all : 0.0;
    }
    if (x) place(x, r);
    p = x ? new_plot(r, x, certified, falsified) : NULL;
    status = cli_plot_file(&r->c, r->text.plot, p);
    sbx_plot_free(p);
    free(x);
    return status;
}

static int run(robust *r, FILE *results)
{
    work w = {.r = r, .results = results, .lock = PTHREAD_MUTEX_INITIALIZER};
    const struct sigaction act = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};
    int status = cli_open(&r->c, NULL);
    if (status != CLI_DONE) return status;
    (void)sigaction(SIGINT, &act, NULL);
    (void)sigaction(SIGTERM, &act, NULL);
    w.progress = !r->c.quiet && isatty(2);
    run_threads(&w);
    if (w.err.code != SBX_OK) return cli_close(&r->c, cli_fail(&r->c, &w.err));
    if (w.lost)
        return cli_close(&r->c,
                         cli_error(&r->c, CLI_WRITE, "%s: could not be written", r->text.results));
    if (!robust_print(r, r->c.out))
        status = cli_error(&r->c, CLI_INTERNAL, "no memory for the answer");
    if (status == CLI_DONE && r->text.plot) status = write_plot(r);
    if (status == CLI_DONE && caught)
        status = cli_error(&r->c, CLI_TIMEOUT, "stopped by a signal%s",
                           r->text.results ? "; the same command goes on from here" : "");
    return cli_close(&r->c, status);
}

static int load(robust *r)
{
    sbx_err err = {SBX_OK, NULL, ""};
    bool added;
    if (sbx_net_read(&r->net, r->c.arg[0], 0, &err) != SBX_OK) return cli_fail(&r->c, &err);
    if (r->text.probability && sbx_net_add_softmax(&added, r->net, &err) != SBX_OK)
        return cli_fail(&r->c, &err);
    r->inputs = sbx_net_inputs(r->net);
    r->outputs = sbx_net_outputs(r->net);
    if (r->outputs < 2)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: one output, so no classes", r->c.arg[0]);
    return robust_load(r);
}

static void clear(robust *r)
{
    for (size_t k = 0; r->cell && k < r->n * r->radius.n; k++) {
        free(r->cell[k].reason);
        json_decref(r->cell[k].witness);
    }
    for (size_t k = 0; r->radius_text && k < r->radius.n; k++)
        free(r->radius_text[k]);
    free(r->radius_text);
    free(r->cell);
    free(r->item);
    free(r->label);
    free(r->column);
    free(r->run);
    cli_vec_clear(&r->radius);
    cli_vec_clear(&r->clip);
    mpq_clears(r->scale, r->shift, r->probability, NULL);
    sbx_data_clear(&r->data);
    sbx_data_clear(&r->label_data);
    sbx_net_free(r->net);
}

int cli_robust(int argc, char **argv)
{
    robust r = {.c = {.command = "robust", .forms = CLI_FORMS_ROWS}};
    FILE *results = NULL;
    int status;
    mpq_inits(r.scale, r.shift, r.probability, NULL);
    status = robust_options(&r, argc, argv, &help);
    if (status == CLI_GO_ON) {
        status = load(&r);
        if (status == CLI_DONE) {
            r.cell = calloc(r.n * r.radius.n, sizeof *r.cell);
            if (!r.cell) status = cli_error(&r.c, CLI_INTERNAL, "no memory for the results");
        }
        if (status == CLI_DONE) status = robust_resume(&r, &results);
        if (status == CLI_DONE) status = run(&r, results);
        if (results && fclose(results) && status == CLI_DONE)
            status = cli_error(&r.c, CLI_WRITE, "%s: %s", r.text.results, strerror(errno));
    }
    clear(&r);
    return status;
}
