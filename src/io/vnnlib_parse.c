/* io/vnnlib_parse.c -- the commands of a VNN-LIB file, and its formulas.
 *
 * A formula is read with a stack of open parentheses; what may stand in one follows from its
 * operator alone: formulas in assert, and, or; terms in comparisons and in terms.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/vnnlib.h"

#include "base/alloc.h"
#include "base/try.h"

static const struct {
    const char *word;
    sbx_vnn_op op;
    sbx_vnn_cmp cmp;
    bool two; /* of version 2 alone */
} operators[] = {
    {"and", SBX_VNN_OP_AND, SBX_VNN_LE, false}, {"or", SBX_VNN_OP_OR, SBX_VNN_LE, false},
    {"<=", SBX_VNN_OP_CMP, SBX_VNN_LE, false},  {">=", SBX_VNN_OP_CMP, SBX_VNN_GE, false},
    {"<", SBX_VNN_OP_CMP, SBX_VNN_LT, false},   {">", SBX_VNN_OP_CMP, SBX_VNN_GT, false},
    {"=", SBX_VNN_OP_CMP, SBX_VNN_EQ, false},   {"==", SBX_VNN_OP_CMP, SBX_VNN_EQ, true},
    {"!=", SBX_VNN_OP_CMP, SBX_VNN_NE, true},   {"+", SBX_VNN_OP_ADD, SBX_VNN_LE, false},
    {"-", SBX_VNN_OP_SUB, SBX_VNN_LE, false},   {"*", SBX_VNN_OP_MUL, SBX_VNN_LE, false},
    {"/", SBX_VNN_OP_DIV, SBX_VNN_LE, false},
};

/* of SMT-LIB, without meaning for the question */
static const char *const idle[] = {"set-logic", "set-info",  "set-option",
                                   "check-sat", "get-model", "exit"};

static bool has_formulas(const sbx_vnn_frame *f) { return f->op <= SBX_VNN_OP_OR; }

sbx_status sbx_vnn_need(sbx_vnn *v, sbx_vnn_kind kind, const char *what, sbx_vnn_token *t)
{
    sbx_status st = SBX_OK;
    SBX_TRY(sbx_vnn_next(t, v));
    if (t->kind == SBX_VNN_END && kind != SBX_VNN_END)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t->s, "the file ends where %s should stand", what);
    if (t->kind != kind)
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, t->s, "'%.*s' where %s should stand", sbx_vnn_shown(t), t->s,
                     what);
done:
    return st;
}

/* ---- declarations ------------------------------------------------------------ */

/* Variable k of a file has at least k others before it or is beside a hole. */
static sbx_status mark(sbx_vnn *v, sbx_vnn_of of, size_t k, const sbx_vnn_token *name)
{
    sbx_status st = SBX_OK;
    size_t cap = v->declared_cap[of];
    unsigned char *p;
    if (k > (size_t)(v->end - v->text))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, name->s, "'%.*s', but not all before it are declared",
                     sbx_vnn_shown(name), name->s);
    if (k >= cap) {
        cap = k < 8 ? 16 : 2 * k;
        p = sbx_realloc(v->declared[of], v->declared_cap[of], cap, 1);
        if (!p) SBX_FAIL(v->err, SBX_ERR_NOMEM, "%s: out of memory", v->path);
        v->declared[of] = p;
        v->declared_cap[of] = cap;
    }
    if (v->declared[of][k])
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, name->s, "'%.*s' is declared twice", sbx_vnn_shown(name),
                     name->s);
    v->declared[of][k] = 1;
    v->declared_count[of]++;
    if (k >= v->declared_n[of]) {
        v->declared_n[of] = k + 1;
        v->last[of] = *name;
    }
done:
    return st;
}

static sbx_status declare(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token name, type, t;
    sbx_vnn_of of;
    size_t k;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "the name of a variable", &name));
    if (!sbx_vnn_name(&of, &k, &name))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, name.s, "'%.*s': variables are called X_k and Y_k",
                     sbx_vnn_shown(&name), name.s);
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "a type", &type));
    if (!sbx_vnn_is(&type, "Real") && !sbx_vnn_is(&type, "real"))
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, type.s, "type '%.*s': only Real is supported",
                     sbx_vnn_shown(&type), type.s);
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_CLOSE, "')'", &t));
    SBX_TRY(mark(v, of, k, &name));
done:
    return st;
}

static sbx_status check_declared(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    if (v->two && !v->network) SBX_VNN_FAIL(v, SBX_ERR_PARSE, v->end, "no network is declared");
    for (int of = SBX_VNN_X; of <= SBX_VNN_Y && !v->two; of++) {
        const char letter = of == SBX_VNN_X ? 'X' : 'Y';
        size_t k = 0;
        if (!v->declared_n[of])
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, v->end, "no variable %c_0 is declared", letter);
        if (v->declared_count[of] == v->declared_n[of]) continue;
        while (v->declared[of][k])
            k++;
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, v->last[of].s, "%c_%zu is declared, %c_%zu is not", letter,
                     v->declared_n[of] - 1, letter, k);
    }
done:
    return st;
}

/* ---- formulas ----------------------------------------------------------------- */

static sbx_status open_frame(sbx_vnn *v, sbx_vnn_op op, sbx_vnn_cmp cmp, const sbx_vnn_token *word)
{
    sbx_status st = SBX_OK;
    sbx_vnn_frame f = {.op = op, .cmp = cmp, .word = *word, .start = v->n_term};
    f.mark = f.start;
    if (v->depth == SBX_VNN_DEPTH)
        SBX_VNN_FAIL(v, SBX_ERR_LIMIT, word->s, "over %d open parentheses", SBX_VNN_DEPTH);
    if (op == SBX_VNN_OP_AND) SBX_TRY(sbx_vnn_node_new(&f.node, v, SBX_VNN_AND));
    if (op == SBX_VNN_OP_OR) SBX_TRY(sbx_vnn_node_new(&f.node, v, SBX_VNN_OR));
    v->frame[v->depth++] = f;
done:
    return st;
}

static sbx_status open_operator(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    const sbx_vnn_frame *in = &v->frame[v->depth - 1];
    sbx_vnn_token w;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "an operator", &w));
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!sbx_vnn_is(&w, operators[i].word) || (operators[i].two && !v->two)) continue;
        if (has_formulas(in) != (operators[i].op <= SBX_VNN_OP_CMP))
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s, "'%.*s' where a %s should stand", sbx_vnn_shown(&w),
                         w.s, has_formulas(in) ? "formula" : "term");
        SBX_TRY(open_frame(v, operators[i].op, operators[i].cmp, &w));
        goto done;
    }
    SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, w.s, "operator '%.*s'", sbx_vnn_shown(&w), w.s);
done:
    return st;
}

/* The closing parenthesis at `at`: what was open becomes an argument of what is around it. */
static sbx_status close_frame(sbx_vnn *v, const char *at)
{
    sbx_status st = SBX_OK;
    sbx_vnn_frame *const f = &v->frame[v->depth - 1];
    sbx_vnn_frame *const around = v->depth > 1 ? f - 1 : NULL;

    if (f->args == 0 || (f->op == SBX_VNN_OP_ASSERT && f->args > 1))
        SBX_VNN_FAIL(v, SBX_ERR_PARSE, f->word.s, "'%.*s' with %zu arguments",
                     sbx_vnn_shown(&f->word), f->word.s, f->args);
    v->depth--;
    if (!around) goto done; /* of the assert */
    if (f->op == SBX_VNN_OP_CMP) {
        SBX_TRY(sbx_vnn_close_cmp(v, f, around->node));
    } else if (has_formulas(f)) {
        SBX_TRY(sbx_vnn_attach(v, around->node, f->node, f->word.s));
    } else {
        SBX_TRY(sbx_vnn_close_term(v, f));
    }
    if (has_formulas(around))
        around->args++;
    else
        SBX_TRY(sbx_vnn_argument(v, around, at));
done:
    return st;
}

static sbx_status formula(sbx_vnn *v, const sbx_vnn_token *word)
{
    sbx_status st = SBX_OK;
    SBX_TRY(open_frame(v, SBX_VNN_OP_ASSERT, SBX_VNN_LE, word)); /* node 0: the root */
    while (v->depth) {
        sbx_vnn_token t;
        SBX_TRY(sbx_vnn_next(&t, v));
        if (t.kind == SBX_VNN_OPEN) {
            SBX_TRY(open_operator(v));
        } else if (t.kind == SBX_VNN_CLOSE) {
            SBX_TRY(close_frame(v, t.s));
        } else if (t.kind == SBX_VNN_END) {
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, word->s, "no ')' ends this '%.*s'", sbx_vnn_shown(word),
                         word->s);
        } else {
            sbx_vnn_frame *f = &v->frame[v->depth - 1];
            if (has_formulas(f))
                SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%.*s' where a formula should stand",
                             sbx_vnn_shown(&t), t.s);
            SBX_TRY(sbx_vnn_leaf(v, &t));
            SBX_TRY(sbx_vnn_argument(v, f, t.s));
        }
    }
done:
    return st;
}

/* ---- commands ------------------------------------------------------------------ */

static sbx_status skip_rest(sbx_vnn *v, const sbx_vnn_token *word)
{
    sbx_status st = SBX_OK;
    for (size_t open = 1; open;) {
        sbx_vnn_token t;
        SBX_TRY(sbx_vnn_next(&t, v));
        if (t.kind == SBX_VNN_END)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, word->s, "no ')' ends this '%.*s'", sbx_vnn_shown(word),
                         word->s);
        if (t.kind == SBX_VNN_OPEN) open++;
        if (t.kind == SBX_VNN_CLOSE) open--;
    }
    v->checked = v->checked || sbx_vnn_is(word, "check-sat");
    v->exited = sbx_vnn_is(word, "exit");
done:
    return st;
}

static sbx_status command(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    sbx_vnn_token w;
    SBX_TRY(sbx_vnn_need(v, SBX_VNN_WORD, "a command", &w));
    if (v->exited) SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s, "a command after exit");
    if (sbx_vnn_is(&w, "vnnlib-version")) {
        if (v->begun) SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s, "the version must come first");
        v->begun = true;
        SBX_TRY(sbx_vnn_version(v));
        goto done;
    }
    v->begun = true;
    for (size_t i = 0; i < sizeof idle / sizeof *idle; i++)
        if (sbx_vnn_is(&w, idle[i])) {
            SBX_TRY(skip_rest(v, &w));
            goto done;
        }
    if (v->checked)
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, w.s, "'%.*s' after check-sat", sbx_vnn_shown(&w), w.s);
    if (sbx_vnn_is(&w, "declare-network")) {
        if (!v->two)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, w.s,
                         "declare-network without (vnnlib-version <2.0>) at the beginning");
        SBX_TRY(sbx_vnn_network(v));
        goto done;
    }
    if (sbx_vnn_is(&w, "declare-const") && !v->two)
        SBX_TRY(declare(v));
    else if (sbx_vnn_is(&w, "assert"))
        SBX_TRY(formula(v, &w));
    else
        SBX_VNN_FAIL(v, SBX_ERR_UNSUPPORTED, w.s, "command '%.*s'", sbx_vnn_shown(&w), w.s);
done:
    return st;
}

sbx_status sbx_vnn_parse(sbx_vnn *v)
{
    sbx_status st = SBX_OK;
    size_t root;
    SBX_TRY(sbx_vnn_node_new(&root, v, SBX_VNN_AND));
    for (;;) {
        sbx_vnn_token t;
        SBX_TRY(sbx_vnn_next(&t, v));
        if (t.kind == SBX_VNN_END) break;
        if (t.kind != SBX_VNN_OPEN)
            SBX_VNN_FAIL(v, SBX_ERR_PARSE, t.s, "'%.*s' where a command should stand",
                         sbx_vnn_shown(&t), t.s);
        SBX_TRY(command(v));
    }
    SBX_TRY(check_declared(v));
done:
    return st;
}
