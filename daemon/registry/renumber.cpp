// A saved row taken out of its estate.
#include <algorithm>

#include "registry/impl.h"
#include "registry/saved.h"

namespace patuh::registry {
namespace {

constexpr auto kFree = static_cast<std::uint8_t>(Life::kFree);
constexpr auto kLast = static_cast<std::uint8_t>(Life::kKnown);

// A row that is read and written again with other places.
class Copier {
 public:
  Copier(std::string_view row, std::uint32_t own, SavedCopy& copy)
      : in_(row), out_(copy.row), copy_(copy), own_(own) {}

  // False when the bytes are no row of a place that is in use.
  bool run() {
    if (byte() == kFree) return false;
    number();
    text();
    const std::uint8_t flags = byte();
    integer();
    copy_.owner = ref();
    ref();
    if ((flags & Slot::kTombstone) != 0) {
      number();
      integer();
    }
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) mark();
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      number();
      write();
      value(true, 0);
    }
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      text();
      write();
      text();
    }
    return in_.ok();
  }

 private:
  std::uint64_t number() {
    const std::uint64_t value = in_.number();
    out_.number(value);
    return value;
  }
  std::int64_t integer() {
    const std::int64_t value = in_.integer();
    out_.integer(value);
    return value;
  }
  std::uint8_t byte() {
    const std::uint8_t value = in_.byte();
    out_.byte(value);
    return value;
  }
  void text() { out_.text(in_.text()); }

  std::uint32_t number_of(std::uint32_t place) {
    if (place == own_) return 0;
    const auto found = std::ranges::find(copy_.places, place);
    const auto at = static_cast<std::uint32_t>(found - copy_.places.begin());
    if (found == copy_.places.end()) copy_.places.push_back(place);
    return at + 1;
  }
  std::optional<std::uint32_t> ref() {
    const std::uint64_t value = in_.number_below(UINT32_MAX);
    if (value == 0) {
      out_.number(0);
      return std::nullopt;
    }
    const auto place = static_cast<std::uint32_t>(value - 1);
    out_.number(std::uint64_t{number_of(place)} + 1);
    return place;
  }
  void mark() {
    copy_.sources.insert(number());
    const std::uint8_t flags = byte();
    integer();
    if ((flags & SourceMark::kUpserted) != 0) integer();
  }
  void write() {
    const auto how = static_cast<SavedWrite>(byte());
    if (how == SavedWrite::kUpsert || how == SavedWrite::kPatch) number();
    if (how == SavedWrite::kPatch) integer();
  }

  void value(bool outermost, int depth) {
    const auto of = static_cast<SavedValue>(byte());
    switch (of) {
      case SavedValue::kCleared:
      case SavedValue::kFalse:
      case SavedValue::kTrue:
        return;
      case SavedValue::kInt:
        integer();
        return;
      case SavedValue::kUint:
        number();
        return;
      case SavedValue::kDouble:
        out_.fixed(in_.fixed());
        return;
      case SavedValue::kString:
      case SavedValue::kBytes:
        return text();
      case SavedValue::kTimestamp:
      case SavedValue::kDuration:
        integer();
        number();
        return;
      case SavedValue::kList:
      case SavedValue::kMap:
        return values(of == SavedValue::kMap, depth + 1);
      case SavedValue::kEnds:
        if (outermost) return ends();
        break;
    }
    in_.fault();
  }
  void values(bool of_map, int depth) {
    if (depth > kSavedDepthMax) return in_.fault();
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      value(false, depth);
      if (of_map) value(false, depth);
    }
  }
  void ends() {
    for (std::uint64_t n = number(); n > 0 && in_.ok(); --n) {
      out_.number(number_of(static_cast<std::uint32_t>(in_.number_below(UINT32_MAX))));
    }
  }

  base::Decoder in_;
  base::Encoder out_;
  SavedCopy& copy_;
  const std::uint32_t own_;
};

}  // namespace

std::optional<SavedName> saved_name(std::string_view row) {
  base::Decoder in(row);
  SavedName out;
  out.life = in.byte();
  if (out.life == kFree || out.life > kLast) return std::nullopt;
  out.kind = in.number();
  out.id = in.owned();
  return in.ok() ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<SavedCopy> renumbered(std::string_view row, std::uint32_t own) {
  SavedCopy out;
  return Copier(row, own, out).run() ? std::optional(std::move(out)) : std::nullopt;
}

std::string saved_stub(const SavedName& name) {
  std::string out;
  base::Encoder to(out);
  to.byte(name.life);
  to.number(name.kind);
  to.text(name.id);
  to.byte(0);
  to.integer(0);
  for (int i = 0; i < 5; ++i) to.number(0);  // agency, fallback, sources, fields, unknown
  return out;
}

}  // namespace patuh::registry
