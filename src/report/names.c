/* Names and values as people read them. */
#include "number.h"
#include "page.h"

#include <ctype.h>
#include <string.h>

/* Words that are not written as they are spelled in keys. */
static const struct {
    const char *key, *text;
} words[] = {{"auroc", "AUROC"},  {"roc", "ROC"}, {"au", "AU"},     {"pro", "PRO"},
             {"ap", "AP"},        {"f1", "F1"},   {"rmse", "RMSE"}, {"mae", "MAE"},
             {"r2", "R\xc2\xb2"}, {"ece", "ECE"}, {"ms", "ms"},     {"px", "px"},
             {"ndcg", "NDCG"},    {"wer", "WER"}, {"iou", "IoU"},   {"p", "p"},
             {"n", "n"}};

static const char *find_word(const char *key, size_t n)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].key) == n && memcmp(words[i].key, key, n) == 0) return words[i].text;
    return NULL;
}

void fet_page_add_name(struct fet_text *t, const char *key)
{
    bool is_first = true;
    while (*key != 0) {
        char word[64];
        const size_t n = strcspn(key, "_");
        const char *known = find_word(key, n);
        fet_text_format(word, sizeof word, "%.*s", (int)n, key);
        if (is_first && known == NULL) word[0] = (char)toupper((unsigned char)word[0]);
        if (!is_first) fet_text_add_string(t, " ");
        fet_text_add_html(t, known ? known : word);
        is_first = false;
        key += n;
        key += *key == '_';
    }
}

static void add_number(struct fet_text *t, const json_t *value, const char *unit)
{
    char number[FET_NUMBER_BYTES];
    const double v = json_number_value(value);
    if (unit != NULL && strcmp(unit, "%") == 0) {
        fet_text_add_string(t, fet_number_share(v, number));
        return;
    }
    fet_text_add_string(t, json_is_integer(value)
                               ? fet_number_count(json_integer_value(value), number)
                               : fet_number_real(v, number));
    if (unit == NULL || *unit == 0) return;
    fet_text_add_string(t, "\xe2\x80\xaf<span class=\"unit\">");
    fet_text_add_html(t, unit);
    fet_text_add_string(t, "</span>");
}

void fet_page_add_value(struct fet_text *t, const json_t *value, const char *unit)
{
    if (json_is_number(value))
        add_number(t, value, unit);
    else if (json_is_string(value))
        fet_text_add_html(t, json_string_value(value));
    else if (json_is_boolean(value))
        fet_text_add_string(t, json_is_true(value) ? "yes" : "no");
    else
        fet_text_add_string(t, "\xe2\x80\x93");
}

void fet_page_add_chip(struct fet_text *t, enum fet_verdict verdict)
{
    const char *name = fet_verdict_name(verdict);
    fet_text_add(t, "<span class=\"chip %s\">%s</span>", name, name);
}
