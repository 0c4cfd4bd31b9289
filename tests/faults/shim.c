/* Stands between a program and the C library's file calls, for the tests of faults.

   FAULTS_PREFIX   only files whose path begins with this are looked at
   FAULTS_LOG      each write, truncation, sync, removal and renaming of theirs is written here, in
                   the order in which it was done, before it is reported as done
   FAULTS_EVERY    each so many-th write fails with ENOSPC: the disk is full
   FAULTS_SWITCH   and all writes fail while there is a file of this name

   A record of the log: op (1 byte), id of the file (4), offset (8), length (8), length bytes.
   Ops: P path of a new id, W write, T truncate, S sync, U unlink (data: path), R rename (data: both
   paths, a zero between), X write refused. Numbers are little-endian. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_FILES 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_file = -2;
static const char *prefix;
static const char *full;
static long every;
static long n_writes;
static uint32_t id_of_fd[MOST_FILES];
static off_t place_of_fd[MOST_FILES];
static char is_appending[MOST_FILES];
static uint32_t n_ids;

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

static long number(const char *name)
{
    const char *text = getenv(name);
    return text ? atol(text) : 0;
}

static void begin(void)
{
    if (log_file != -2)
        return;
    const char *path = getenv("FAULTS_LOG");
    prefix = getenv("FAULTS_PREFIX");
    every = number("FAULTS_EVERY");
    full = getenv("FAULTS_SWITCH");
    log_file = path ? (int) syscall(SYS_openat, AT_FDCWD, path,
                                    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
}

static void note(char op, uint32_t id, uint64_t offset, const void *data, uint64_t length)
{
    if (log_file < 0)
        return;
    unsigned char head[21];
    head[0] = (unsigned char) op;
    memcpy(head + 1, &id, 4);
    memcpy(head + 5, &offset, 8);
    memcpy(head + 13, &length, 8);
    struct iovec parts[2] = {{head, sizeof head}, {(void *) data, data ? length : 0}};
    syscall(SYS_writev, log_file, parts, 2);
}

static int is_wanted(const char *path)
{
    return prefix && path && strncmp(path, prefix, strlen(prefix)) == 0;
}

static uint32_t id_of(int fd)
{
    return fd >= 0 && fd < MOST_FILES ? id_of_fd[fd] : 0;
}

static void opened(int fd, const char *path, int flags)
{
    if (fd < 0 || fd >= MOST_FILES)
        return;
    pthread_mutex_lock(&lock);
    begin();
    id_of_fd[fd] = 0;
    if (is_wanted(path)) {
        id_of_fd[fd] = ++n_ids;
        place_of_fd[fd] = 0;
        is_appending[fd] = (flags & O_APPEND) != 0;
        note('P', n_ids, (uint64_t) flags, path, strlen(path));
        if (flags & O_TRUNC)
            note('T', n_ids, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
}

/* Whether this write is one that finds the disk full. */
static int is_refused(uint32_t id)
{
    long now = ++n_writes;
    int refused = (every && now % every == 0)
        || (full && access(full, F_OK) == 0);
    if (refused)
        note('X', id, (uint64_t) now, NULL, 0);
    return refused;
}

int open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
    va_end(more);
    int fd = REAL(open64)(path, flags, mode);
    opened(fd, path, flags);
    return fd;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, mode_t) : 0;
    va_end(more);
    int fd = REAL(open)(path, flags, mode);
    opened(fd, path, flags);
    return fd;
}

int close(int fd)
{
    pthread_mutex_lock(&lock);
    if (fd >= 0 && fd < MOST_FILES)
        id_of_fd[fd] = 0;
    pthread_mutex_unlock(&lock);
    return REAL(close)(fd);
}

static ssize_t written(int fd, const void *data, size_t length, off_t offset, int at_place)
{
    uint32_t id = id_of(fd);
    if (!id)
        return at_place ? REAL(write)(fd, data, length) : REAL(pwrite64)(fd, data, length, offset);
    pthread_mutex_lock(&lock);
    ssize_t done = -1;
    if (is_refused(id)) {
        errno = ENOSPC;
    } else {
        if (at_place) {
            struct stat about;
            fstat(fd, &about);
            offset = is_appending[fd] ? about.st_size : lseek(fd, 0, SEEK_CUR);
            done = REAL(write)(fd, data, length);
        } else {
            done = REAL(pwrite64)(fd, data, length, offset);
        }
        if (done > 0)
            note('W', id, (uint64_t) offset, data, (uint64_t) done);
    }
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t write(int fd, const void *data, size_t length)
{
    return written(fd, data, length, 0, 1);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    return written(fd, data, length, offset, 0);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    return written(fd, data, length, offset, 0);
}

/* The log holds a call in its order: nothing else is done between a call and its note. */
#define NOTED(call, op, length)                                   \
    pthread_mutex_lock(&lock);                                    \
    int done = (call);                                            \
    int before = errno;                                           \
    if (!done && id_of(fd))                                       \
        note(op, id_of(fd), (uint64_t) (length), NULL, 0);        \
    pthread_mutex_unlock(&lock);                                  \
    errno = before;                                               \
    return done;

int ftruncate(int fd, off_t length)
{
    NOTED(REAL(ftruncate)(fd, length), 'T', length)
}

int ftruncate64(int fd, off64_t length)
{
    NOTED(REAL(ftruncate64)(fd, length), 'T', length)
}

int fsync(int fd)
{
    NOTED(REAL(fsync)(fd), 'S', 0)
}

int fdatasync(int fd)
{
    NOTED(REAL(fdatasync)(fd), 'S', 0)
}

int unlink(const char *path)
{
    int done = REAL(unlink)(path);
    if (!done) {
        pthread_mutex_lock(&lock);
        begin();
        if (is_wanted(path))
            note('U', 0, 0, path, strlen(path));
        pthread_mutex_unlock(&lock);
    }
    return done;
}

int rename(const char *before, const char *after)
{
    int done = REAL(rename)(before, after);
    if (!done) {
        pthread_mutex_lock(&lock);
        begin();
        if (is_wanted(before) || is_wanted(after)) {
            size_t one = strlen(before) + 1, two = strlen(after);
            char *both = malloc(one + two);
            memcpy(both, before, one);
            memcpy(both + one, after, two);
            note('R', 0, 0, both, one + two);
            free(both);
        }
        pthread_mutex_unlock(&lock);
    }
    return done;
}
