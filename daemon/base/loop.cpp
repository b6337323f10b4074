#include <utility>
// Asio 1.74 needs <utility> before it with this compiler.
#include <boost/asio.hpp>
#include <list>

#include "base/base.h"

namespace patuh::base {
namespace asio = boost::asio;

struct Loop::Impl {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  std::list<asio::signal_set> signals;
};

namespace {

void wait_for_signal(asio::signal_set& set, std::shared_ptr<std::function<void(int)>> handler) {
  set.async_wait([&set, handler](const boost::system::error_code& error, int number) {
    if (error) return;
    (*handler)(number);
    wait_for_signal(set, handler);
  });
}

void arm(std::shared_ptr<asio::steady_timer> timer, std::chrono::milliseconds period,
         std::shared_ptr<std::function<void()>> work) {
  timer->expires_at(timer->expiry() + period);
  timer->async_wait([timer, period, work](const boost::system::error_code& error) {
    if (error) return;
    (*work)();
    // After a stall the missed beats are dropped, not made up for.
    if (timer->expiry() + period < asio::steady_timer::clock_type::now()) {
      timer->expires_at(asio::steady_timer::clock_type::now());
    }
    arm(timer, period, work);
  });
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() { impl_->context.run(); }
void Loop::stop() { impl_->context.stop(); }
void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void Loop::after(std::chrono::milliseconds delay, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(impl_->context, delay);
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

void Loop::every(std::chrono::milliseconds period, std::function<void()> work) {
  auto timer = std::make_shared<asio::steady_timer>(impl_->context);
  timer->expires_at(asio::steady_timer::clock_type::now());
  arm(timer, period, std::make_shared<std::function<void()>>(std::move(work)));
}

void Loop::on_signal(std::span<const int> signals, std::function<void(int)> handler) {
  asio::signal_set& set = impl_->signals.emplace_back(impl_->context);
  for (const int number : signals) set.add(number);
  wait_for_signal(set, std::make_shared<std::function<void(int)>>(std::move(handler)));
}

asio::io_context& Loop::native() { return impl_->context; }

}  // namespace patuh::base
