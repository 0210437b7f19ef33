/* The page from top to bottom. It is built in memory and written at once, so a failure leaves the
 * old file as it was. A policy in its head forbids every script and everything from outside; only
 * its own style sheet, named by digest, and pictures inside the page are allowed. */
#include "report.h"

#include "page.h"
#include "svg.h"

#include <string.h>

static const char *const skeleton_head =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"color-scheme\" content=\"light dark\">"
    "<meta name=\"generator\" content=\"Fettle " FET_VERSION "\">";

static fet_status add_style(struct fet_text *t)
{
    struct fet_text style = {0};
    for (const char *const *s = fet_page_styles; *s != NULL; s++) fet_text_add_string(&style, *s);
    const fet_status st = fet_text_status(&style, "style sheet");
    if (st == FET_OK) {
        const struct fet_digest d = fet_digest_of(style.s, style.n);
        fet_text_add_string(t, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                               "'none'; img-src data:; style-src 'sha256-");
        fet_base64_add(t, d.bytes, sizeof d.bytes);
        fet_text_add_string(t, "'\"><style>");
        fet_text_add_bytes(t, style.s, style.n);
        fet_text_add_string(t, "</style>");
    }
    fet_text_deinit(&style);
    return st;
}

/* Links to the sections that will come. */
static void add_contents(struct fet_text *t, const struct fet_report *r)
{
    const struct {
        const char *id, *name;
        bool has;
    } sections[] = {{"meaning", "What it means", true},
                    {"figures", "Figures", json_is_object(r->figures)},
                    {"answers", fet_page_has_pictures(r) ? "Pictures" : "Answers", true},
                    {"charts", "Charts", r->charts != NULL && r->charts->n > 0},
                    {"timing", "Timing", fet_page_has_timing(r)},
                    {"facts", "How it was made", true}};
    fet_text_add_string(t, "<nav aria-label=\"Sections\"><ul>");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (sections[i].has)
            fet_text_add(t, "<li><a href=\"#%s\">%s</a></li>", sections[i].id, sections[i].name);
    fet_text_add_string(t, "</ul></nav>");
}

static fet_status add_head(struct fet_text *t, const struct fet_report *r)
{
    fet_text_add_string(t, skeleton_head);
    fet_text_add_string(t, "<title>");
    fet_text_add_html(t, r->title);
    fet_text_add_string(t, "</title>");
    FET_TRY(add_style(t));
    fet_text_add_string(t, "</head><body><header><p class=\"brand\">Fettle</p><h1>");
    fet_text_add_html(t, r->title);
    fet_text_add_string(t, "</h1>");
    if (r->subtitle != NULL) {
        fet_text_add_string(t, "<p class=\"subtitle\">");
        fet_text_add_html(t, r->subtitle);
        fet_text_add_string(t, "</p>");
    }
    add_contents(t, r);
    fet_text_add_string(t, "</header><main>");
    return FET_OK;
}

static void add_meaning(struct fet_text *t, const struct fet_report *r)
{
    fet_text_add_string(t, "<section id=\"meaning\"><h2>What it means</h2>");
    if (r->sentence != NULL) {
        fet_text_add_string(t, "<p class=\"lead\">");
        fet_text_add_html(t, r->sentence);
        fet_text_add_string(t, "</p>");
    }
    fet_page_add_outcome(t, r);
    fet_text_add_string(t, "</section>");
}

fet_status fet_page_add_charts(struct fet_text *t, const struct fet_report *r)
{
    if (r->charts == NULL || r->charts->n == 0) return FET_OK;
    fet_text_add_string(t, "<section id=\"charts\"><h2>Charts</h2><div class=\"charts\">");
    for (int i = 0; i < r->charts->n; i++) {
        char id[32];
        fet_text_format(id, sizeof id, "chart-%d", i);
        FET_TRY(fet_html_chart(t, &r->charts->items[i], id));
    }
    fet_text_add_string(t, "</div></section>");
    return FET_OK;
}

static fet_status add_page(struct fet_text *t, const struct fet_report *r,
                           const struct fet_context *c)
{
    FET_TRY(add_head(t, r));
    add_meaning(t, r);
    fet_page_add_figures(t, r);
    FET_TRY(fet_page_add_gallery(t, r, c));
    FET_TRY(fet_page_add_charts(t, r));
    FET_TRY(fet_page_add_timing(t, r));
    fet_page_add_facts(t, r);
    fet_text_add_string(t, "</main><footer><p>Made by Fettle " FET_VERSION
                           ". This page is one file and needs no network.</p></footer>"
                           "</body></html>\n");
    return fet_text_status(t, "report");
}

fet_status fet_report_write(const struct fet_report *r, const char *path,
                            const struct fet_context *c)
{
    struct fet_text t = {0};
    fet_status st = add_page(&t, r, c);
    if (st == FET_OK) st = fet_file_write(path, t.s, t.n);
    fet_text_deinit(&t);
    return st;
}
