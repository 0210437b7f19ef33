#include "made.h"

static struct made m;

/* A missed defect, a false reject, one for review and right ones, all with pictures. */
static void make_answers(void)
{
    made_init(&m);
    made_picture(made_path(&m, "a.png"), false);
    made_picture(made_path(&m, "b & \"c\" <i>.png"), false);
    made_picture(made_path(&m, "mask.png"), true);
    made_add(&m, made_path(&m, "a.png"), "dent<1>", 0.2);
    m.examples[0].mask_path = made_path(&m, "mask.png");
    made_add(&m, made_path(&m, "b & \"c\" <i>.png"), "good", 0.9);
    made_add(&m, made_path(&m, "a.png"), "good", 0.45);
    made_add(&m, made_path(&m, "a.png"), "good", 0.1);
    made_add(&m, made_path(&m, "gone.png"), "dent<1>", 0.7);
}

static void a_page_has_all_sections_in_order(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "<title>Test of &lt;caps&gt; &amp; &quot;more&quot;</title>",
        "<h1>Test of &lt;caps&gt;",
        "id=\"meaning\"",
        "Fewer than 1 % &lt; 2 %.",
        "<b>1</b> accepted",
        "id=\"figures\"",
        "<h3>Image AUROC</h3><p class=\"number\">0.987</p>",
        "0.950 to 0.999",
        "How well scores rank &lt;defects&gt;",
        "<h3>Missed</h3><p class=\"number\">\xe2\x80\x93</p>",
        "<caption>By defect</caption>",
        "<th scope=\"row\">&lt;dents&gt;</th>",
        "id=\"answers\"",
        "Missed defects <small>1</small></h3>",
        "False rejects <small>1</small></h3>",
        "For review <small>1</small></h3>",
        "Right answers <small>2</small></h3>",
        "id=\"charts\"",
        "Curve &amp; more",
        "id=\"timing\"",
        "id=\"facts\"",
        "<dt>Threshold</dt><dd>0.500</dd>",
        "</body></html>"};
    make_answers();
    char *page = made_write(&m, "page.html");
    const char *at = page;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        const char *found = strstr(at, wanted[i]);
        if (found == NULL) fail_msg("'%s' does not come here", wanted[i]);
        at = found;
    }
    assert_null(strstr(page, "Never measured"));
    assert_null(strstr(page, "Missed ci"));
    fet_free(page);
    made_deinit(&m);
}

static void a_page_is_well_formed_and_escapes_what_is_not_its_own(void **state)
{
    (void)state;
    make_answers();
    char *page = made_write(&m, "page.html");
    assert_well_formed(page);
    assert_null(strstr(page, "<i>"));
    assert_null(strstr(page, "<1>"));
    assert_null(strstr(page, "<caps>"));
    assert_null(strstr(page, "a<b"));
    assert_non_null(strstr(page, "alt=\"b &amp; &quot;c&quot; &lt;i&gt;.png, suspicious places"));
    fet_free(page);
    made_deinit(&m);
}

static void a_page_needs_nothing_from_outside(void **state)
{
    (void)state;
    make_answers();
    char *page = made_write(&m, "page.html");
    assert_null(strstr(page, "http:"));
    assert_null(strstr(page, "https:"));
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, " style=\""));
    assert_non_null(strstr(page, "default-src 'none'; img-src data:; style-src 'sha256-"));
    /* Each picture twice: as marked and as taken; without marks only once. */
    assert_int_equal(made_count(page, "src=\"data:image/jpeg;base64,"), 8);
    assert_int_equal(made_count(page, "<img "), 8);
    assert_int_equal(made_count(page, ", true defect outlined\""), 1);
    fet_free(page);
    made_deinit(&m);
}

static void a_picture_that_is_gone_leaves_its_reason(void **state)
{
    (void)state;
    make_answers();
    char *page = made_write(&m, "page.html");
    const char *trouble = strstr(page, "<span class=\"trouble\">");
    assert_non_null(trouble);
    assert_non_null(strstr(trouble, "gone.png"));
    fet_free(page);
    made_deinit(&m);
}

static void at_most_sixty_examples_are_shown(void **state)
{
    (void)state;
    made_init(&m);
    made_picture(made_path(&m, "a.png"), false);
    for (int i = 0; i < 100; i++) made_add(&m, made_path(&m, "a.png"), "dent", 0.001 * i);
    char *page = made_write(&m, "page.html");
    assert_int_equal(made_count(page, "<details class=\"card\">"), 60);
    assert_non_null(strstr(page, "Missed defects <small>60 of 100</small>"));
    assert_null(strstr(page, "show-all")); /* one group needs no filter */
    fet_free(page);
    made_deinit(&m);
}

static void the_bytes_do_not_depend_on_threads(void **state)
{
    (void)state;
    struct fet_pool *pool;
    uint8_t *bytes;
    size_t n;
    make_answers();
    char *alone = made_write(&m, "alone.html");
    assert_ok(fet_pool_new(3, &pool));
    const struct fet_context c = {.pool = pool};
    assert_ok(fet_report_write(&m.report, made_path(&m, "pool.html"), &c));
    assert_ok(fet_file_read(made_path(&m, "pool.html"), 1 << 26, &bytes, &n));
    assert_int_equal(n, strlen(alone));
    assert_memory_equal(bytes, alone, n);
    fet_free(bytes);
    fet_free(alone);
    fet_pool_free(pool);
    made_deinit(&m);
}

static void examples_without_pictures_become_tables(void **state)
{
    (void)state;
    made_init(&m);
    made_add(&m, "rows.csv:12", "no", 0.2);
    made_add(&m, "rows.csv:13", "no", 0.2);
    for (int i = 0; i < 2; i++) {
        m.answers[i].picture_w = 0;
        m.answers[i].map = NULL;
        m.answers[i].verdict = FET_VERDICT_NONE;
        m.answers[i].label = i == 0 ? "no" : "y&s";
        m.answers[i].score = m.answers[i].p_value = (double)NAN;
    }
    char *page = made_write(&m, "page.html");
    assert_well_formed(page);
    assert_non_null(strstr(page, "Wrong class <small>1</small>"));
    assert_non_null(strstr(page, "<th scope=\"row\">rows.csv:13</th><td>no</td><td>y&amp;s</td>"));
    assert_null(strstr(page, "<th scope=\"col\" class=\"real\">Score"));
    assert_null(strstr(page, "<img"));
    fet_free(page);
    made_deinit(&m);
}

static void numbers_show_their_error_and_interval(void **state)
{
    (void)state;
    made_init(&m);
    made_add(&m, "rows.csv:2", "12.5", (double)NAN);
    m.examples[0].truth = FET_TRUTH_UNKNOWN;
    m.answers[0].picture_w = 0;
    m.answers[0].verdict = FET_VERDICT_NONE;
    m.answers[0].value = 10, m.answers[0].low = 9, m.answers[0].high = 11;
    char *page = made_write(&m, "page.html");
    assert_non_null(strstr(page, "Outside the interval <small>1</small>"));
    assert_non_null(strstr(page, "<td>10.0 <small>9.00 to 11.0</small></td>"
                                 "<td class=\"real\">\xe2\x88\x92"
                                 "2.50</td>"));
    assert_null(strstr(page, "class=\"outcome\""));
    fet_free(page);
    made_deinit(&m);
}

static void a_report_about_nothing_is_a_page(void **state)
{
    (void)state;
    made_init(&m);
    m.report = (struct fet_report){.title = "Nothing", .task = &made_task};
    char *page = made_write(&m, "page.html");
    assert_well_formed(page);
    assert_non_null(strstr(page, "No answers."));
    assert_null(strstr(page, "id=\"timing\""));
    assert_null(strstr(page, "#charts"));
    fet_free(page);
    made_deinit(&m);
}

static bool always(void *self)
{
    (void)self;
    return true;
}

static void a_cancelled_report_leaves_the_old_file(void **state)
{
    (void)state;
    const struct fet_observer stop = {.is_cancelled = always};
    const struct fet_context c = {.observer = &stop};
    uint8_t *bytes;
    size_t n;
    make_answers();
    const char *path = made_path(&m, "page.html");
    assert_ok(fet_file_write(path, "old", 3));
    assert_int_equal(fet_report_write(&m.report, path, &c), FET_CANCELLED);
    assert_ok(fet_file_read(path, 100, &bytes, &n));
    assert_string_equal((char *)bytes, "old");
    fet_free(bytes);
    made_deinit(&m);
}

static fet_status write_over(const char *path)
{
    const fet_status st = fet_report_write(&m.report, path, NULL);
    if (st == FET_OK) return st;
    uint8_t *bytes;
    size_t n;
    fet_fault_arm(FET_FAULT_ALLOC, 0);
    if (fet_file_read(path, 100, &bytes, &n) != FET_OK || strcmp((char *)bytes, "old") != 0)
        fail_msg("the old file is gone");
    fet_free(bytes);
    return st;
}

static void a_failing_write_leaves_the_old_file(void **state)
{
    (void)state;
    make_answers();
    const char *path = made_path(&m, "page.html");
    assert_ok(fet_file_write(path, "old", 3));
    check_fault_sweep(FET_FAULT_WRITE, write_over(path));
    assert_fails(fet_report_write(&m.report, "no/such/folder/page.html", NULL), FET_NOT_FOUND,
                 "page");
    made_deinit(&m);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    made_init(&m);
    made_picture(made_path(&m, "a.jpg"), false);
    made_picture(made_path(&m, "mask.jpg"), true);
    made_add(&m, made_path(&m, "a.jpg"), "dent", 0.7);
    m.examples[0].mask_path = made_path(&m, "mask.jpg");
    const char *path = made_path(&m, "page.html");
    check_fault_sweep(FET_FAULT_ALLOC, fet_report_write(&m.report, path, NULL));
    made_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_all_sections_in_order),
        cmocka_unit_test(a_page_is_well_formed_and_escapes_what_is_not_its_own),
        cmocka_unit_test(a_page_needs_nothing_from_outside),
        cmocka_unit_test(a_picture_that_is_gone_leaves_its_reason),
        cmocka_unit_test(at_most_sixty_examples_are_shown),
        cmocka_unit_test(the_bytes_do_not_depend_on_threads),
        cmocka_unit_test(examples_without_pictures_become_tables),
        cmocka_unit_test(numbers_show_their_error_and_interval),
        cmocka_unit_test(a_report_about_nothing_is_a_page),
        cmocka_unit_test(a_cancelled_report_leaves_the_old_file),
        cmocka_unit_test(a_failing_write_leaves_the_old_file),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
