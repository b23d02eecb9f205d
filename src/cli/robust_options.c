/* cli/robust_options.c -- the options of softbox robust.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#include <stdlib.h>
#include <string.h>

/* an exact number; `what` is for the message */
static int read_number(mpq_t q, const robust *r, const char *option, const char *text)
{
    sbx_err err = {SBX_OK, NULL, ""};
    if (sbx_q_read(q, text, strlen(text), &err) == SBX_OK) return CLI_GO_ON;
    return cli_error(&r->c, CLI_USAGE, "--%s '%s': %s", option, text, err.msg);
}

static char *copy_of(const char *text, size_t len)
{
    while (len && (*text == ' ' || *text == '\t'))
        text++, len--;
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return strndup(text, len);
}

static int read_radii(robust *r)
{
    sbx_err err = {SBX_OK, NULL, ""};
    const char *s = r->text.radius;
    if (cli_vec_read(&r->radius, "radius", s, false, &err) != SBX_OK)
        return cli_error(&r->c, CLI_USAGE, "--radius: %s", err.msg);
    r->radius_text = calloc(r->radius.n, sizeof *r->radius_text);
    for (size_t k = 0; r->radius_text && k < r->radius.n; k++) {
        const size_t len = strcspn(s, ",");
        r->radius_text[k] = copy_of(s, len);
        if (!r->radius_text[k]) return cli_error(&r->c, CLI_INTERNAL, "no memory for the radii");
        s += len + (s[len] == ',');
    }
    if (!r->radius_text) return cli_error(&r->c, CLI_INTERNAL, "no memory for the radii");
    if (mpq_sgn(r->radius.v[0]) < 0)
        return cli_error(&r->c, CLI_USAGE, "--radius '%s': negative", r->radius_text[0]);
    for (size_t k = 1; k < r->radius.n; k++)
        if (mpq_cmp(r->radius.v[k - 1], r->radius.v[k]) >= 0)
            return cli_error(&r->c, CLI_USAGE, "--radius '%s': radii in increasing order",
                             r->text.radius);
    return CLI_GO_ON;
}

static int read_clip(robust *r)
{
    sbx_err err = {SBX_OK, NULL, ""};
    if (!r->text.clip) return CLI_GO_ON;
    if (cli_vec_read(&r->clip, "clip", r->text.clip, false, &err) != SBX_OK)
        return cli_error(&r->c, CLI_USAGE, "--clip: %s", err.msg);
    if (r->clip.n != 2 || mpq_cmp(r->clip.v[0], r->clip.v[1]) > 0)
        return cli_error(&r->c, CLI_USAGE, "--clip '%s': two numbers LO,HI", r->text.clip);
    return CLI_GO_ON;
}

static int read_numbers(robust *r)
{
    const robust_texts *const t = &r->text;
    int status = CLI_GO_ON;
    mpq_set_ui(r->scale, 1, 1);
    if (t->scale) status = read_number(r->scale, r, "scale", t->scale);
    if (status == CLI_GO_ON && t->shift) status = read_number(r->shift, r, "shift", t->shift);
    if (status != CLI_GO_ON || !t->probability) return status;
    status = read_number(r->probability, r, "target-probability", t->probability);
    if (status == CLI_GO_ON &&
        (mpq_sgn(r->probability) <= 0 || mpq_cmp_ui(r->probability, 1, 1) >= 0))
        return cli_error(&r->c, CLI_USAGE, "--target-probability '%s': above 0, below 1",
                         t->probability);
    return status;
}

static int read_limits(robust *r)
{
    uint64_t n = 0;
    mpq_t q;
    int status;
    mpq_init(q);
    status = read_number(q, r, "timeout", r->text.timeout);
    if (status == CLI_GO_ON && (mpq_sgn(q) < 0 || mpq_cmp_ui(q, 1000000000, 1) > 0))
        status =
            cli_error(&r->c, CLI_USAGE, "--timeout '%s': seconds, 0 for none", r->text.timeout);
    r->limit = mpq_get_d(q);
    mpq_clear(q);
    if (status == CLI_GO_ON && r->text.max_nodes &&
        !cli_integer(&n, r->text.max_nodes, 0, SIZE_MAX))
        status = cli_error(&r->c, CLI_USAGE, "--max-nodes '%s': a whole number", r->text.max_nodes);
    r->max_nodes = (size_t)n;
    return status;
}

static int check(robust *r)
{
    int status = CLI_GO_ON;
    if (!r->text.data || !r->text.radius)
        return cli_error(&r->c, CLI_USAGE, "--data FILE and --radius R are needed");
    if (r->text.layout && strcmp(r->text.layout, "hwc") != 0 && strcmp(r->text.layout, "chw") != 0)
        return cli_error(&r->c, CLI_USAGE, "--layout '%s': chw or hwc", r->text.layout);
    status = read_radii(r);
    if (status == CLI_GO_ON) status = read_clip(r);
    if (status == CLI_GO_ON) status = read_numbers(r);
    return status == CLI_GO_ON ? read_limits(r) : status;
}

int robust_options(robust *r, int argc, char **argv, const cli_help *help)
{
    robust_texts *const t = &r->text;
    int status;
    const cli_option options[] = {
        {"data", "FILE", "items: .npy, .npz, IDX or CSV, told by its bytes", &t->data, NULL},
        {"labels", "FILE",
         "their labels, 0, 1, ..; default: column \"label\" of a CSV, an\n"
         "array y_test, test_labels, y, labels, label or arr_1 of an .npz",
         &t->labels, NULL},
        {"label-column", "NAME|N", "the column of a CSV, by its name or number from 0",
         &t->label_column, NULL},
        {"array", "NAME", "the array of an .npz with the items", &t->array, NULL},
        {"label-array", "NAME", "the array of an .npz with the labels", &t->label_array, NULL},
        {"radius", "R[,R..]", "in the units of the network's inputs, increasing; exact", &t->radius,
         NULL},
        {"clip", "LO,HI", "inputs are never outside of this range", &t->clip, NULL},
        {"scale", "S", "an input is S times the number of the file; 1/255, ..", &t->scale, NULL},
        {"shift", "T", "plus T", &t->shift, NULL},
        {"layout", "chw|hwc", "of items with channels; the network's is chw", &t->layout, NULL},
        {"first", "N", "the first N items only", &t->first, NULL},
        {"index", "I[,I..]", "these items, numbered from 0", &t->index, NULL},
        {"timeout", "S", "seconds an item and radius; default 60, 0: no limit", &t->timeout, NULL},
        {"max-nodes", "N", "boxes to look at an item and radius; default 0: no limit",
         &t->max_nodes, NULL},
        {"target-probability", "P",
         "certify that the softmax probability of the label is P or\n"
         "more; a Softmax is put behind the network if it has none",
         &t->probability, NULL},
        {"results", "FILE",
         "results so far, and where new ones are added (JSON Lines): a\n"
         "run that was stopped goes on where it was",
         &t->results, NULL},
        {"plot", "FILE.svg", "draw the certified and the falsified fraction", &t->plot, NULL},
        {"summary", NULL, "only the line of each radius", NULL, &t->summary},
        {"witness", NULL, "JSON: the inputs that falsify, exactly", NULL, &t->witness},
    };
    t->timeout = "60";
    status = cli_parse(&r->c, argc, argv, options, sizeof options / sizeof *options, 1, 1, help);
    return status == CLI_GO_ON ? check(r) : status;
}
