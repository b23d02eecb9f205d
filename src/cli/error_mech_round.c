/* cli/error_mech_round.c -- softbox error --kernel MECHANISM --number FORMAT: rounding errors of a mechanism.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_input.h"

int cli_error_mech_round(int argc, char **argv)
{
    const cli c = {.command = "error"};
    (void)argc;
    (void)argv;
    return cli_error(&c, CLI_USAGE, "--number is not there yet for mechanisms");
}
