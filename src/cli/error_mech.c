/* cli/error_mech.c -- softbox error --kernel MECHANISM: its distance from softmax attention, or another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/mech_input.h"

int cli_error_mech(int argc, char **argv)
{
    const cli c = {.command = "error"};
    (void)argc;
    (void)argv;
    return cli_error(&c, CLI_USAGE, "the distance of mechanisms is not there yet");
}
