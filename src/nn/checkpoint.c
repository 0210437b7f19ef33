#include "checkpoint.h"

#include "safetensors.h"

static const int64_t max_bytes = (int64_t)1 << 36;

static fet_status add_parameters(struct fet_tape *tape, struct fet_tensors *list)
{
    int n = 0;
    const struct fet_tape_parameter *const p = fet_tape_parameters(tape, &n);
    for (int i = 0; i < n; i++) {
        struct fet_tensor t = {0};
        FET_TRY(fet_tensor_new(FET_F32, p[i].shape.n_dims, p[i].shape.dims, &t));
        fet_status st = fet_tape_to_plain(tape, i, p[i].data, t.data);
        if (st == FET_OK) st = fet_tensors_add(list, p[i].name, &t);
        fet_tensor_unref(&t);
        if (st != FET_OK) return st;
    }
    return FET_OK;
}

fet_status fet_checkpoint_write(const char *path, struct fet_tape *tape,
                                const struct fet_optimiser *optimiser)
{
    struct fet_tensors list = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    fet_status st = FET_OK;
    FET_TRY_OUT(add_parameters(tape, &list));
    if (optimiser != NULL) FET_TRY_OUT(fet_optimiser_save(optimiser, &list));
    FET_TRY_OUT(fet_safetensors_print(&list, &bytes, &n));
    st = fet_file_write(path, bytes, n);
out:
    fet_free(bytes);
    fet_tensors_deinit(&list);
    return st;
}

static fet_status read_parameters(struct fet_tape *tape, const struct fet_tensors *list,
                                  bool is_writing)
{
    int n = 0;
    const struct fet_tape_parameter *const p = fet_tape_parameters(tape, &n);
    for (int i = 0; i < n; i++) {
        const struct fet_tensor *t = NULL;
        FET_TRY(fet_tensors_get(list, p[i].name, FET_F32, p[i].shape.n_dims, &t));
        if (!fet_shape_is_equal(&t->shape, &p[i].shape)) {
            char got[128], wanted[128];
            fet_shape_text(&t->shape, got);
            fet_shape_text(&p[i].shape, wanted);
            return FET_FAIL(FET_FORMAT, "tensor '%s' has shape %s, wanted %s", p[i].name, got,
                            wanted);
        }
        if (is_writing) FET_TRY(fet_tape_from_plain(tape, i, fet_tensor_f32(t), p[i].data));
    }
    return FET_OK;
}

fet_status fet_checkpoint_read(const char *path, struct fet_tape *tape,
                               struct fet_optimiser *optimiser)
{
    struct fet_tensors list = {0};
    uint8_t *bytes = NULL;
    size_t n = 0;
    fet_status st = FET_OK;
    FET_TRY(fet_file_read(path, max_bytes, &bytes, &n));
    st = fet_safetensors_parse(bytes, n, path, NULL, &list);
    fet_free(bytes);
    if (st == FET_OK) st = read_parameters(tape, &list, false);
    if (st == FET_OK && optimiser != NULL) st = fet_optimiser_load(optimiser, &list);
    if (st == FET_OK) st = read_parameters(tape, &list, true);
    fet_tensors_deinit(&list);
    return fet_status_add(path, st);
}
