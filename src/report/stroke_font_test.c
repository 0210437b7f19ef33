#include "stroke_font.h"

#include "check.h"

static void ink_of(const char *s, double unit, bool is_bold, struct fet_ink *ink)
{
    assert_ok(fet_ink_new(64, 40, ink));
    fet_font_draw(ink, s, 4, 4, unit, is_bold);
}

static int64_t sum_of(const struct fet_ink *ink)
{
    int64_t sum = 0;
    for (int i = 0; i < ink->width * ink->height; i++) sum += ink->cover[i];
    return sum;
}

static void every_letter_differs_from_every_other(void **state)
{
    (void)state;
    enum { N = '~' - '!' + 1 };
    static struct fet_ink inks[N];
    for (int i = 0; i < N; i++) {
        const char s[] = {(char)('!' + i), 0};
        ink_of(s, 2, false, &inks[i]);
        assert_true(sum_of(&inks[i]) > 255);
        for (int k = 0; k < i; k++) assert_memory_not_equal(inks[i].cover, inks[k].cover, 64 * 40);
    }
    for (int i = 0; i < N; i++) fet_ink_deinit(&inks[i]);
}

static void letters_stay_inside_their_box(void **state)
{
    (void)state;
    for (char c = ' '; c <= '~'; c++) {
        const char s[] = {c, 0};
        struct fet_ink ink;
        ink_of(s, 2, false, &ink);
        const int right = 4 + (int)fet_font_width(s, 2);
        const int top = 4 - 2 * FET_FONT_ASCENT;
        const int bottom = 4 + 2 * (FET_FONT_CAPITAL + FET_FONT_DESCENT) + 2;
        for (int y = 0; y < ink.height; y++)
            for (int x = 0; x < ink.width; x++)
                if (x < 2 || x > right + 1 || y < top - 1 || y > bottom)
                    assert_int_equal(ink.cover[y * 64 + x], 0);
        fet_ink_deinit(&ink);
    }
}

static void stems_of_small_letters_fill_whole_pixels(void **state)
{
    (void)state;
    struct fet_ink ink;
    ink_of("l", 1, false, &ink);
    for (int y = 5; y < 9; y++) {
        assert_int_equal(ink.cover[y * 64 + 4], 255);
        assert_int_equal(ink.cover[y * 64 + 3], 0);
        assert_int_equal(ink.cover[y * 64 + 5], 0);
    }
    fet_ink_deinit(&ink);
}

static void bold_is_heavier(void **state)
{
    (void)state;
    struct fet_ink regular, bold;
    ink_of("Reject", 1, false, &regular);
    ink_of("Reject", 1, true, &bold);
    assert_true(sum_of(&bold) > sum_of(&regular) * 5 / 4);
    fet_ink_deinit(&regular);
    fet_ink_deinit(&bold);
}

static void foreign_letters_become_one_box_each(void **state)
{
    (void)state;
    assert_close(fet_font_width("\xc3\xa4", 1), fet_font_width("\xe6\xbc\xa2", 1), 0, 0);
    assert_close(fet_font_width("\xc3\xa4", 1), fet_font_width("\xff", 1), 0, 0);
    assert_true(fet_font_width("\xc3\xa4\xc3\xa4", 1) > fet_font_width("\xc3\xa4", 1));
    assert_close(fet_font_width("", 3), 0, 0, 0);
    struct fet_ink ink;
    ink_of("\xf0\x9f", 2, false, &ink); /* cut short inside a character */
    assert_true(sum_of(&ink) > 0);
    fet_ink_deinit(&ink);
}

static void long_names_are_cut_in_front(void **state)
{
    (void)state;
    char out[256], lengthy[600];
    const char *s = "test/dents/0123.jpg";
    assert_ptr_equal(fet_font_fit(s, 1, 1000, out), s);
    const char *cut = fet_font_fit(s, 1, 60, out);
    assert_true(strncmp(cut, "...", 3) == 0 && strlen(cut) > 5);
    assert_string_equal(cut + 3, s + strlen(s) - strlen(cut) + 3);
    assert_true(fet_font_width(cut, 1) <= 60);
    assert_string_equal(fet_font_fit(s, 1, 3, out), "");
    memset(lengthy, 'x', sizeof lengthy);
    lengthy[sizeof lengthy - 1] = 0;
    cut = fet_font_fit(lengthy, 1, 1e9, out);
    assert_true(strlen(cut) < 256 && strlen(cut) > 200);
}

static void drawing_outside_the_plane_is_left_out(void **state)
{
    (void)state;
    struct fet_ink ink;
    assert_ok(fet_ink_new(10, 10, &ink));
    fet_font_draw(&ink, "far away", 1e6, 1e6, 2, false);
    fet_font_draw(&ink, "far away", -1e6, -1e6, 2, true);
    assert_int_equal(sum_of(&ink), 0);
    fet_font_draw(&ink, "half way", -20, 2, 3, false);
    assert_true(sum_of(&ink) > 0);
    fet_ink_deinit(&ink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_differs_from_every_other),
        cmocka_unit_test(letters_stay_inside_their_box),
        cmocka_unit_test(stems_of_small_letters_fill_whole_pixels),
        cmocka_unit_test(bold_is_heavier),
        cmocka_unit_test(foreign_letters_become_one_box_each),
        cmocka_unit_test(long_names_are_cut_in_front),
        cmocka_unit_test(drawing_outside_the_plane_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
