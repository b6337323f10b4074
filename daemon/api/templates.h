// The console's pages and their style. Private to api.
#pragma once

#include <array>
#include <string_view>

#include "html/html.h"

namespace patuh::api {

extern const html::Template kSummaryPage;
extern const html::Template kAgencyPage;
extern const html::Template kVerdictPage;
extern const html::Template kElementPage;
extern const std::string_view kStyle;
extern const std::string_view kIcon;  // SVG

}  // namespace patuh::api
