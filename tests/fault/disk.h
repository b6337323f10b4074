// What a course of file operations leaves on a disk, at any moment and after any misfortune.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "store/files.h"

namespace patuh::fault {

// A file operation as it was asked for.
struct Call {
  store::FileOperation operation = store::FileOperation::kRead;
  std::string name{};
  std::int64_t offset = 0, bytes = 0;
  std::string data{};

  bool changes() const;  // something on the disk
  std::string encode() const;
  static Call decode(const std::string& text);
};

// The files of a folder by name, as a process would find them.
using Image = std::map<std::string, std::string>;

// The data folder while calls are made one after another: what the system holds, and what the disk
// holds of it. A new name stands on the disk once its folder was synced, which SQLite's first sync
// of a new journal or WAL does too.
class Disk {
 public:
  void apply(const Call& call);
  // A write that stops half way.
  void apply_half(const Call& call);
  // A write of which some sectors reach the file and others do not.
  void apply_torn(const Call& call, std::mt19937_64& random);
  // Reported, but not done.
  void forget(const Call& call);

  Image as_seen() const;           // what is left when the process is killed
  Image without_unsynced() const;  // the power fails, and nothing that was not synced is there
  // The power fails, and any part of what was not synced is there, sector by sector.
  Image with_some_unsynced(std::mt19937_64& random) const;

 private:
  struct File {
    std::string seen{}, synced{};
    std::vector<Call> unsynced{};  // since the last sync, in order
    bool is_there = false;         // removed otherwise
    bool name_is_synced = false;   // of its being there or not
  };
  void sync_names();
  std::map<std::string, File> files_;
};

}  // namespace patuh::fault
