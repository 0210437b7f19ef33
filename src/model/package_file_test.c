#include "check.h"

#include "model.h"
#include "package_file.h"
#include "test_package.h"
#include "zip_file.h"

#include <sys/stat.h>
#include <zip.h>

static char folder[64];
static struct fet_arena arena; /* for paths; freed with the folder */

static int folder_open(void **state)
{
    (void)state;
    check_folder_make(folder, "package");
    return 0;
}

static int folder_close(void **state)
{
    (void)state;
    assert_ok(fet_folder_remove(folder));
    fet_arena_deinit(&arena);
    return 0;
}

static const char *path_of(const char *name)
{
    const char *path = fet_path_join(&arena, folder, name);
    assert_non_null(path);
    return path;
}

/* The test package as the bytes of a file. */
static uint8_t *package_bytes(size_t *n)
{
    struct fet_package p = {0};
    uint8_t *bytes = NULL;
    test_package_fill(&p);
    assert_ok(fet_package_write(&p, path_of("whole.fettle")));
    assert_ok(fet_file_read(path_of("whole.fettle"), 1 << 20, &bytes, n));
    fet_package_deinit(&p);
    return bytes;
}

static void a_package_comes_back_as_it_was(void **state)
{
    (void)state;
    struct fet_package p = {0}, q = {0};
    test_package_fill(&p);
    assert_ok(fet_package_write(&p, path_of("a.fettle")));
    assert_ok(fet_package_read(path_of("a.fettle"), &q));
    test_package_compare(&p, &q);

    /* Written again from what was read: the same bytes. */
    uint8_t *first = NULL, *second = NULL;
    size_t n_first = 0, n_second = 0;
    assert_ok(fet_package_write(&q, path_of("b.fettle")));
    assert_ok(fet_file_read(path_of("a.fettle"), 1 << 20, &first, &n_first));
    assert_ok(fet_file_read(path_of("b.fettle"), 1 << 20, &second, &n_second));
    assert_int_equal(n_first, n_second);
    assert_memory_equal(first, second, n_first);

    /* From memory too, where the bytes may go away. */
    struct fet_package r = {0};
    assert_ok(fet_package_parse(first, n_first, "upload", &r));
    memset(first, 0, n_first);
    test_package_compare(&p, &r);
    fet_free(first);
    fet_free(second);
    fet_package_deinit(&p);
    fet_package_deinit(&q);
    fet_package_deinit(&r);
}

static void an_empty_package_is_filled_with_empty_objects(void **state)
{
    (void)state;
    struct fet_package p = {.task = fet_strdup("none")}, q = {0};
    assert_ok(fet_package_write(&p, path_of("empty.fettle")));
    assert_ok(fet_package_read(path_of("empty.fettle"), &q));
    assert_string_equal(q.task, "none");
    assert_string_equal(q.card, "");
    assert_int_equal(json_object_size(q.options), 0);
    assert_int_equal(q.tensors.n + q.n_goldens, 0);
    fet_package_deinit(&p);
    fet_package_deinit(&q);
}

static void tensors_are_mapped_and_outlive_the_package(void **state)
{
    (void)state;
    struct fet_package p = {0}, q = {0};
    const struct fet_tensor *t = NULL;
    test_package_fill(&p);
    assert_ok(fet_package_write(&p, path_of("a.fettle")));
    assert_ok(fet_package_read(path_of("a.fettle"), &q));
    assert_ok(fet_package_get(&q, "weights", FET_F32, 2, &t));
    struct fet_tensor kept = fet_tensor_ref(t);
    fet_package_deinit(&q);
    assert_ok(fet_package_write(&p, path_of("a.fettle"))); /* the old file is gone by now */
    assert_memory_equal(kept.data, p.tensors.items[1].tensor.data, fet_tensor_bytes(&kept));
    fet_tensor_unref(&kept);
    fet_package_deinit(&p);
}

static void every_member_begins_at_a_multiple_of_64(void **state)
{
    (void)state;
    size_t n = 0;
    struct fet_zip z = {0};
    uint8_t *bytes = package_bytes(&n);
    static const char *const names[] = {
        FET_MEMBER_HEAD,    FET_MEMBER_WEIGHTS, FET_MEMBER_CARD, FET_MEMBER_REFERENCE,
        FET_MEMBER_ANSWERS, "golden/0.txt",     "golden/1.txt",  FET_MEMBER_SBOM,
    };
    assert_ok(fet_zip_parse(bytes, n, &z));
    assert_int_equal(z.n_members, sizeof names / sizeof names[0]);
    for (int i = 0; i < z.n_members; i++) {
        assert_string_equal(z.members[i].name, names[i]);
        assert_int_equal((z.members[i].bytes - bytes) % 64, 0);
    }
    fet_zip_deinit(&z);
    fet_free(bytes);
}

/* The outside reference: libzip, told to check everything that it can check. */
static void another_program_opens_the_file(void **state)
{
    (void)state;
    size_t n = 0;
    int error = 0;
    struct fet_zip z = {0};
    uint8_t *bytes = package_bytes(&n);
    assert_ok(fet_zip_parse(bytes, n, &z));
    zip_t *other = zip_open(path_of("whole.fettle"), ZIP_RDONLY | ZIP_CHECKCONS, &error);
    assert_non_null(other);
    assert_int_equal(zip_get_num_entries(other, 0), z.n_members);
    for (int i = 0; i < z.n_members; i++) {
        const struct fet_zip_member *m = &z.members[i];
        assert_string_equal(zip_get_name(other, (zip_uint64_t)i, 0), m->name);
        zip_file_t *f = zip_fopen_index(other, (zip_uint64_t)i, 0);
        uint8_t *found = fet_alloc((int64_t)m->n + 1, 1);
        assert_non_null(f);
        assert_non_null(found);
        assert_int_equal(zip_fread(f, found, m->n + 1), m->n); /* checks the CRC at the end */
        assert_memory_equal(found, m->bytes, m->n);
        assert_int_equal(zip_fclose(f), 0);
        fet_free(found);
    }
    (void)zip_close(other);
    fet_zip_deinit(&z);
    fet_free(bytes);
}

static void the_bill_of_materials_names_libraries_with_versions(void **state)
{
    (void)state;
    char *first = NULL, *second = NULL;
    json_t *bom = NULL, *components = NULL, *c = NULL;
    size_t i = 0;
    assert_ok(fet_sbom_print(&first));
    assert_ok(fet_sbom_print(&second));
    assert_string_equal(first, second);
    assert_ok(fet_json_parse(first, strlen(first), "sbom", &bom));
    assert_ok(fet_json_get_array(bom, "components", &components));
    assert_int_equal(json_array_size(components), 8);
    json_array_foreach(components, i, c)
    {
        const char *version = NULL;
        assert_ok(fet_json_get_string(c, "version", &version));
        assert_true(version[0] >= '0' && version[0] <= '9');
    }
    json_decref(bom);
    fet_free(first);
    fet_free(second);
}

/* Refuses bytes[0..n), in an allocation of exactly that size so that ASan sees a read behind it. */
static void assert_refused(const uint8_t *bytes, size_t n, const char *what, size_t where)
{
    struct fet_package p = {0};
    uint8_t *exact = malloc(n + (n == 0));
    assert_non_null(exact);
    memcpy(exact, bytes, n);
    const fet_status st = fet_package_parse(exact, n, "dir/x.fettle", &p);
    free(exact);
    if (st == FET_OK) fail_msg("%s at %zu was not noticed", what, where);
    if (st != FET_FORMAT || strncmp(fet_status_message(), "dir/x.fettle: ", 14) != 0) {
        fail_msg("%s at %zu: %s: %s", what, where, fet_status_name(st), fet_status_message());
    }
    assert_null(p.task);
}

static void a_file_cut_at_any_byte_is_refused(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *bytes = package_bytes(&n);
    for (size_t i = 0; i < n; i++) assert_refused(bytes, i, "a cut", i);
    fet_free(bytes);
}

static void any_flipped_bit_is_refused(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *bytes = package_bytes(&n);
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= (uint8_t)(1u << (i % 8));
        assert_refused(bytes, n, "a flipped bit", i);
        bytes[i] ^= (uint8_t)(1u << (i % 8));
    }
    /* Every bit of the directory and the end, where a single byte decides most. */
    for (size_t i = 8 * (n - 600); i < 8 * n; i++) {
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
        assert_refused(bytes, n, "a flipped bit", i / 8);
        bytes[i / 8] ^= (uint8_t)(1u << (i % 8));
    }
    fet_free(bytes);
}

static void something_added_or_put_before_is_refused(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *bytes = package_bytes(&n);
    uint8_t *longer = fet_alloc((int64_t)n + 2, 1);
    assert_non_null(longer);
    memcpy(longer + 1, bytes, n);
    assert_refused(longer, n + 1, "a byte before", 0);
    memcpy(longer, bytes, n);
    longer[n] = 'x';
    assert_refused(longer, n + 1, "a byte behind", n);
    fet_free(longer);
    fet_free(bytes);
}

/* Replaces a name in both headers by one of the same length. */
static void name_replace(uint8_t *bytes, size_t n, const char *old, const char *fresh)
{
    const size_t n_name = strlen(old);
    int n_found = 0;
    assert_int_equal(n_name, strlen(fresh));
    for (size_t i = 0; i + n_name <= n; i++) {
        /* A header's name comes behind fixed fields, one in JSON behind a quote. */
        if (memcmp(bytes + i, old, n_name) != 0 || bytes[i - 1] == '"') continue;
        memcpy(bytes + i, fresh, n_name);
        n_found++;
    }
    assert_int_equal(n_found, 2);
}

static void foreign_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"/ard.md",  "../a.md", "a/../md", "a//d.md", "./rd.md",
                                        "car\\.md", "car:.md", "card.m/", "c rd.md", "\x01 rd.md"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t n = 0;
        uint8_t *bytes = package_bytes(&n);
        name_replace(bytes, n, FET_MEMBER_CARD, names[i]);
        assert_refused(bytes, n, names[i], i);
        assert_non_null(strstr(fet_status_message(), "a name that no part of a model has"));
        fet_free(bytes);
    }
}

static void a_member_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    size_t n = 0;
    uint8_t *bytes = package_bytes(&n);
    name_replace(bytes, n, "golden/1.txt", "golden/0.txt");
    assert_refused(bytes, n, "twice", 0);
    assert_non_null(strstr(fet_status_message(), "member golden/0.txt is there twice"));
    fet_free(bytes);
}

/* A megabyte of zeroes that deflates to a kilobyte, made by libzip. */
static void compressed_members_are_refused_before_they_grow(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    int error = 0;
    size_t n = 0;
    uint8_t *zeroes = fet_alloc(N, 1), *bytes = NULL;
    zip_t *z = zip_open(path_of("bomb.fettle"), ZIP_CREATE | ZIP_TRUNCATE, &error);
    assert_non_null(zeroes);
    assert_non_null(z);
    zip_source_t *s = zip_source_buffer(z, zeroes, N, 0);
    assert_true(zip_file_add(z, FET_MEMBER_HEAD, s, 0) >= 0);
    assert_int_equal(zip_close(z), 0);
    assert_ok(fet_file_read(path_of("bomb.fettle"), N / 4, &bytes, &n));
    assert_refused(bytes, n, "deflate", 0);
    assert_non_null(strstr(fet_status_message(), "compressed"));
    fet_free(bytes);
    fet_free(zeroes);
}

static void what_is_no_file_of_ours_is_refused(void **state)
{
    (void)state;
    struct fet_package p = {0};
    assert_fails(fet_package_read(path_of("absent.fettle"), &p), FET_NOT_FOUND, "absent.fettle");
    assert_fails(fet_package_read(folder, &p), FET_FORMAT, "not even a file");
    assert_ok(fet_file_write(path_of("nil.fettle"), "", 0));
    assert_fails(fet_package_read(path_of("nil.fettle"), &p), FET_FORMAT, "empty");
    assert_ok(fet_file_write(path_of("text.fettle"), "Hello, this is text\n", 20));
    assert_fails(fet_package_read(path_of("text.fettle"), &p), FET_FORMAT, "text.fettle: not a");
    assert_int_equal(mkfifo(path_of("pipe.fettle"), 0600), 0);
    assert_fails(fet_package_read(path_of("pipe.fettle"), &p), FET_FORMAT, "not even a file");
}

/* Puts the digests of all members into the first, model.json, if that is an object. The caller owns
 * what is returned. */
static char *digests_fix(struct fet_zip_member *members, int n_members)
{
    char hex[65], *printed = NULL;
    json_t *head = NULL, *listed = json_object();
    if (fet_json_parse(members[0].bytes, members[0].n, "head", &head) == FET_OK &&
        json_is_object(head)) {
        for (int i = 1; i < n_members; i++) {
            const struct fet_digest d = fet_digest_of(members[i].bytes, members[i].n);
            fet_digest_hex(&d, hex);
            assert_ok(fet_json_set(listed, members[i].name, json_string(hex)));
        }
        assert_ok(fet_json_set(head, "members", json_incref(listed)));
        assert_ok(fet_json_print(head, true, &printed));
        members[0].bytes = (const uint8_t *)printed;
        members[0].n = strlen(printed);
    }
    json_decref(listed);
    json_decref(head);
    return printed;
}

/* Writes the test package with one member replaced (NULL text = left out, a new name = added) and
 * the digests in model.json put right if asked, then reads it. */
static fet_status forged_read(const char *name, const char *text, bool has_right_digests)
{
    enum { MAX = 16 };
    struct fet_zip z = {0};
    struct fet_zip_member members[MAX] = {{0}};
    struct fet_package p = {0};
    int n_members = 0;
    size_t n = 0;
    bool is_replaced = false;
    char *printed = NULL;
    uint8_t *bytes = package_bytes(&n);
    assert_ok(fet_zip_parse(bytes, n, &z));
    for (int i = 0; i < z.n_members; i++) {
        const bool is_it = strcmp(z.members[i].name, name) == 0;
        is_replaced = is_replaced || is_it;
        if (is_it && text == NULL) continue;
        members[n_members] = z.members[i];
        if (is_it) {
            members[n_members].bytes = (const uint8_t *)text;
            members[n_members].n = strlen(text);
        }
        n_members++;
    }
    if (!is_replaced) {
        members[n_members++] = (struct fet_zip_member){
            .name = name, .bytes = (const uint8_t *)text, .n = strlen(text)};
    }
    if (has_right_digests) printed = digests_fix(members, n_members);
    assert_ok(fet_zip_write(members, n_members, path_of("forged.fettle")));
    const fet_status st = fet_package_read(path_of("forged.fettle"), &p);
    fet_package_deinit(&p);
    fet_zip_deinit(&z);
    fet_free(printed);
    fet_free(bytes);
    return st;
}

static void members_must_be_those_that_the_head_lists(void **state)
{
    (void)state;
    assert_ok(forged_read(FET_MEMBER_CARD, "# Another card\n", true));
    assert_ok(forged_read("later.json", "{}", true)); /* a newer program may add members */
    assert_fails(forged_read(FET_MEMBER_CARD, "# Another card\n", false), FET_FORMAT,
                 "card.md is not the one");
    assert_fails(forged_read("later.json", "{}", false), FET_FORMAT, "not listed");
    assert_fails(forged_read(FET_MEMBER_CARD, NULL, false), FET_FORMAT, "lists 7 members");
    assert_fails(forged_read(FET_MEMBER_CARD, NULL, true), FET_FORMAT, "card.md is missing");
    assert_fails(forged_read(FET_MEMBER_WEIGHTS, NULL, true), FET_FORMAT, "is missing");
    assert_fails(forged_read(FET_MEMBER_HEAD, NULL, false), FET_FORMAT, "model.json is missing");
}

static void what_members_say_is_checked(void **state)
{
    (void)state;
    const struct {
        const char *name, *text, *sentence;
    } cases[] = {
        {FET_MEMBER_HEAD, "{\"format\":2}", "newer fettle"},
        {FET_MEMBER_HEAD, "{\"format\":0}", "no model format 0"},
        {FET_MEMBER_HEAD, "{\"format\":\"1\"}", "'format': wanted an integer"},
        {FET_MEMBER_HEAD, "[1]", "model.json is not a JSON object"},
        {FET_MEMBER_HEAD, "{", "not valid JSON"},
        {FET_MEMBER_HEAD, "{\"format\":1}", "'task' is missing"},
        {FET_MEMBER_HEAD, "{\"format\":1,\"task\":\"t\"}", "'options' is missing"},
        {FET_MEMBER_HEAD, "{\"format\":1,\"task\":\"t\",\"options\":{},\"state\":[]}", "'state'"},
        {FET_MEMBER_CARD, "\xff", "card.md is not UTF-8"},
        {FET_MEMBER_REFERENCE, "[]", "reference.json is not a JSON object"},
        {FET_MEMBER_WEIGHTS, "short", "header is cut short"},
        {FET_MEMBER_ANSWERS, "{\"2.txt\":{}}", "golden/2.txt is missing"},
        {FET_MEMBER_ANSWERS, "{\"0.txt\":7}", "not a golden example"},
        {FET_MEMBER_ANSWERS, "{\"a/0.txt\":{}}", "not a golden example"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_fails(forged_read(cases[i].name, cases[i].text, true), FET_FORMAT,
                     cases[i].sentence);
        assert_non_null(strstr(fet_status_message(), "forged.fettle: "));
    }
}

static void what_could_not_be_read_again_is_not_written(void **state)
{
    (void)state;
    struct fet_package p = {0};
    assert_fails(fet_package_write(&p, path_of("no.fettle")), FET_ARGUMENT, "without a task");
    test_package_fill(&p);
    json_t *state_json = p.state;
    p.state = json_array();
    assert_fails(fet_package_write(&p, path_of("no.fettle")), FET_ARGUMENT, "JSON objects");
    json_decref(p.state);
    p.state = state_json;

    static const char *const names[] = {"a/b.png", "answers.json", "0.txt", "..", "a b", ""};
    char *old = p.goldens[1].name;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        p.goldens[1].name = fet_strdup(names[i]);
        assert_fails(fet_package_write(&p, path_of("no.fettle")), FET_ARGUMENT, "name");
        fet_free(p.goldens[1].name);
    }
    p.goldens[1].name = old;
    assert_fails(fet_package_write(&p, path_of("absent/x.fettle")), FET_NOT_FOUND, "x.fettle");
    assert_int_equal(fet_file_kind_of(path_of("no.fettle")), FET_FILE_ABSENT);
    fet_package_deinit(&p);
}

static fet_status read_and_parse(const char *path, const uint8_t *bytes, size_t n)
{
    struct fet_package q = {0}, r = {0};
    FET_TRY(fet_package_read(path, &q));
    const fet_status st = fet_package_parse(bytes, n, "bytes", &r);
    fet_package_deinit(&q);
    fet_package_deinit(&r);
    return st;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fet_package p = {0};
    size_t n = 0;
    uint8_t *bytes = package_bytes(&n);
    const char *path = path_of("sweep.fettle");
    test_package_fill(&p);
    const struct fet_package empty = {.task = p.task};
    check_fault_sweep(FET_FAULT_ALLOC, fet_package_write(&empty, path));
    check_fault_sweep(FET_FAULT_ALLOC, fet_package_write(&p, path));
    check_fault_sweep(FET_FAULT_ALLOC, read_and_parse(path, bytes, n));
    fet_package_deinit(&p);
    fet_free(bytes);
}

static void a_failing_write_leaves_the_old_file(void **state)
{
    (void)state;
    struct fet_package p = {0}, q = {0};
    struct fet_file_list list = {0};
    test_package_fill(&p);
    assert_ok(fet_package_write(&p, path_of("kept.fettle")));
    check_fault_sweep(FET_FAULT_WRITE, fet_package_write(&p, path_of("kept.fettle")));
    assert_ok(fet_package_read(path_of("kept.fettle"), &q));
    test_package_compare(&p, &q);
    assert_ok(fet_folder_list(folder, &arena, &list));
    assert_int_equal(list.n, 1); /* no temporary */
    fet_package_deinit(&p);
    fet_package_deinit(&q);
}

#define in_folder(test) cmocka_unit_test_setup_teardown(test, folder_open, folder_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        in_folder(a_package_comes_back_as_it_was),
        in_folder(an_empty_package_is_filled_with_empty_objects),
        in_folder(tensors_are_mapped_and_outlive_the_package),
        in_folder(every_member_begins_at_a_multiple_of_64),
        in_folder(another_program_opens_the_file),
        in_folder(the_bill_of_materials_names_libraries_with_versions),
        in_folder(a_file_cut_at_any_byte_is_refused),
        in_folder(any_flipped_bit_is_refused),
        in_folder(something_added_or_put_before_is_refused),
        in_folder(foreign_names_are_refused),
        in_folder(a_member_that_is_there_twice_is_refused),
        in_folder(compressed_members_are_refused_before_they_grow),
        in_folder(what_is_no_file_of_ours_is_refused),
        in_folder(members_must_be_those_that_the_head_lists),
        in_folder(what_members_say_is_checked),
        in_folder(what_could_not_be_read_again_is_not_written),
        in_folder(every_allocation_may_fail),
        in_folder(a_failing_write_leaves_the_old_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
