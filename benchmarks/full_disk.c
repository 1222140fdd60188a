/* A disk that is full for one moment: the Nth call that writes under a folder fails with ENOSPC, whoever makes it.
 *
 * Preloaded into the processes of recovery.py, so that it holds for DuckDB, SQLite, Arrow and Polars as well as for
 * Python. Two kinds of calls are counted apart: those that make or move a name (a file is created, renamed, linked, a
 * folder made), and those on the data of a file that is open for writing (written, cut, made durable, closed).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char folder[PATH_MAX], refused_call[PATH_MAX + 64];
static long refuse;
static enum kind { NAMES, DATA } counted;
static atomic_long seen;

void refuse_write(const char *path, long number, int kind) {
    counted = kind;
    snprintf(folder, sizeof folder, "%s", path);
    refuse = number;
    atomic_store(&seen, 0);
}

long writes_seen(void) { return atomic_load(&seen); }

const char *write_refused(void) { return refused_call; }

static int full(enum kind kind, const char *call, const char *path) {
    if (kind != counted || !folder[0] || !path || strncmp(path, folder, strlen(folder))) return 0;
    if (atomic_fetch_add(&seen, 1) + 1 != refuse) return 0;
    snprintf(refused_call, sizeof refused_call, "%s %s", call, path);
    errno = ENOSPC;
    return 1;
}

static int full_file(const char *call, int file) {
    char link[64], path[PATH_MAX];
    int flags = counted == DATA && folder[0] ? fcntl(file, F_GETFL) : -1;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return full(DATA, call, path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OF_FILE(type, name, parameters, ...)                                                                           \
    type name parameters {                                                                                             \
        static type(*real) parameters;                                                                                 \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                                                     \
        return full_file(#name, file) ? -1 : real(__VA_ARGS__);                                                        \
    }

OF_FILE(ssize_t, write, (int file, const void *data, size_t size), file, data, size)
OF_FILE(ssize_t, pwrite, (int file, const void *data, size_t size, off_t at), file, data, size, at)
OF_FILE(ssize_t, pwrite64, (int file, const void *data, size_t size, off64_t at), file, data, size, at)
OF_FILE(ssize_t, writev, (int file, const struct iovec *parts, int count), file, parts, count)
OF_FILE(int, fsync, (int file), file)
OF_FILE(int, fdatasync, (int file), file)
OF_FILE(int, ftruncate, (int file, off_t size), file, size)
OF_FILE(int, ftruncate64, (int file, off64_t size), file, size)

int close(int file) { /* closed all the same, as the system does it */
    static int (*real)(int);
    if (!real) real = NEXT(close);
    int refused = full_file("close", file), closed = real(file);
    if (!refused) return closed;
    errno = ENOSPC;
    return -1;
}

#define OPENED(name)                                                                                                   \
    int name(const char *path, int flags, ...) {                                                                       \
        static int (*real)(const char *, int, ...);                                                                    \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                                                     \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;                                        \
        va_end(more);                                                                                                  \
        if ((flags & O_CREAT) && access(path, F_OK) && full(NAMES, #name, path)) return -1;                                   \
        return real(path, flags, mode);                                                                                \
    }

OPENED(open)
OPENED(open64)

#define OF_NAME(name, parameters, path, ...)                                                                           \
    int name parameters {                                                                                              \
        static int(*real) parameters;                                                                                  \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                                                     \
        return full(NAMES, #name, path) ? -1 : real(__VA_ARGS__);                                                             \
    }

OF_NAME(rename, (const char *old, const char *new), new, old, new)
OF_NAME(link, (const char *old, const char *new), new, old, new)

int mkdir(const char *path, mode_t mode) {
    static int (*real)(const char *, mode_t);
    if (!real) real = NEXT(mkdir);
    return access(path, F_OK) && full(NAMES, "mkdir", path) ? -1 : real(path, mode);
}
