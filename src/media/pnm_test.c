/* What pnm.c reads and refuses, as texts. */
#include "test_pictures.h"

static fet_status text_decode(const char *text)
{
    return decode_once((const uint8_t *)text, strlen(text), NULL);
}

static void files_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        fet_status code;
        const char *sentence;
    } cases[] = {
        {"P2\n", FET_FORMAT, "ends early"},
        {"P2 # only a comment", FET_FORMAT, "ends early"},
        {"P2 3", FET_FORMAT, "ends early"},
        {"P2 3 x", FET_FORMAT, "height is not a number (byte 0x78)"},
        {"P2 -3 2 255 1", FET_FORMAT, "width is not a number"},
        {"P2 0 2 255 1", FET_FORMAT, "0 x 2"},
        {"P2 1234567890 2 255 1", FET_FORMAT, "width has more than 9 digits"},
        {"P2 999999999 2 255 1", FET_LIMIT, "999999999 x 2"},
        {"P2 1 1 0 1", FET_FORMAT, "largest value is 0"},
        {"P2 1 1 65536 1", FET_FORMAT, "largest value is 65536"},
        {"P2 1 1 255", FET_FORMAT, "ends early"},
        {"P2 1 1 255x", FET_FORMAT, "does not end in white space"},
        {"P2 1 1 100 101", FET_FORMAT, "sample is 101, at most 100"},
        {"P2 2 1 255 1 ,", FET_FORMAT, "sample is not a number"},
        {"P1 2 1 1 2", FET_FORMAT, "neither 0 nor 1"},
        {"P1 2 1 1", FET_FORMAT, "ends early"},
        {"P3 1 1 255 1 2", FET_FORMAT, "ends early"},
        {"P4 9 1 x", FET_FORMAT, "ends early"},
        {"P5 2 1 100\nA\xFF", FET_FORMAT, "sample is 255, at most 100"},
        {"P5 1 2 300\n\x01\x2C\x01", FET_FORMAT, "ends early"},
        {"P6 1 1 255\nab", FET_FORMAT, "ends early"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_fails(text_decode(cases[i].text), cases[i].code, cases[i].sentence);
}

static void comments_and_odd_spaces_are_fine(void **state)
{
    (void)state;
    static const char text[] = "P2# here\n#and here\r 2\t# there\n\n1 \f 10\n#\n\v3 #x\n10";
    struct fet_image a = {0};
    assert_ok(fet_image_decode(text, sizeof text - 1, "a.pgm", NULL, &a));
    assert_int_equal(a.width, 2);
    assert_int_equal(picture_get(&a, 0, 0, 0), 77); /* 76.5 rounded up */
    assert_int_equal(picture_get(&a, 1, 0, 0), 255);
    fet_image_deinit(&a);
}

static void the_second_picture_in_a_file_is_left_alone(void **state)
{
    (void)state;
    static const char text[] = "P5 1 1 255\nAP5 1 1 255\nB";
    struct fet_image a = {0};
    assert_ok(fet_image_decode(text, sizeof text - 1, "a.pgm", NULL, &a));
    assert_int_equal(picture_get(&a, 0, 0, 0), 'A');
    fet_image_deinit(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_cannot_be_are_refused),
        cmocka_unit_test(comments_and_odd_spaces_are_fine),
        cmocka_unit_test(the_second_picture_in_a_file_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
