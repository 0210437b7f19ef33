/* How a call says that it failed: one code for the program, one sentence for the person. */
#ifndef FETTLE_STATUS_H
#define FETTLE_STATUS_H

#define FET_API __attribute__((visibility("default")))
#define FET_CHECKED __attribute__((warn_unused_result))
#define FET_PRINTF(i_format, i_first) __attribute__((format(printf, i_format, i_first)))

typedef enum fet_status {
    FET_OK = 0,
    FET_ARGUMENT,    /* the caller asked for something that makes no sense */
    FET_NOT_FOUND,   /* no such file, folder, column, option, task */
    FET_IO,          /* reading or writing failed: permission, full disk, broken pipe */
    FET_FORMAT,      /* a file is not what it claims to be, or is damaged */
    FET_SHAPE,       /* sizes that do not fit each other */
    FET_DATA,        /* readable, but not enough or not fit to learn from */
    FET_LIMIT,       /* larger than the stated limit of size, time or memory */
    FET_MEMORY,      /* an allocation failed */
    FET_UNSUPPORTED, /* valid, but this build or version cannot do it */
    FET_CANCELLED,   /* the observer asked to stop */
    FET_INTERNAL     /* a library that we call broke its promise */
} fet_status;

/* The sentence of the last failure on this thread: what was wanted, what was found, in which
 * object or file. Borrowed until the next failure on this thread; "" when nothing failed. */
FET_API const char *fet_status_message(void);

/* The code as a lower-case word ("not_found"). Never NULL. Thread-safe. */
FET_API const char *fet_status_name(fet_status status);

#endif
