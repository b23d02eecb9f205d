/* net/fold.h -- constants folded at once: exactly, or not at all.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_NET_FOLD_H
#define SBX_NET_FOLD_H

#include "net/ew.h"

/* y = a kind b of two constants with broadcasting by map; *folded false: a result of reals
 * is no double. Integers: exact, Div towards zero.
 *   error SBX_ERR_UNSUPPORTED a result that is no integer of the type, a division by 0;
 *         SBX_ERR_PARSE reals with integers */
sbx_status sbx_fold_binary(bool *folded, sbx_net *net, sbx_node *nd, sbx_ew_kind kind,
                           const sbx_shape *y, const size_t *const map[2],
                           sbx_err *err) SBX_MUST_USE;
sbx_status sbx_fold_neg(sbx_net *net, sbx_node *nd, sbx_err *err) SBX_MUST_USE;

/* Is v an integer of the ONNX element type elem (0: int64)? */
bool sbx_fold_fits(int64_t v, int elem);

/* A node that was built after its first input, the constant x, was lifted: a constant when
 * its value in rationals is an array of doubles [L-NET-51]. What cannot be evaluated so
 * stays a node. */
sbx_status sbx_fold_node(sbx_net *net, sbx_node *nd, size_t x, sbx_err *err) SBX_MUST_USE;

#endif
