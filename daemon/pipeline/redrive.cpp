// Out of quarantine and through the pipeline once more.
#include "pipeline/redrive.h"

#include <algorithm>

namespace patuh::pipeline {
namespace {

using Rows = std::vector<std::optional<store::QuarantineRow>>;

// Shared with the pipeline's thread, which may come to it after the caller gave up.
base::Result<Rows> read_rows(Worker& worker, const std::vector<store::QuarantineId>& ids,
                             std::chrono::milliseconds wait) {
  auto rows = std::make_shared<Rows>();
  auto read = worker.run_task(
      [rows, ids](Worker& inside) -> base::Status {
        for (const store::QuarantineId id : ids) {
          auto row = inside.store().read().quarantined(id);
          if (!row) return std::unexpected(row.error());
          rows->push_back(std::move(*row));
        }
        return {};
      },
      wait);
  if (!read) return base::fail(read, "reading the quarantine");
  return std::move(*rows);
}

// Why the input cannot be taken once more; empty when it can.
std::string refusal_of(const std::optional<store::QuarantineRow>& row) {
  if (!row) return "nothing is set aside under this number";
  if (row->redriven) return "it was re-driven at " + base::to_rfc3339(*row->redriven);
  if (row->input.bytes.size() != row->input.size) {
    return "of " + std::to_string(row->input.size) + " bytes only " +
           std::to_string(row->input.bytes.size()) + " are kept";
  }
  return {};
}

// Who asked for what, and why, stands in the log before it is done.
base::Status note_redrive(Worker& worker, const std::vector<Redriven>& wanted, const Operator& by,
                          std::chrono::milliseconds wait) {
  Action action{"redrive", by.principal, by.reason, {}};
  for (const Redriven& each : wanted) {
    if (!each.refusal.empty()) continue;
    action.detail += (action.detail.empty() ? "" : " ") + std::to_string(each.id.value);
  }
  return worker.run_task(
      [action](Worker& inside) {
        // Before the first event there is no log to write to.
        return inside.engine() == nullptr ? base::Status() : inside.note(action);
      },
      wait);
}

decode::Item item_of(const store::QuarantineRow& row, const std::string& principal,
                     const decode::Limits& limits) {
  const model::Position position{std::string(kQuarantineChannel), principal, 0,
                                 static_cast<std::int64_t>(row.id.value)};
  return decode::decode_one(row.input.bytes, position, limits);
}

}  // namespace

base::Result<std::vector<Redriven>> redrive(Worker& worker,
                                            const std::vector<store::QuarantineId>& ids,
                                            const Operator& by, const decode::Limits& limits,
                                            std::chrono::milliseconds wait) {
  const auto rows = read_rows(worker, ids, wait);
  if (!rows) return std::unexpected(rows.error());
  std::vector<Redriven> out;
  decode::Delivery delivery;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& row = (*rows)[i];
    const bool again = std::ranges::find(out, ids[i], &Redriven::id) != out.end();
    out.push_back({ids[i], again ? "it is named twice" : refusal_of(row), {}});
    if (out.back().refusal.empty()) delivery.items.push_back(item_of(*row, by.principal, limits));
  }
  if (delivery.items.empty()) return out;
  if (auto noted = note_redrive(worker, out, by, wait); !noted) {
    return base::fail(noted, "writing down who asked");
  }
  const auto receipts = decode::deliver(std::move(delivery), worker.intake(), wait);
  if (!receipts) return std::unexpected(receipts.error());
  auto next = receipts->begin();
  for (Redriven& each : out) {
    if (each.refusal.empty()) each.receipt = *next++;
  }
  return out;
}

std::vector<Mark> marks_of(std::span<const decode::Delivery> deliveries) {
  std::vector<Mark> out;
  std::size_t place = 0;
  for (const decode::Delivery& delivery : deliveries) {
    for (const decode::Item& item : delivery.items) {
      const model::Position& position =
          std::visit([](const auto& either) -> const auto& { return either.position; }, item);
      if (position.channel == kQuarantineChannel) {
        out.push_back({place,
                       {store::QuarantineId(static_cast<std::uint64_t>(position.offset)),
                        position.topic,
                        {}}});
      }
      ++place;
    }
  }
  return out;
}

void add_marks(std::vector<Mark> marks, std::span<const decode::Receipt> receipts,
               store::Batch& batch) {
  for (Mark& mark : marks) {
    const decode::Receipt& receipt = receipts[mark.place];
    mark.row.result = decode::name_of(receipt.taken);
    if (!receipt.reason.empty()) mark.row.result += ": " + receipt.reason;
    batch.redriven.push_back(std::move(mark.row));
  }
}

}  // namespace patuh::pipeline
