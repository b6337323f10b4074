#include "pipeline/pipeline.h"

#include "pipeline/redrive.h"

namespace patuh::pipeline {

std::string_view name_of(ClockMode mode) { return mode == ClockMode::kEvent ? "event" : "wall"; }

struct Pipeline::Impl {
  Worker worker;
  std::jthread thread;
};

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::~Pipeline() { stop(); }

base::Result<std::unique_ptr<Pipeline>> Pipeline::open(
    std::unique_ptr<store::Store> store, std::shared_ptr<const rulebook::RuleBook> book,
    Options options) {
  auto recovered = recover(*store, options);
  if (!recovered) return base::fail(recovered, "recovering from the log");
  auto impl = std::unique_ptr<Impl>(new Impl{
      Worker(std::move(store), std::move(book), std::move(options), std::move(*recovered)), {}});
  if (auto status = impl->worker.prepare(); !status) return std::unexpected(status.error());
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(impl)));
}

void Pipeline::start() {
  impl_->thread = std::jthread([this](const std::stop_token& stop) { impl_->worker.run(stop); });
}

void Pipeline::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->worker.intake().close();
  impl_->thread.request_stop();
  impl_->thread.join();
}

decode::Intake& Pipeline::intake() { return impl_->worker.intake(); }

std::optional<std::int64_t> Pipeline::next_offset(const std::string& channel,
                                                  const std::string& topic,
                                                  std::int32_t partition) const {
  const auto offsets = impl_->worker.offsets().load();
  const auto found = offsets->find({channel, topic, partition});
  if (found == offsets->end()) return std::nullopt;
  return found->second;
}

base::Status Pipeline::run_inside(std::function<void(const engine::Engine&)> work,
                                  std::chrono::milliseconds wait) {
  return impl_->worker.run_task(
      [work = std::move(work)](Worker& worker) -> base::Status {
        const engine::Engine* const engine = worker.engine();
        if (engine == nullptr) {
          return base::fail(base::Code::kNotFound, "no event has come yet");
        }
        work(*engine);
        return {};
      },
      wait);
}

namespace {

// What writes may have to wait for a disk that comes back.
constexpr std::chrono::minutes kWriteWait{10};
constexpr std::chrono::milliseconds kBacklogWait{20};  // between looks at what waits to be judged

}  // namespace

base::Status Pipeline::activate(std::shared_ptr<const rulebook::RuleBook> book, Action action) {
  return impl_->worker.run_task(
      [book = std::move(book), action = std::move(action)](Worker& worker) mutable {
        return worker.activate(std::move(book), action);
      },
      kWriteWait);
}

base::Status Pipeline::clock_wall(Action action) {
  return impl_->worker.run_task(
      [action = std::move(action)](Worker& worker) { return worker.clock_wall(action); },
      kWriteWait);
}

base::Status Pipeline::clock_accept(Action action) {
  return impl_->worker.run_task(
      [action = std::move(action)](Worker& worker) { return worker.clock_accept(action); },
      kWriteWait);
}

base::Status Pipeline::baseline(Action action) {
  const auto until = std::chrono::steady_clock::now() + kWriteWait;
  for (;;) {
    auto done = impl_->worker.run_task([action](Worker& worker) { return worker.baseline(action); },
                                       kWriteWait);
    // Judged between other work, so that nobody waits for the whole of it.
    if (done || done.error().code != base::Code::kExhausted) return done;
    if (std::chrono::steady_clock::now() > until) {
      return base::fail(base::Code::kUnavailable, done.error().message);
    }
    std::this_thread::sleep_for(kBacklogWait);
  }
}

base::Status Pipeline::compact() {
  return impl_->worker.run_task([](Worker& worker) { return worker.compact(); }, kWriteWait);
}

base::Status Pipeline::erase(std::vector<store::EventPlace> events, Action action) {
  return impl_->worker.run_task([events = std::move(events), action = std::move(action)](
                                    Worker& worker) { return worker.erase(events, action); },
                                kWriteWait);
}

base::Status Pipeline::note(Action action) {
  return impl_->worker.run_task(
      [action = std::move(action)](Worker& worker) { return worker.note(action); }, kWriteWait);
}

base::Status Pipeline::outbox_delivered(std::vector<store::OutboxId> ids) {
  return impl_->worker.run_task(
      [ids = std::move(ids)](Worker& worker) { return worker.store().outbox_delivered(ids); },
      kWriteWait);
}

base::Status Pipeline::outbox_failed(std::vector<store::OutboxId> ids, base::Instant next_attempt) {
  return impl_->worker.run_task(
      [ids = std::move(ids), next_attempt](Worker& worker) {
        return worker.store().outbox_failed(ids, next_attempt);
      },
      kWriteWait);
}

base::Result<std::vector<Redriven>> Pipeline::redrive(const std::vector<store::QuarantineId>& ids,
                                                      const Operator& by,
                                                      const decode::Limits& limits,
                                                      std::chrono::milliseconds wait) {
  return pipeline::redrive(impl_->worker, ids, by, limits, wait);
}

std::shared_ptr<const View> Pipeline::view() const { return impl_->worker.view(); }
void Pipeline::on_outbox(std::function<void()> notify) {
  impl_->worker.on_outbox(std::move(notify));
}
void Pipeline::on_beat(std::function<void()> notify) { impl_->worker.on_beat(std::move(notify)); }

}  // namespace patuh::pipeline
