#include <algorithm>
#include <fstream>
#include <future>
#include <utility>

#include "collectors/file/file.h"

namespace patuh::file {
namespace {

using base::Code;

constexpr std::size_t kIdentityBytes = std::size_t{64} * 1024;
constexpr std::size_t kBlockBytes = std::size_t{256} * 1024;

// What the deliveries on their way share with the reader; outlives both.
struct Account {
  std::function<void(const Progress&)> progress;
  Progress done;  // on the pipeline's thread
  std::atomic<bool> refused{false};
  std::promise<void> finished;
};

// Lines of any length: what is beyond the most is read and dropped.
class Lines {
 public:
  explicit Lines(std::istream& in) : in_(in) {}

  bool next(std::string& line) {
    line.clear();
    if (left_.empty() && !fill()) return false;
    do {
      const std::size_t end = std::min(left_.find('\n'), left_.size());
      line.append(left_.substr(0, std::min(end, kLineBytesMax - line.size())));
      const bool ended = end < left_.size();
      left_.remove_prefix(ended ? end + 1 : end);
      if (ended) return true;
    } while (fill());
    return true;
  }

 private:
  bool fill() {
    in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
    left_ = std::string_view(block_).substr(0, static_cast<std::size_t>(in_.gcount()));
    return !left_.empty();
  }

  std::istream& in_;
  std::string block_ = std::string(kBlockBytes, '\0');
  std::string_view left_;  // of the block
};

class Feeder {
 public:
  Feeder(std::string identity, decode::Intake& intake, const FeedOptions& options)
      : identity_(std::move(identity)), intake_(intake), options_(options) {
    account_->progress = options.progress;
  }

  base::Result<Progress> run(std::ifstream& in, std::uint64_t size, const std::stop_token& stop) {
    account_->done.bytes_all = size;
    Lines lines(in);
    std::string line;
    while (!stop.stop_requested() && !account_->refused && lines.next(line)) {
      ++line_;
      bytes_ += line.size() + 1;
      if (line_ >= options_.first_line && !is_blank(line)) add(line);
      if (next_.items.size() >= kLinesPerDelivery && !send(stop, false)) break;
    }
    if (stop.stop_requested() || account_->refused || !send(stop, true)) return cancelled();
    account_->finished.get_future().wait();
    if (account_->refused) return cancelled();
    return account_->done;
  }

 private:
  static bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
  }
  static std::unexpected<base::Error> cancelled() {
    return base::fail(Code::kCancelled, "stopped before the end of the file");
  }

  model::Position position(std::int64_t line) const { return {"file", identity_, 0, line}; }

  void add(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (next_.items.empty() && options_.schema) next_.schema = options_.schema();
    decode::Message message;
    message.body = line;
    message.position = position(line_);
    decode::decode_into(message, options_.limits, next_);
  }

  // Hands on what was read. The last delivery finishes the account.
  bool send(const std::stop_token& stop, bool last) {
    decode::Delivery delivery = std::exchange(next_, {});
    delivery.next.push_back(position(std::max(line_ + 1, options_.first_line)));
    delivery.done = [account = account_, count = delivery.items.size(), bytes = bytes_,
                     last](std::span<const decode::Receipt> receipts) {
      if (receipts.size() != count) account->refused = true;
      Progress& done = account->done;
      done.lines += receipts.size();
      done.bytes = bytes;
      for (const decode::Receipt& receipt : receipts) {
        if (receipt.taken == decode::Taken::kSetAside) ++done.set_aside;
      }
      if (account->progress && !account->refused) account->progress(done);
      if (last) account->finished.set_value();
    };
    return intake_.push(delivery, stop);
  }

  std::string identity_;
  decode::Intake& intake_;
  const FeedOptions& options_;
  std::shared_ptr<Account> account_ = std::make_shared<Account>();
  decode::Delivery next_;  // what was read and not handed on
  std::int64_t line_ = 0;
  std::uint64_t bytes_ = 0;
};

base::Result<std::ifstream> open(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) {
    return base::fail(Code::kNotFound, path.string() + " cannot be read");
  }
  return in;
}

}  // namespace

base::Result<std::string> identity_of(const std::filesystem::path& path) {
  auto in = open(path);
  if (!in) return std::unexpected(in.error());
  std::string head(kIdentityBytes, '\0');
  in->read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(in->gcount()));
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return base::fail(Code::kNotFound, path.string() + ": " + error.message());
  const std::string size_text = std::to_string(size);
  const std::array<std::string_view, 2> parts = {head, size_text};
  return path.filename().string() + "#" + base::to_hex(base::sha256(parts)).substr(0, 16);
}

base::Result<Progress> feed(const std::filesystem::path& path, decode::Intake& intake,
                            const FeedOptions& options, std::stop_token stop) {
  auto identity = identity_of(path);
  if (!identity) return std::unexpected(identity.error());
  auto in = open(path);
  if (!in) return std::unexpected(in.error());
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  return Feeder(std::move(*identity), intake, options).run(*in, error ? 0 : size, stop);
}

}  // namespace patuh::file
