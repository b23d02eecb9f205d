/* cli/named.h -- the tables and plots, a file each. argv[0] is the name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_NAMED_H
#define SBX_CLI_NAMED_H

#include "cli/cli.h"

int cli_table_softmax_bounds(int argc, char **argv);
int cli_table_lse_pieces(int argc, char **argv);
int cli_table_wei_synthetic(int argc, char **argv);
int cli_plot_softmax_bounds(int argc, char **argv);
int cli_table_t1(int argc, char **argv);
int cli_table_t2(int argc, char **argv);
int cli_table_t3(int argc, char **argv);
int cli_table_t4(int argc, char **argv);
int cli_table_t5(int argc, char **argv);
int cli_table_t6(int argc, char **argv);
int cli_table_t7(int argc, char **argv);
int cli_table_t9(int argc, char **argv);
int cli_table_t10(int argc, char **argv);
int cli_table_t11(int argc, char **argv);
int cli_table_t16(int argc, char **argv);
int cli_table_t13(int argc, char **argv);
int cli_table_degrees(int argc, char **argv);
int cli_table_t8(int argc, char **argv);
int cli_table_t12(int argc, char **argv);
int cli_table_t14(int argc, char **argv);
int cli_table_t15(int argc, char **argv);
int cli_table_t17(int argc, char **argv);
int cli_table_bottleneck(int argc, char **argv);
int cli_table_gain(int argc, char **argv);
int cli_table_constants(int argc, char **argv);
int cli_table_saturation(int argc, char **argv);
int cli_plot_f1(int argc, char **argv);
int cli_plot_f2(int argc, char **argv);
int cli_plot_f3(int argc, char **argv);
int cli_plot_f4(int argc, char **argv);
int cli_plot_f5(int argc, char **argv);
int cli_plot_error(int argc, char **argv);

#endif
