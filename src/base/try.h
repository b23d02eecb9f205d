/* base/try.h -- the one shape of error handling inside the library.
 *
 * A function that can fail declares `sbx_status st = SBX_OK;`, sets every
 * object it owns to its zero state, and has a single exit label `done`
 * that clears them all. Clearing a zero object is always allowed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_BASE_TRY_H
#define SBX_BASE_TRY_H

#include "softbox/status.h"

#define SBX_STR_(x) #x
#define SBX_STR(x)  SBX_STR_(x)
#define SBX_HERE    __FILE__ ":" SBX_STR(__LINE__)

#define SBX_TRY(call)                \
    do {                             \
        st = (call);                 \
        if (st != SBX_OK) goto done; \
    } while (0)

#define SBX_FAIL(err, code, ...)                             \
    do {                                                     \
        st = sbx_fail((err), (code), SBX_HERE, __VA_ARGS__); \
        goto done;                                           \
    } while (0)

/* Checked in every build, NDEBUG or not: proofs rest on it. */
#define SBX_SOUND(cond, err)                                             \
    do {                                                                 \
        if (!(cond)) SBX_FAIL((err), SBX_ERR_SOUNDNESS, "!(%s)", #cond); \
    } while (0)

#endif
