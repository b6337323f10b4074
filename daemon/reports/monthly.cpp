#include "reports/month.h"

namespace patuh::reports {

base::Result<Report> monthly(store::Reader& reader, const Request& request) {
  const auto month = gather(reader, request);
  if (!month) return std::unexpected(month.error());
  Report out;
  out.json = to_json(*month);
  out.digest = base::sha256(out.json);
  out.head = month->head;
  return out;
}

}  // namespace patuh::reports
