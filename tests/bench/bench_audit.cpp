// How fast the audit goes over a log of ten million events, beside hashing the same events once on
// one thread with nothing else. An argument gives another number.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include "store/store.h"
#include "tests/bench/bench.h"

namespace patuh::store {
namespace {

using bench::give_up;
using bench::must;
using bench::seconds_of;

constexpr std::uint64_t kBatch = 1000;

class Maker {
 public:
  Batch batch() {
    Batch out;
    now_ += std::chrono::milliseconds(10);
    out.record.now = now_;
    for (std::uint64_t i = 0; i < kBatch; ++i) out.record.events.push_back(event());
    out.offsets = {{"kafka", "patuh.changes", 0, static_cast<std::int64_t>(number_)}};
    return out;
  }

  model::Envelope event() {
    ++number_;
    const std::uint64_t element = random_() % 100'000;
    const std::string n = std::to_string(element);
    model::Envelope out;
    out.type = "id.patuh.element.upserted.v1";
    out.source = "/opd/" + std::to_string(element % 50) + "/simaset";
    out.id = std::to_string(number_) + "-" + std::to_string(random_());
    out.time = now_;
    out.subject = "aplikasi/app-" + n;
    out.data = R"({"perangkat_daerah":"opd-)" + std::to_string(element % 50) +
               R"(","nama":"Sistem Informasi )" + std::to_string(random_() % 100'000) +
               R"(","status":"operasional","akses_publik":true,"data_pribadi":false,)"
               R"("bahasa":"php","basis_data":"mariadb","pengguna":)" +
               std::to_string(random_() % 100'000) +
               R"(,"mulai_operasi":"2019-03-01","pusat_data":"pdn-1","versi":"1.)" +
               std::to_string(random_() % 90) + R"(","keamanan":["itsa-)" +
               std::to_string(random_() % 9000) + R"("],"probis":"pb-)" +
               std::to_string(random_() % 500) + "\"}";
    bytes_ += out.type.size() + out.source.size() + out.id.size() + out.subject.size() +
              out.data.size() + 50;
    out.position = {"kafka", "patuh.changes", 0, static_cast<std::int64_t>(number_)};
    return out;
  }
  std::uint64_t mean_bytes() const { return bytes_ / number_; }

 private:
  std::mt19937_64 random_{1};
  std::uint64_t number_ = 0, bytes_ = 0;
  Instant now_{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
};

// Events a second when as many texts of that size are hashed and nothing else is done.
double hashing_alone(std::uint64_t events, std::uint64_t bytes) {
  std::string text(bytes, 'x');
  unsigned sum = 0;
  const double seconds = seconds_of([&] {
    for (std::uint64_t i = 0; i < events; ++i) {
      text[i % bytes] = static_cast<char>('a' + i % 26);
      sum += base::sha256(text)[0];
    }
  });
  if (sum == 0) give_up("nothing was hashed");
  return static_cast<double>(events) / seconds;
}

void measure(const std::string& folder, std::uint64_t events) {
  std::uint64_t bytes = 0;
  {
    const auto store = must(Store::open(folder + "/store", {}));
    Maker maker;
    for (std::uint64_t done = 0; done < events; done += kBatch) {
      static_cast<void>(must(store->append(maker.batch())));
      if (done % 1'000'000 == 0) {
        std::fprintf(stderr, "writing %llu of %llu\n", static_cast<unsigned long long>(done),
                     static_cast<unsigned long long>(events));
      }
    }
    if (!store->idle()) give_up("idle() failed");
    bytes = maker.mean_bytes();
  }
  const auto reader = must(Reader::open(folder + "/store"));
  Verification found;
  const double seconds = seconds_of([&] { found = must(reader->verify_chain()); });
  if (!found.injuries.empty() || found.events != events) give_up("the chain does not hold");
  const double rate = static_cast<double>(events) / seconds;
  const double alone = hashing_alone(std::min<std::uint64_t>(events, 2'000'000), bytes);
  std::printf(R"({"name":"audit","value":%.6g,"unit":"events/s","better":"higher","beside":[)"
              R"({"name":"sha256 alone, one thread","value":%.6g}],"ratio":%.4g,)"
              R"("params":{"events":%llu,"batch":%llu,"event_bytes":%llu,"threads":%u}})"
              "\n",
              rate, alone, rate / alone, static_cast<unsigned long long>(events),
              static_cast<unsigned long long>(kBatch), static_cast<unsigned long long>(bytes),
              std::thread::hardware_concurrency());
}

}  // namespace
}  // namespace patuh::store

int main(int argc, char** argv) {
  const std::uint64_t events =
      patuh::bench::numbers_from(argc, argv, "[EVENTS]", 1, {10'000'000}).front();
  std::string pattern = (std::filesystem::temp_directory_path() / "patuh-audit-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) patuh::store::give_up("no temporary folder");
  patuh::store::measure(pattern, std::max(events / 1000, std::uint64_t{1}) * 1000);
  std::filesystem::remove_all(pattern);
}
