// Against pages of other sites in the browser of somebody who reaches this listener. Private to
// api.
#pragma once

#include <optional>
#include <string_view>

#include "api/message.h"

namespace patuh::api {

// What is answered to a request that such a page made, whatever it asks for; nothing for all
// others.
//
// 403 when it would change something and its Origin is not its Host. 421 when the listener is on
// loopback and its Host is a name that is not ours: a name of another's whose address was turned
// into ours (DNS rebinding) makes a page of theirs look like one of ours. Ours are localhost, the
// host of `external_url`, and every address, which cannot be turned. A request without a Host is no
// browser's. Any thread.
std::optional<Response> refused_as_foreign(const Request& request, std::string_view external_url,
                                           bool is_on_loopback);

}  // namespace patuh::api
