/* A disk that forgets what was not flushed. Preloaded into a process that has files
 * in $DISK_FOLDER.
 *
 * A flushed file is copied to $DISK_FLUSHED; a removed one leaves it when the folder is
 * flushed. A power cut is SIGKILL, and the copies in place of the files. In $DISK_CONTROL, the file
 *   lies   makes flushes do nothing,
 *   full   makes writes fail, or only those that make a file grow if it says "growth",
 *   clock  has the milliseconds (whole seconds count) that gettimeofday is ahead: the
 *          clock of SQLite and Postgres. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
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

/* The name of a file in the folder. Empty: the folder. */
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
    if (strncmp(path, folder, prefix) || (path[prefix] && path[prefix] != '/'))
        return 0;
    strcpy(name, path + prefix + !!path[prefix]);
    return 1;
}

/* Removes from the copies what the folder no longer has. */
static int flush_folder(const char *folder, const char *flushed)
{
    struct dirent *entry;
    DIR *copies = opendir(flushed);
    int files = open(folder, O_RDONLY | O_DIRECTORY);
    if (!copies || files < 0)
        abort();
    while ((entry = readdir(copies)))
        if (faccessat(files, entry->d_name, F_OK, 0) && !strstr(entry->d_name, ".part"))
            unlinkat(dirfd(copies), entry->d_name, 0);
    close(files);
    return closedir(copies);
}

static int flush(int file)
{
    char name[PATH_MAX], copy[PATH_MAX], part[PATH_MAX], link[64], ignored[8];
    if (!watched(file, name) || control("lies", ignored, sizeof ignored))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    snprintf(copy, sizeof copy, "%s/%s", getenv("DISK_FLUSHED"), name);
    snprintf(part, sizeof part, "%s.%d.part", copy, getpid());
    struct stat stat;
    if (fstat(file, &stat))
        abort();
    if (!*name)
        return flush_folder(getenv("DISK_FOLDER"), getenv("DISK_FLUSHED"));
    /* Folders in it, and files that were removed, are not kept. */
    if (!S_ISREG(stat.st_mode) || !stat.st_nlink)
        return 0;
    /* One at a time: an older copy must not replace a newer one. A kill unlocks it. */
    int lock = open(getenv("DISK_CONTROL"), O_RDONLY | O_DIRECTORY);
    if (lock < 0 || flock(lock, LOCK_EX) || fstat(file, &stat))
        abort();
    int from = open(link, O_RDONLY);
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (from < 0 || to < 0)
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
    int renamed = rename(part, copy);
    close(lock);
    return renamed;
}

int fsync(int file) { return flush(file); }

int fdatasync(int file) { return flush(file); }

static int full(int file, off_t end)
{
    char name[PATH_MAX], what[8];
    struct stat stat;
    if (!watched(file, name) || !control("full", what, sizeof what))
        return 0;
    return what[0] != 'g' || fstat(file, &stat) || end > stat.st_size;
}

static off_t length(const struct iovec *parts, int count)
{
    off_t all = 0;
    while (count-- > 0)
        all += parts[count].iov_len;
    return all;
}

#define WRITER(function, end, declared, passed) \
    ssize_t function declared                                       \
    {                                                               \
        static ssize_t(*real) declared;                             \
        if (!real)                                                  \
            real = (ssize_t(*) declared)dlsym(RTLD_NEXT, #function); \
        if (full(file, end)) {                                      \
            errno = ENOSPC;                                         \
            return -1;                                              \
        }                                                           \
        return real passed;                                         \
    }

WRITER(write, lseek(file, 0, SEEK_CUR) + size, (int file, const void *data, size_t size), (file, data, size))
WRITER(pwrite, at + size, (int file, const void *data, size_t size, off_t at), (file, data, size, at))
WRITER(pwrite64, at + size, (int file, const void *data, size_t size, off64_t at), (file, data, size, at))
WRITER(pwritev, at + length(parts, count), (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
WRITER(pwritev64, at + length(parts, count), (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))

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
