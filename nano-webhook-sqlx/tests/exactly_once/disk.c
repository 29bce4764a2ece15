/* A disk that forgets what was not flushed. Preloaded into a process that has files
 * in $DISK_FOLDER.
 *
 * A flushed file is copied to $DISK_FLUSHED. A power cut is SIGKILL, and the copies
 * in place of the files. In $DISK_CONTROL, the file
 *   lies   makes flushes do nothing,
 *   full   makes writes fail,
 *   clock  has the milliseconds (whole seconds count) that gettimeofday is ahead (SQLite's clock). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int control(const char *name, char *content, size_t size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", getenv("DISK_CONTROL"), name);
    int file = open(path, O_RDONLY);
    if (file < 0)
        return 0;
    ssize_t length = read(file, content, size - 1);
    content[length > 0 ? length : 0] = 0;
    close(file);
    return 1;
}

/* The name of a file in the folder. */
static int watched(int file, char *name)
{
    char link[64], path[PATH_MAX];
    const char *folder = getenv("DISK_FOLDER");
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    size_t prefix = strlen(folder);
    if (length < 0)
        return 0;
    path[length] = 0;
    if (strncmp(path, folder, prefix) || path[prefix] != '/')
        return 0;
    strcpy(name, path + prefix + 1);
    return 1;
}

static int flush(int file)
{
    char name[PATH_MAX], copy[PATH_MAX], part[PATH_MAX], link[64], ignored[8];
    if (!watched(file, name) || control("lies", ignored, sizeof ignored))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    snprintf(copy, sizeof copy, "%s/%s", getenv("DISK_FLUSHED"), name);
    snprintf(part, sizeof part, "%s.%d", copy, getpid());
    int from = open(link, O_RDONLY);
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    struct stat stat;
    if (from < 0 || to < 0 || fstat(from, &stat))
        abort();
    while (stat.st_size > 0) {
        ssize_t sent = sendfile(to, from, NULL, stat.st_size);
        if (sent <= 0)
            abort();
        stat.st_size -= sent;
    }
    close(from);
    close(to);
    /* In one step: a kill must not leave half a copy. */
    return rename(part, copy);
}

int fsync(int file) { return flush(file); }

int fdatasync(int file) { return flush(file); }

static int full(int file)
{
    char name[PATH_MAX], ignored[8];
    return watched(file, name) && control("full", ignored, sizeof ignored);
}

#define WRITER(function, declared, passed) \
    ssize_t function declared                                       \
    {                                                               \
        static ssize_t(*real) declared;                             \
        if (!real)                                                  \
            real = (ssize_t(*) declared)dlsym(RTLD_NEXT, #function); \
        if (full(file)) {                                           \
            errno = ENOSPC;                                         \
            return -1;                                              \
        }                                                           \
        return real passed;                                         \
    }

WRITER(write, (int file, const void *data, size_t size), (file, data, size))
WRITER(pwrite, (int file, const void *data, size_t size, off_t at), (file, data, size, at))
WRITER(pwrite64, (int file, const void *data, size_t size, off64_t at), (file, data, size, at))

int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
    struct timespec now;
    char ahead[24];
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    if (control("clock", ahead, sizeof ahead)) {
        long long milliseconds = atoll(ahead);
        time->tv_sec += milliseconds / 1000;
    }
    return 0;
}
