/* cli/error_mech.c -- softbox error --kernel MECHANISM,..: their distance from softmax attention, or another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox error --kernel MECHANISM[:P=V..],.. --input FILE.npz [options]\n"
    "       softbox error --kernel MECHANISM,.. --generate INPUT --n N --d D [options]\n"
    "       softbox error --kernel MECHANISM --number FORMAT ...: its rounding errors\n",
    "How far the weights and the outputs of mechanisms are from those of softmax attention, or\n"
    "of --against: proved enclosures, at the input or (--radius) of the greatest over all inputs of\n"
    "a box. Weights: the greatest |error|, the greatest total variation of a row, Frobenius and\n"
    "spectral norm; outputs: greatest |error|, Frobenius norm; row mass, sign, rank (least..most).\n"
    "JSON: an object a line, with entry, row_tv, frobenius, spectral, out_entry, out_frobenius,\n"
    "mass_least, mass_most, least, most: [lower, upper], or null; sign; rank [least, most]; numbers\n"
    "(mpq: exact, ivd, ivf) and their bits; boxes that the box was split into; error in the place of\n"
    "all these where a mechanism has no value.\n"};

typedef struct opts {
    mech_input in;
    const char *kernels, *against, *radius, *radius_q, *radius_k, *radius_v, *to_q, *to_k, *to_v,
        *boxes, *what, *resume;
} opts;

typedef struct run {
    cli *c;
    const opts *o;
    sbx_mech_data x;
    sbx_mech_args from;
    sbx_mech_radius radius;
    unsigned want;
    size_t boxes;
    uint64_t hash; /* of the input */
    sbx_table *table;
    char *old; /* lines of the file that is resumed */
    FILE *keep;
    size_t done, failed;
    double begin, told; /* of the last line of progress */
} run;

/* ---- the options -------------------------------------------------------------------------------- */

static int radius(const cli *c, mpq_t **z, size_t n, const char *own, const char *all)
{
    const char *text = own ? own : all;
    mpq_t r;
    *z = NULL;
    if (!text) return CLI_GO_ON;
    mpq_init(r);
    if (sbx_q_read(r, text, strlen(text), NULL) != SBX_OK || mpq_sgn(r) < 0) {
        mpq_clear(r);
        return cli_error(c, CLI_USAGE, "--radius '%s': a number, 0 or more", text);
    }
    *z = calloc(n, sizeof **z);
    for (size_t k = 0; *z && k < n; k++) {
        mpq_init((*z)[k]);
        mpq_set((*z)[k], r);
    }
    mpq_clear(r);
    return *z ? CLI_GO_ON : cli_error(c, CLI_INTERNAL, "no memory for %zu numbers", n);
}

/* The box between x and what the file has: x becomes its middle, *z its radii. */
static int between(const cli *c, mpq_t **z, mpq_t *x, size_t rows, size_t columns, const char *file,
                   const char *memory)
{
    sbx_err err = {SBX_OK, NULL, ""};
    mpq_t t;
    int status = CLI_GO_ON;
    if (!file || !x) return CLI_GO_ON;
    if (*z) return cli_error(c, CLI_USAGE, "a radius, or a file that the box goes to, not both");
    status = radius(c, z, rows * columns, "0", NULL);
    if (status != CLI_GO_ON || !*z) return status;
    if (mech_input_matrix(*z, file, rows, columns, memory, &err) != SBX_OK)
        return cli_fail(c, &err);
    mpq_init(t);
    for (size_t k = 0; k < rows * columns; k++) {
        mpq_sub(t, (*z)[k], x[k]);
        mpq_add(x[k], x[k], (*z)[k]);
        mpq_div_2exp(x[k], x[k], 1);
        mpq_abs((*z)[k], t);
        mpq_div_2exp((*z)[k], (*z)[k], 1);
    }
    mpq_clear(t);
    return status;
}

static void radius_clear(mpq_t *z, size_t n)
{
    for (size_t k = 0; z && k < n; k++)
        mpq_clear(z[k]);
    free(z);
}

static int find_want(run *r, const char *text)
{
    static const char *const names[] = {"spectral", "outputs", "rank"};
    const sbx_mech_shape s = r->x.shape;
    if (!text) {
        r->want = SBX_DISTANCE_OUTPUTS;
        if (s.n <= 1024 && s.m <= 1024) r->want |= SBX_DISTANCE_SPECTRAL;
        if (s.n <= 256 && s.m <= 256) r->want |= SBX_DISTANCE_RANK;
        return CLI_GO_ON;
    }
    if (strcmp(text, "weights") == 0) return CLI_GO_ON;
    while (*text) {
        const size_t len = strcspn(text, ",");
        size_t k = 0;
        while (k < 3 && (strlen(names[k]) != len || memcmp(names[k], text, len) != 0))
            k++;
        if (k == 3)
            return cli_error(r->c, CLI_USAGE, "--what '%.*s': weights, or of spectral,outputs,rank",
                             (int)(len < 40 ? len : 40), text);
        r->want |= 1U << k;
        text += len + (text[len] == ',');
    }
    return CLI_GO_ON;
}

static int read_options(run *r)
{
    const opts *o = r->o;
    const cli *c = r->c;
    sbx_err err = {SBX_OK, NULL, ""};
    uint64_t boxes = 0;
    const char *against = mech_name(o->against ? o->against : "softmax");
    int status;
    if (!o->kernels) return cli_error(c, CLI_USAGE, "--kernel is needed");
    if (sbx_mech_read(&r->from, against, &err) != SBX_OK)
        return cli_error(c, CLI_USAGE, "--against: %s", err.msg);
    if (o->boxes && !cli_integer(&boxes, o->boxes, 1, 100000))
        return cli_error(c, CLI_USAGE, "--boxes '%s': a whole number, 1 to 100000", o->boxes);
    r->boxes = (size_t)boxes;
    status = mech_input_read(c, &r->x, &o->in, false);
    if (status == CLI_GO_ON) status = find_want(r, o->what);
    if (status == CLI_GO_ON && (o->radius || o->radius_q || o->radius_k || o->radius_v)) {
        const sbx_mech_shape s = r->x.shape;
        status = radius(c, &r->radius.q, s.n * s.d, o->radius_q, o->radius);
        if (status == CLI_GO_ON)
            status = radius(c, &r->radius.k, s.m * s.d, o->radius_k, o->radius);
        if (status == CLI_GO_ON)
            status = radius(c, &r->radius.v, s.m * s.dv, o->radius_v, o->radius);
    }
    if (status == CLI_GO_ON)
        status =
            between(c, &r->radius.q, r->x.q, r->x.shape.n, r->x.shape.d, o->to_q, o->in.memory);
    if (status == CLI_GO_ON)
        status =
            between(c, &r->radius.k, r->x.k, r->x.shape.m, r->x.shape.d, o->to_k, o->in.memory);
    if (status == CLI_GO_ON)
        status =
            between(c, &r->radius.v, r->x.v, r->x.shape.m, r->x.shape.dv, o->to_v, o->in.memory);
    return status;
}

/* Of all the numbers that an answer depends on: q, k, v, their radii, and of --input the whole file, which may
 * have matrices of the mechanisms. */
static int hash_input(run *r)
{
    const sbx_mech_shape s = r->x.shape;
    const char *file = r->o->in.input;
    r->hash = UINT64_C(0xcbf29ce484222325);
    if (file && !cli_hash_file(&r->hash, file))
        return cli_error(r->c, CLI_BAD_INPUT, "%s: %s", file, strerror(errno));
    r->hash = mech_input_hash(r->hash, r->x.q, s.n * s.d);
    r->hash = mech_input_hash(r->hash, r->x.k, s.m * s.d);
    r->hash = mech_input_hash(r->hash, r->x.v, s.m * s.dv);
    r->hash = mech_input_hash(r->hash, r->radius.q, s.n * s.d);
    r->hash = mech_input_hash(r->hash, r->radius.k, s.m * s.d);
    r->hash = mech_input_hash(r->hash, r->radius.v, s.m * s.dv);
    return CLI_GO_ON;
}

/* ---- lines of an earlier run -------------------------------------------------------------------- */

/* {"kernel":"..","against":..,...: what a line must begin with to be the answer to the same question */
static char *question(const run *r, const char *name)
{
    const opts *o = r->o;
    const sbx_mech_shape s = r->x.shape;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f) return NULL;
    (void)fputs("{\"kernel\":", f);
    cli_json_string(f, name);
    list_member(f, "against", o->against ? o->against : "softmax");
    list_member(f, "input", mech_input_name(&o->in));
    if (o->in.k) list_member(f, "input_k", o->in.k);
    if (o->in.v) list_member(f, "input_v", o->in.v);
    (void)fprintf(f, ",\"n\":%zu,\"m\":%zu,\"d\":%zu,\"dv\":%zu,\"seed\":%llu", s.n, s.m, s.d, s.dv,
                  (unsigned long long)r->c->seed);
    list_member(f, "radius_q", o->radius_q ? o->radius_q : o->radius);
    list_member(f, "radius_k", o->radius_k ? o->radius_k : o->radius);
    list_member(f, "radius_v", o->radius_v ? o->radius_v : o->radius);
    if (o->to_q) list_member(f, "to_q", o->to_q);
    if (o->to_k) list_member(f, "to_k", o->to_k);
    if (o->to_v) list_member(f, "to_v", o->to_v);
    (void)fprintf(f, ",\"what\":%u,\"max_boxes\":%zu,\"hash\":\"%016llx\"", r->want, r->boxes,
                  (unsigned long long)r->hash);
    list_member(f, "softbox", sbx_version());
    if (ferror(f) | fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

static const char *find_line(const char *old, const char *begin, size_t *len)
{
    const size_t n = strlen(begin);
    while (old && *old) {
        const char *end = strchr(old, '\n');
        if (!end) return NULL; /* a line that was not finished */
        *len = (size_t)(end - old);
        if (*len > n && memcmp(old, begin, n) == 0 && end[-1] == '}') return old;
        old = end + 1;
    }
    return NULL;
}

static int open_resume(run *r)
{
    const char *path = r->o->resume;
    size_t len = 0;
    FILE *f;
    if (!path) return CLI_GO_ON;
    if (r->c->format != CLI_JSON)
        return cli_error(r->c, CLI_USAGE, "--resume keeps lines of JSON: --format json");
    f = fopen(path, "r");
    if (f) {
        (void)fclose(f);
        r->old = cli_read_all(r->c, path, &len);
        if (!r->old) return CLI_BAD_INPUT;
    }
    r->keep = fopen(path, "a");
    if (!r->keep) return cli_error(r->c, CLI_WRITE, "%s: %s", path, strerror(errno));
    if (len && r->old[len - 1] != '\n') (void)fputc('\n', r->keep);
    return CLI_GO_ON;
}

/* ---- a mechanism ------------------------------------------------------------------------------------ */

static void progress(run *r, const char *name, size_t count)
{
    const double t = cli_now() - r->begin;
    if (r->c->quiet || t < r->told + 5.0) return;
    r->told = t;
    (void)fprintf(stderr, "softbox: error: %s done, %zu of %zu, %.0f s\n", name,
                  r->done + r->failed, count, t);
}

/* The line of JSON, from malloc; NULL: no memory. */
static char *line_of(const char *begin, const sbx_distance *z, const char *why)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    if (!f) return NULL;
    (void)fputs(begin, f);
    if (why)
        list_member(f, "error", why);
    else
        distance_json(f, z);
    (void)fputc('}', f);
    if (ferror(f) | fclose(f)) {
        free(text);
        return NULL;
    }
    return text;
}

static int show_json(run *r, const char *begin, const sbx_distance *z, const char *why)
{
    char *line = line_of(begin, z, why);
    int status = CLI_GO_ON;
    if (!line) return cli_error(r->c, CLI_INTERNAL, "no memory for the answer");
    (void)fprintf(r->c->out, "%s\n", line);
    (void)fflush(r->c->out);
    if (r->keep && !why && (fprintf(r->keep, "%s\n", line) < 0 || fflush(r->keep)))
        status = cli_error(r->c, CLI_WRITE, "%s: %s", r->o->resume, strerror(errno));
    free(line);
    return status;
}

/* alone: its failure is the command's own */
static int one(run *r, const char *name, bool alone)
{
    sbx_mech_args of = {0};
    sbx_distance z;
    sbx_err err = {SBX_OK, NULL, ""};
    const sbx_distance_ask ask = {
        .of = &of, .from = &r->from, .radius = &r->radius, .want = r->want, .boxes = r->boxes};
    char *begin = question(r, name);
    size_t len = 0;
    const char *old = begin ? find_line(r->old, begin, &len) : NULL;
    int status = CLI_GO_ON;
    if (!begin) return cli_error(r->c, CLI_INTERNAL, "no memory for the answer");
    if (old) {
        (void)fprintf(r->c->out, "%.*s\n", (int)len, old);
        r->done++;
    } else if (sbx_mech_read(&of, mech_name(name), &err) != SBX_OK) {
        status = cli_error(r->c, CLI_USAGE, "--kernel: %s", err.msg);
    } else {
        const sbx_status st = distance_of(&z, r->c, &r->x, &r->o->in, &ask, NULL, &err);
        if (st == SBX_ERR_NOMEM || st == SBX_ERR_SOUNDNESS || (alone && st != SBX_OK)) {
            status = cli_fail(r->c, &err);
        } else {
            r->done += st == SBX_OK;
            r->failed += st != SBX_OK;
            if (r->table) {
                sbx_table_text(r->table, name);
                distance_cells(r->table, st == SBX_OK ? &z : NULL, NULL, err.msg);
            } else {
                status = show_json(r, begin, &z, st == SBX_OK ? NULL : err.msg);
            }
        }
    }
    sbx_mech_args_clear(&of);
    free(begin);
    return status;
}

/* The next name of a list: commas part names, but where numbers of a list parameter go on. */
static char *next_name(const char **at)
{
    const char *s = *at;
    size_t len = strcspn(s, ",");
    while (s[len] == ',') {
        char first[32];
        const size_t word = strcspn(s + len + 1, ",:");
        (void)snprintf(first, sizeof first, "%.*s", (int)word, s + len + 1);
        if (word < sizeof first &&
            (sbx_mech_find(first) || strcmp(first, "attention") == 0 || !memchr(s, ':', len)))
            break;
        len += 1 + strcspn(s + len + 1, ",");
    }
    *at = s + len + (s[len] == ',');
    return strndup(s, len);
}

static int all(run *r)
{
    const char *at = r->o->kernels;
    size_t count = 0;
    int status = CLI_GO_ON;
    for (const char *s = at; *s; count++)
        free(next_name(&s));
    r->begin = cli_now();
    while (*at && status == CLI_GO_ON) {
        char *name = next_name(&at);
        if (!name) return cli_error(r->c, CLI_INTERNAL, "no memory");
        status = one(r, name, count == 1);
        if (status == CLI_GO_ON) progress(r, name, count);
        free(name);
    }
    return status;
}

static int answer(run *r, int argc, char **argv)
{
    sbx_err err = {SBX_OK, NULL, ""};
    int status;
    if (r->c->format == CLI_JSON) {
        status = cli_open(r->c, NULL);
        if (status != CLI_DONE) return status;
        status = all(r);
        return cli_close(r->c, status == CLI_GO_ON ? CLI_DONE : status);
    }
    if (sbx_table_new(&r->table, "distance", "Distance of attention mechanisms", &err) != SBX_OK)
        return cli_fail(r->c, &err);
    sbx_table_column(r->table, &(sbx_column){"mechanism", NULL, SBX_COLUMN_TEXT});
    distance_columns(r->table);
    status = all(r);
    if (status == CLI_GO_ON) return cli_report_table(r->c, r->table, argc, argv);
    sbx_table_free(r->table);
    return status;
}

int cli_error_mech(int argc, char **argv)
{
    cli c = {.command = "error", .forms = CLI_FORMS_TABLE};
    opts o = {0};
    run r = {.c = &c, .o = &o};
    const cli_option options[] = {
        {"kernel", "NAME,..", "mechanisms of 'softbox list mechanisms', with parameters; attention",
         &o.kernels, NULL},
        {"against", "NAME", "the mechanism they are compared with; default softmax", &o.against,
         NULL},
        MECH_INPUT_OPTIONS(o.in),
        {"radius", "R", "all inputs q, k, v within R of these, number by number", &o.radius, NULL},
        {"radius-q", "R", "... of q alone", &o.radius_q, NULL},
        {"radius-k", "R", "... of k alone", &o.radius_k, NULL},
        {"radius-v", "R", "... of v alone", &o.radius_v, NULL},
        {"to-q", "FILE", "all q between these and those of the file, number by number", &o.to_q,
         NULL},
        {"to-k", "FILE", "... k", &o.to_k, NULL},
        {"to-v", "FILE", "... v", &o.to_v, NULL},
        {"boxes", "N",
         "split the box into at most N; default 32; not split where more\n"
         "than 64 numbers have a radius",
         &o.boxes, NULL},
        {"what", "LIST",
         "beside the weights: spectral, outputs, rank with commas between;\n"
         "weights: nothing. Default: all up to 256 queries and keys,\n"
         "spectral, outputs up to 1024, then outputs",
         &o.what, NULL},
        {"resume", "FILE",
         "lines of JSON that are there are not computed again; new ones\n"
         "are added",
         &o.resume, NULL},
    };
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 0, 0, &help);
    if (status == CLI_GO_ON) status = read_options(&r);
    if (status == CLI_GO_ON) status = hash_input(&r);
    if (status == CLI_GO_ON) status = open_resume(&r);
    if (status == CLI_GO_ON) status = answer(&r, argc, argv);
    if (r.keep && fclose(r.keep)) status = cli_error(&c, CLI_WRITE, "%s", o.resume);
    radius_clear(r.radius.q, r.x.shape.n * r.x.shape.d);
    radius_clear(r.radius.k, r.x.shape.m * r.x.shape.d);
    radius_clear(r.radius.v, r.x.shape.m * r.x.shape.dv);
    free(r.old);
    sbx_mech_data_clear(&r.x);
    sbx_mech_args_clear(&r.from);
    return status;
}
