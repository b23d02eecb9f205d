/* conf.h -- what the conformance programs share: folders, doubles as text, distances in
 * ulp. Nothing here is from the library: the vectors are read by libc, and judged by
 * comparing doubles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SBX_TESTS_CONF_H
#define SBX_TESTS_CONF_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_INPUT 65 /* exit status: no folder, no vectors */

/* The number of doubles from a to b, signed; infinities are one step after the last. */
static inline int64_t conf_rank(double x)
{
    int64_t b;
    x += 0.0; /* -0 becomes 0 */
    memcpy(&b, &x, sizeof b);
    return b >= 0 ? b : INT64_MIN - b;
}
static inline int64_t conf_ulps(double a, double b) { return conf_rank(b) - conf_rank(a); }

/* The whole of s[0..n) as a double. */
static inline bool conf_double(double *v, const char *s, size_t n)
{
    char buf[512], *end;
    if (n == 0 || n >= sizeof buf) return false;
    memcpy(buf, s, n);
    buf[n] = 0;
    *v = strtod(buf, &end);
    return *end == 0 && end != buf;
}

/* The file's text, ended by a 0; NULL when it cannot be read. */
static inline char *conf_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    char *text = NULL;
    long n;
    if (!f) return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0 &&
        (text = malloc((size_t)n + 1)))
        text[fread(text, 1, (size_t)n, f)] = 0;
    (void)fclose(f);
    return text;
}

static inline bool conf_ends(const char *s, const char *tail)
{
    const size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

/* Calls one(path, name) for each file of the folder that ends in tail, in order of name;
 * the number of them, -1 when the folder cannot be read. */
static inline int conf_each(const char *dir, const char *tail,
                            void (*one)(const char *path, const char *name))
{
    struct dirent **e;
    char path[4096];
    int count = 0;
    const int n = scandir(dir, &e, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (conf_ends(e[i]->d_name, tail)) {
            (void)snprintf(path, sizeof path, "%s/%s", dir, e[i]->d_name);
            one(path, e[i]->d_name);
            count++;
        }
        free(e[i]);
    }
    if (n >= 0) free(e);
    return n < 0 ? -1 : count;
}

/* ---- how many of what ---------------------------------------------------------- */

#define CONF_REASONS 16
typedef struct conf_count {
    const char *name[CONF_REASONS];
    long n[CONF_REASONS];
} conf_count;

static inline void conf_add(conf_count *c, const char *name)
{
    int i = 0;
    while (i < CONF_REASONS - 1 && c->name[i] && strcmp(c->name[i], name) != 0)
        i++;
    c->name[i] = name;
    c->n[i]++;
}
static inline long conf_sum(const conf_count *c)
{
    long n = 0;
    for (int i = 0; i < CONF_REASONS; i++)
        n += c->n[i];
    return n;
}
static inline void conf_show(const conf_count *c, const char *title)
{
    for (int i = 0; i < CONF_REASONS && c->name[i]; i++)
        printf("%s %6ld  %s\n", title, c->n[i], c->name[i]);
}

#endif
