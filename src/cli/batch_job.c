/* cli/batch_job.c -- one instance of a batch: `softbox verify` in a process of its own, so
 * that memory, time and a crash of one are nothing to the others.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GRACE 10.0 /* seconds after its limit in which verify ends by itself */

static char *path(const batch *b, const char *name)
{
    const size_t n = strlen(b->root) + strlen(name) + 2;
    char *const p = malloc(n);
    if (!p) return NULL;
    if (name[0] == '/' || !*b->root)
        (void)snprintf(p, n, "%s", name);
    else
        (void)snprintf(p, n, "%s/%s", b->root, name);
    return p;
}

static double limit_of(const batch *b, const batch_item *t)
{
    return b->most > 0.0 && b->most < t->seconds ? b->most : t->seconds;
}

bool batch_start(batch_job *j, const batch *b, size_t item, const char *program)
{
    const batch_item *const t = &b->item[item];
    char *const net = path(b, t->net), *const prop = path(b, t->prop);
    char limit[32], threads[16], seed[24];
    size_t n = 15;
    const char *args[20] = {"softbox", "verify",  net,         prop,       "--format",
                            "json",    "--quiet", "--timeout", limit,      "--threads",
                            threads,   "--seed",  seed,        "--method", b->method};
    (void)snprintf(limit, sizeof limit, "%.3f", limit_of(b, t));
    (void)snprintf(threads, sizeof threads, "%u", b->c.threads);
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)b->c.seed);
    if (b->max_nodes) {
        args[n++] = "--max-nodes";
        args[n++] = b->max_nodes;
    }
    if (b->memory) {
        args[n++] = "--memory";
        args[n++] = b->memory;
    }
    *j = (batch_job){.item = item, .start = cli_now(), .out = tmpfile(), .err = tmpfile()};
    j->last = j->start + limit_of(b, t) + GRACE;
    if (net && prop && j->out && j->err) {
        (void)fflush(NULL);
        j->pid = fork();
        if (j->pid == 0) {
            const int null = open("/dev/null", O_RDONLY);
            char *argv[20];
            memcpy((void *)argv, (const void *)args, sizeof argv);
            if (null >= 0 && dup2(null, 0) == 0 && dup2(fileno(j->out), 1) == 1 &&
                dup2(fileno(j->err), 2) == 2)
                (void)execv(program, argv);
            _exit(CLI_INTERNAL);
        }
    }
    free(net);
    free(prop);
    if (j->pid > 0) return true;
    if (j->out) (void)fclose(j->out);
    if (j->err) (void)fclose(j->err);
    *j = (batch_job){0};
    return false;
}

bool batch_ended(batch_job *j, int *status)
{
    const pid_t p = waitpid(j->pid, status, WNOHANG);
    if (p == j->pid) return true;
    if (cli_now() > j->last) (void)kill(j->pid, SIGKILL);
    return false;
}

void batch_stop(batch_job *j)
{
    int status;
    (void)kill(j->pid, SIGKILL);
    while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
        ;
    (void)fclose(j->out);
    (void)fclose(j->err);
    *j = (batch_job){0};
}

/* All of a file that a child wrote; NULL: no memory. */
static char *slurp(FILE *f)
{
    char *text = NULL;
    size_t n = 0, room = 0, got = 1;
    rewind(f);
    while (got) {
        if (room - n < 2) {
            char *more = realloc(text, room = room ? 2 * room : 4096);
            if (!more) break;
            text = more;
        }
        got = fread(text + n, 1, room - n - 1, f);
        n += got;
    }
    if (got) {
        free(text);
        return NULL;
    }
    text[n] = 0;
    return text;
}

/* why there is no answer: what it said, or how it ended */
static void set_reason(json_t *r, char *said, int status, bool late)
{
    char text[64];
    const char *s = said;
    said[strcspn(said, "\n")] = 0;
    if (strncmp(s, "softbox: verify: ", 17) == 0) s += 17;
    if (late)
        s = "it did not end by itself and was killed";
    else if (WIFSIGNALED(status)) {
        (void)snprintf(text, sizeof text, "ended by signal %d", WTERMSIG(status));
        s = text;
    } else if (!*s) {
        (void)snprintf(text, sizeof text, "ended with status %d", WEXITSTATUS(status));
        s = text;
    }
    if (json_object_set_new(r, "reason", json_string(s)))
        (void)json_object_set_new(r, "reason", json_string("a text that is no UTF-8"));
}

/* what verify said, but for what the line has already; witnesses only where wanted */
static void copy_answer(json_t *r, json_t *answer, bool witness)
{
    static const char *const keys[] = {"boxes", "margin", "reason", "why", "disjunct", "x", "y"};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        json_t *v = json_object_get(answer, keys[k]);
        if (v && (witness || strlen(keys[k]) > 1)) (void)json_object_set(r, keys[k], v);
    }
}

json_t *batch_result(batch *b, batch_job *j, int status)
{
    batch_item *const t = &b->item[j->item];
    char *const out = slurp(j->out), *const said = slurp(j->err);
    json_t *const answer = out && *out ? json_loads(out, 0, NULL) : NULL;
    const char *verdict = json_string_value(json_object_get(answer, "verdict"));
    const bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && cli_now() > j->last;
    char took[32];
    json_t *r = json_object();
    t->took = cli_now() - j->start;
    t->end = late ? BATCH_TIMEOUT : BATCH_ERROR;
    for (int e = BATCH_HOLDS; verdict && e < BATCH_ERROR; e++)
        if (strcmp(verdict, batch_names[e]) == 0) t->end = (batch_end)e;
    (void)snprintf(took, sizeof took, "%.3f", t->took);
    if (!out || !said || json_object_set_new(r, "onnx", json_string(t->net)) ||
        json_object_set_new(r, "vnnlib", json_string(t->prop)) ||
        json_object_set_new(r, "limit", json_string(t->limit)) ||
        json_object_set_new(r, "options", json_string(b->options)) ||
        json_object_set_new(r, "verdict", json_string(batch_names[t->end])) ||
        json_object_set_new(r, "seconds", json_string(took))) {
        json_decref(r);
        r = NULL;
    } else if (verdict) {
        copy_answer(r, answer, b->witness);
    } else {
        set_reason(r, said, status, late);
    }
    json_decref(answer);
    free(out);
    free(said);
    (void)fclose(j->out);
    (void)fclose(j->err);
    *j = (batch_job){0};
    return r;
}
