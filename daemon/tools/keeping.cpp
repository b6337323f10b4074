// The store as a whole: looked over, copied, brought back, made small.
#include <cstdio>
#include <filesystem>

#include "pipeline/pipeline.h"
#include "tools/offline.h"
#include "tools/online.h"

namespace patuh::tools {
namespace {

constexpr std::chrono::minutes kCompactWait{15};

int copy(const std::string& from, const std::string& to, const char* what) {
  ProgressLine progress(what);
  const auto done = store::backup(
      from, to, [&](std::uint64_t pages, std::uint64_t all) { progress.show(pages, all); });
  return done ? kDone : complain(done.error());
}

// Faults of the file itself, then of the chain; how many.
base::Result<std::size_t> faults_of(store::Reader& reader) {
  const auto file = reader.integrity();
  if (!file) return std::unexpected(file.error());
  for (const std::string& fault : *file) std::printf("file: %s\n", fault.c_str());
  const auto chain = reader.verify_chain();
  if (!chain && chain.error().code == base::Code::kCorrupt) {
    std::printf("chain: %s\n", chain.error().message.c_str());
    return file->size() + 1;
  }
  if (!chain) return std::unexpected(chain.error());
  for (const store::Verification::Injury& injury : chain->injuries) {
    std::printf("record %llu: %s\n", static_cast<unsigned long long>(injury.seq.value),
                injury.message.c_str());
  }
  std::printf("%llu records, %llu events, %llu transitions, %llu bodies deleted; head %s\n",
              static_cast<unsigned long long>(chain->records),
              static_cast<unsigned long long>(chain->events),
              static_cast<unsigned long long>(chain->transitions),
              static_cast<unsigned long long>(chain->deleted_bodies),
              base::to_hex(chain->head.entry).c_str());
  return file->size() + chain->injuries.size();
}

base::Result<std::size_t> unusable_snapshots(store::Reader& reader) {
  const auto snapshots = reader.snapshots();
  if (!snapshots && snapshots.error().code == base::Code::kCorrupt) {
    std::printf("snapshots: %s\n", snapshots.error().message.c_str());
    return 1;
  }
  if (!snapshots) return std::unexpected(snapshots.error());
  std::size_t unusable = 0;
  for (const store::SnapshotInfo& snapshot : *snapshots) {
    const auto form = pipeline::check_snapshot(reader, snapshot);
    std::printf("snapshot behind record %llu (%s): %s\n",
                static_cast<unsigned long long>(snapshot.seq.value),
                base::to_rfc3339(snapshot.now).c_str(),
                form ? std::string(*form).c_str() : form.error().message.c_str());
    unusable += form ? 0U : 1U;
  }
  return unusable;
}

}  // namespace

int store_check(const Place& place) {
  OpenedReader opened = open_reader(place);
  if (opened.status != kDone) return opened.status;
  const auto faults = faults_of(*opened.reader);
  if (!faults) return complain(faults.error());
  const auto unusable = unusable_snapshots(*opened.reader);
  if (!unusable) return complain(unusable.error());
  return *faults + *unusable == 0 ? kDone : kFinding;
}

// Page by page a copy is as whole as what it was made of: so it is looked over.
int store_backup(const Place& place, const std::string& to) {
  if (const int status = copy(place.data_dir, to, "copying the store"); status != kDone) {
    return status;
  }
  Place copied = place;
  copied.data_dir = to;
  const int status = store_check(copied);
  if (status == kFinding) {
    std::fprintf(stderr,
                 "patuhctl: the copy in %s is not whole, since what it was made of, %s, is not: "
                 "keep the backups before it; `patuhctl store restore` brings one of them into an "
                 "empty folder\n",
                 to.c_str(), place.data_dir.c_str());
  }
  return status;
}

int store_restore(const Place& place, const std::string& from) {
  if (const int status = copy(from, place.data_dir, "bringing the store back"); status != kDone) {
    return status;
  }
  return store_check(place);
}

int store_compact(const Place& place) {
  if (!place.url.empty()) {
    return print(ask(place, "POST", "/-/store/compact", {}, kCompactWait));
  }
  if (const int status = open_reader(place).status; status != kDone) return status;
  auto store = open_store(place);
  if (!store) return complain(store.error());
  const store::FileSizes files = (*store)->stats().files;
  const std::uint64_t before = files.database + files.wal;
  if (auto done = (*store)->compact(); !done) return complain(done.error());
  std::printf("%llu bytes, before %llu\n",
              static_cast<unsigned long long>((*store)->stats().files.database),
              static_cast<unsigned long long>(before));
  return kDone;
}

}  // namespace patuh::tools
