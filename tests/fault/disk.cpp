#include "disk.h"

#include <algorithm>
#include <cstring>

namespace patuh::fault {
namespace {

using store::FileOperation;

constexpr std::size_t kSector = 512;

void write_at(std::string& file, std::size_t offset, std::string_view data) {
  if (file.size() < offset + data.size()) file.resize(offset + data.size(), '\0');
  std::memcpy(file.data() + offset, data.data(), data.size());
}

void change(std::string& file, const Call& call) {
  const auto offset = static_cast<std::size_t>(call.offset);
  if (call.operation == FileOperation::kWrite) write_at(file, offset, call.data);
  if (call.operation == FileOperation::kTruncate) file.resize(offset, '\0');
}

// Sectors of the disk are whole or not there.
void change_in_part(std::string& file, const Call& call, std::mt19937_64& random) {
  if (call.operation == FileOperation::kTruncate) {
    if (random() % 2 == 0) change(file, call);
    return;
  }
  const auto begin = static_cast<std::size_t>(call.offset);
  const std::size_t end = begin + call.data.size();
  for (std::size_t at = begin; at < end;) {
    const std::size_t next = std::min(end, (at / kSector + 1) * kSector);
    if (random() % 2 == 0) {
      write_at(file, at, std::string_view(call.data).substr(at - begin, next - at));
    }
    at = next;
  }
}

bool is_new_log(const std::string& name) {
  return name.ends_with("-wal") || name.ends_with("-journal");
}

}  // namespace

bool Call::changes() const {
  switch (operation) {
    case FileOperation::kOpen:
    case FileOperation::kWrite:
    case FileOperation::kTruncate:
    case FileOperation::kSync:
    case FileOperation::kRemove:
    case FileOperation::kSyncFolder:
      return true;
    default:
      return false;
  }
}

std::string Call::encode() const {
  std::string out(1, static_cast<char>(operation));
  out.append(reinterpret_cast<const char*>(&offset), sizeof offset);
  out.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  return out + name + '\0' + data;
}

Call Call::decode(const std::string& text) {
  Call out;
  out.operation = static_cast<FileOperation>(text[0]);
  std::memcpy(&out.offset, text.data() + 1, sizeof out.offset);
  std::memcpy(&out.bytes, text.data() + 9, sizeof out.bytes);
  out.name = text.c_str() + 17;
  out.data = text.substr(17 + out.name.size() + 1);
  return out;
}

void Disk::sync_names() {
  for (auto& [name, file] : files_) file.name_is_synced = true;
}

void Disk::apply(const Call& call) {
  if (call.operation == FileOperation::kSyncFolder) return sync_names();
  if (!call.changes()) return;
  File& file = files_[call.name];
  switch (call.operation) {
    case FileOperation::kSync:
      file.synced = file.seen;
      file.unsynced.clear();
      if (is_new_log(call.name) && !file.name_is_synced) sync_names();
      return;
    case FileOperation::kRemove:
      if (file.is_there) file.name_is_synced = false;
      file.is_there = false;
      file.seen.clear();
      return;
    case FileOperation::kOpen:
      if (!file.is_there) file = File{.is_there = true};
      return;
    default:
      change(file.seen, call);
      file.unsynced.push_back(call);
  }
}

void Disk::apply_half(const Call& call) {
  Call half = call;
  half.data.resize(half.data.size() / 2);
  apply(half);
}

void Disk::apply_torn(const Call& call, std::mt19937_64& random) {
  change_in_part(files_[call.name].seen, call, random);
}

void Disk::forget(const Call& call) {
  // What the process sees of the file is as if it were done.
  if (call.operation != FileOperation::kSync && call.operation != FileOperation::kSyncFolder) {
    change(files_[call.name].seen, call);
  }
}

Image Disk::as_seen() const {
  Image out;
  for (const auto& [name, file] : files_) {
    if (file.is_there) out[name] = file.seen;
  }
  return out;
}

Image Disk::without_unsynced() const {
  Image out;
  for (const auto& [name, file] : files_) {
    // A removal that the disk has not seen leaves the file as it was synced last.
    if (file.is_there == file.name_is_synced) out[name] = file.synced;
  }
  return out;
}

Image Disk::with_some_unsynced(std::mt19937_64& random) const {
  Image out;
  for (const auto& [name, file] : files_) {
    const bool there = file.name_is_synced ? file.is_there : random() % 2 == 0;
    if (!there) continue;
    std::string& bytes = out[name] = file.synced;
    for (const Call& call : file.unsynced) change_in_part(bytes, call, random);
  }
  return out;
}

}  // namespace patuh::fault
