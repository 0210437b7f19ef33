/* SHA-256 by OpenSSL's low-level functions. They are marked as old in OpenSSL 3, but the new ones
 * fetch an implementation from the heap and may fail, and a digest that may fail would have to be
 * checked wherever a key is made. These cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "digest.h"

#include <openssl/sha.h>

struct fet_digest fet_digest_of(const void *bytes, size_t n)
{
    struct fet_digest d = {{0}};
    SHA256_CTX context;
    (void)SHA256_Init(&context);
    if (n > 0) (void)SHA256_Update(&context, bytes, n);
    (void)SHA256_Final(d.bytes, &context);
    return d;
}

uint64_t fet_digest_u64(const struct fet_digest *d)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | d->bytes[i];
    return value;
}

void fet_digest_hex(const struct fet_digest *d, char out[65])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 32; i++) {
        out[2 * i] = digits[d->bytes[i] >> 4];
        out[2 * i + 1] = digits[d->bytes[i] & 15];
    }
    out[64] = '\0';
}
