// The expressions of rules/spbe over the elements of the sample regency, and what explaining its
// verdicts costs; part of bench_expr.
#pragma once

namespace patuh::bench {

// Prints a row for the pack as a whole, one for each of its slowest five rules, and one for
// explaining. Not zero: it could not be measured; why is told on standard error.
int run_pack();

}  // namespace patuh::bench
