// Words of the pack format: what may be a name, and lists of names for hints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/model.h"
#include "toml/toml.h"

namespace patuh::rulebook {

inline constexpr std::size_t kNameBytesMax = 64;

// Kinds, fields, parameters: a lower-case letter, then letters, digits and '_'; at most 64 bytes;
// no word of the expression language. Reports PACK-BAD-NAME or PACK-RESERVED-NAME.
bool check_name(const toml::Member& member, std::string_view what, toml::Report& report);

// Ids of rules, keys of laws, values of for_each: letters, digits, '-' and '_'.
bool is_code(std::string_view text);

std::vector<std::string_view> kind_names(const model::Schema& schema);
std::vector<std::string_view> field_names(const model::Kind& kind);

// "365d", "1h30m", "0": units d, h, m, s, each at most once, in this order. Nothing for any other
// form, or beyond 100 years.
std::optional<base::Duration> duration_of(std::string_view text);

inline std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

// The words of an expression (letters, digits and '_', also within its strings).
std::vector<std::string_view> words_of(std::string_view expression);

}  // namespace patuh::rulebook
