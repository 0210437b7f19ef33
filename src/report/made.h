/* For the tests of this room: a made report with pictures on disc, and a check that a page is well
 * formed. Include it behind check.h. */
#ifndef FET_MADE_H
#define FET_MADE_H

#include "report.h"

#include "check.h"

enum { MADE_MOST = 400, MADE_MAP = 8, MADE_W = 24, MADE_H = 16 };

struct made {
    char folder[64];
    struct fet_example examples[MADE_MOST];
    const struct fet_example *pointers[MADE_MOST];
    struct fet_answer answers[MADE_MOST];
    float map[MADE_MAP * MADE_MAP];
    struct fet_region region;
    struct fet_charts charts;
    json_t *figures;
    struct fet_arena arena;
    struct fet_report report;
};

static const struct fet_metric made_metrics[] = {
    {"image_auroc", "How well scores rank <defects>", true, NULL},
    {"missed", "Defects that were accepted", false, "%"},
    {"absent", "Never measured", true, NULL},
    {NULL, NULL, false, NULL}};

static const struct fet_task made_task = {.name = "made",
                                          .summary = "Made for a test",
                                          .examples_name = "images",
                                          .metrics = made_metrics};

/* A picture with a bright spot; a mask for the same spot. */
static inline void made_picture(const char *path, bool is_mask)
{
    struct fet_image picture;
    assert_ok(fet_image_new(MADE_W, MADE_H, 1, 8, &picture));
    for (int y = 0; y < MADE_H; y++)
        for (int x = 0; x < MADE_W; x++) {
            const bool is_spot = x > 8 && x < 14 && y > 4 && y < 10;
            const int ground = is_mask ? 0 : 60 + 4 * x;
            fet_image_row8(&picture, y)[x] = (uint8_t)(is_spot ? 255 : ground);
        }
    assert_ok(fet_image_write(&picture, path));
    fet_image_deinit(&picture);
}

static inline const char *made_path(struct made *m, const char *name)
{
    const char *path = fet_path_join(&m->arena, m->folder, name);
    assert_non_null(path);
    return path;
}

/* One more example with its answer. score decides the verdict: accept to 0.4, review to 0.5. */
static inline void made_add(struct made *m, const char *path, const char *label, double score)
{
    const int64_t i = m->report.n++;
    const bool is_good = label != NULL && strcmp(label, "good") == 0;
    m->examples[i] = (struct fet_example){.path = path,
                                          .label = label,
                                          .truth = label == NULL ? FET_TRUTH_UNKNOWN
                                                   : is_good     ? FET_TRUTH_GOOD
                                                                 : FET_TRUTH_DEFECT,
                                          .key = (uint64_t)(i * 7919 % 1009)};
    m->pointers[i] = &m->examples[i];
    struct fet_answer *a = &m->answers[i];
    fet_answer_init(a);
    a->path = path;
    a->score = score;
    a->p_value = 0.25;
    a->ms = 5 + (double)(i % 7);
    a->verdict = score > 0.5   ? FET_VERDICT_REJECT
                 : score > 0.4 ? FET_VERDICT_REVIEW
                               : FET_VERDICT_ACCEPT;
    a->map = m->map;
    a->map_w = a->map_h = MADE_MAP;
    a->picture_w = MADE_W;
    a->picture_h = MADE_H;
    if (a->verdict == FET_VERDICT_REJECT) {
        a->regions = &m->region;
        a->n_regions = 1;
    }
}

/* An empty report with charts and figures; names hold what HTML must escape. */
static inline void made_init(struct made *m)
{
    static const double x[] = {0.1, 0.2, 0.2, 0.7}, y[] = {0, 0.5, 0.8, 1};
    struct fet_chart_series series = {.name = "a<b", .x = x, .y = y, .n = 4};
    *m = (struct made){0};
    check_folder_make(m->folder, "made");
    for (int i = 0; i < MADE_MAP * MADE_MAP; i++) m->map[i] = i == 28 ? 0.9F : 0.1F;
    m->region = (struct fet_region){.x = 8, .y = 4, .w = 6, .h = 6, .score = 0.9};
    assert_ok(fet_charts_add(&m->charts, &(struct fet_chart){.kind = FET_CHART_LINE,
                                                             .title = "Curve & more",
                                                             .series = &series,
                                                             .n_series = 1}));
    m->figures = json_pack("{s:s,s:i,s:f,s:[f,f],s:n,s:n,s:f,s:{s:{s:i,s:f},s:{s:i,s:n}}}", "task",
                           "made", "images", 3, "image_auroc", 0.987, "image_auroc_ci", 0.95, 0.999,
                           "missed", "missed_ci", "threshold", 0.5, "by_defect", "<dents>",
                           "images", 2, "image_auroc", 0.9, "scratch", "images", 1, "image_auroc");
    assert_non_null(m->figures);
    m->report = (struct fet_report){.title = "Test of <caps> & \"more\"",
                                    .subtitle = "It's 3 pictures",
                                    .task = &made_task,
                                    .figures = m->figures,
                                    .sentence = "Fewer than 1 % < 2 %.",
                                    .charts = &m->charts,
                                    .examples = m->pointers,
                                    .answers = m->answers,
                                    .style = {.threshold = 0.5, .scale = 1}};
}

static inline void made_deinit(struct made *m)
{
    json_decref(m->figures);
    fet_charts_deinit(&m->charts);
    fet_arena_deinit(&m->arena);
    assert_ok(fet_folder_remove(m->folder));
}

/* The page as a string; the caller frees it. */
static inline char *made_write(struct made *m, const char *name)
{
    uint8_t *bytes = NULL;
    size_t n;
    const char *path = made_path(m, name);
    assert_ok(fet_report_write(&m->report, path, NULL));
    assert_ok(fet_file_read(path, 1 << 26, &bytes, &n));
    return (char *)bytes;
}

static inline int made_count(const char *page, const char *what)
{
    int n = 0;
    for (const char *s = page; (s = strstr(s, what)) != NULL; s += strlen(what)) n++;
    return n;
}

/* Every opened element is closed in order, attributes are quoted, ids are unique, and no bare '&',
 * '<' or '>' stands in text. Elements that HTML never closes are passed over. */
static inline void assert_well_formed(const char *page)
{
    static const char *const never_closed[] = {"meta", "img", "input", "br", "!DOCTYPE"};
    char open[64][24];
    int depth = 0;
    for (const char *s = page; *s; s++) {
        if (*s == '&' && strcspn(s, ";") > 8) fail_msg("bare &: %.40s", s);
        if (*s == '>') fail_msg("bare >: %.40s", s);
        if (*s != '<') continue;
        char name[24] = "";
        const bool is_closing = s[1] == '/';
        const char *at = s + 1 + is_closing;
        const size_t n = strcspn(at, " >/\n");
        assert_true(n > 0 && n < sizeof name);
        memcpy(name, at, n);
        /* To the end of the tag; a quoted value may hold anything but a quote and '<'. */
        for (at += n; *at != '>'; at++) {
            if (*at == 0 || *at == '<') fail_msg("tag not closed: %.60s", s);
            if (*at != '"') continue;
            const size_t length = strcspn(at + 1, "\"<");
            if (at[1 + length] != '"') fail_msg("quote not closed: %.60s", s);
            at += 1 + length;
        }
        bool is_open = at[-1] != '/' && !is_closing;
        for (size_t i = 0; i < sizeof never_closed / sizeof *never_closed; i++)
            if (strcmp(name, never_closed[i]) == 0) is_open = false;
        if (is_closing && (depth == 0 || strcmp(open[--depth], name) != 0))
            fail_msg("</%s> closes <%s>: %.60s", name, open[depth], s);
        if (is_open) {
            assert_true(depth < 64);
            memcpy(open[depth++], name, sizeof name);
        }
        s = at;
        /* A style sheet is not text. */
        if (is_open && strcmp(name, "style") == 0) s = strstr(s, "</style>") - 1;
    }
    if (depth != 0) fail_msg("<%s> is never closed", open[depth - 1]);
}

#endif
