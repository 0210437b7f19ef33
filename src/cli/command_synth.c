/* fettle synth */
#include "cli.h"
#include "synth.h"

#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {
    {"product", FET_OPTION_INT, "1", 0, 9007199254740991.0, NULL, NULL,
     "Which design of the family"},
    {"seed", FET_OPTION_INT, "1", 0, 9007199254740991.0, NULL, NULL, "Which series of parts"},
    {"train", FET_OPTION_INT, "100", 0, 10000000, NULL, NULL, "Good parts in train/good"},
    {"good", FET_OPTION_INT, "40", 0, 10000000, NULL, NULL, "Good parts in test/good"},
    {"defects", FET_OPTION_INT, "8", 0, 10000000, NULL, NULL, "Parts in each test/<defect>"},
    {"size", FET_OPTION_INT, "256", 64, 2048, NULL, "px", "Width and height of a picture"},
    {"variation", FET_OPTION_REAL, "0.5", 0, 1, NULL, NULL,
     "How much light, pose, focus and exposure vary"},
    {"jpeg", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "Write JPEG instead of PNG"},
    {"sheet", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL,
     "Write one contact sheet to the file PATH instead of a folder"},
    CLI_OPTION_THREADS,
    CLI_OPTION_QUIET,
    CLI_OPTION_END};

static int print_families(void)
{
    for (int f = 0; fet_synth_family_name(f) != NULL; f++) {
        printf("%-14s %s\n", fet_synth_family_name(f), fet_synth_family_summary(f));
        struct fet_text defects = {0};
        for (int d = 0; fet_synth_defect_name(d) != NULL; d++)
            if (fet_synth_has_defect(fet_synth_family_name(f), fet_synth_defect_name(d)))
                fet_text_add(&defects, "%s%s", defects.n ? ", " : "", fet_synth_defect_name(d));
        cli_print_wrapped(fet_text_get(&defects), 15);
        fet_text_deinit(&defects);
    }
    return CLI_DONE;
}

static fet_status write_sheet(const struct fet_synth_set *set, const char *path)
{
    struct fet_image sheet = {0};
    FET_TRY(fet_synth_contact_sheet(set, 8, 4, &sheet));
    const fet_status st = fet_image_write(&sheet, path);
    fet_image_deinit(&sheet);
    return st;
}

static int run(const struct cli_args *args)
{
    if (strcmp(args->operands[0], "list") == 0) return print_families();
    struct cli_terminal t;
    cli_terminal_init(&t, fet_settings_flag(args->own, "quiet"));
    if (args->n_operands < 2)
        return cli_fail(&t, FET_FAIL(FET_ARGUMENT,
                                     "synth: wanted FAMILY and PATH, got '%s' alone; "
                                     "'fettle synth list' names the families",
                                     args->operands[0]));
    const struct fet_settings *s = args->own;
    const struct fet_synth_set set = {.family = args->operands[0],
                                      .product = (uint64_t)fet_settings_int(s, "product"),
                                      .seed = (uint64_t)fet_settings_int(s, "seed"),
                                      .n_train = (int)fet_settings_int(s, "train"),
                                      .n_test_good = (int)fet_settings_int(s, "good"),
                                      .n_per_defect = (int)fet_settings_int(s, "defects"),
                                      .size_px = (int)fet_settings_int(s, "size"),
                                      .variation = fet_settings_real(s, "variation"),
                                      .is_jpeg = fet_settings_flag(s, "jpeg")};
    struct fet_pool *pool = NULL;
    fet_status st = fet_pool_new((int)fet_settings_int(s, "threads"), &pool);
    const struct fet_context c = {.pool = pool, .observer = &t.observer};
    if (st == FET_OK)
        st = fet_settings_flag(s, "sheet") ? write_sheet(&set, args->operands[1])
                                           : fet_synth_write_set(&set, args->operands[1], &c);
    cli_terminal_clear(&t);
    fet_pool_free(pool);
    if (st != FET_OK) return cli_fail(&t, st);
    printf("%s: %s, product %llu\n", args->operands[1], set.family,
           (unsigned long long)set.product);
    return CLI_DONE;
}

const struct cli_command cli_synth = {
    .name = "synth",
    .summary = "Make pictures of parts that do not exist, good and defective",
    .operands = "FAMILY PATH",
    .min_operands = 1,
    .max_operands = 2,
    .options = options,
    .details =
        "Writes a folder in the layout train/good, test/good, test/<defect>, "
        "ground_truth/<defect>. "
        "'fettle synth list' names the families and their defects. The same family, product, seed "
        "and options give the same bytes.",
    .examples = "  fettle synth list\n"
                "  fettle synth cap caps/ --product 7 --train 60\n"
                "  fettle synth wood sheet.png --sheet\n",
    .run = run};
