/* A disk that fails below one directory, for a process that has this preloaded.
 *
 * While the file named by FAILING_DISK exists, it says "ERRNO SCOPE DIRECTORY". With the scope
 * "sync" only making things durable fails; with "all" every way to change something does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int fails(const char *path, int syncing) {
    char told[4200] = "", scope[8], directory[4096];
    const char *order = getenv("FAILING_DISK");
    int number, file = order ? REAL(open)(order, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return 0;
    ssize_t length = read(file, told, sizeof told - 1);
    close(file);
    if (length <= 0 || sscanf(told, "%d %7s %4095s", &number, scope, directory) != 3)
        return 0;
    if ((!syncing && strcmp(scope, "sync") == 0) || strncmp(path, directory, strlen(directory)))
        return 0;
    errno = number;
    return 1;
}

static int file_fails(int file, int syncing) {
    char link[64], path[4096];
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    errno = before;
    if (length <= 0)
        return 0;
    path[length] = 0;
    return fails(path, syncing);
}

#define OF_FILE(type, name, syncing, parameters, ...)                                            \
    type name parameters { return file_fails(file, syncing) ? -1 : REAL(name)(__VA_ARGS__); }

OF_FILE(ssize_t, write, 0, (int file, const void *data, size_t size), file, data, size)
OF_FILE(ssize_t, writev, 0, (int file, const struct iovec *data, int count), file, data, count)
OF_FILE(ssize_t, pwrite, 0, (int file, const void *data, size_t size, off_t at), file, data, size, at)
OF_FILE(ssize_t, pwrite64, 0, (int file, const void *data, size_t size, off64_t at), file, data, size,
        at)
OF_FILE(int, ftruncate, 0, (int file, off_t size), file, size)
OF_FILE(int, ftruncate64, 0, (int file, off64_t size), file, size)
OF_FILE(int, fsync, 1, (int file), file)
OF_FILE(int, fdatasync, 1, (int file), file)

#define OF_PATH(name, parameters, ...)                                                           \
    int name parameters { return fails(path, 0) ? -1 : REAL(name)(__VA_ARGS__); }

OF_PATH(mkdir, (const char *path, mode_t mode), path, mode)
OF_PATH(rename, (const char *path, const char *target), path, target)
OF_PATH(unlink, (const char *path), path)

#define OPENING(name)                                                                            \
    int name(const char *path, int flags, ...) {                                                 \
        va_list rest;                                                                            \
        va_start(rest, flags);                                                                   \
        mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, mode_t) : 0;                \
        va_end(rest);                                                                            \
        if (flags & (O_WRONLY | O_RDWR | O_CREAT) && fails(path, 0))                             \
            return -1;                                                                           \
        return REAL(name)(path, flags, mode);                                                    \
    }

OPENING(open)
OPENING(open64)
