// The bytes of a part and of a head: rows in any order, each a number and its bytes; and what the
// driver adds to the engine's head. Private to pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/driver.h"

namespace patuh::pipeline {

void add_row(std::uint32_t number, std::string_view row, std::string& out);

// By which the element of a place is found; 0: there is none.
std::uint32_t mark_of(const registry::Registry& registry, model::ElementRef place);
// As a row of SnapshotSpace::kPlaces has it: the least byte first.
std::string bytes_of_mark(std::uint32_t mark);

void save_driver(const Driver& driver, std::string& head, std::string& packed);

}  // namespace patuh::pipeline
