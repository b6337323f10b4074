// Answers as JSON, and what a request asks for. Private to api.
#pragma once

#include <string>

#include "api/message.h"
#include "api/queries.h"

namespace patuh::api {

std::string summary_json(const Summary& summary);
std::string agencies_json(const std::vector<Owing>& agencies);
std::string items_json(const Items& items, const Filter& filter);  // a page of what it asks for
std::string element_json(const ElementAnswer& element);
std::string verdict_json(const VerdictAnswer& verdict);
std::string rules_json(const rulebook::RuleBook& book, const engine::Tallies& tallies);

// Of the query; empty when it is not there.
std::string parameter(const Request& request, const std::string& name);
// kInvalid says what is wrong with it.
std::vector<std::string> filter_names();  // of the parameters that filter_of() reads
base::Result<Filter> filter_of(const Request& request);
// Of a list that came out empty: kInvalid names what it asks for and nobody knows. An empty answer
// would say that nothing is owed.
base::Status check_names(const Filter& filter, const rulebook::RuleBook& book,
                         const engine::Tallies& tallies,
                         const std::map<std::string, pipeline::AgencyName>& agencies);

}  // namespace patuh::api
