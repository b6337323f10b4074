// All that is answered, by theme. Private to api.
#pragma once

#include "api/api.h"
#include "api/router.h"

namespace patuh::api {

// Calls each of those below. Handlers run on workers' threads, several at a time.
void add_handlers(Router& router, const Options& options, const Services& services);

void add_operations(Router& router, const Services& services);  // metrics, health, reload
void add_history(Router& router, const Services& services);     // /-/clock…, /-/log/erase
// POST /-/quarantine/redrive
void add_quarantine(Router& router, const Options& options, const Services& services);
void add_events(Router& router, const Options& options, const Services& services);
void add_answers(Router& router, const Services& services);  // /api/v1/… reads
void add_past(Router& router, const Services& services);     // what changed between two instants
void add_console(Router& router, const Services& services);  // pages
void add_openapi(Router& router);                            // after all others

// The answer of a reading route (its pattern) as of the request's `at`, by the store's indexes.
Response then(const Services& services, pipeline::Books& books, std::string_view pattern,
              const Request& request, const Parts& parts);
// Who asks and why, from the query's `by` ("operator" when left out) and `reason`; nothing when one
// of them is no short text.
std::optional<pipeline::Operator> operator_of(const Request& request);
Response unknown_operator();  // what is answered then

// What the engine or the store did not answer, as a problem.
Response problem_of(const base::Error& error);
Response not_known();  // 404: nothing is known of what was asked for
Response json_response(std::string body);

}  // namespace patuh::api
