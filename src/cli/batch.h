/* cli/batch.h -- the parts of softbox batch: the list of instances and the results so far
 * (batch_list.c), the processes (batch_job.c), the command (batch.c).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_CLI_BATCH_H
#define SBX_CLI_BATCH_H

#include "cli/cli.h"

#include <stdbool.h>
#include <sys/types.h>

typedef enum batch_end {
    BATCH_TODO,
    BATCH_HOLDS,
    BATCH_VIOLATED,
    BATCH_UNKNOWN,
    BATCH_TIMEOUT,
    BATCH_ERROR, /* not read, out of memory, killed: the reason tells */
    BATCH_ENDS
} batch_end;

extern const char *const batch_names[BATCH_ENDS];

/* One line of the list: paths as they stand there, seconds as text. */
typedef struct batch_item {
    char *net, *prop, *limit;
    double seconds; /* limit as a number */
    batch_end end;
    double took;
} batch_item;

typedef struct batch {
    cli c;
    const char *list, *root;                 /* the file; the folder its paths start from */
    const char *results, *options;           /* file or NULL; text that says how it was run */
    const char *method, *max_nodes, *memory; /* the last two: NULL, or as they were given */
    bool witness;
    unsigned jobs;
    double most; /* seconds an instance; 0: what its line says */
    size_t n, room;
    batch_item *item;
} batch;

/* decimal seconds above 0, at most 1e9 */
bool batch_seconds(double *v, const char *text);

/* The list: "net,property,seconds" a line; blank lines, and a first line without a number
 * of seconds, are passed over. CLI_DONE, or the status after an error message. */
int batch_read(batch *b);
void batch_clear(batch *b);

/* What the results file knows of the instances, run with the same options and limits; a
 * last line that is not whole is cut off. *f: open for appending; NULL without a file. */
int batch_resume(batch *b, FILE **f);

/* A child that runs `softbox verify` on one instance. */
typedef struct batch_job {
    size_t item;
    pid_t pid;          /* 0: free */
    double start, last; /* when it began; when it is killed */
    FILE *out, *err;
} batch_job;

/* false: no process could be made (errno) */
bool batch_start(batch_job *j, const batch *b, size_t item, const char *program);
/* Has it ended? Kills it when it is late. status: as waitpid gives it. */
bool batch_ended(batch_job *j, int *status);
void batch_stop(batch_job *j); /* kills, waits, forgets */

/* The result of a job that has ended, as one JSON object; sets the item's end. NULL: no memory. */
json_t *batch_result(batch *b, batch_job *j, int status);

#endif
