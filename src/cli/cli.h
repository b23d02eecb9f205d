/* cli/cli.h -- what the commands share: the options all of them have, where the answer
 * goes, how an error ends, numbers as text.
 *
 * Everything else is the public interface. A command reads its input, opens its output,
 * and writes; what could not be written is found out by cli_close, so no write in
 * between is looked at.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_H
#define SBX_CLI_H

#include "softbox/softbox.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* exit statuses */
enum {
    CLI_DONE = 0, /* done, and for verify: holds */
    CLI_VIOLATED = 10,
    CLI_UNKNOWN = 20,
    CLI_TIMEOUT = 30,
    CLI_USAGE = 64,     /* the command as written: options, names of methods, ... */
    CLI_BAD_INPUT = 65, /* what it is to work on: numbers, boxes, files           */
    CLI_INTERNAL = 70,
    CLI_WRITE = 74 /* the answer could not be written */
};
#define CLI_GO_ON (-1) /* cli_parse: there is work to do */

typedef enum cli_format {
    CLI_DEFAULT,
    CLI_TEXT,
    CLI_JSON,
    CLI_CSV,
    CLI_MARKDOWN,
    CLI_LATEX,
    CLI_SVG,
    CLI_FORMATS
} cli_format;
#define CLI_FORM(f) (1U << (f))
/* the forms that an answer, a table, a plot has */
#define CLI_FORMS_ANSWER (CLI_FORM(CLI_TEXT) | CLI_FORM(CLI_JSON))
#define CLI_FORMS_ROWS   (CLI_FORMS_ANSWER | CLI_FORM(CLI_CSV) | CLI_FORM(CLI_MARKDOWN))
#define CLI_FORMS_TABLE  (CLI_FORMS_ROWS | CLI_FORM(CLI_LATEX))
#define CLI_FORMS_PLOT   (CLI_FORM(CLI_SVG) | CLI_FORM(CLI_LATEX) | CLI_FORM(CLI_CSV))

#define CLI_ARGS_MAX 6

/* One run of one command. */
typedef struct cli {
    const char *command;
    cli_format format;
    unsigned forms;     /* set before cli_parse; 0: CLI_FORMS_ANSWER */
    const char *output; /* NULL: standard output */
    bool quiet;
    uint64_t seed;
    unsigned threads;              /* set before cli_parse: the default, in place of 1 */
    const char *arg[CLI_ARGS_MAX]; /* what is no option */
    size_t n_args;
    FILE *out;
    int why; /* errno of a flush that failed; cli_close tells */
} cli;

/* An option of a command: exactly one of value and flag is set. */
typedef struct cli_option {
    const char *name; /* without the dashes */
    const char *arg;  /* how the help calls its value */
    const char *help; /* lines after the first are indented by the printer */
    const char **value;
    bool *flag;
} cli_option;

/* What --help prints above the options: lines of usage, then text. */
typedef struct cli_help {
    const char *usage;
    const char *text;
} cli_help;

/* options.c: reads argv[1..argc) into c and the options' places. --help is answered here.
 * CLI_GO_ON, or the exit status. */
int cli_parse(cli *c, int argc, char **argv, const cli_option *option, size_t n_options,
              size_t min_args, size_t max_args, const cli_help *help);

/* How often an option stands on the command line. */
int cli_count(int argc, char **argv, const char *option);

/* --memory: bytes, with k, M, G, K, ... behind them for powers of 1024; NULL: 0, the default of the
 * readers. false: text is none, or 0. */
bool cli_memory(size_t *bytes, const char *text);
#define CLI_MEMORY_FORM "bytes, such as 500M or 2G"
#define CLI_MEMORY_OPTION(place)                                                                 \
    {                                                                                            \
        "memory", "SIZE", "most memory that reading a file may take; default 2G", &(place), NULL \
    }

/* clock.c: seconds of a clock that only goes on; decimal seconds, 0 to 1e9 */
double cli_now(void);
bool cli_seconds(double *v, const char *text);

/* A whole number in lo .. hi; false where text is none. */
bool cli_integer(uint64_t *v, const char *text, uint64_t lo, uint64_t hi);

/* output.c: "softbox: COMMAND: message" on standard error, in one line; returns status. */
int cli_error(const cli *c, int status, const char *fmt, ...) SBX_PRINTF(3, 4);

/* The same from the library's error; the exit status that belongs to its code. */
int cli_fail(const cli *c, const sbx_err *err);

/* Opens c->out. same_as: the input file, which must not be the output; NULL: none. */
int cli_open(cli *c, FILE *same_as);

/* Flushes and closes. Returns status, or CLI_WRITE where something was lost. */
int cli_close(cli *c, int status);

/* path, "-" for standard input, opened for reading; NULL after an error message */
FILE *cli_read_open(const cli *c, const char *path);

/* All of a file as one text, NUL at the end; NULL after an error message. */
char *cli_read_all(const cli *c, const char *path, size_t *len);

/* a string as JSON, with its quotes; bytes that are not UTF-8 become '?' */
void cli_json_string(FILE *f, const char *s);

/* why an answer of verify is unknown: lines, and a member of an object; nothing otherwise */
void cli_why_text(FILE *f, const sbx_why *w, const sbx_net *net);
void cli_why_json(FILE *f, const sbx_why *w, const sbx_net *net);
void cli_json_echo(FILE *f, const json_t *v); /* a value as it was read */

/* A table of text: rows of cells, columns aligned, two spaces between. */
typedef struct cli_table {
    size_t columns, n, room;
    char **cell;
    bool failed; /* no memory */
} cli_table;
void cli_table_add(cli_table *t, const char *text); /* copied; the next cell */
void cli_table_take(cli_table *t, char *text);      /* the same, freed after; NULL: no memory */
void cli_table_print(const cli_table *t, FILE *f);
void cli_table_csv(const cli_table *t, FILE *f); /* RFC 4180, but for the ends of lines */
void cli_table_markdown(const cli_table *t, FILE *f);
void cli_table_clear(cli_table *t);

/* numbers.c: how numbers are shown. */
typedef struct cli_style {
    int digits; /* significant, of what is rounded outward */
    bool hex;
} cli_style;

/* digits that lose nothing worth having at that many bits: 17 for 53 */
int cli_digits(long prec);

/* An interval's ends; exact, or infinite. */
typedef struct cli_ends {
    mpq_t lo, hi;
    bool no_lo, no_hi; /* -inf, +inf */
} cli_ends;
cli_ends *cli_ends_new(size_t n);
void cli_ends_free(cli_ends *z, size_t n);

/* Outward text of an end; exact text of a number, decimal or (hex, or when it would be very
 * long) hexadecimal, a fraction where it has neither. All from malloc; NULL: no memory. */
char *cli_lower(const cli_ends *z, cli_style s);
char *cli_upper(const cli_ends *z, cli_style s);
char *cli_outward(mpq_srcptr q, sbx_end e, cli_style s);
char *cli_exact(mpq_srcptr q, bool hex);

/* A double exactly: a decimal of at most 17 digits, else a hexadecimal float. */
char *cli_double(double v, bool hex);

/* Numbers read exactly. below[j]: "-inf" stood there. */
typedef struct cli_vec {
    size_t n, room;
    mpq_t *v;
    bool *below;
} cli_vec;

/* Adds one number; what it is called in a message is name[n]. */
sbx_status cli_vec_add(cli_vec *z, const char *name, const char *text, size_t len,
                       bool may_be_below, sbx_err *err) SBX_MUST_USE;
/* "1,0.5,2/3"; blanks around a number are allowed */
sbx_status cli_vec_read(cli_vec *z, const char *name, const char *text, bool may_be_below,
                        sbx_err *err) SBX_MUST_USE;
/* numbers separated by blanks, newlines or commas */
sbx_status cli_vec_read_file(cli_vec *z, const char *name, const char *text, size_t len,
                             sbx_err *err) SBX_MUST_USE;
void cli_vec_clear(cli_vec *z);

/* named.c: the tables and plots, one file each: `softbox table NAME ...`, `softbox plot NAME ...`.
 * run: argv[0] is the name; it parses argv[1..argc) as a command does. */
typedef struct cli_named {
    const char *name, *is;
    int (*run)(int argc, char **argv);
} cli_named;
extern const cli_named cli_tables[], cli_plots[]; /* the last one has no name */

/* Writes a table (a plot) in c's form where c's output goes, and frees it; NULL: an error was
 * shown before. argc, argv: as run got them, for the command that is written beside it. */
int cli_report_table(cli *c, sbx_table *t, int argc, char **argv);
int cli_report_plot(cli *c, sbx_plot *p, int argc, char **argv);

/* compare.c: a cell of the study in the next NUMBER cell of a table. */
void cli_cell(sbx_table *t, const sbx_cell *z);

/* A plot as SVG in a file. */
int cli_plot_file(const cli *c, const char *path, const sbx_plot *p);

/* standard.c: the command line of VNN-LIB 2.0. Is the network the one that the property
 * declares? given: "NAME=FILE", or NULL. CLI_GO_ON, or the exit status. */
int cli_standard_match(const cli *c, const char *given, const sbx_net *net, const sbx_property *p);
/* The answer in its form: the verdict, then the witness. false: no memory. */
bool cli_standard_print(FILE *f, const sbx_verify_result *v, const sbx_property *p);

/* list_norms.c: the normalizers for the command list. false: no memory. */
void list_norms_json(FILE *f);
bool list_norms_text(FILE *f);

/* ... its parts for other lists: "rational", "sqrt","exp" and {"name":..},.. without brackets; "P=V:P=V"
 * from malloc, NULL: no memory; ,"key":"text" or null */
const char *list_class(sbx_norm_class kind);
void list_needs_json(FILE *f, unsigned need);
void list_params_json(FILE *f, const sbx_param *p, size_t n);
char *list_defaults(const sbx_param *p, size_t n);
void list_member(FILE *f, const char *key, const char *text);

/* Fowler, Noll, Vo: of the bytes of a file, or of the file with .gz behind its name; false: it
 * cannot be read. */
bool cli_hash_file(uint64_t *h, const char *path);

/* list_mechs.c: the mechanisms. false: no memory. */
void list_mechs_json(FILE *f);
bool list_mechs_text(FILE *f);

/* The commands: argv[0] is the command's name. */
int cli_bound(int argc, char **argv);
int cli_eval(int argc, char **argv);
int cli_eval_mech(int argc, char **argv);        /* eval --mechanism */
int cli_rounding(int argc, char **argv);         /* softbox error */
int cli_error_mech(int argc, char **argv);       /* ... of a mechanism, against another */
int cli_error_mech_round(int argc, char **argv); /* ... its rounding, with --number */
int cli_verify(int argc, char **argv);
int cli_info(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_supports(int argc, char **argv);
int cli_witness(int argc, char **argv);
int cli_batch(int argc, char **argv);
int cli_vnncomp(int argc, char **argv);
int cli_robust(int argc, char **argv);
int cli_compare(int argc, char **argv);
int cli_table_named(int argc, char **argv);
int cli_plot_named(int argc, char **argv);

#define CLI_FAIL(err, code, ...)                          \
    do {                                                  \
        st = sbx_fail((err), (code), "cli", __VA_ARGS__); \
        goto done;                                        \
    } while (0)
#define CLI_TRY(call)                \
    do {                             \
        st = (call);                 \
        if (st != SBX_OK) goto done; \
    } while (0)

#endif
