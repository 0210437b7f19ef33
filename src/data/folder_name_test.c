#include "check.h"

#include "reading.h"

static void check_all(enum fet_folder_meaning wanted, const char *const *names)
{
    for (; *names != NULL; names++)
        if (fet_folder_meaning_of(*names) != wanted)
            fail_msg("'%s' means %d, wanted %d", *names, fet_folder_meaning_of(*names), wanted);
}

static void knows_names_for_good(void **state)
{
    (void)state;
    check_all(FET_FOLDER_GOOD, (const char *const[]){"good",
                                                     "GOOD",
                                                     "Good",
                                                     "ok",
                                                     "OK",
                                                     "okay",
                                                     "normal",
                                                     "pass",
                                                     "passed",
                                                     "fine",
                                                     "0_good",
                                                     "00-good",
                                                     "1. ok",
                                                     "good_parts",
                                                     "ok_front",
                                                     "images_good",
                                                     "ok2",
                                                     "good 2024",
                                                     "no_defect",
                                                     "non-defective",
                                                     "without defects",
                                                     "not damaged",
                                                     "defect_free",
                                                     "accepted",
                                                     "undamaged",
                                                     NULL});
}

static void is_not_fooled_by_denials(void **state)
{
    (void)state;
    check_all(FET_FOLDER_OTHER, (const char *const[]){"not_good",
                                                      "not_ok",
                                                      "no good",
                                                      "nok",
                                                      "NG",
                                                      "bad",
                                                      "normal_defect",
                                                      "abnormal",
                                                      "dents",
                                                      "good_with_defects",
                                                      "goods",
                                                      "token",
                                                      "passage",
                                                      "",
                                                      "-",
                                                      "bad_defect",
                                                      "ok_but_ng",
                                                      "schlecht",
                                                      "\xC3\xB6k",
                                                      "7",
                                                      "0",
                                                      "12",
                                                      "a/b",
                                                      NULL});
}

static void knows_splits_masks_and_numbers(void **state)
{
    (void)state;
    check_all(FET_FOLDER_FIT,
              (const char *const[]){"train", "Train", "TRAINING", "train_images", "fit", NULL});
    check_all(FET_FOLDER_CALIBRATE,
              (const char *const[]){"val", "valid", "Validation", "calibrate", "val-set", NULL});
    check_all(FET_FOLDER_TEST, (const char *const[]){"test", "Testing", "test set", NULL});
    check_all(FET_FOLDER_MASKS,
              (const char *const[]){"ground_truth", "GroundTruth", "Ground Truth", NULL});
    check_all(FET_FOLDER_NUMBER, (const char *const[]){"2024-05-01", "0001", "20240501_1", NULL});
    check_all(FET_FOLDER_OTHER,
              (const char *const[]){"test_rig", "trainer", "ground", "ground_truth_old", NULL});
    assert_int_equal(fet_folder_split(FET_FOLDER_FIT), FET_SPLIT_FIT);
    assert_int_equal(fet_folder_split(FET_FOLDER_CALIBRATE), FET_SPLIT_CALIBRATE);
    assert_int_equal(fet_folder_split(FET_FOLDER_TEST), FET_SPLIT_TEST);
    assert_int_equal(fet_folder_split(FET_FOLDER_GOOD), FET_SPLIT_NONE);
}

static void long_names_are_read_to_their_end(void **state)
{
    (void)state;
    char name[300];
    memset(name, 'x', sizeof name);
    memcpy(name + 290, "_good", 6);
    assert_int_equal(fet_folder_meaning_of(name), FET_FOLDER_GOOD);
    check_all(FET_FOLDER_OTHER, (const char *const[]){"a b c d e f g good", NULL});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_names_for_good),
        cmocka_unit_test(is_not_fooled_by_denials),
        cmocka_unit_test(knows_splits_masks_and_numbers),
        cmocka_unit_test(long_names_are_read_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
