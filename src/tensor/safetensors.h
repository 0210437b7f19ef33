/* The safetensors container (huggingface/safetensors): u64 header length, JSON header, tensors. */
#ifndef FET_SAFETENSORS_H
#define FET_SAFETENSORS_H

#include "tensors.h"

/* The widest elements first, then by name, so that every tensor is aligned to its own elements; the
 * header is padded so that data begins at a multiple of 64. The caller owns *bytes. */
FET_CHECKED fet_status fet_safetensors_print(const struct fet_tensors *tensors, uint8_t **bytes,
                                             size_t *n);
/* Adds the tensors to the list as views on bytes (release as in fet_tensor_borrow, once per tensor;
 * retain is called once per view), or copies when owner or release is NULL or the bytes are not
 * aligned. Overlaps, gaps, bad offsets: FET_FORMAT; the list may then hold some of them. name is
 * used in sentences only. */
struct fet_safetensors_owner {
    void (*retain)(void *self), (*release)(void *self);
    void *self;
};
FET_CHECKED fet_status fet_safetensors_parse(const uint8_t *bytes, size_t n, const char *name,
                                             const struct fet_safetensors_owner *owner,
                                             struct fet_tensors *list);

#endif
