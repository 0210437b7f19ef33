/* Attributes and tensors from text: "axis=1 pads=0,1", "f32[2]={1,nan}". */
#include "op.h"
#include "typed.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Copies the next part of *s up to one of the stops; *s is left on the stop or the end. */
static char *part_take(const char **s, const char *stops, struct fet_arena *a)
{
    const size_t n = strcspn(*s, stops);
    char *part = fet_arena_strndup(a, *s, n);
    *s += n;
    return part;
}

static int64_t n_items(const char *list)
{
    if (*list == '\0') return 0;
    int64_t n = 1;
    for (; *list != '\0'; list++) n += *list == ',';
    return n;
}

static fet_status dtype_parse(const char *name, enum fet_dtype *dtype)
{
    char upper[16] = {0};
    for (size_t i = 0; i + 1 < sizeof upper && name[i] != '\0'; i++) {
        upper[i] = (char)toupper((unsigned char)name[i]);
    }
    return fet_dtype_find(upper, dtype);
}

static fet_status element_parse(const char *item, struct fet_tensor *t, int64_t i)
{
    long long v = 0;
    double r = 0;
    if (fet_text_to_int(item, &v)) {
        fet_write_int(t, i, v);
    } else if (strcmp(item, "nan") == 0) {
        fet_write_real(t, i, (double)NAN);
    } else if (strcmp(item, "inf") == 0 || strcmp(item, "-inf") == 0) {
        fet_write_real(t, i, item[0] == '-' ? -(double)INFINITY : (double)INFINITY);
    } else if (fet_text_to_real(item, &r)) {
        fet_write_real(t, i, r);
    } else {
        return FET_FAIL(FET_FORMAT, "'%s' is no number", item);
    }
    return FET_OK;
}

static fet_status dims_parse(const char *list, struct fet_arena *a, struct fet_tensor *t)
{
    const int64_t n = n_items(list);
    if (n > FET_MAX_DIMS) return FET_FAIL(FET_FORMAT, "'%s' has too many dimensions", list);
    t->shape.n_dims = (int)n;
    for (int64_t i = 0; i < n; i++) {
        long long v = 0;
        const char *item = part_take(&list, ",", a);
        if (item == NULL) return FET_FAIL_MEMORY("op", sizeof *t);
        if (!fet_text_to_int(item, &v)) return FET_FAIL(FET_FORMAT, "'%s' is no size", item);
        t->shape.dims[i] = v;
        list += *list == ',';
    }
    return FET_OK;
}

fet_status fet_op_parse_tensor(const char *text, struct fet_arena *a, struct fet_tensor *t)
{
    struct fet_tensor fresh = {0};
    int64_t count = 0;
    const char *at = text;
    const char *name = part_take(&at, "[", a);
    at += *at == '[';
    const char *dims = part_take(&at, "]", a);
    at += *at == ']';
    if (name == NULL || dims == NULL) return FET_FAIL_MEMORY("op", strlen(text));
    FET_TRY(dtype_parse(name, &fresh.dtype));
    FET_TRY(dims_parse(dims, a, &fresh));
    FET_TRY(fet_shape_count(&fresh.shape, &count));
    fresh.data = fet_arena_alloc(a, count > 0 ? count : 1, fet_dtype_bytes(fresh.dtype));
    if (fresh.data == NULL) return FET_FAIL_MEMORY("op", count);
    if (*at == '=') {
        if (*++at != '{') return FET_FAIL(FET_FORMAT, "tensor: '%s' has no {values}", text);
        at++;
        const char *list = part_take(&at, "}", a);
        if (list == NULL) return FET_FAIL_MEMORY("op", strlen(text));
        if (n_items(list) != count) {
            return FET_FAIL(FET_FORMAT, "tensor: '%s' has %lld values, not %lld", text,
                            (long long)n_items(list), (long long)count);
        }
        for (int64_t i = 0; i < count; i++) {
            const char *item = part_take(&list, ",", a);
            if (item == NULL) return FET_FAIL_MEMORY("op", strlen(text));
            FET_TRY(element_parse(item, &fresh, i));
            list += *list == ',';
        }
    }
    *t = fresh;
    return FET_OK;
}

/* The numbers of "1,2,3" as integers or reals. */
static fet_status list_parse(const char *text, struct fet_arena *a, bool are_real,
                             struct fet_attr_value *v)
{
    struct fet_tensor t = {.dtype = are_real ? FET_F64 : FET_I64};
    const int64_t n = n_items(text);
    t.data = fet_arena_alloc(a, n > 0 ? n : 1, 8);
    if (t.data == NULL) return FET_FAIL_MEMORY("op", n * 8);
    for (int64_t i = 0; i < n; i++) {
        const char *item = part_take(&text, ",", a);
        if (item == NULL) return FET_FAIL_MEMORY("op", n * 8);
        FET_TRY(element_parse(item, &t, i));
        text += *text == ',';
    }
    v->n = n;
    if (are_real) v->reals = t.data;
    if (!are_real) v->ints = t.data;
    return FET_OK;
}

static fet_status value_parse(const struct fet_attr *attr, const char *text, struct fet_arena *a,
                              struct fet_attr_value *v)
{
    struct fet_tensor *t = NULL;
    *v = (struct fet_attr_value){.is_set = true};
    switch (attr->type) {
    case FET_ATTR_INT:
        FET_TRY(list_parse(text, a, false, v));
        if (v->n != 1) return FET_FAIL(FET_FORMAT, "%s: one number is wanted", attr->name);
        v->i = v->ints[0];
        break;
    case FET_ATTR_REAL:
        FET_TRY(list_parse(text, a, true, v));
        if (v->n != 1) return FET_FAIL(FET_FORMAT, "%s: one number is wanted", attr->name);
        v->r = v->reals[0];
        break;
    case FET_ATTR_TEXT:
        v->text = fet_arena_strdup(a, text);
        if (v->text == NULL) return FET_FAIL_MEMORY("op", strlen(text));
        break;
    case FET_ATTR_INTS:
        return list_parse(text, a, false, v);
    case FET_ATTR_REALS:
        return list_parse(text, a, true, v);
    case FET_ATTR_TENSOR:
        t = fet_arena_alloc(a, 1, sizeof *t);
        if (t == NULL) return FET_FAIL_MEMORY("op", sizeof *t);
        FET_TRY(fet_op_parse_tensor(text, a, t));
        v->tensor = t;
        break;
    }
    return FET_OK;
}

/* Which attribute of op is called that; -1 = none. */
static int attr_index(const struct fet_op *op, const char *name)
{
    for (int i = 0; i < fet_op_n_attrs(op); i++) {
        if (strcmp(op->attrs[i].name, name) == 0) return i;
    }
    return -1;
}

fet_status fet_op_parse_attrs(const struct fet_op *op, const char *text, struct fet_arena *a,
                              struct fet_attr_value *values)
{
    const int n = fet_op_n_attrs(op);
    for (int i = 0; i < n; i++) values[i] = (struct fet_attr_value){0};
    while (*(text += strspn(text, " ")) != '\0') {
        const char *name = part_take(&text, "= ", a);
        text += *text == '=';
        const char *value = part_take(&text, " ", a);
        if (name == NULL || value == NULL) return FET_FAIL_MEMORY("op", strlen(text));
        const int i = attr_index(op, name);
        if (i < 0) return FET_FAIL(FET_ARGUMENT, "%s: no attribute '%s'", op->name, name);
        FET_TRY(fet_status_add(op->name, value_parse(&op->attrs[i], value, a, &values[i])));
    }
    for (int i = 0; i < n; i++) {
        const struct fet_attr *attr = &op->attrs[i];
        if (values[i].is_set || (attr->standard != NULL && attr->standard[0] == '\0')) continue;
        if (attr->standard == NULL) {
            return FET_FAIL(FET_ARGUMENT, "%s: attribute '%s' is missing", op->name, attr->name);
        }
        FET_TRY(value_parse(attr, attr->standard, a, &values[i]));
    }
    return FET_OK;
}
