/* What writing and reading a package agree on. Private to the room. */
#ifndef FET_PACKAGE_FILE_H
#define FET_PACKAGE_FILE_H

#include "model.h"

#define FET_MEMBER_HEAD "model.json"
#define FET_MEMBER_WEIGHTS "weights.safetensors"
#define FET_MEMBER_CARD "card.md"
#define FET_MEMBER_REFERENCE "reference.json"
#define FET_MEMBER_GOLDENS "golden/" /* and the golden's name */
#define FET_MEMBER_ANSWERS "golden/answers.json"
#define FET_MEMBER_SBOM "sbom.cdx.json"

enum { FET_MAX_GOLDENS = 256 };

/* The bill of materials: CycloneDX 1.4 JSON with the libraries that this program was built with.
 * The same program gives the same bytes. The caller owns *s (fet_free). */
FET_CHECKED fet_status fet_sbom_print(char **s);

#endif
