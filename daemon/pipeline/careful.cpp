#include "pipeline/careful.h"

#include <algorithm>
#include <charconv>

#include "pipeline/rows.h"

namespace patuh::pipeline {
namespace {

// Keys of the store's meta; their values are this file's.
constexpr std::string_view kRunning = "pipeline.running";  // inputs on their way; empty: ended well
constexpr std::string_view kAttempt = "pipeline.attempt";  // crashes so far, and the input's digest
constexpr unsigned kCrashesMax = 2;

std::string bytes_of(const decode::Item& input) {
  if (const auto* const rejected = std::get_if<decode::Rejected>(&input)) return rejected->bytes;
  const auto& event = std::get<decode::Event>(input);
  return event.bytes.empty() ? structured_form(event) : std::string(event.bytes);
}

// An input that comes again from elsewhere is the same one.
std::string identity_of(const decode::Item& input) {
  return base::to_hex(base::sha256(bytes_of(input)));
}

}  // namespace

base::Status Careful::begin(store::Store& store) {
  if (inputs_ == 0) return {};
  const auto running = store.read().meta(kRunning);
  const auto attempt = store.read().meta(kAttempt);
  if (!running) return std::unexpected(running.error());
  if (!attempt) return std::unexpected(attempt.error());
  if (const std::string noted = running->value_or(""); !noted.empty()) {
    expected_ = inputs_;
    std::size_t before = 0;
    std::from_chars(noted.data(), noted.data() + noted.size(), before);
    expected_ = std::max(expected_, before);
    const std::string text = attempt->value_or("");
    const std::size_t space = text.find(' ');
    if (space != std::string::npos) {
      std::from_chars(text.data(), text.data() + space, crashes_);
      marked_ = text.substr(space + 1);
      ++crashes_;
    }
  }
  // What the run before had on its way may still be to come when this one ends.
  return note(store, std::max(inputs_, expected_));
}

base::Status Careful::note(store::Store& store, std::size_t inputs) {
  auto done = store.set_meta(kRunning, std::to_string(inputs));
  if (done) inputs_ = inputs;
  return done;
}

base::Status Careful::end(store::Store& store) {
  if (inputs_ == 0) return {};
  if (auto done = store.set_meta(kAttempt, ""); !done) return done;
  return store.set_meta(kRunning, "");
}

bool Careful::on(const std::string& channel) const {
  const auto taken = taken_.find(channel);
  return expected_ > (taken == taken_.end() ? 0 : taken->second);
}

bool Careful::on() const {
  const auto is_left = [&](const auto& channel) { return channel.second < expected_; };
  return expected_ > 0 && (taken_.empty() || std::ranges::any_of(taken_, is_left));
}

base::Result<bool> Careful::attempt(store::Store& store, const decode::Item& input) {
  const std::string identity = identity_of(input);
  const unsigned crashes = identity == marked_ ? crashes_ : 0;
  if (crashes >= kCrashesMax) return true;
  const auto done = store.set_meta(kAttempt, std::to_string(crashes) + " " + identity);
  if (!done) return std::unexpected(done.error());
  return false;
}

const std::string& channel_of(const decode::Item& input) {
  return std::visit(
      [](const auto& either) -> const std::string& { return either.position.channel; }, input);
}

store::Quarantined quarantined_for_crash(const decode::Item& input) {
  const std::string bytes = bytes_of(input);
  store::Quarantined out;
  out.reason = kBroughtDown;
  out.message = "the daemon ended unexpectedly each time it took this input";
  out.size = bytes.size();
  out.sha256 = base::sha256(bytes);
  out.bytes = bytes.substr(0, store::kQuarantineBytesMax);
  std::visit([&](const auto& either) { out.position = either.position; }, input);
  std::visit([&](const auto& either) { out.source = either.source, out.id = either.id; }, input);
  return out;
}

}  // namespace patuh::pipeline
