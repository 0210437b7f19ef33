/* Which columns a model must not learn from. Looks at the whole table, the rows that will test the
 * model included: leaving a column out can only make a test harder. */
#ifndef FET_AUDIT_H
#define FET_AUDIT_H

#include "sheet.h"

/* The column to be learnt, for the rows that have it. */
struct fet_audit_target {
    const int32_t *classes;         /* [n_rows] -1 = missing; NULL when numbers are learnt */
    const double *numbers;          /* [n_rows] NaN = missing; NULL when classes are learnt */
    const char *const *class_names; /* [n_classes] */
    int n_classes;
};

enum fet_audit_mark {
    FET_AUDIT_OPEN, /* for the audit to decide */
    FET_AUDIT_KEPT, /* the user wants it */
    FET_AUDIT_OUT   /* the target itself, or the user does not want it */
};

/* reasons [n_columns]: why an open column is left out (a string in the arena), or NULL. When
 * nothing would be left to learn from, what gives the target away stays and *has_kept_leaks says
 * so. */
FET_CHECKED fet_status fet_audit_run(const struct fet_sheet *sheet,
                                     const struct fet_audit_target *target,
                                     const enum fet_audit_mark *marks, struct fet_arena *arena,
                                     const char **reasons, bool *has_kept_leaks);

#endif
