/* The matrix goes to XGBoost as an array interface (numpy's, in JSON), because that call is the one
 * that versions 1.7 to 3 share. base_score is set, because its default differs between them.
 *
 * The trees come back round by round: a slice of one round as JSON stays small, whatever the number
 * of rounds. */
#include "learner.h"

#include <string.h>
#include <xgboost/c_api.h>

static fet_status check_call(int result, const char *what)
{
    if (result == 0) return FET_OK;
    /* XGBoost's message ends with a stack trace. */
    const char *message = XGBGetLastError();
    const size_t n = strcspn(message, "\n");
    return FET_FAIL(FET_INTERNAL, "XGBoost: %s failed: %.*s", what, n < 300 ? (int)n : 300,
                    message);
}

/* {"data":[address,true],"shape":[...],"typestr":"<f4","version":3} */
static void array_interface(char out[256], const float *data, int64_t n_rows, int n_columns)
{
    char shape[64];
    if (n_columns > 0)
        fet_text_format(shape, sizeof shape, "[%lld,%d]", (long long)n_rows, n_columns);
    else
        fet_text_format(shape, sizeof shape, "[%lld]", (long long)n_rows);
    fet_text_format(out, 256,
                    "{\"data\":[%llu,true],\"shape\":%s,\"typestr\":\"<f4\",\"version\":3}",
                    (unsigned long long)(uintptr_t)data, shape);
}

static fet_status make_matrix(const struct fet_learner_order *order, DMatrixHandle *matrix)
{
    char text[256];
    array_interface(text, order->x, order->n_rows, order->n_inputs);
    FET_TRY(check_call(XGDMatrixCreateFromDense(text, "{\"missing\":NaN,\"nthread\":1}", matrix),
                       "taking the table"));
    array_interface(text, order->y, order->n_rows, 0);
    return check_call(XGDMatrixSetInfoFromInterface(*matrix, "label", text), "taking the target");
}

static fet_status set_options(BoosterHandle booster, const struct fet_learner_order *order)
{
    char n_classes[32], rate[32], depth[32], seed[32];
    const bool is_many = order->n_classes > 2;
    fet_text_format(n_classes, sizeof n_classes, "%d", order->n_classes);
    fet_text_format(rate, sizeof rate, "%.17g", order->rate);
    fet_text_format(depth, sizeof depth, "%d", order->depth);
    fet_text_format(seed, sizeof seed, "%llu", (unsigned long long)(order->seed % 2147483647));
    const char *const objective = order->n_classes == 0 ? "reg:squarederror"
                                  : is_many             ? "multi:softprob"
                                                        : "binary:logistic";
    const char *const options[][2] = {
        {"verbosity", "0"},
        {"nthread", "1"},
        {"tree_method", "hist"},
        {"objective", objective},
        {"base_score", order->n_classes == 2 ? "0.5" : "0"},
        {"eta", rate},
        {"max_depth", depth},
        {"seed", seed},
        {is_many ? "num_class" : "verbosity", is_many ? n_classes : "0"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        FET_TRY(
            check_call(XGBoosterSetParam(booster, options[i][0], options[i][1]), options[i][0]));
    return FET_OK;
}

/* The trees of one round, in JSON; the caller owns *model. */
static fet_status slice_round(BoosterHandle booster, int round, json_t **model)
{
    BoosterHandle slice = NULL;
    bst_ulong n = 0;
    const char *bytes = NULL;
    FET_TRY(
        check_call(XGBoosterSlice(booster, round, round + 1, 1, &slice), "cutting a round out"));
    fet_status st = check_call(
        XGBoosterSaveModelToBuffer(slice, "{\"format\":\"json\"}", &n, &bytes), "printing a round");
    if (st == FET_OK) st = fet_json_parse(bytes, n, "XGBoost's model", model);
    (void)XGBoosterFree(slice);
    return st;
}

static fet_status add_round(struct fet_forest_builder *b, const json_t *model, int n_outputs,
                            double *gains)
{
    json_t *learner = NULL, *booster = NULL, *inner = NULL, *trees = NULL;
    FET_TRY(fet_json_get_object(model, "learner", &learner));
    FET_TRY(fet_json_get_object(learner, "gradient_booster", &booster));
    FET_TRY(fet_json_get_object(booster, "model", &inner));
    FET_TRY(fet_json_get_array(inner, "trees", &trees));
    if (json_array_size(trees) != (size_t)n_outputs)
        return FET_FAIL(FET_INTERNAL, "XGBoost: wanted %d trees in a round, got %zu", n_outputs,
                        json_array_size(trees));
    for (size_t i = 0; i < json_array_size(trees); i++)
        FET_TRY(fet_forest_builder_add(b, json_array_get(trees, i), gains));
    return FET_OK;
}

static fet_status take_trees(BoosterHandle booster, const struct fet_learner_order *order,
                             const struct fet_context *c, struct fet_forest *forest, double *gains)
{
    struct fet_forest_builder *b = NULL;
    const int n_outputs = order->n_classes > 2 ? order->n_classes : 1;
    FET_TRY(fet_forest_builder_new(order->n_inputs, n_outputs, &b));
    fet_status st = FET_OK;
    for (int i = 0; i < order->n_rounds && st == FET_OK; i++) {
        json_t *model = NULL;
        st = fet_context_progress(c, "taking the trees over", i, order->n_rounds);
        if (st == FET_OK) st = slice_round(booster, i, &model);
        if (st == FET_OK) st = add_round(b, model, n_outputs, gains);
        json_decref(model);
    }
    if (st == FET_OK) st = fet_forest_builder_finish(b, forest);
    fet_forest_builder_free(b);
    return st;
}

fet_status fet_learner_fit(const struct fet_learner_order *order, const struct fet_context *c,
                           struct fet_forest *forest, double *gains)
{
    fet_status st = FET_OK;
    DMatrixHandle matrix = NULL;
    BoosterHandle booster = NULL;
    FET_TRY_OUT(make_matrix(order, &matrix));
    FET_TRY_OUT(check_call(XGBoosterCreate(&matrix, 1, &booster), "starting"));
    FET_TRY_OUT(set_options(booster, order));
    for (int i = 0; i < order->n_rounds; i++) {
        FET_TRY_OUT(fet_context_progress(c, "growing trees", i, order->n_rounds));
        FET_TRY_OUT(check_call(XGBoosterUpdateOneIter(booster, i, matrix), "growing trees"));
    }
    memset(gains, 0, (size_t)order->n_inputs * sizeof *gains);
    FET_TRY_OUT(take_trees(booster, order, c, forest, gains));
out:
    if (booster != NULL) (void)XGBoosterFree(booster);
    if (matrix != NULL) (void)XGDMatrixFree(matrix);
    return st;
}
