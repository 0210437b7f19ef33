/* The task `inspect`: its options, its figures and its functions. What it does is in
 * inspect_fit.c, inspect_calibrate.c, inspect_update.c, inspect_look.c and inspect_score.c. */
#include "inspect.h"

#include "backbone.h"
#include "inspect_map.h"
#include "inspect_sample.h"
#include "inspect_score.h"
#include "inspector.h"

#include <string.h>

enum {
    FEW = 100,       /* pictures, of which a quarter promises little: all calibrate, in folds, */
    USUAL_FOLDS = 4, /* though that takes as often as long as there are folds, and once more */
    SPLIT_SEED = 1   /* which parts calibrate or test follows from their content alone */
};

static const char *const position_choices[] = {"auto", "on", "off", NULL};

static const char *const auto_words[] = {"auto", NULL};

static const char *const effort_choices[] = {"memory", "fast", "normal", "best", NULL};

static const struct fet_option options[] = {
    {.name = "false-rejects",
     .type = FET_OPTION_SHARE,
     .standard = "1%",
     .low = 0.0001,
     .high = 0.5,
     .help = "Share of good parts that may be rejected"},
    {.name = "review",
     .type = FET_OPTION_SHARE,
     .standard = "5%",
     .low = 0.0001,
     .high = 0.5,
     .help = "Share of good parts that may be rejected or shown to a person"},
    {.name = "confidence",
     .type = FET_OPTION_SHARE,
     .standard = "95%",
     .low = 0.5,
     .high = 0.9999,
     .help = "How sure the stated bound on false rejects is to be"},
    {.name = "effort",
     .type = FET_OPTION_CHOICE,
     .standard = "normal",
     .choices = effort_choices,
     .help = "How long to learn from defects that are made in pictures of good parts: fast some "
             "seconds, normal half a minute, best some minutes, both longer of few pictures "
             "(--folds); memory remembers good parts alone"},
    {.name = "minutes",
     .type = FET_OPTION_REAL,
     .standard = "5",
     .low = 0,
     .high = 1440,
     .unit = "min",
     .help = "What learning from made defects may take at most: on a slow machine, or of large "
             "pictures, fewer are made than the effort asks for"},
    {.name = "folds",
     .type = FET_OPTION_INT,
     .standard = "auto",
     .low = 0,
     .high = FET_SPLIT_MAX_FOLDS,
     .choices = auto_words,
     .help = "Keep no good part aside for the threshold: each fold of them is judged by a model "
             "that learned from the others, and the delivered one learns from all; takes as often "
             "as long as there are folds, and once more. auto: 4 for fewer than 100 pictures at "
             "effort normal or best; 0 keeps a quarter of the parts aside"},
    {.name = "roi",
     .type = FET_OPTION_PATH,
     .standard = "",
     .help = "Picture of the same size as the others, black where nothing is to be looked at"},
    {.name = "position",
     .type = FET_OPTION_CHOICE,
     .standard = "auto",
     .choices = position_choices,
     .help = "Whether it counts where in the picture something is; auto finds out from good parts"},
    {.name = "resolution",
     .type = FET_OPTION_INT,
     .standard = "auto",
     .low = 0,
     .high = 32768,
     .choices = auto_words,
     .unit = "px",
     .help = "Longer side to which larger pictures are shrunk before they are looked at; auto: to "
             "256, those of more than 1,024 by half; 0 looks at every pixel; a network is shown "
             "the size that it was made for, or 256, unless a number is given"},
    {.name = "memory",
     .type = FET_OPTION_REAL,
     .standard = "2",
     .low = 0.01,
     .high = 4096,
     .unit = "MB",
     .help = "Size of the memory of good parts: more knows more kinds of good and is slower"},
    {.name = "backbone",
     .type = FET_OPTION_PATH,
     .standard = "",
     .help =
         "Look through this ONNX network in place of filters: FILE.onnx is cut at the last maps "
         "of strides 8 and 16, FILE.onnx:node1,node2 at these nodes; the model holds the part "
         "that it needs"},
    {.name = "backbone-pixels",
     .type = FET_OPTION_CHOICE,
     .standard = "signed",
     .choices = fet_pixel_scale_names,
     .help =
         "What the network takes for pixels: signed is -1 to 1, unit 0 to 1, imagenet unit less "
         "ImageNet's mean over its deviation, bytes 0 to 255"},
    {.name = NULL}};

static const struct fet_metric metrics[] = {
    {.name = "auroc",
     .help = "Chance that a defective part scores higher than a good one",
     .is_higher_better = true},
    {.name = "average_precision",
     .help = "Mean precision over all thresholds",
     .is_higher_better = true},
    {.name = "catch_rate",
     .help = "Share of defective parts that are rejected",
     .is_higher_better = true,
     .unit = "%"},
    {.name = "false_reject_rate",
     .help = "Share of good parts that are rejected",
     .is_higher_better = false,
     .unit = "%"},
    {.name = "review_rate",
     .help = "Share of all parts that a person must look at",
     .is_higher_better = false,
     .unit = "%"},
    {.name = "pixel_auroc",
     .help = "Chance that a defective pixel scores higher than a good one",
     .is_higher_better = true},
    {.name = "au_pro",
     .help = "Mean share of each defect's area that is found, at up to 30 % false pixels",
     .is_higher_better = true},
    {.name = NULL}};

static const char *const answer_members[] = {"verdict", "score", "p_value", "regions", NULL};

/* ---- reading ---- */

/* Folders without a test split but with defects: some good parts are kept for the test, or the
 * defects would have nothing to be compared with. */
static fet_status keep_some_for_test(struct fet_examples *e)
{
    bool has_test = false, has_defect = false;
    for (int64_t i = 0; i < e->n; i++) {
        has_test |= e->items[i].split == FET_SPLIT_TEST;
        has_defect |= e->items[i].truth == FET_TRUTH_DEFECT;
    }
    if (has_test || !has_defect) return FET_OK;
    return fet_split_assign(e, (struct fet_split_shares){.test = 0.2}, SPLIT_SEED);
}

static fet_status inspect_read(const char *path, const struct fet_task_job *job,
                               struct fet_examples *e)
{
    struct fet_examples made = {0};
    fet_status st = FET_OK;
    FET_TRY_OUT(fet_folder_read(path, job->context, &made));
    FET_TRY_OUT(fet_near_duplicates_group(&made, job->context));
    FET_TRY_OUT(keep_some_for_test(&made));
    *e = made;
    return FET_OK;
out:
    fet_examples_deinit(&made);
    return st;
}

static bool is_quick(const char *effort)
{
    return strcmp(effort, "memory") == 0 || strcmp(effort, "fast") == 0;
}

static fet_status inspect_split(struct fet_examples *e, const struct fet_task_job *job)
{
    struct fet_split_shares shares = fet_task_inspect.shares;
    if (!fet_settings_is_word(job->settings, "folds")) {
        shares.few = INT64_MAX;
        shares.n_folds = (int)fet_settings_int(job->settings, "folds");
    } else if (!is_quick(fet_settings_text(job->settings, "effort"))) {
        shares.few = FEW;
        shares.n_folds = USUAL_FOLDS;
    }
    return fet_split_assign(e, shares, SPLIT_SEED);
}

static fet_status inspect_read_inputs(const void *state, const char *const *paths, int64_t n_paths,
                                      const struct fet_context *c, struct fet_examples *e)
{
    (void)state;
    return fet_files_read(paths, n_paths, c, e);
}

static fet_status inspect_read_test(const void *state, const char *path,
                                    const struct fet_context *c, struct fet_examples *e)
{
    (void)state;
    return fet_folder_read(path, c, e);
}

/* ---- answering ---- */

static fet_status answer_fill(const struct fet_inspector *s, const struct fet_example *x,
                              const struct fet_unusual *u, struct fet_answer *a)
{
    a->verdict = fet_inspector_judge(s, u->score);
    a->score = u->score;
    a->p_value = fet_inspector_p_value(s, u->score);
    a->picture_w = u->picture_w;
    a->picture_h = u->picture_h;
    a->path = fet_arena_strdup(&a->arena, x->path);
    a->map = fet_arena_alloc(&a->arena, (int64_t)u->w * u->h, sizeof *a->map);
    if (a->path == NULL || a->map == NULL) return FET_FAIL_MEMORY("answer", u->w * u->h * 4);
    memcpy(a->map, u->map, (size_t)u->w * (size_t)u->h * sizeof *a->map);
    a->map_w = u->w;
    a->map_h = u->h;
    if (a->verdict == FET_VERDICT_ACCEPT) return FET_OK;
    const struct fet_map_frame frame = {.w = u->w,
                                        .h = u->h,
                                        .cell_w = u->picture_w / u->cells_w,
                                        .cell_h = u->picture_h / u->cells_h,
                                        .picture_w = u->picture_w,
                                        .picture_h = u->picture_h};
    const double threshold =
        a->verdict == FET_VERDICT_REJECT ? s->reject.threshold : s->review.threshold;
    return fet_map_regions(a->map, &frame, threshold, &a->arena, &a->regions, &a->n_regions);
}

static fet_status inspect_answer(const void *state, const struct fet_examples *e,
                                 const struct fet_example *x, struct fet_pool *pool,
                                 struct fet_answer *a)
{
    struct fet_unusual u = {0};
    FET_TRY(fet_inspector_look(state, e, x, pool, &u));
    const fet_status st = answer_fill(state, x, &u, a);
    fet_unusual_deinit(&u);
    return st;
}

/* ---- golden examples: the file as it is stored ---- */

static fet_status inspect_encode(const void *state, const struct fet_examples *e,
                                 const struct fet_example *x, uint8_t **bytes, size_t *n,
                                 char name[32])
{
    static const char *const names[] = {
        [FET_IMAGE_UNKNOWN] = "picture.bin", [FET_IMAGE_JPEG] = "picture.jpg",
        [FET_IMAGE_PNG] = "picture.png",     [FET_IMAGE_TIFF] = "picture.tif",
        [FET_IMAGE_BMP] = "picture.bmp",     [FET_IMAGE_PNM] = "picture.pnm"};
    (void)state;
    FET_TRY(fet_picture_bytes(e, x, bytes, n));
    fet_text_format(name, 32, "%s", names[fet_image_format_of(*bytes, *n)]);
    return FET_OK;
}

static fet_status inspect_parse(const void *state, const void *bytes, size_t n, const char *name,
                                struct fet_examples *e)
{
    (void)state;
    return fet_picture_set_new(bytes, n, name, e);
}

static void inspect_close(void *state)
{
    fet_inspector_free(state);
}

const struct fet_task fet_task_inspect = {
    .name = "inspect",
    .summary = "learns from pictures of good parts and says where a part differs",
    .examples_name = "images",
    .options = options,
    .metrics = metrics,
    .answer_members = answer_members,
    .shares = {.calibrate = 0.25},
    .recognise = fet_folder_recognise,
    .read = inspect_read,
    .split = inspect_split,
    .read_inputs = inspect_read_inputs,
    .read_test = inspect_read_test,
    .fit = fet_inspector_fit,
    .calibrate = fet_inspector_calibrate,
    .update = fet_inspector_update,
    .answer = inspect_answer,
    .score = fet_inspect_score,
    .describe = fet_inspector_describe,
    .explain = fet_inspector_explain,
    .encode = inspect_encode,
    .parse = inspect_parse,
    .write_sample = fet_inspect_write_sample,
    .save = fet_inspector_save,
    .load = fet_inspector_load,
    .close = inspect_close,
};
