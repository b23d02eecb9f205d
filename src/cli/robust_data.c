/* cli/robust_data.c -- the items of softbox robust: inputs and labels out of the data files.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/robust.h"

#include <stdlib.h>
#include <string.h>

/* ---- which arrays --------------------------------------------------------------------- */

static const char *const data_names[] = {"x_test", "test_images", "x",    "X",
                                         "images", "data",        "arr_0"};
static const char *const label_names[] = {"y_test", "test_labels", "y", "labels", "label", "arr_1"};

/* The array that is asked for; else the only one, else the first that has one of the names. */
static const sbx_array *choose(const sbx_data *d, const char *asked, const char *const *name,
                               size_t names)
{
    const sbx_array *a = NULL;
    if (asked) return sbx_data_find(d, asked);
    if (d->n_arrays == 1) return d->array;
    for (size_t k = 0; k < names && !a; k++)
        a = sbx_data_find(d, name[k]);
    return a;
}

static int no_array(const robust *r, const char *file, const sbx_data *d, const char *option)
{
    char list[256] = "";
    for (size_t k = 0; k < d->n_arrays && strlen(list) < 150; k++)
        (void)snprintf(list + strlen(list), 80, "%s%.60s", k ? ", " : "",
                       d->array[k].name); /* NOLINT: n_arrays of them */
    return cli_error(&r->c, CLI_BAD_INPUT, "%s has the arrays %s: say which by --%s", file, list,
                     option);
}

/* The column that --label-column names, or the one called "label"; false: none. */
static bool find_label_column(const robust *r, size_t *at)
{
    const char *const want = r->text.label_column ? r->text.label_column : "label";
    uint64_t n;
    for (size_t k = 0; r->x->columns && k < r->x->dim[1]; k++)
        if (strcmp(r->x->columns[k], want) == 0) {
            *at = k;
            return true;
        }
    if (!r->text.label_column || !cli_integer(&n, want, 0, r->x->dim[1] - 1)) return false;
    *at = (size_t)n;
    return true;
}

/* ---- which elements are the inputs ------------------------------------------------------- */

/* Columns that are no input: the label, and where there are too many, the item's number. */
static bool is_input(const robust *r, size_t k, bool has_label, bool drop)
{
    const char *const name = r->x->columns ? r->x->columns[k] : "";
    if (has_label && k == r->label_at) return false;
    return !(drop && (strcmp(name, "index") == 0 || strcmp(name, "id") == 0));
}

static int use_columns(robust *r, bool has_label)
{
    size_t n = 0, width = r->x->dim[1];
    for (int drop = 0; drop < 2 && n != r->inputs; drop++) {
        n = 0;
        for (size_t k = 0; k < width; k++) {
            if (!is_input(r, k, has_label, drop)) continue;
            if (n < r->inputs) r->column[n] = k;
            n++;
        }
    }
    r->stride = width;
    if (n == r->inputs) return CLI_DONE;
    return cli_error(&r->c, CLI_BAD_INPUT, "%s: %zu columns%s, but the network has %zu inputs%s",
                     r->text.data, width, has_label ? " with the label" : "", r->inputs,
                     has_label || n != r->inputs + 1 ? ""
                                                     : "; --label-column says which is the label");
}

/* Dimensions that say something: all but ones. */
static size_t shape_of(size_t *to, const size_t *dim, size_t rank)
{
    size_t n = 0;
    for (size_t k = 0; k < rank; k++)
        if (dim[k] != 1 && n < SBX_DATA_RANK) to[n++] = dim[k];
    return n;
}

/* An item is a vector, or shaped as the network's input, or that with the channels last. */
static int use_items(robust *r)
{
    size_t have[SBX_DATA_RANK], want[SBX_DATA_RANK], n, m, last = 1;
    const bool hwc = r->text.layout && strcmp(r->text.layout, "hwc") == 0;
    sbx_net_info info;
    sbx_net_get_info(&info, r->net);
    n = shape_of(have, r->x->dim + 1, r->x->rank - 1);
    m = shape_of(want, info.in_dim, info.in_rank);
    r->stride = r->x->dim[0] ? r->x->n / r->x->dim[0] : 0;
    if (r->x->dim[0] && r->stride != r->inputs)
        return cli_error(&r->c, CLI_BAD_INPUT,
                         "%s: %zu numbers an item, the network has %zu inputs", r->text.data,
                         r->stride, r->inputs);
    if (hwc && r->x->rank != 4)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: --layout hwc is for arrays of four dimensions",
                         r->text.data);
    if (hwc) last = r->x->dim[3];
    if (!hwc && n > 1 && m > 1 && (n != m || memcmp(have, want, n * sizeof *have) != 0))
        return cli_error(&r->c, CLI_BAD_INPUT,
                         "%s: items are not shaped as the network's input; --layout hwc if their "
                         "channels are last",
                         r->text.data);
    for (size_t c = 0, i = 0; c < last; c++) /* input (c, h, w) is element (h, w, c) */
        for (size_t p = 0; p < r->inputs / last; p++, i++)
            r->column[i] = p * last + c;
    return CLI_DONE;
}

/* ---- labels ------------------------------------------------------------------------------ */

static int use_labels(robust *r)
{
    sbx_err err = {SBX_OK, NULL, ""};
    if (!r->text.labels && r->data.n_arrays == 1)
        return cli_error(&r->c, CLI_BAD_INPUT,
                         "%s: no column 'label'; --labels FILE or --label-column COLUMN",
                         r->text.data);
    if (r->text.labels && sbx_data_read(&r->label_data, r->text.labels, 0, &err) != SBX_OK)
        return cli_fail(&r->c, &err);
    r->y = choose(r->text.labels ? &r->label_data : &r->data, r->text.label_array, label_names,
                  sizeof label_names / sizeof *label_names);
    if (!r->y)
        return no_array(r, r->text.labels ? r->text.labels : r->text.data,
                        r->text.labels ? &r->label_data : &r->data, "label-array");
    r->label_at = 0;
    r->label_stride = 1;
    if (r->y->n == r->items && r->y->rank > 0 && r->y->dim[0] == r->items) return CLI_DONE;
    return cli_error(&r->c, CLI_BAD_INPUT, "%s: %zu labels for %zu items",
                     r->text.labels ? r->text.labels : r->text.data, r->y->n, r->items);
}

static int use_data(robust *r)
{
    size_t label_column = 0;
    bool has = false;
    sbx_err err = {SBX_OK, NULL, ""};
    if (sbx_data_read(&r->data, r->text.data, 0, &err) != SBX_OK) return cli_fail(&r->c, &err);
    r->x = choose(&r->data, r->text.array, data_names, sizeof data_names / sizeof *data_names);
    if (!r->x) return no_array(r, r->text.data, &r->data, "array");
    if (r->x->rank == 0 || r->x->n == 0)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: no items", r->text.data);
    r->items = r->x->dim[0];
    r->column = calloc(r->inputs, sizeof *r->column);
    if (!r->column) return cli_error(&r->c, CLI_INTERNAL, "no memory for the items");
    if (r->x->kind != SBX_DATA_TEXT) {
        const int status = use_items(r);
        return status == CLI_DONE ? use_labels(r) : status;
    }
    has = find_label_column(r, &label_column);
    if (r->text.label_column && !has)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: no column '%s'", r->text.data,
                         r->text.label_column);
    r->label_at = label_column;
    r->label_stride = r->x->dim[1];
    r->y = has ? r->x : NULL;
    const int status = use_columns(r, has);
    if (status != CLI_DONE) return status;
    return has && !r->text.labels ? CLI_DONE : use_labels(r);
}

/* ---- which items ------------------------------------------------------------------------- */

static int add_item(robust *r, uint64_t k)
{
    if (k >= r->items)
        return cli_error(&r->c, CLI_BAD_INPUT, "item %llu: %s has %zu, numbered from 0",
                         (unsigned long long)k, r->text.data, r->items);
    for (size_t i = 0; r->text.index && i < r->n; i++)
        if (r->item[i] == k)
            return cli_error(&r->c, CLI_USAGE, "--index: %zu is there twice", (size_t)k);
    r->item[r->n++] = (size_t)k;
    return CLI_DONE;
}

static int select_items(robust *r)
{
    uint64_t n = r->items;
    int status = CLI_DONE;
    size_t room = r->items;
    const char *s = r->text.index;
    if (r->text.first && r->text.index)
        return cli_error(&r->c, CLI_USAGE, "--first or --index, not both");
    if (r->text.first && !cli_integer(&n, r->text.first, 1, SIZE_MAX))
        return cli_error(&r->c, CLI_USAGE, "--first '%s': a whole number from 1", r->text.first);
    if (n > r->items) n = r->items;
    if (s) room = strlen(s);
    r->item = calloc(room + 1, sizeof *r->item);
    r->label = calloc(room + 1, sizeof *r->label);
    if (!r->item || !r->label) return cli_error(&r->c, CLI_INTERNAL, "no memory for the items");
    for (size_t k = 0; !s && k < n; k++)
        r->item[r->n++] = k;
    while (s && status == CLI_DONE) {
        const size_t len = strcspn(s, ",");
        char one[24] = "";
        uint64_t k;
        if (len < sizeof one) memcpy(one, s, len);
        if (!cli_integer(&k, one, 0, SIZE_MAX))
            return cli_error(&r->c, CLI_USAGE, "--index '%s': whole numbers between commas",
                             r->text.index);
        status = add_item(r, k);
        s = s[len] ? s + len + 1 : NULL;
    }
    return status;
}

/* ---- values ------------------------------------------------------------------------------ */

sbx_status robust_input(mpq_t *x, const robust *r, size_t k, sbx_err *err)
{
    sbx_status st = SBX_OK;
    for (size_t i = 0; i < r->inputs; i++) {
        CLI_TRY(sbx_array_get(x[i], r->x, r->item[k] * r->stride + r->column[i], err));
        mpq_mul(x[i], x[i], r->scale);
        mpq_add(x[i], x[i], r->shift);
    }
done:
    return st;
}

/* Label and inputs of one item. x: room for them. */
static int check_item(robust *r, size_t k, mpq_t *x)
{
    const char *const file = r->text.labels ? r->text.labels : r->text.data;
    sbx_err err = {SBX_OK, NULL, ""};
    if (sbx_array_get(x[0], r->y, r->item[k] * r->label_stride + r->label_at, &err) != SBX_OK)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: label of item %zu: %s", file, r->item[k],
                         err.msg);
    if (mpz_cmp_ui(mpq_denref(x[0]), 1) != 0 || mpq_sgn(x[0]) < 0 ||
        mpz_cmp_ui(mpq_numref(x[0]), r->outputs) >= 0)
        return cli_error(&r->c, CLI_BAD_INPUT,
                         "%s: the label of item %zu is none of the classes 0 to %zu", file,
                         r->item[k], r->outputs - 1);
    r->label[k] = mpz_get_ui(mpq_numref(x[0]));
    if (robust_input(x, r, k, &err) != SBX_OK)
        return cli_error(&r->c, CLI_BAD_INPUT, "%s: item %zu: %s", r->text.data, r->item[k],
                         err.msg);
    for (size_t i = 0; r->clip.n && i < r->inputs; i++)
        if (mpq_cmp(x[i], r->clip.v[0]) < 0 || mpq_cmp(x[i], r->clip.v[1]) > 0)
            return cli_error(&r->c, CLI_BAD_INPUT,
                             "%s: item %zu, input %zu is %.6g, outside of --clip %s", r->text.data,
                             r->item[k], i, mpq_get_d(x[i]), r->text.clip);
    return CLI_DONE;
}

int robust_load(robust *r)
{
    mpq_t *x;
    int status = use_data(r);
    if (status == CLI_DONE) status = select_items(r);
    if (status != CLI_DONE) return status;
    x = calloc(r->inputs, sizeof *x);
    if (!x) return cli_error(&r->c, CLI_INTERNAL, "no memory for the items");
    for (size_t i = 0; i < r->inputs; i++)
        mpq_init(x[i]);
    for (size_t k = 0; k < r->n && status == CLI_DONE; k++)
        status = check_item(r, k, x);
    for (size_t i = 0; i < r->inputs; i++)
        mpq_clear(x[i]);
    free(x);
    return status;
}
