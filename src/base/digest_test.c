#include "check.h"

/* Messages and digests of FIPS 180-4's examples (NIST), and of a million letters a. */
static void the_standards_examples_come_out(void **state)
{
    (void)state;
    char hex[65];
    struct fet_digest d = fet_digest_of(NULL, 0);
    fet_digest_hex(&d, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    d = fet_digest_of("abc", 3);
    fet_digest_hex(&d, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_true(fet_digest_u64(&d) == 0xba7816bf8f01cfea);
    d = fet_digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    fet_digest_hex(&d, hex);
    assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");

    char *million = fet_alloc(1000000, 1);
    assert_non_null(million);
    memset(million, 'a', 1000000);
    d = fet_digest_of(million, 1000000);
    fet_digest_hex(&d, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    fet_free(million);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_standards_examples_come_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
