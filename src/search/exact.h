/* search/exact.h -- what rational arithmetic says of a region that is too small to be split.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_SEARCH_EXACT_H
#define SBX_SEARCH_EXACT_H

#include "search/prove.h"
#include "search/region.h"

/* sbx_exact_cases: the outputs over the part of the region that the exact box of its group has, in
 * intervals with rational ends; cases that they refute are dropped from r->open.
 *
 *   out   *found  the part is one point, and it satisfies a case: w has it
 *   tight a point, and a network of rational operations: every case is decided
 *   proof L-NET-91
 *   error SBX_ERR_STOPPED, SBX_ERR_NOMEM, SBX_ERR_SOUNDNESS */
sbx_status sbx_exact_cases(bool *found, sbx_region *r, sbx_prover *w, const sbx_plan *plan,
                           sbx_err *err) SBX_MUST_USE;

#endif
