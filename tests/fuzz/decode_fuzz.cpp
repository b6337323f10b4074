// Any bytes that a sender may send: events of a schema with every role, or set aside with a reason.
//
// An input is written like a request: a line with the channel ("http" or "kafka") and the content
// type, lines "name: value" of headers, an empty line, and the body.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "collectors/decode/decode.h"
#include "rulebook/rulebook.h"
#include "tests/unit/decode/schema_of_roles.h"

namespace patuh::decode {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::shared_ptr<const model::Schema> schema() {
  static const auto kLoaded = [] {
    const rulebook::PackFile file{"0:schema.toml", std::string(kSchema)};
    auto book = rulebook::load(std::span(&file, 1));
    if (!book) std::fputs(book.error().render().c_str(), stderr);
    require(book.has_value());
    return (*book)->schema;
  }();
  return kLoaded;
}

std::string_view line_of(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void check(const Rejected& rejected) {
  require(!rejected.fault.message.empty());
  require(base::is_utf8(rejected.fault.message));
}

// Both steps at once say the same as one after the other.
void check(const Event& event, const Change* change) {
  if (!event.time) return;
  const auto read = interpret(event, *schema());
  if (!read) require(base::is_utf8(read.error().message));
  if (change == nullptr) return;
  require(read.has_value() == change->has_value());
  if (!read) return;
  require(model::is_element_id(read->element_id));
  require(read->element_id == (*change)->element_id && read->kind == (*change)->kind);
  require(read->operation == (*change)->operation && read->unknown == (*change)->unknown);
  require(std::ranges::is_sorted(read->fields, {}, &model::FieldChange::field));
  require(std::ranges::equal(read->fields, (*change)->fields, {}, &model::FieldChange::field,
                             &model::FieldChange::field));
}

void try_input(std::string_view input) {
  const std::string_view first = line_of(input);
  const std::size_t blank = std::min(first.find(' '), first.size());
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  for (auto line = line_of(input); !line.empty(); line = line_of(input)) {
    const std::size_t colon = std::min(line.find(": "), line.size());
    headers.emplace_back(line.substr(0, colon), line.substr(std::min(colon + 2, line.size())));
  }
  model::Position position;
  position.channel = first.substr(0, blank) == "http" ? "http" : "kafka";
  const Message message{input, first.substr(std::min(blank + 1, first.size())), headers, position};
  const Limits limits{.event_bytes_max = 4096, .events_max = 20};
  Delivery delivery;
  delivery.schema = schema();
  decode_into(message, limits, delivery);
  require(!delivery.items.empty());
  require(decode(message, limits).size() == delivery.items.size());
  require(delivery.changes.empty() || delivery.changes.size() == delivery.items.size());
  for (std::size_t i = 0; i < delivery.items.size(); ++i) {
    if (const auto* const event = std::get_if<Event>(&delivery.items[i])) {
      check(*event, delivery.changes.empty() ? nullptr : &delivery.changes[i]);
    } else {
      check(std::get<Rejected>(delivery.items[i]));
    }
  }
}

}  // namespace
}  // namespace patuh::decode

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  patuh::decode::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
