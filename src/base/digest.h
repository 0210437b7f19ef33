/* SHA-256 (FIPS 180-4, by OpenSSL) of bytes. Thread-safe. */
#ifndef FET_DIGEST_H
#define FET_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct fet_digest {
    uint8_t bytes[32];
};

struct fet_digest fet_digest_of(const void *bytes, size_t n);
uint64_t fet_digest_u64(const struct fet_digest *d); /* the first eight bytes, big endian */
void fet_digest_hex(const struct fet_digest *d, char out[65]); /* lower case, NUL-terminated */

#endif
