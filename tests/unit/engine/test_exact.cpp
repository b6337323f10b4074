// Exact reads: a fact that no pair read is changed, and nothing is judged; one that was read, and
// exactly its readers are judged. Who read what, the plain truth tells.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "history.h"
#include "random_events.h"
#include "random_pack.h"
#include "side_by_side.h"

namespace patuh::engine::naive {
namespace {

constexpr std::uint64_t kHistories = 40;
constexpr int kChanges = 40;

// Everything that can be asked of an element's attributes, with its value.
std::map<std::string, std::string> facts_of(const registry::Registry& registry,
                                            model::ElementRef element) {
  std::map<std::string, std::string> out;
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  for (std::uint16_t i = 0; i < kind.fields.size(); ++i) {
    const model::FieldId field{i};
    if (kind.fields[i].is_relation() || kind.fields[i].attribute().derived_on_read) continue;
    out[fact_of(registry, element, field)] =
        expr::to_text(registry.value(element, field)) + (registry.has(element, field) ? "" : "?");
  }
  out[changed_at_fact(registry, element)] = base::to_rfc3339(registry.changed_at(element));
  return out;
}

// Which facts a change of one element's attributes moved; an indexed value that goes or comes
// moves the sets of those that have it.
ReadFacts moved(const registry::Registry& registry, model::ElementRef element,
                const std::map<std::string, std::string>& before) {
  ReadFacts out;
  const auto after = facts_of(registry, element);
  const model::Kind& kind = registry.schema().kind(registry.kind_of(element));
  for (const auto& [fact, value] : after) {
    if (before.at(fact) == value) continue;
    out.insert(fact);
    const auto field = kind.field_of(fact.substr(fact.find('.') + 1));
    if (!field || !kind.fields[field->value].attribute().indexed) continue;
    for (const std::string& one : {before.at(fact), value}) {
      out.insert(kind.name + "." + kind.fields[field->value].name + "=" +
                 one.substr(0, one.find('?')));
    }
  }
  return out;
}

class Exact {
 public:
  explicit Exact(std::uint64_t seed) : dice_(seed), pack_(dice_), events_(dice_, pack_) {
    both_.emplace(pack_.load(), spans());
  }

  // Makes an estate, then changes one attribute at a time at one instant.
  std::string run() {
    for (int i = 0; i < 25; ++i) {
      now_ += std::chrono::hours(dice_.between(0, 20));
      if (auto wrong = both_->apply(now_, events_.next(book(), now_)); !wrong.empty()) return wrong;
    }
    for (int i = 0; i < kChanges; ++i) {
      if (auto wrong = change_one(); !wrong.empty()) return wrong;
    }
    return "";
  }
  std::uint64_t unread = 0, read = 0;

 private:
  const rulebook::RuleBook& book() { return both_->engine().book(); }
  const registry::Registry& registry() { return both_->engine().registry(); }

  // The first change also says that its source was heard: not counted.
  std::string change_one() {
    std::vector<model::ElementRef> elements;
    registry().for_each(std::nullopt, [&](model::ElementRef element) {
      const bool plain = registry().kind_of(element).value >= kFirst;
      if (plain && !registry().is_stub(element)) elements.push_back(element);
    });
    if (elements.empty()) return "";
    const model::ElementRef element = dice_.pick(elements);
    const model::Kind& kind = book().schema->kind(registry().kind_of(element));
    const model::FieldId field{static_cast<std::uint16_t>(dice_.below(kind.fields.size()))};
    if (kind.fields[field.value].is_relation()) return "";
    const auto reads = both_->reads();
    const auto before = facts_of(registry(), element);
    const auto event = events_.patch_of(book(), registry().key_of(element), field, now_);
    if (auto wrong = both_->apply(now_, event); !wrong.empty()) return wrong;
    if (!std::exchange(heard_, true)) return "";
    return check(reads, moved(registry(), element, before), event);
  }

  std::string check(const std::map<PairName, ReadFacts>& reads, const ReadFacts& changed,
                    const model::ChangeEvent& event) {
    std::string readers;
    std::uint64_t count = 0;
    for (const auto& [pair, facts] : reads) {
      const bool is_reader = std::ranges::any_of(
          facts, [&](const std::string& fact) { return changed.contains(fact); });
      if (!is_reader) continue;
      ++count;
      readers += " " + pair.first + " of " + pair.second;
    }
    ++(count == 0 ? unread : read);
    if (both_->judged() == count) return "";
    return text_of(event, *book().schema) + ": " + std::to_string(both_->judged()) +
           " judged; read by" + readers + "\n" + pack_.text();
  }

  Dice dice_;
  RandomPack pack_;
  RandomEvents events_;
  std::optional<SideBySide> both_;
  base::Instant now_ = kBeginning;
  bool heard_ = false;
};

TEST(Exact, OnlyAndAllReadersOfAChangedFactAreJudged) {
  std::uint64_t unread = 0;
  std::uint64_t read = 0;
  const std::uint64_t first = from_environment("PATUH_ENGINE_SEED", 1);
  for (std::uint64_t seed = first; seed < first + from_environment("PATUH_ENGINE_RUNS", kHistories);
       ++seed) {
    Exact exact(seed);
    const std::string wrong = exact.run();
    ASSERT_TRUE(wrong.empty()) << "seed " << seed << ": " << wrong;
    unread += exact.unread;
    read += exact.read;
  }
  std::cout << unread << " changes of what nobody read, " << read << " of what someone read\n";
  const std::uint64_t runs = from_environment("PATUH_ENGINE_RUNS", kHistories);
  EXPECT_GT(unread, runs);
  EXPECT_GT(read, runs);
}

}  // namespace
}  // namespace patuh::engine::naive
