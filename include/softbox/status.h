/* softbox/status.h -- how every softbox function reports what happened.
 *
 * Two things are kept apart on purpose:
 *   - sbx_status says whether the code could do its work;
 *   - sbx_truth says what it found out.
 * "I could not prove it" is a truth value, never an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_STATUS_H
#define SBX_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#define SBX_MUST_USE          __attribute__((warn_unused_result))
#define SBX_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

typedef enum sbx_status {
    SBX_OK = 0,
    SBX_ERR_ARG,         /* the caller broke a documented precondition   */
    SBX_ERR_NOMEM,       /* malloc said no; nothing was changed          */
    SBX_ERR_IO,          /* the system said no; errno text is in msg     */
    SBX_ERR_PARSE,       /* not in the format; msg has file, line, col   */
    SBX_ERR_UNSUPPORTED, /* in the format, but we do not handle it       */
    SBX_ERR_DOMAIN,      /* the operation has no value there (1/0)       */
    SBX_ERR_LIMIT,       /* a budget that the caller set ran out         */
    SBX_ERR_SOUNDNESS,   /* an invariant a proof rests on failed: a bug  */
    SBX_ERR_STOPPED      /* the caller's stop callback said so           */
} sbx_status;

/* Zero is UNKNOWN, so that cleared memory never reads as a proof. */
typedef enum sbx_truth { SBX_UNKNOWN = 0, SBX_TRUE = 1, SBX_FALSE = 2 } sbx_truth;

#define SBX_MSG_LEN 2048

/* Filled by the function that failed, never by one it passed through.
 * The caller owns it, usually on its stack; NULL means "not wanted". */
typedef struct sbx_err {
    sbx_status code;
    const char *where; /* "file.c:123", static storage */
    char msg[SBX_MSG_LEN];
} sbx_err;

/* The name of a status in words: "bad argument", "out of memory", ... */
const char *sbx_status_name(sbx_status s);

/* Fills *err (if any) and returns code. Inside the library use SBX_FAIL. */
sbx_status sbx_fail(sbx_err *err, sbx_status code, const char *where, const char *fmt, ...)
    SBX_PRINTF(4, 5);

/* "0.1.0" */
const char *sbx_version(void);

/* Is the arithmetic of this process the one that the proofs assume (round to
 * nearest, gradual underflow, a true fma)? A program asks once at its start:
 * a library linked with fast-math can have switched subnormals off.
 *
 *   error  SBX_ERR_SOUNDNESS  it is not; the message says what is off */
sbx_status sbx_selftest(sbx_err *err) SBX_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
