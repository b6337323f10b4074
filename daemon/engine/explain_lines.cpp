#include "engine/explain_lines.h"

#include <algorithm>

namespace patuh::engine {
namespace {

using model::Language;
using model::Text;

// Of a sub-expression; the whole stands in the rule.
constexpr std::size_t kStepBytesMax = 120;

// Senders' words reach terminals: what would steer one, or break the line, is a blank.
Text one_line(const Text& text) {
  return {base::printable(text.id, " "), base::printable(text.en, " ")};
}

// Runs of blanks, as between the lines of an expression, are one; what is long is cut.
std::string shortened(std::string text) {
  text = base::printable(text, " ");
  const auto more = std::ranges::unique(text, [](char a, char b) { return a == ' ' && b == ' '; });
  text.erase(more.begin(), more.end());
  if (text.size() <= kStepBytesMax) return text;
  std::size_t end = kStepBytesMax;
  while ((text[end] & 0xC0) == 0x80) --end;  // between letters
  return text.substr(0, end) + "…";
}

std::string word(Language language, std::string_view key) {
  return text::of(lang_of(language), key);
}

class Lines {
 public:
  Lines(const Explanation& why, const text::Zone& zone) : why_(why), zone_(zone) {}

  std::vector<Text> take() {
    add([&](Language language) { return state(language); });
    const Text message{why_.message_id, why_.message_en};
    if (!message.id.empty()) lines_.push_back(one_line(message));
    if (!why_.reason_told.id.empty()) {
      add([&](Language language) {
        return word(language, "console.reason") + ": " + why_.reason_told.in(language);
      });
    }
    const std::vector<Text> end = smallest_change();
    add_decided(kExplainedLinesMax - lines_.size() - end.size());
    lines_.insert(lines_.end(), end.begin(), end.end());
    return std::move(lines_);
  }

 private:
  template <class Tell>
  void add(Tell tell) {
    lines_.push_back(one_line(in_both(tell)));
  }

  std::string state(Language language) const {
    const text::Lang lang = lang_of(language);
    const std::string name =
        word(language, "state." + std::string(model::name_of(why_.verdict.state)));
    return (why_.verdict.pending ? text::of(lang, "console.pending", {name}) : name) + " · " +
           text::of(lang, "console.since", {text::time_in(lang, zone_, why_.verdict.since)});
  }

  // With a heading, in at most `room` lines.
  void add_decided(std::size_t room) {
    const std::size_t count = why_.decided.size();
    if (count == 0) return;
    add([&](Language language) { return word(language, "explain.decided") + ":"; });
    const std::size_t shown = count < room ? count : room - 2;
    for (std::size_t i = 0; i < shown; ++i) lines_.push_back(told(why_.decided[i]));
    if (shown == count) return;
    add([&](Language language) {
      return "  " + text::of(lang_of(language), "explain.more", {std::to_string(count - shown)});
    });
  }

  // "self.until > now  →  no  (require 17)": where it stands, counted from 1.
  static Text told(const ExplainedStep& step) {
    const std::string place = "  (" + step.part + " " + std::to_string(step.begin + 1) + ")";
    return in_both([&](Language language) {
      return "  " + shortened(step.text) + "  →  " + shortened(step.told.in(language)) + place;
    });
  }

  std::vector<Text> smallest_change() const {
    const SmallestChange& change = why_.smallest_change;
    if (change.told.id.empty()) return {};
    const auto headed = [](auto tell) {
      return one_line(in_both([&](Language language) {
        return word(language, "explain.smallest") + ": " + tell(language);
      }));
    };
    if (change.changes.empty()) {
      return {headed([&](Language language) { return change.told.in(language); })};
    }
    const auto changes = [&](Language language) {
      std::string out;
      for (const SmallestChange::Change& one : change.changes) {
        out += (out.empty() ? "" : "; ") + one.told.in(language);
      }
      return out;
    };
    return {headed(changes), one_line(change.told)};
  }

  const Explanation& why_;
  const text::Zone& zone_;
  std::vector<Text> lines_;
};

}  // namespace

std::vector<Text> lines_of(const Explanation& why, const text::Zone& zone) {
  return Lines(why, zone).take();
}

}  // namespace patuh::engine
