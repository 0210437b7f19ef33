/* What people mean by the name of a folder.
 *
 * A name is cut into words at everything that is no letter or digit, in lower case; numbers in
 * front, which only sort ("0_good"), and digits behind a word ("ok2") are dropped. A name is good
 * when its first or last word says so and no word denies it: "ok_front" is good, "not_ok" is not.
 * Words are English on purpose: a guess in another language could take defects for good parts. */
#include "reading.h"

#include <string.h>

enum { MAX_WORDS = 6, WORD_BYTES = 24 };

struct words {
    char s[MAX_WORDS][WORD_BYTES];
    int n;
    bool is_number; /* four digits or more and nothing else: "7" may be a class */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Bytes of UTF-8 beyond ASCII count as letters. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads the word at *name into out without its digits; moves *name behind it. */
static void word_read(const char **name, char out[WORD_BYTES], int *n_digits)
{
    int n = 0;
    for (; is_letter(lower(**name)) || is_digit(**name); ++*name) {
        const char c = lower(**name);
        *n_digits += is_digit(c);
        if (is_letter(c) && n < WORD_BYTES - 1) out[n++] = c;
    }
    out[n] = '\0';
}

static void words_split(const char *name, struct words *w)
{
    int n_digits = 0;
    *w = (struct words){0};
    while (*name != '\0' && w->n < MAX_WORDS) {
        if (!is_letter(lower(*name)) && !is_digit(*name)) {
            name++;
            continue;
        }
        word_read(&name, w->s[w->n], &n_digits);
        w->n += w->s[w->n][0] != '\0';
    }
    w->is_number = n_digits >= 4 && w->n == 0;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(word, *list) == 0) return true;
    return false;
}

static bool is_good(const struct words *w)
{
    static const char *const good[] = {
        "good",     "ok",      "okay",     "normal",    "pass",       "passed",    "fine", "accept",
        "accepted", "nominal", "flawless", "faultless", "defectfree", "undamaged", NULL};
    static const char *const denial[] = {"not", "no", "non", "without", NULL};
    static const char *const flaw[] = {"defect",  "defects",   "defective", "fault",
                                       "faults",  "faulty",    "damage",    "damaged",
                                       "anomaly", "anomalies", "anomalous", NULL};
    static const char *const bad[] = {"bad", "ng", "nok", "abnormal", NULL};
    if (w->n == 0) return false;
    /* "no defects", "non-defective", "defect free" */
    if (w->n == 2 && is_one_of(w->s[0], denial) && is_one_of(w->s[1], flaw)) return true;
    if (w->n == 2 && is_one_of(w->s[0], flaw) && strcmp(w->s[1], "free") == 0) return true;
    for (int i = 0; i < w->n; i++)
        if (is_one_of(w->s[i], denial) || is_one_of(w->s[i], flaw) || is_one_of(w->s[i], bad))
            return false;
    return is_one_of(w->s[0], good) || is_one_of(w->s[w->n - 1], good);
}

static bool is_split(const struct words *w, const char *const *names)
{
    static const char *const nouns[] = {"set", "data", "images", "pictures", "split", NULL};
    return w->n > 0 && is_one_of(w->s[0], names) &&
           (w->n == 1 || (w->n == 2 && is_one_of(w->s[1], nouns)));
}

enum fet_folder_meaning fet_folder_meaning_of(const char *name)
{
    static const char *const fit[] = {"train", "training", "fit", NULL};
    static const char *const calibrate[] = {"val",       "valid",       "validation",
                                            "calibrate", "calibration", NULL};
    static const char *const test[] = {"test", "testing", NULL};
    struct words w;
    words_split(name, &w);
    if (w.is_number) return FET_FOLDER_NUMBER;
    if (is_split(&w, fit)) return FET_FOLDER_FIT;
    if (is_split(&w, calibrate)) return FET_FOLDER_CALIBRATE;
    if (is_split(&w, test)) return FET_FOLDER_TEST;
    if (w.n == 1 && strcmp(w.s[0], "groundtruth") == 0) return FET_FOLDER_MASKS;
    if (w.n == 2 && strcmp(w.s[0], "ground") == 0 && strcmp(w.s[1], "truth") == 0)
        return FET_FOLDER_MASKS;
    return is_good(&w) ? FET_FOLDER_GOOD : FET_FOLDER_OTHER;
}

enum fet_split fet_folder_split(enum fet_folder_meaning meaning)
{
    switch (meaning) {
    case FET_FOLDER_FIT:
        return FET_SPLIT_FIT;
    case FET_FOLDER_CALIBRATE:
        return FET_SPLIT_CALIBRATE;
    case FET_FOLDER_TEST:
        return FET_SPLIT_TEST;
    case FET_FOLDER_OTHER:
    case FET_FOLDER_GOOD:
    case FET_FOLDER_MASKS:
    case FET_FOLDER_NUMBER:
        break;
    }
    return FET_SPLIT_NONE;
}
