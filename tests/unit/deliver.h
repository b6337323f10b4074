// Events as a collector hands them over, for tests of what stands behind the intake.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "collectors/decode/decode.h"
#include "pipeline/pipeline.h"

namespace patuh::testing {

// One delivery, durable when this returns; its receipts, one an event.
inline std::vector<decode::Receipt> deliver(pipeline::Pipeline& pipeline,
                                            const std::vector<std::string>& events,
                                            std::vector<model::Position> next = {}) {
  decode::Delivery delivery;
  for (const std::string& text : events) {
    delivery.items.push_back(decode::decode_one(text, {"http", "", 0, 0}));
  }
  delivery.next = std::move(next);
  const auto receipts =
      decode::deliver(std::move(delivery), pipeline.intake(), std::chrono::seconds(60));
  EXPECT_TRUE(receipts) << receipts.error().message;
  return receipts.value_or(std::vector<decode::Receipt>());
}

}  // namespace patuh::testing
