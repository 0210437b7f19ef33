/* What an inspector says about itself, as JSON and in plain words. */
#include "inspector.h"

#include <math.h>

static fet_status rate_print(double wished, const struct fet_conformal_threshold *t, json_t **json)
{
    fet_status st = FET_OK;
    json_t *o = json_object();
    FET_TRY_OUT(fet_json_set(o, "wished", fet_json_real(wished)));
    FET_TRY_OUT(fet_json_set(o, "bound", fet_json_real(t->bound)));
    FET_TRY_OUT(fet_json_set(o, "confidence", fet_json_real(t->confidence)));
    FET_TRY_OUT(fet_json_set(o, "calibrated_on", json_integer(t->n)));
    FET_TRY_OUT(fet_json_set(o, "needed", json_integer(t->n_needed)));
    *json = o;
    o = NULL;
out:
    json_decref(o);
    return st;
}

fet_status fet_inspector_describe(const void *state, json_t **json)
{
    const struct fet_inspector *s = state;
    fet_status st = FET_OK;
    json_t *o = json_object(), *rate = NULL;
    FET_TRY_OUT(fet_json_set(o, "threshold", fet_json_real(s->reject.threshold)));
    FET_TRY_OUT(fet_json_set(o, "review_threshold", fet_json_real(s->review.threshold)));
    FET_TRY_OUT(rate_print(s->wished, &s->reject, &rate));
    FET_TRY_OUT(fet_json_set(o, "false_rejects", json_incref(rate)));
    FET_TRY_OUT(fet_json_set(o, "learned_from", json_integer(s->n_fit)));
    FET_TRY_OUT(fet_json_set(o, "learned_later", json_integer(s->n_later)));
    FET_TRY_OUT(fet_json_set(o, "folds", json_integer(s->n_folds)));
    FET_TRY_OUT(fet_json_set(o, "extractor", json_string(s->extractor.kind->name)));
    FET_TRY_OUT(fet_json_set(o, "position", json_boolean(s->is_placed)));
    FET_TRY_OUT(fet_json_set(o, "same_place", fet_json_real(s->same_place)));
    FET_TRY_OUT(fet_json_set(o, "scale", fet_json_real(s->look.scale)));
    *json = o;
    o = NULL;
out:
    json_decref(rate);
    json_decref(o);
    return st;
}

/* 0.0313 -> "3.1 %", 0.5 -> "50 %" */
static void share_text(double share, char out[32])
{
    fet_text_format(out, 32, "%.2g %%", share >= 0.0995 ? round(share * 100) : share * 100);
    if (share >= 0.995) fet_text_format(out, 32, "100 %%");
}

/* When one part alone makes the threshold: further above the next than that is above the middle. */
static void explain_odd_part(const struct fet_inspector *s, struct fet_text *text)
{
    enum { LEAST = 8 }; /* parts, of fewer any may look odd */
    const int64_t n = s->n_scores;
    if (n < LEAST || s->reject.threshold < s->scores[n - 1]) return;
    const double highest = s->scores[n - 1], next = s->scores[n - 2], middle = s->scores[n / 2];
    if (highest - next <= next - middle) return;
    fet_text_add(text,
                 " One of them looks far odder than the others (%.3g, the next %.3g) and makes the "
                 "threshold: defects below it pass. Is it a good part? --false-rejects %.1f%% puts "
                 "the threshold at the next.",
                 highest, next, ceil(2000.0 / (double)(n + 1)) / 10);
}

static void explain_promise(const struct fet_inspector *s, struct fet_text *text)
{
    const struct fet_conformal_threshold *t = &s->reject;
    char wished[32], bound[32], confidence[32];
    share_text(s->wished, wished);
    share_text(t->bound, bound);
    share_text(t->confidence, confidence);
    if (s->n_scores == 0) {
        fet_text_add(text,
                     " No part was left to calibrate with: the threshold is a rule of thumb, and "
                     "how many good parts will be rejected cannot be promised.");
    } else {
        fet_text_add(text, " Of good parts at most %s will be rejected, with %s confidence", bound,
                     confidence);
        fet_text_add(text, " (threshold from %lld good part%s", (long long)s->n_scores,
                     s->n_scores == 1 ? "" : "s");
        if (s->n_folds > 0)
            fet_text_add(text, ", each judged by a model that had not learned from it).");
        else
            fet_text_add(text, " that %s %s).", s->n_scores == 1 ? "was" : "were",
                         s->bands[0].channels.is_plain ? "learned from only afterwards"
                                                       : "not learned from");
    }
    explain_odd_part(s, text);
    if (s->n_scores > 0 && t->bound <= s->wished) return;
    fet_text_add(text, " %lld good part%s for calibration would be needed to promise %s.",
                 (long long)t->n_needed, t->n_needed == 1 ? "" : "s", wished);
}

fet_status fet_inspector_explain(const void *state, struct fet_text *text)
{
    const struct fet_inspector *s = state;
    fet_text_add(text, "Learned from %lld picture%s of good parts", (long long)s->n_fit,
                 s->n_fit == 1 ? "" : "s");
    if (s->extractor.kind == &fet_extractor_network)
        fet_text_add(text, ", seen through a network that was trained elsewhere");
    if (s->look.exact_w > 0)
        fet_text_add(text, ", looked at %d x %d pixels", s->look.exact_w, s->look.exact_h);
    else if (s->look.scale < 1)
        fet_text_add(text, ", looked at %.0f x %.0f pixels", s->usual_w * s->look.scale,
                     s->usual_h * s->look.scale);
    if (s->discriminator.n_in > 0)
        fet_text_add(text, ", and from defects made in pictures of them");
    if (s->look.roi != NULL) fet_text_add(text, ", inside the region of interest alone");
    fet_text_add(text, "; the place in the picture %s.",
                 s->is_placed ? "counts" : "does not count");
    if (s->n_later > 0)
        fet_text_add(text, " %lld picture%s of good parts %s remembered later.",
                     (long long)s->n_later, s->n_later == 1 ? "" : "s",
                     s->n_later == 1 ? "was" : "were");
    if (s->n_fit < 10)
        fet_text_add(text, " So few pictures show little of how good parts vary: expect good parts "
                           "to look odd.");
    explain_promise(s, text);
    return fet_text_status(text, "explanation");
}
