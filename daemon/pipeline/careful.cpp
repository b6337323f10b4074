#include "pipeline/careful.h"

#include <charconv>

#include "pipeline/rows.h"

namespace patuh::pipeline {
namespace {

// Keys of the store's meta; their values are this file's.
constexpr std::string_view kRunning = "pipeline.running";  // "yes" until it ends well
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
  if (running->value_or("") == "yes") {
    left_ = inputs_;
    const std::string text = attempt->value_or("");
    const std::size_t space = text.find(' ');
    if (space != std::string::npos) {
      std::from_chars(text.data(), text.data() + space, crashes_);
      marked_ = text.substr(space + 1);
      ++crashes_;
    }
  }
  return store.set_meta(kRunning, "yes");
}

base::Status Careful::end(store::Store& store) {
  if (inputs_ == 0) return {};
  if (auto done = store.set_meta(kAttempt, ""); !done) return done;
  return store.set_meta(kRunning, "");
}

base::Result<bool> Careful::attempt(store::Store& store, const decode::Item& input) {
  const std::string identity = identity_of(input);
  const unsigned crashes = identity == marked_ ? crashes_ : 0;
  if (crashes >= kCrashesMax) return true;
  const auto done = store.set_meta(kAttempt, std::to_string(crashes) + " " + identity);
  if (!done) return std::unexpected(done.error());
  return false;
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
