#include <charconv>

#include "json/json.h"
#include "pipeline/driver.h"
#include "text/text.h"

namespace patuh::pipeline {
namespace {

using base::Code;

base::Result<std::string> text_of(const json::Node& object, std::string_view key) {
  const json::Node* const node = object.find(key);
  if (node == nullptr || !node->is(json::Of::kString)) {
    return base::fail(Code::kCorrupt,
                      "a record's payload has no text \"" + std::string(key) + "\"");
  }
  return std::string(node->string());
}

base::Result<json::Document> object_of(std::string_view payload) {
  auto document = json::parse(payload, {});
  if (!document || !document->root().is(json::Of::kObject)) {
    return base::fail(Code::kCorrupt, "a record's payload is not a JSON object");
  }
  return std::move(*document);
}

}  // namespace

std::string encode_pack(const rulebook::RuleBook& book) {
  json::Writer out;
  out.begin_object()
      .member("hash", base::to_hex(book.hash))
      .member("zone_data", text::zone_data_version())
      .key("files")
      .begin_array();
  for (const rulebook::PackFile& file : book.files) {
    out.begin_object().member("name", file.name).member("text", file.text).end_object();
  }
  return out.end_array().end_object().take();
}

base::Result<std::shared_ptr<const rulebook::RuleBook>> decode_pack(std::string_view payload) {
  const auto document = object_of(payload);
  if (!document) return std::unexpected(document.error());
  const json::Node* const list = document->root().find("files");
  if (list == nullptr || !list->is(json::Of::kArray)) {
    return base::fail(Code::kCorrupt, "a pack's record has no files");
  }
  std::vector<rulebook::PackFile> files;
  for (const json::Node& node : list->items()) {
    auto name = text_of(node, "name");
    auto text = text_of(node, "text");
    if (!name || !text) return base::fail(Code::kCorrupt, "a pack's file is not whole");
    files.push_back({std::move(*name), std::move(*text)});
  }
  auto book = rulebook::load(std::span<const rulebook::PackFile>(files));
  if (!book) {
    return base::fail(Code::kCorrupt, "the log's pack does not load: " + book.error().render());
  }
  return std::move(*book);
}

std::string text_of(std::span<const store::EventPlace> events) {
  std::string out;
  for (const store::EventPlace& place : events) {
    out += (out.empty() ? "" : " ") + std::to_string(place.seq.value) + "/" +
           std::to_string(place.event);
  }
  return out;
}

base::Result<std::vector<store::EventPlace>> event_places_of(std::string_view text) {
  std::vector<store::EventPlace> out;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at < end) {
    store::EventPlace place;
    const auto seq = std::from_chars(at, end, place.seq.value);
    const bool slash = seq.ec == std::errc() && seq.ptr < end && *seq.ptr == '/';
    const auto event = slash ? std::from_chars(seq.ptr + 1, end, place.event) : seq;
    const bool whole = slash && event.ec == std::errc() && (event.ptr == end || *event.ptr == ' ');
    if (!whole || !std::in_range<std::int64_t>(place.seq.value)) {
      return base::fail(Code::kInvalid, "an event is named RECORD/PLACE, as in 17/0, not \"" +
                                            std::string(text) + "\"");
    }
    out.push_back(place);
    at = event.ptr == end ? end : event.ptr + 1;
  }
  return out;
}

std::string encode_action(const Action& action) {
  return json::Writer()
      .begin_object()
      .member("action", action.name)
      .member("principal", action.principal)
      .member("reason", action.reason)
      .member("detail", action.detail)
      .end_object()
      .take();
}

base::Result<Action> decode_action(std::string_view payload) {
  const auto document = object_of(payload);
  if (!document) return std::unexpected(document.error());
  Action out;
  for (const auto& [key, to] :
       {std::pair{"action", &out.name}, std::pair{"principal", &out.principal},
        std::pair{"reason", &out.reason}, std::pair{"detail", &out.detail}}) {
    auto text = text_of(document->root(), key);
    if (!text) return std::unexpected(text.error());
    *to = std::move(*text);
  }
  return out;
}

}  // namespace patuh::pipeline
