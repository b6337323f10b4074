// What jemalloc is told before main(). Compiled into each program that links patuh_allocator, for
// jemalloc looks for the name in the program itself.
//
// An update touches places all over an estate. Beyond some ten thousand elements these lie on more
// pages than the processor remembers, above all in a virtual machine, whose pages are looked up
// twice. At 100,000 elements huge pages take a fifth of the time away (tests/bench/README.md).
// Where the system offers none this changes nothing.

extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming, misc-use-internal-linkage): jemalloc's name
extern const char* malloc_conf;
const char* malloc_conf = "thp:always,metadata_thp:always";
}
