/* cli/options.c -- reads the command line; prints the help, from the same tables.
 *
 * Options are `--name value` or `--name=value`, anywhere; `--` ends them. A value may
 * begin with a dash: -1,0,1 is a list of numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <string.h>

bool cli_integer(uint64_t *v, const char *text, uint64_t lo, uint64_t hi)
{
    uint64_t r = 0;
    if (!*text) return false;
    for (; *text; text++) {
        const uint64_t d = (uint64_t)(unsigned char)*text - '0';
        if (d > 9 || r > (UINT64_MAX - d) / 10) return false;
        r = r * 10 + d;
    }
    if (r < lo || r > hi) return false;
    *v = r;
    return true;
}

int cli_count(int argc, char **argv, const char *option)
{
    const size_t n = strlen(option);
    int count = 0;
    for (int k = 1; k < argc && strcmp(argv[k], "--") != 0; k++)
        count += strncmp(argv[k], option, n) == 0 && (argv[k][n] == 0 || argv[k][n] == '=');
    return count;
}

bool cli_memory(size_t *bytes, const char *text)
{
    static const char units[] = "kMGT";
    char digits[24];
    const size_t n = text ? strlen(text) : 0;
    const char *unit = n ? strchr(units, text[n - 1] == 'K' ? 'k' : text[n - 1]) : NULL;
    const size_t keep = unit ? n - 1 : n;
    const unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0; /* <= 40 */
    uint64_t v = 0;
    *bytes = 0;
    if (!text) return true;
    if (keep >= sizeof digits) return false;
    memcpy(digits, text, keep);
    digits[keep] = 0;
    if (!cli_integer(&v, digits, 1, SIZE_MAX >> shift)) return false;
    *bytes = (size_t)v << shift;
    return true;
}

/* The options that every command has, as texts. */
typedef struct common {
    const char *format, *output, *seed, *threads;
    bool quiet, help;
} common;
#define N_COMMON 6

static const char *const form_names[CLI_FORMATS] = {
    [CLI_TEXT] = "text",         [CLI_JSON] = "json",   [CLI_CSV] = "csv",
    [CLI_MARKDOWN] = "markdown", [CLI_LATEX] = "latex", [CLI_SVG] = "svg"};

/* "text|json", or "text, json or csv" */
static void form_list(char text[80], unsigned forms, bool words)
{
    size_t n = 0, left = (size_t)__builtin_popcount(forms);
    text[0] = 0;
    for (unsigned f = 0; f < CLI_FORMATS; f++) {
        if (!(forms & CLI_FORM(f))) continue;
        left--;
        n += (size_t)snprintf(text + n, 80 - n, "%s%s", form_names[f],
                              !left      ? ""
                              : !words   ? "|"
                              : left > 1 ? ", "
                                         : " or ");
    }
}

static void common_options(cli_option out[N_COMMON], common *v, const char *forms)
{
    const cli_option all[N_COMMON] = {
        {"format", forms, "the form of the answer", &v->format, NULL},
        {"output", "FILE", "write the answer there, not to standard output", &v->output, NULL},
        {"seed", "N", "seed of random choices (verify makes some); default 1", &v->seed, NULL},
        {"threads", "N",
         "threads to work with (verify uses them); default 1,\nvnncomp: all processors",
         &v->threads, NULL},
        {"quiet", NULL, "no progress on standard error", NULL, &v->quiet},
        {"help", NULL, "print this text", NULL, &v->help},
    };
    memcpy(out, all, sizeof all);
}

static void print_options(FILE *f, const cli_option *o, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        char left[64];
        const char *s = o[k].help;
        (void)snprintf(left, sizeof left, "--%s%s%s", o[k].name, o[k].arg ? " " : "",
                       o[k].arg ? o[k].arg : "");
        (void)fprintf(f, strlen(left) > 22 ? "  %s\n%26s" : "  %-22s  %s", left, "");
        while (*s) {
            const size_t len = strcspn(s, "\n");
            (void)fprintf(f, "%.*s\n", (int)len, s);
            s += len + (s[len] == '\n');
            if (*s) (void)fprintf(f, "%26s", "");
        }
    }
}

static int print_help(cli *c, const cli_option *o, size_t n, const cli_option *all,
                      const cli_help *help)
{
    const int status = cli_open(c, NULL);
    if (status) return status;
    (void)fprintf(c->out, "%s\n%s\n", help->usage, help->text);
    print_options(c->out, o, n);
    if (n) (void)fputc('\n', c->out);
    print_options(c->out, all, N_COMMON);
    return cli_close(c, CLI_DONE);
}

static const cli_option *find(const cli_option *o, size_t n, const char *name, size_t len)
{
    for (size_t k = 0; k < n; k++)
        if (strlen(o[k].name) == len && memcmp(o[k].name, name, len) == 0) return &o[k];
    return NULL;
}

static int read_common(cli *c, const common *v)
{
    uint64_t t = c->threads ? c->threads : 1;
    c->seed = 1;
    c->quiet = v->quiet;
    c->output = v->output;
    for (unsigned f = 0; v->format && f < CLI_FORMATS; f++)
        if (c->forms & CLI_FORM(f) && form_names[f] && strcmp(v->format, form_names[f]) == 0)
            c->format = (cli_format)f;
    if (v->format && c->format == CLI_DEFAULT) {
        char list[80];
        form_list(list, c->forms, true);
        return cli_error(c, CLI_USAGE, "--format '%s': %s", v->format, list);
    }
    if (v->seed && !cli_integer(&c->seed, v->seed, 0, UINT64_MAX))
        return cli_error(c, CLI_USAGE, "--seed '%s': a whole number below 2^64", v->seed);
    if (v->threads && !cli_integer(&t, v->threads, 1, 1024))
        return cli_error(c, CLI_USAGE, "--threads '%s': a whole number, 1 to 1024", v->threads);
    c->threads = (unsigned)t;
    return CLI_GO_ON;
}

/* Stores the option at argv[*k] and steps over its value. */
static int store(cli *c, const cli_option *o, const char *equals, int *k, int argc, char **argv)
{
    if (o->flag) {
        if (equals) return cli_error(c, CLI_USAGE, "--%s takes no value", o->name);
        *o->flag = true;
        return CLI_GO_ON;
    }
    if (!equals && *k + 1 >= argc)
        return cli_error(c, CLI_USAGE, "--%s needs a value: %s", o->name, o->arg);
    *o->value = equals ? equals + 1 : argv[++*k];
    return CLI_GO_ON;
}

int cli_parse(cli *c, int argc, char **argv, const cli_option *option, size_t n_options,
              size_t min_args, size_t max_args, const cli_help *help)
{
    common v = {0};
    cli_option all[N_COMMON];
    char forms[80];
    bool ended = false;
    int status = CLI_GO_ON;

    if (!c->forms) c->forms = CLI_FORMS_ANSWER;
    form_list(forms, c->forms, false);
    common_options(all, &v, forms);
    for (int k = 1; k < argc && status == CLI_GO_ON; k++) {
        const char *s = argv[k], *equals = strchr(s, '=');
        const cli_option *o;
        if (ended || s[0] != '-' || !s[1]) {
            if (c->n_args == max_args)
                return cli_error(c, CLI_USAGE, "one argument too many: '%s'", s);
            c->arg[c->n_args++] = s;
        } else if (strcmp(s, "--") == 0) {
            ended = true;
        } else if (strcmp(s, "-h") == 0) {
            v.help = true;
        } else {
            const size_t len = s[1] != '-' ? 0 : equals ? (size_t)(equals - s) - 2 : strlen(s) - 2;
            o = find(option, n_options, s + 2, len);
            if (!o) o = find(all, N_COMMON, s + 2, len);
            if (!o)
                return cli_error(c, CLI_USAGE, "no option '%s'; 'softbox %s --help' lists them", s,
                                 c->command);
            status = store(c, o, equals, &k, argc, argv);
        }
    }
    if (status != CLI_GO_ON) return status;
    if (v.help) return print_help(c, option, n_options, all, help);
    status = read_common(c, &v);
    if (status == CLI_GO_ON && c->n_args < min_args)
        return cli_error(c, CLI_USAGE, "an argument is missing; 'softbox %s --help'", c->command);
    return status;
}
