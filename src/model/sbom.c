/* The bill of materials (CycloneDX 1.4, JSON). No serial number and no time, so that the same
 * program writes the same bytes. Libraries that can tell their version are asked; of the others it
 * is the version that the build found. */
#include "package_file.h"

#include "kernel.h"

#include <openssl/crypto.h>
#include <zlib.h>

struct library {
    const char *name, *version;
};

/* {"type": "library", "name": .., "version": ..} */
static json_t *component_new(const char *type, const char *name, const char *version)
{
    json_t *o = json_object();
    if (fet_json_set(o, "type", json_string(type)) != FET_OK ||
        fet_json_set(o, "name", json_string(name)) != FET_OK ||
        fet_json_set(o, "version", json_string(version)) != FET_OK) {
        json_decref(o);
        return NULL;
    }
    return o;
}

static fet_status components_make(json_t *components)
{
    char dnnl[32];
    fet_kernel_dnnl_version(dnnl);
    const struct library libraries[] = {
        {"jansson", jansson_version_str()},
        {"libjpeg-turbo", FET_JPEG_VERSION},
        {"libspng", FET_SPNG_VERSION},
        {"libtiff", FET_TIFF_VERSION},
        {"oneDNN", dnnl},
        {"openssl", OpenSSL_version(OPENSSL_VERSION_STRING)},
        {"xgboost", FET_XGBOOST_VERSION},
        {"zlib", zlibVersion()},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        FET_TRY(fet_json_push(components,
                              component_new("library", libraries[i].name, libraries[i].version)));
    }
    return FET_OK;
}

fet_status fet_sbom_print(char **s)
{
    fet_status st = FET_OK;
    json_t *bom = json_object(), *metadata = json_object(), *components = json_array();
    FET_TRY_OUT(fet_json_set(bom, "bomFormat", json_string("CycloneDX")));
    FET_TRY_OUT(fet_json_set(bom, "specVersion", json_string("1.4")));
    FET_TRY_OUT(fet_json_set(bom, "version", json_integer(1)));
    FET_TRY_OUT(
        fet_json_set(metadata, "component", component_new("application", "fettle", FET_VERSION)));
    FET_TRY_OUT(fet_json_set(bom, "metadata", json_incref(metadata)));
    FET_TRY_OUT(components_make(components));
    FET_TRY_OUT(fet_json_set(bom, "components", json_incref(components)));
    st = fet_json_print(bom, true, s);
out:
    json_decref(components);
    json_decref(metadata);
    json_decref(bom);
    return st;
}
