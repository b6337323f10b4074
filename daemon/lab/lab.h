// lab: the engine run on the side, on data that is not the registry's: the tests that rule authors
// write. It never touches a store and never tells anybody.
//
//   lab::TestReport report = lab::run_tests(*book, *tests);
//   std::cout << report.render();
//
// Threads: pure functions, any thread; each call has an engine of its own.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/base.h"
#include "rulebook/rulebook.h"

namespace patuh::lab {

struct TestReport {
  std::size_t passed = 0;  // test cases all of whose steps held
  std::size_t failed = 0;
  std::size_t expectations = 0;  // looked at
  base::Diagnostics failures;    // TEST-…, at the expectation's or the event's place
  // Rules that no expectation of the tests names.
  std::vector<std::string> untested;
};

// Runs every case on an empty registry. An event that is not understood fails its case.
TestReport run_tests(std::shared_ptr<const rulebook::RuleBook> book,
                     std::span<const rulebook::TestCase> tests);

}  // namespace patuh::lab
