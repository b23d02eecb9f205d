/* cli/witness.c -- softbox witness: is a counterexample that somebody claims one?
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const cli_help help = {
    "usage: softbox witness NET.onnx PROP.vnnlib FILE [options]\n",
    "Judges a claimed counterexample (VNN-COMP's form: ((X_0 v) ... (Y_0 v) ...)) exactly:\n"
    "valid: inside the exact box, and it violates the property, proved; tolerance: it is not\n"
    "valid, but misses no bound and no constraint by more than the tolerance; invalid: it\n"
    "misses one of every disjunct by more; unknown. Exit status 10 for valid, else 20.\n"};

static const char *const names[] = {[SBX_CLAIM_UNKNOWN] = "unknown",
                                    [SBX_CLAIM_VALID] = "valid",
                                    [SBX_CLAIM_TOLERANCE] = "tolerance",
                                    [SBX_CLAIM_INVALID] = "invalid"};

static void print(cli *c, const sbx_claim_result *r)
{
    char *box = sbx_d_write(r->box, SBX_HI, 6), *excess = sbx_d_write(r->excess, SBX_HI, 6);
    if (c->format == CLI_JSON) {
        (void)fprintf(c->out, "{\"claim\":\"%s\",\"disjunct\":%zu", names[r->claim], r->disjunct);
        (void)fprintf(c->out, ",\"box\":\"%s\",\"constraints\":\"%s\"}\n", box ? box : "",
                      excess ? excess : "");
    } else {
        (void)fprintf(c->out, "%s\ndisjunct     %zu\n", names[r->claim], r->disjunct);
        (void)fprintf(c->out, "box          missed by at most %s\n", box ? box : "");
        (void)fprintf(c->out, "constraints  missed by at most %s\n", excess ? excess : "");
    }
    sbx_text_free(box);
    sbx_text_free(excess);
}

static int judge(cli *c, mpq_srcptr tolerance, size_t max)
{
    sbx_err err = {SBX_OK, NULL, ""};
    sbx_net *net = NULL;
    sbx_property p = {0};
    sbx_witness w = {0};
    sbx_claim_result r = {SBX_CLAIM_UNKNOWN, 0, HUGE_VAL, HUGE_VAL};
    const bool good = sbx_net_read(&net, c->arg[0], max, &err) == SBX_OK &&
                      sbx_property_read(&p, c->arg[1], max, &err) == SBX_OK &&
                      sbx_witness_read(&w, c->arg[2], max, &err) == SBX_OK &&
                      (w.inputs != sbx_net_inputs(net) ||
                       sbx_claim_judge(&r, net, &p, (const mpq_t *)w.x, tolerance, &err) == SBX_OK);
    int status;
    if (!good)
        status = cli_fail(c, &err);
    else if (w.inputs != sbx_net_inputs(net))
        status = cli_error(c, CLI_BAD_INPUT, "%s: %zu inputs, the network has %zu", c->arg[2],
                           w.inputs, sbx_net_inputs(net));
    else if ((status = cli_open(c, NULL)) == CLI_DONE) {
        print(c, &r);
        status = cli_close(c, r.claim == SBX_CLAIM_VALID ? CLI_VIOLATED : CLI_UNKNOWN);
    }
    sbx_witness_clear(&w);
    sbx_property_clear(&p);
    sbx_net_free(net);
    return status;
}

int cli_witness(int argc, char **argv)
{
    cli c = {.command = "witness"};
    const char *text = "1e-4", *memory = NULL;
    size_t max = 0;
    const cli_option options[] = {
        {"tolerance", "T", "absolute, of bounds and constraints; default 1e-4, VNN-COMP's", &text,
         NULL},
        CLI_MEMORY_OPTION(memory),
    };
    mpq_t tolerance;
    int status = cli_parse(&c, argc, argv, options, sizeof options / sizeof *options, 3, 3, &help);
    if (status != CLI_GO_ON) return status;
    mpq_init(tolerance);
    if (sbx_q_read(tolerance, text, strlen(text), NULL) != SBX_OK || mpq_sgn(tolerance) < 0)
        status = cli_error(&c, CLI_USAGE, "--tolerance '%s': a number >= 0", text);
    else if (!cli_memory(&max, memory))
        status = cli_error(&c, CLI_USAGE, "--memory '%s': " CLI_MEMORY_FORM, memory);
    else
        status = judge(&c, tolerance, max);
    mpq_clear(tolerance);
    return status;
}
