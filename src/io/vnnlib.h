/* io/vnnlib.h -- inside the VNN-LIB reader: text to tokens (vnnlib_lex.c), tokens to linear
 * comparisons (vnnlib_term.c) in a tree of and/or (vnnlib_parse.c, vnnlib_tree.c), the tree to
 * a list of disjuncts (vnnlib_dnf.c). Variables are those of version 1 (vnnlib_parse.c) or the
 * tensors of version 2 (vnnlib_decl.c).
 *
 * Every number of a file lives in one pool, made once and read-only from then on: boxes and
 * constraints of many disjuncts hold copies of the mpq_t records that share their digits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_IO_VNNLIB_H
#define SBX_IO_VNNLIB_H

#include "base/arena.h"
#include "softbox/property.h"

#include <stdint.h>

#define SBX_VNN_DEPTH 1000   /* most open parentheses               */
#define SBX_VNN_BITS  131072 /* most bits of a number that we make  */
#define SBX_VNN_SPARE 64     /* numbers to use again                */
#ifndef SBX_VNN_DISJUNCTS
#define SBX_VNN_DISJUNCTS 1000000 /* most disjuncts */
#endif
#define SBX_VNN_CONSTRAINTS 2000000 /* most constraints of all disjuncts together */
#ifndef SBX_VNN_MEMORY
#define SBX_VNN_MEMORY ((size_t)2 << 30) /* max_bytes 0 */
#endif

typedef struct sbx_property_store {
    sbx_arena arena;
    struct sbx_vnn_chunk *chunk; /* of numbers, the newest */
    size_t digits;               /* bytes of all numbers   */
} sbx_property_store;

typedef enum sbx_vnn_kind {
    SBX_VNN_END,
    SBX_VNN_OPEN,
    SBX_VNN_CLOSE,
    SBX_VNN_WORD,
    SBX_VNN_QUOTED, /* "..." or |...| */
    SBX_VNN_LIST    /* version 2: [...] */
} sbx_vnn_kind;

typedef struct sbx_vnn_token {
    sbx_vnn_kind kind;
    const char *s; /* in the text: its place too */
    size_t len;
} sbx_vnn_token;

typedef enum sbx_vnn_of { SBX_VNN_X, SBX_VNN_Y, SBX_VNN_CONST } sbx_vnn_of;

/* one term of a sum that is being read */
typedef struct sbx_vnn_term {
    sbx_vnn_of of;
    size_t var;
    mpq_ptr coef;
} sbx_vnn_term;

/* what a comparison says: of one input, c.rhs is its bound; else the constraint c */
typedef struct sbx_vnn_atom {
    bool is_bound, is_upper;
    size_t var;
    sbx_constraint c;
} sbx_vnn_atom;

/* And-nodes have atoms and or-nodes below them, or-nodes atoms and and-nodes, at least
 * two each (but the root). count: disjuncts it stands for. Number 0 is the root. */
typedef enum sbx_vnn_shape { SBX_VNN_AND, SBX_VNN_OR, SBX_VNN_ATOM } sbx_vnn_shape;
typedef struct sbx_vnn_node {
    sbx_vnn_shape shape;
    uint32_t n, first, last, next; /* children, a list; 0 ends it                  */
    uint32_t count;                /* <= SBX_VNN_DISJUNCTS                         */
    uint32_t at;                   /* atom: its number; or: where its table begins */
} sbx_vnn_node;

typedef enum sbx_vnn_cmp {
    SBX_VNN_LE,
    SBX_VNN_LT,
    SBX_VNN_GE,
    SBX_VNN_GT,
    SBX_VNN_EQ,
    SBX_VNN_NE
} sbx_vnn_cmp;

typedef enum sbx_vnn_op {
    SBX_VNN_OP_ASSERT,
    SBX_VNN_OP_AND,
    SBX_VNN_OP_OR,
    SBX_VNN_OP_CMP,
    SBX_VNN_OP_ADD,
    SBX_VNN_OP_SUB,
    SBX_VNN_OP_MUL,
    SBX_VNN_OP_DIV
} sbx_vnn_op;

/* an open parenthesis */
typedef struct sbx_vnn_frame {
    sbx_vnn_op op;
    sbx_vnn_cmp cmp;
    sbx_vnn_token word;
    size_t args;
    size_t node;    /* assert, and, or: where formulas go                      */
    size_t start;   /* terms: the first of this one                            */
    size_t mark;    /* terms: the first behind the first argument (mul: behind */
                    /* the argument with variables)                            */
    bool has_var;   /* mul, div: there is such an argument                     */
    mpq_ptr factor; /* mul, div: of the constant arguments so far, or NULL     */
} sbx_vnn_frame;

typedef struct sbx_vnn {
    const char *path; /* for messages */
    const char *text, *end, *at;
    sbx_property_store *store;
    size_t max, tables;    /* most bytes of all; those of the parser's tables */
    sbx_err *err, own_err; /* err: the caller's, or &own_err */
    bool two;              /* version 2 */
    bool begun;            /* a command has been read */
    bool checked, exited;  /* check-sat, exit have been read */

    const char *network; /* version 2: its name, and its tensors, input and output */
    sbx_variable tensor[2];

    unsigned char *declared[2]; /* [declared_n], X and Y */
    size_t declared_cap[2], declared_n[2], declared_count[2];
    sbx_vnn_token last[2]; /* declaration with the greatest number */

    mpq_ptr spare[SBX_VNN_SPARE];
    size_t n_spare;
    sbx_vnn_term *term;
    size_t n_term, cap_term;
    sbx_vnn_atom *atom;
    size_t n_atom, cap_atom;
    sbx_vnn_node *node;
    size_t n_node, cap_node;
    sbx_vnn_frame frame[SBX_VNN_DEPTH];
    size_t depth;
} sbx_vnn;

/* These return NULL after the error is said; SBX_VNN_LOST is its code then. */
#define SBX_VNN_LOST(v) ((v)->err->code != SBX_OK ? (v)->err->code : SBX_ERR_NOMEM)

/* array[0..n) of *cap with room for one more */
void *sbx_vnn_room(sbx_vnn *v, void *array, size_t n, size_t *cap, size_t size);

/* memory of the property */
void *sbx_vnn_mem(sbx_vnn *v, size_t n, size_t size);

/* a number of the pool, 0; it may go back when nothing has a copy of its record */
mpq_ptr sbx_vnn_number(sbx_vnn *v);
void sbx_vnn_back(sbx_vnn *v, mpq_ptr q);

/* Counts the digits of a number that was set.
 *   error SBX_ERR_LIMIT it, or all together, are too long */
sbx_status sbx_vnn_sized(sbx_vnn *v, mpq_srcptr q, const char *at) SBX_MUST_USE;

/* vnnlib_lex.c; sbx_vnn_fail: "path:line:col: ..." for a place in the text */
sbx_status sbx_vnn_next(sbx_vnn_token *t, sbx_vnn *v) SBX_MUST_USE;
sbx_status sbx_vnn_fail(sbx_vnn *v, sbx_status code, const char *at, const char *where,
                        const char *fmt, ...) SBX_PRINTF(5, 6);
bool sbx_vnn_is(const sbx_vnn_token *t, const char *word);
int sbx_vnn_shown(const sbx_vnn_token *t); /* how much of a word to print */

/* X_k or Y_k; false if it is neither */
bool sbx_vnn_name(sbx_vnn_of *of, size_t *k, const sbx_vnn_token *t);

/* the next token, of that kind; what: how a message calls it */
sbx_status sbx_vnn_need(sbx_vnn *v, sbx_vnn_kind kind, const char *what,
                        sbx_vnn_token *t) SBX_MUST_USE;

/* vnnlib_decl.c: what follows the words vnnlib-version and declare-network; an element of a
 * tensor, whose name has been read; is a word such a name? */
sbx_status sbx_vnn_version(sbx_vnn *v) SBX_MUST_USE;
sbx_status sbx_vnn_network(sbx_vnn *v) SBX_MUST_USE;
sbx_status sbx_vnn_element(sbx_vnn_of *of, size_t *k, sbx_vnn *v,
                           const sbx_vnn_token *name) SBX_MUST_USE;
/* the k-th element as the file writes it: "X_3" or "X[0,3]"; cut where buf is short */
void sbx_vnn_spell(char *buf, size_t n, const sbx_vnn *v, sbx_vnn_of of, size_t k);
bool sbx_vnn_is_identifier(const sbx_vnn_token *t);

#define SBX_VNN_FAIL(v, code, at, ...)                               \
    do {                                                             \
        st = sbx_vnn_fail((v), (code), (at), SBX_HERE, __VA_ARGS__); \
        goto done;                                                   \
    } while (0)

/* vnnlib_term.c: the word of a term; an argument that is complete; the closing parenthesis
 * of a sum, difference, product, quotient, and of a comparison, whose atoms go to `parent` */
sbx_status sbx_vnn_leaf(sbx_vnn *v, const sbx_vnn_token *t) SBX_MUST_USE;
sbx_status sbx_vnn_argument(sbx_vnn *v, sbx_vnn_frame *f, const char *at) SBX_MUST_USE;
sbx_status sbx_vnn_close_term(sbx_vnn *v, sbx_vnn_frame *f) SBX_MUST_USE;
sbx_status sbx_vnn_close_cmp(sbx_vnn *v, sbx_vnn_frame *f, size_t parent) SBX_MUST_USE;

/* vnnlib_parse.c: all commands of the text; vnnlib_dnf.c: the tree, and what comes of it */
sbx_status sbx_vnn_parse(sbx_vnn *v) SBX_MUST_USE;
sbx_status sbx_vnn_node_new(size_t *id, sbx_vnn *v, sbx_vnn_shape shape) SBX_MUST_USE;
sbx_status sbx_vnn_attach(sbx_vnn *v, size_t parent, size_t child, const char *at) SBX_MUST_USE;
sbx_status sbx_vnn_expand(sbx_property *p, sbx_vnn *v) SBX_MUST_USE;

#endif
