// base: what every module could use and what uses none of them.
//
// Results and diagnostics (two of the four error channels), strong ids, instants, the clock, an
// arena, bytes and back, a bounded queue, published values, the log, and the event loop. It knows
// nothing of Kafka, elements or rules. Nobody owns state here: every object belongs to whoever made
// it.
//
//   base::Result<int> port = parse_port(text);
//   if (!port) return base::fail(port, "in section [http]");
//
// Threads: values are as safe as their members. Queue, Published, Log and Loop say their own rule.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <compare>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace patuh::base {

// ── Operations that fail ────────────────────────────────────────────────────────────────────────

// Named by what the caller can do. Values go into logs and metrics as their names; do not reorder.
enum class Code : std::uint8_t {
  kInvalid,      // the input is wrong: mend it, a retry will not help
  kNotFound,     // what was asked for is not there
  kExists,       // it is there already
  kDenied,       // not allowed for this caller
  kUnavailable,  // a service or the disk is away: try again later
  kExhausted,    // a limit or budget is reached
  kCorrupt,      // stored bytes are not what was written
  kConflict,     // the state has changed in between, or another holds the lock
  kCancelled,    // stopped on request
  kInternal,     // our own bug or a library's; report it
};
std::string_view name_of(Code code);

struct Error {
  Code code = Code::kInternal;
  std::string message;  // one sentence without a full stop; says place and remedy where known
};

// A value or an Error; must be looked at.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};
using Status = Result<void>;

inline std::unexpected<Error> fail(Code code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}
// Hands an error up with context put before it: "context: message".
std::unexpected<Error> fail(const Error& error, std::string_view context);
template <class T>
std::unexpected<Error> fail(const Result<T>& result, std::string_view context) {
  return fail(result.error(), context);
}

// ── Our own bugs ────────────────────────────────────────────────────────────────────────────────

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

// On in release builds too: logs and aborts. Never for input.
#define PATUH_ASSERT(condition)       \
  ((condition) ? static_cast<void>(0) \
               : ::patuh::base::assertion_failed(#condition, __FILE__, __LINE__))

// ── A user's file is wrong ──────────────────────────────────────────────────────────────────────

// A place in a file; lines and columns count from 1 (columns in code points), 0 = unknown.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Diagnostic {
  enum class Level : std::uint8_t { kError, kWarning };
  Level level = Level::kError;
  std::string code;  // stable, e.g. "PACK-UNKNOWN-KEY"; documented, never reused
  Place place;
  std::string snippet;  // the line of the file, without its end; may be empty
  std::string message;  // what is wrong
  std::string hint;     // what to do; may be empty
};

// All faults of a set of files, in the order found. Copyable value.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic) { list_.push_back(std::move(diagnostic)); }
  void append(const Diagnostics& other);
  bool has_errors() const;
  bool empty() const { return list_.empty(); }
  std::span<const Diagnostic> list() const { return list_; }
  // Orders by file, line, column, code, message.
  void sort();
  // "file:line:column: error: message [CODE]\n  | snippet\n  |    ^\n  = hint", one after another.
  std::string render() const;

 private:
  std::vector<Diagnostic> list_;
};

// The candidate nearest to `word` by edits (at most a third of its length), for "did you mean";
// empty when none is near. Among equals the first.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// ── Ids, instants, hashes ───────────────────────────────────────────────────────────────────────

// A number that is only itself: no implicit way in or out.
template <class Tag, class Rep>
struct StrongId {
  Rep value{};
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;
};

// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted. The one form of time between
// modules.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;
inline constexpr Instant kNever = Instant::max();  // "no such time is known"

// RFC 3339 in UTC, with exactly as many of the six digits of a second as are needed, none if whole.
std::string to_rfc3339(Instant instant);
// Strict RFC 3339 date-time (T and Z upper case, offset required, no leap second, at most nine
// digits, digits beyond the sixth are cut); kInvalid otherwise.
Result<Instant> from_rfc3339(std::string_view text);

// Where wall time comes from. One of the few virtual interfaces: the process ends here.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;  // any thread
};
const Clock& system_clock();

using Digest = std::array<std::uint8_t, 32>;
// SHA-256 of the parts one after another.
Digest sha256(std::span<const std::string_view> parts);
Digest sha256(std::string_view bytes);
// That of each, in the order given. Of many texts it costs a quarter: they are hashed side by side.
std::vector<Digest> sha256_each(std::span<const std::string_view> texts);
std::string to_hex(std::span<const std::uint8_t> bytes);
Result<std::vector<std::uint8_t>> from_hex(std::string_view text);

// ── Texts and files from outside ────────────────────────────────────────────────────────────────

// True when `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);
// With U+FFFD for each byte that is part of no character, as where a text was cut.
std::string as_utf8(std::string text);
// True when a byte of it is an ASCII control character: below 0x20, or 0x7F.
bool has_controls(std::string_view text);

// ASCII capitals become small letters, all other bytes stay.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
std::string ascii_lower(std::string_view text);
bool equal_without_case(std::string_view a, std::string_view b);  // of ASCII letters

// For a terminal: `sign` stands for each control character but those `kept`, and for what turns the
// direction of writing.
std::string printable(std::string_view text, std::string_view sign, std::string_view kept = "");

// RFC 3986: %XX for all but unreserved characters and those `plain`.
std::string percent_encoded(std::string_view text, std::string_view plain = "");
struct PercentDecoded {
  std::string text;      // any bytes; a percent sign that begins no %XX stands for itself
  bool is_whole = true;  // there was none of those
};
PercentDecoded percent_decoded(std::string_view text);

// Its bytes. Nothing when it cannot be read, or is a folder.
std::optional<std::string> read_file(const std::string& path);

// ── Memory and bytes ────────────────────────────────────────────────────────────────────────────

// A bump allocator: what is made in it dies with it or with reset(). Objects put into it must be
// trivially destructible. Keeps one block over reset(), grown to what was needed (up to 1 MiB), so
// that a reused arena does not allocate on the common path.
class Arena {
 public:
  explicit Arena(std::size_t first_block_bytes = 1024);
  ~Arena();
  Arena(Arena&&) noexcept;
  Arena& operator=(Arena&&) noexcept;

  void* allocate(std::size_t bytes, std::size_t alignment) {
    const std::uintptr_t at = (next_ + alignment - 1) & ~(alignment - 1);
    if (at + bytes > end_) return allocate_block(bytes, alignment);
    next_ = at + bytes;
    return std::bit_cast<void*>(at);
  }
  // The objects are value-initialised.
  template <class T>
  std::span<T> make_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    T* const first = static_cast<T*>(allocate(sizeof(T) * count, alignof(T)));
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }
  template <class T>
  T* make(const T& value) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T(value);
  }
  std::string_view copy(std::string_view text);
  void reset();
  std::size_t bytes_used() const;

 private:
  struct Block;
  void* allocate_block(std::size_t bytes, std::size_t alignment);
  void free_all();

  std::size_t block_bytes_;
  Block* newest_ = nullptr;
  std::uintptr_t next_ = 0;  // free room is [next_, end_)
  std::uintptr_t end_ = 0;
  std::size_t bytes_before_ = 0;  // in blocks that are full
};

// Appends to a string: integers as LEB128, signed ones in zigzag, texts with their length before.
// These bytes stand on disk (docs/store-format.md): a change needs a new format version.
class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(&out) {}
  void byte(std::uint8_t value) { *out_ += static_cast<char>(value); }
  void number(std::uint64_t value);
  void integer(std::int64_t value);
  void fixed(std::uint64_t value);  // eight bytes, the least first
  void text(std::string_view text);
  void instant(Instant value) { integer(value.time_since_epoch().count()); }

 private:
  std::string* out_;
};

// Reads what Encoder wrote. After the first fault every read answers zero or empty and ok() is
// false: callers look once, at the end. Texts are views of the bytes.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }
  void fault();
  std::uint8_t byte();
  std::uint64_t number();                         // in its shortest form only
  std::uint64_t number_below(std::uint64_t end);  // anything else is a fault
  std::size_t count();                            // of things that take at least a byte each
  std::int64_t integer();
  std::uint64_t fixed();
  std::string_view text();
  std::string owned() { return std::string(text()); }
  Instant instant() { return Instant(Duration(integer())); }
  // An enumerator no greater than `last`; a greater number is a fault.
  template <class Enum>
  Enum enumerator(Enum last) {
    const std::uint8_t value = byte();
    if (value > static_cast<std::uint8_t>(last)) fault();
    return ok_ ? static_cast<Enum>(value) : Enum{};
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Calls visit(number, row) for each row, a number and a text as Encoder writes them, until it
// answers false. False then, and when the bytes are no rows.
template <class Visit>
bool for_each_row(std::string_view bytes, const Visit& visit) {
  Decoder in(bytes);
  while (!in.at_end()) {
    const std::uint64_t number = in.number_below(UINT32_MAX);
    const std::string_view row = in.text();
    if (!in.ok() || !visit(static_cast<std::uint32_t>(number), row)) return false;
  }
  return in.ok();
}

// ── Between threads ─────────────────────────────────────────────────────────────────────────────

// A first-in first-out queue that holds at most `capacity` items. Any number of threads on both
// ends. close() wakes all; what is queued can still be taken.
template <class T>
class Queue {
 public:
  explicit Queue(std::size_t capacity) : capacity_(capacity) {}

  // Waits for room. False when closed or `stop` was requested: the item was not taken.
  bool push(T& item, const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }
  bool push(T&& item, const std::stop_token& stop = {}) { return push(item, stop); }
  // False when full or closed; the item is untouched then.
  bool try_push(T& item) {
    const std::scoped_lock lock(mutex_);
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }
  // Waits up to `wait` for one item, then hands out at most `most` of those that are there.
  // Empty: the time ran out, stop was requested, or the queue is closed and drained.
  std::vector<T> pop_some(std::size_t most, std::chrono::milliseconds wait,
                          const std::stop_token& stop = {}) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, wait, [&] { return closed_ || !items_.empty(); });
    std::vector<T> out;
    while (!items_.empty() && out.size() < most) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    if (!out.empty()) changed_.notify_all();
    return out;
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }
  bool closed() const {
    const std::scoped_lock lock(mutex_);
    return closed_;
  }
  std::size_t size() const {
    const std::scoped_lock lock(mutex_);
    return items_.size();
  }
  std::size_t capacity() const { return capacity_; }

 private:
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<T> items_;
  bool closed_ = false;
};

// The newest of a series of immutable values. One writer, any number of readers; a reader keeps
// what it took for as long as it likes.
template <class T>
class Published {
 public:
  Published() = default;
  explicit Published(std::shared_ptr<const T> first) : value_(std::move(first)) {}
  // Null before the first store().
  std::shared_ptr<const T> load() const {
    const std::scoped_lock lock(mutex_);
    return value_;
  }
  void store(std::shared_ptr<const T> next) {
    const std::scoped_lock lock(mutex_);
    value_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

// ── The log of the process ──────────────────────────────────────────────────────────────────────

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

// Key-value pairs behind a message. Values are quoted and escaped where needed, cut at 512 bytes.
// Never put an event's attributes here: personal data stays out of logs.
struct LogField {
  std::string_view key;
  std::string value;
};

// Writes one line to standard error: "<3>"-style priorities under systemd (JOURNAL_STREAM set),
// else time and level. Any thread.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
void set_log_level(LogLevel least);

// ── The event loop ──────────────────────────────────────────────────────────────────────────────

// Asio's loop behind a small door. run() blocks the calling thread until stop(); everything posted,
// timed or signalled runs on that thread. post() and stop() may be called from any thread.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();
  void stop();
  void post(std::function<void()> work);
  // Runs `work` once after `delay`. Timers still waiting when the loop is destroyed do not run.
  void after(std::chrono::milliseconds delay, std::function<void()> work);
  // Runs `work` every `period`, first after one period, until the loop ends.
  void every(std::chrono::milliseconds period, std::function<void()> work);
  // Calls `handler` for each arrival of one of the signals, on the loop's thread.
  void on_signal(std::span<const int> signals, std::function<void(int)> handler);
  // For the module that speaks HTTP on the same loop.
  boost::asio::io_context& native();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patuh::base

template <class Tag, class Rep>
struct std::hash<patuh::base::StrongId<Tag, Rep>> {
  std::size_t operator()(const patuh::base::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
