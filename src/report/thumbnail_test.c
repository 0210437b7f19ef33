#include "thumbnail.h"

#include "made.h"

static void assert_base64(const char *bytes, const char *text)
{
    struct fet_text t = {0};
    fet_base64_add(&t, (const uint8_t *)bytes, strlen(bytes));
    assert_string_equal(fet_text_get(&t), text);
    fet_text_deinit(&t);
}

/* The examples of RFC 4648, section 10. */
static void base64_is_that_of_the_rfc(void **state)
{
    (void)state;
    assert_base64("", "");
    assert_base64("f", "Zg==");
    assert_base64("fo", "Zm8=");
    assert_base64("foo", "Zm9v");
    assert_base64("foob", "Zm9vYg==");
    assert_base64("fooba", "Zm9vYmE=");
    assert_base64("foobar", "Zm9vYmFy");
}

static void long_base64_has_no_seams(void **state)
{
    (void)state;
    struct fet_text t = {0};
    uint8_t bytes[3000];
    memset(bytes, 0xff, sizeof bytes);
    fet_base64_add(&t, bytes, sizeof bytes);
    assert_int_equal(t.n, 4000);
    assert_int_equal(strspn(t.s, "/"), 4000);
    fet_text_deinit(&t);
}

/* Noise is the worst that JPEG can be given. */
static void the_noisiest_pictures_stay_small(void **state)
{
    (void)state;
    static struct made m;
    struct fet_choice choice;
    struct fet_thumbnail *thumbnails;
    struct fet_image noise;
    struct fet_rng r;
    made_init(&m);
    fet_rng_init(&r, 3, 1);
    assert_ok(fet_image_new(700, 500, 3, 8, &noise));
    for (size_t i = 0; i < fet_image_bytes(&noise); i++)
        ((uint8_t *)noise.pixels)[i] = (uint8_t)fet_rng_u32(&r);
    const char *path = made_path(&m, "noise.png");
    assert_ok(fet_image_write(&noise, path));
    fet_image_deinit(&noise);
    made_add(&m, path, "dent", 0.9);
    assert_ok(fet_choice_make(&m.report, 60, &choice));
    assert_ok(fet_thumbnails_make(&m.report, &choice, NULL, &thumbnails));
    assert_int_equal(thumbnails[0].width, 320);
    assert_int_equal(thumbnails[0].height, 229);
    /* 60 examples of two pictures stay below 6 MB. */
    assert_in_range(thumbnails[0].plain.n, 1000, 50000);
    assert_in_range(thumbnails[0].marked.n, 1000, 50000);
    fet_thumbnails_free(thumbnails, choice.n);
    fet_choice_deinit(&choice);
    made_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_that_of_the_rfc),
        cmocka_unit_test(long_base64_has_no_seams),
        cmocka_unit_test(the_noisiest_pictures_stay_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
