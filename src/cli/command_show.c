/* fettle show */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct fet_option options[] = {
    CLI_OPTION_JSON,
    {"card", FET_OPTION_FLAG, "false", 0, 1, NULL, NULL, "Print the model's card (Markdown)"},
    CLI_OPTION_END};

static void print_pairs(const char *title, const json_t *object)
{
    void *unconst;
    memcpy(&unconst, &object, sizeof unconst);
    const char *key;
    json_t *value;
    printf("\n%s\n", title);
    json_object_foreach(unconst, key, value)
    {
        char *text = NULL;
        if (json_is_string(value))
            printf("  %-18s %s\n", key, json_string_value(value));
        else if (fet_json_print(value, false, &text) == FET_OK)
            printf("  %-18s %s\n", key, text);
        fet_free(text);
    }
}

static void print_tensors(const struct fet_package *p)
{
    printf("\nWeights\n");
    for (int i = 0; i < p->tensors.n; i++) {
        const struct fet_tensor *t = &p->tensors.items[i].tensor;
        char shape[128];
        fet_shape_text(&t->shape, shape);
        printf("  %-28s %-4s %-18s %12zu bytes\n", p->tensors.items[i].name,
               fet_dtype_name(t->dtype), shape, fet_tensor_bytes(t));
    }
}

static fet_status print_model(const fet_model *m, const char *path)
{
    json_t *o = NULL;
    FET_TRY(fet_model_describe(m, &o));
    printf("%s%s%s: task %s, format %d\n\n", cli_colour(FET_VERDICT_NONE), path, cli_colour_off(),
           m->loaded.task->name, FET_MODEL_FORMAT);
    cli_print_wrapped(json_string_value(json_object_get(o, "sentence")), 0);
    print_pairs("Options", json_object_get(o, "options"));
    print_pairs("Training", json_object_get(o, "training"));
    print_tensors(&m->loaded.package);
    printf("\n%d golden examples were answered again and agree.\n", m->loaded.package.n_goldens);
    json_decref(o);
    return FET_OK;
}

static int run(const struct cli_args *args)
{
    fet_model *m = NULL;
    char *json = NULL;
    fet_status st = fet_model_open(args->operands[0], 0, &m);
    if (st == FET_OK && fet_settings_flag(args->own, "card"))
        printf("%s", m->loaded.package.card ? m->loaded.package.card : "");
    else if (st == FET_OK && fet_settings_flag(args->own, "json")) {
        st = fet_model_show(m, &json);
        if (st == FET_OK) printf("%s\n", json);
    } else if (st == FET_OK)
        st = print_model(m, args->operands[0]);
    fet_string_free(json);
    fet_model_close(m);
    return st == FET_OK ? CLI_DONE : cli_fail(NULL, st);
}

const struct cli_command cli_show = {
    .name = "show",
    .summary = "Say what is in a model file",
    .operands = "MODEL",
    .min_operands = 1,
    .max_operands = 1,
    .options = options,
    .details =
        "Opens the model, which checks every byte and answers its golden examples again, and "
        "says what it does, what it promises, and what it was trained on.",
    .examples = "  fettle show caps.fettle\n"
                "  fettle show caps.fettle --card > card.md\n",
    .run = run};
