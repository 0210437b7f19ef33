/* What the tests share, on top of cmocka. Include it first in every x_test.c. */
#ifndef FET_CHECK_H
#define FET_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base.h"

/* The call succeeds; else its sentence is the test's message. */
#define assert_ok(call)                                                                          \
    do {                                                                                         \
        const fet_status check_status_ = (call);                                                 \
        if (check_status_ != FET_OK)                                                             \
            fail_msg("%s: %s: %s", #call, fet_status_name(check_status_), fet_status_message()); \
    } while (0)

/* The call fails with that code, and its sentence holds that text. */
#define assert_fails(call, code, text)                                                        \
    do {                                                                                      \
        const fet_status check_status_ = (call);                                              \
        if (check_status_ != (code))                                                          \
            fail_msg("%s: wanted %s, got %s: %s", #call, fet_status_name(code),               \
                     fet_status_name(check_status_), fet_status_message());                   \
        if (strstr(fet_status_message(), (text)) == NULL)                                     \
            fail_msg("%s: the sentence lacks '%s': %s", #call, (text), fet_status_message()); \
    } while (0)

/* |a - b| <= absolute + relative * |b| */
#define assert_close(a, b, relative, absolute)                                      \
    do {                                                                            \
        const double check_a_ = (double)(a), check_b_ = (double)(b);                \
        if (!(fabs(check_a_ - check_b_) <= (absolute) + (relative)*fabs(check_b_))) \
            fail_msg("%s = %.9g, wanted %s = %.9g", #a, check_a_, #b, check_b_);    \
    } while (0)

/* Runs body (an expression of fet_status that leaves nothing behind) with the 1st, 2nd, ...
 * allocation or write failing, until it succeeds untouched. Each failure must be a status, never a
 * crash or a leak (run under ASan). */
#define check_fault_sweep(kind, body)                                                \
    do {                                                                             \
        int64_t check_n_ = 1;                                                        \
        for (;; check_n_++) {                                                        \
            fet_fault_arm((kind), check_n_);                                         \
            const fet_status check_status_ = (body);                                 \
            const bool check_fired_ = fet_fault_has_fired(kind);                     \
            fet_fault_arm((kind), 0);                                                \
            if (!check_fired_) {                                                     \
                if (check_status_ != FET_OK)                                         \
                    fail_msg("%s without a fault: %s", #body, fet_status_message()); \
                break;                                                               \
            }                                                                        \
            if (check_status_ == FET_OK)                                             \
                fail_msg("%s: fault %d was swallowed", #body, (int)check_n_);        \
        }                                                                            \
        assert_true(check_n_ > 1);                                                   \
    } while (0)

/* A fresh folder under the build tree's working folder; remove it with fet_folder_remove. */
static inline void check_folder_make(char out[64], const char *stem)
{
    (void)snprintf(out, 64, "%s_XXXXXX", stem);
    if (mkdtemp(out) == NULL) fail_msg("mkdtemp failed");
}

/* Real data sets beside the checkout, or NULL (the test then says so and skips). */
static inline const char *check_shared_find(const char *path, char out[512])
{
    (void)snprintf(out, 512, "%s/../shared/%s", FET_SOURCE_DIR, path);
    if (access(out, R_OK) == 0) return out;
    printf("skipped: ../shared/%s is not beside this checkout\n", path);
    return NULL;
}

#endif
