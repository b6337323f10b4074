# How Patuh is built: the compiler's flags, the foreign libraries, and the functions that the folders' CMakeLists.txt
# call. A folder says what it consists of and what it may include; everything else is decided here.
#
#   patuh_module(NAME expr SOURCES lex.cpp parse.cpp PUBLIC base PRIVATE text re2)
#   patuh_program(NAME patuhd SOURCES main.cpp LINKS app)
#   patuh_test(NAME test_expr SOURCES test_lex.cpp LINKS expr LABELS threads)
#   patuh_bench(NAME bench_engine SOURCES bench_engine.cpp LINKS engine)
#   patuh_fuzz(NAME fuzz_expr SOURCES fuzz_expr.cpp LINKS expr CORPUS corpus/expr)
#   patuh_script_test(NAME e2e_alerts COMMAND python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/alerts.py LABELS e2e)
#
# What is linked is either a module by its name (base), or a library by its target (SQLite::SQLite3).

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
include(GNUInstallDirs)

find_program(PATUH_CCACHE ccache)
if(PATUH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PATUH_CCACHE})
endif()

# ── Foreign libraries, all from Debian; each is included by one module only (tests/layout/edges.txt) ──

find_package(Threads REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(simdjson REQUIRED)
find_package(spdlog REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(RDKAFKA REQUIRED IMPORTED_TARGET rdkafka)     # PkgConfig::RDKAFKA
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)             # PkgConfig::RE2
pkg_check_modules(CTEMPLATE REQUIRED IMPORTED_TARGET libctemplate)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(EDIT REQUIRED IMPORTED_TARGET libedit)
pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")  # there is none for others
  find_library(IPSEC_MB IPSec_MB REQUIRED)
  add_library(IPSecMB::IPSecMB UNKNOWN IMPORTED)
  set_target_properties(IPSecMB::IPSecMB PROPERTIES IMPORTED_LOCATION ${IPSEC_MB})
endif()
if(PATUH_TESTS)
  find_package(GTest REQUIRED)  # GTest::gtest_main, GTest::gmock
endif()

# Asio 1.74 does not recognise clang's coroutines. Its fences are not understood by the thread sanitizer.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_definitions(Boost::headers INTERFACE BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1)
endif()
if(PATUH_SANITIZER STREQUAL "thread")
  target_compile_definitions(Boost::headers INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()

# ── Flags ──

add_library(patuh_flags INTERFACE)
target_compile_options(patuh_flags INTERFACE
  -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wcast-qual -Wformat=2 -Wimplicit-fallthrough -Wdouble-promotion -Wextra-semi
  -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # -Wrestrict of g++ 12 reports libstdc++'s own string concatenation (GCC bug 105651).
  target_compile_options(patuh_flags INTERFACE
    -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wredundant-decls -Wmissing-declarations -Wno-restrict)
else()
  # libstdc++ 12's own std::stable_sort calls what it has marked deprecated, and clang says so; g++ tells ours.
  target_compile_options(patuh_flags INTERFACE
    -Wmissing-prototypes -Wunreachable-code -Wcomma -Wno-deprecated-declarations)
endif()
target_compile_options(patuh_flags INTERFACE -fstack-protector-strong -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

# An event passes all of these modules, and half of its functions are short: programs that are WHOLE see them as one.
# That takes half a minute a program. The others link archives without it: ld counts members of archives that carry both
# forms twice where an archive is named twice.
set(PATUH_WHOLE_MODULES base json text expr model registry rulebook alerts engine)
set(PATUH_WHOLE OFF)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT PATUH_SANITIZER)
  set(PATUH_WHOLE ON)
endif()

if(PATUH_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(PATUH_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
  # librdkafka starts its threads in a way that the thread sanitizer does not see; the file says more.
  enable_language(C)
  add_library(patuh_thrd_shim OBJECT tests/tsan/thrd_shim.c)
  target_link_options(patuh_thrd_shim INTERFACE -rdynamic)
endif()

# An event's memory is taken by a collector's thread and given back by the pipeline's, which glibc's allocator makes
# dear: with jemalloc the way from Kafka costs a fifth less CPU (tests/bench/README.md). A sanitizer brings its own.
add_library(patuh_allocator INTERFACE)
if(NOT PATUH_SANITIZER)
  target_link_libraries(patuh_allocator INTERFACE PkgConfig::JEMALLOC)
endif()

# ── Functions for the folders ──

# Adds the folder when it has a CMakeLists.txt.
function(patuh_add_folder folder)
  if(EXISTS ${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/${folder})
  endif()
endfunction()

# base -> patuh_base; SQLite::SQLite3 stays.
function(patuh_resolve out)
  set(targets)
  foreach(name IN LISTS ARGN)
    if(name MATCHES "::" OR name MATCHES "^-")
      list(APPEND targets ${name})
    else()
      list(APPEND targets patuh_${name})
    endif()
  endforeach()
  set(${out} ${targets} PARENT_SCOPE)
endfunction()

# A static library patuh_NAME, also patuh::NAME. Its public header is NAME.h, or FOLDER.h in a folder of another name.
# A module without SOURCES is header-only.
function(patuh_module)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "SOURCES;PUBLIC;PRIVATE")
  set(target patuh_${arg_NAME})
  get_filename_component(header ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_NAME}.h)
    set(header ${arg_NAME})
  endif()
  # collectors/… is included from the repository's root, daemon/… from daemon/.
  set(base ${PROJECT_SOURCE_DIR}/daemon)
  cmake_path(IS_PREFIX base ${CMAKE_CURRENT_SOURCE_DIR} in_daemon)
  if(NOT in_daemon)
    set(base ${PROJECT_SOURCE_DIR})
  endif()

  patuh_resolve(public ${arg_PUBLIC})
  patuh_resolve(private ${arg_PRIVATE})
  if(arg_SOURCES)
    add_library(${target} STATIC ${arg_SOURCES})
    target_sources(${target} PUBLIC FILE_SET HEADERS BASE_DIRS ${base} FILES ${header}.h)
    target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${public} PRIVATE ${private} patuh_flags)
    if(PATUH_WHOLE AND arg_NAME IN_LIST PATUH_WHOLE_MODULES)
      add_library(${target}_whole OBJECT EXCLUDE_FROM_ALL ${arg_SOURCES})
      target_include_directories(${target}_whole PRIVATE ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR})
      target_link_libraries(${target}_whole PRIVATE ${public} ${private} patuh_flags)
      target_compile_options(${target}_whole PRIVATE -flto)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS ${base} FILES ${header}.h)
    target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} INTERFACE ${public} ${private})
  endif()
  add_library(patuh::${arg_NAME} ALIAS ${target})
  # `ninja all_verify_interface_header_sets` compiles each public header alone; it is not part of `all`.
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# A static library patuh_NAME of the sources of MODULES, built with marks and switchable defects (marks/marks.h): for
# tests that ask whether other tests are worth something. What links it must not link the modules themselves.
function(patuh_marked)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME" "MODULES;LINKS")
  set(sources)
  foreach(module IN LISTS arg_MODULES)
    get_target_property(names patuh_${module} SOURCES)
    get_target_property(folder patuh_${module} SOURCE_DIR)
    list(FILTER names INCLUDE REGEX "[.]cpp$")
    list(TRANSFORM names PREPEND ${folder}/)
    list(APPEND sources ${names})
  endforeach()
  patuh_resolve(links ${arg_LINKS})
  add_library(patuh_${arg_NAME} STATIC EXCLUDE_FROM_ALL ${sources})
  target_include_directories(patuh_${arg_NAME} PUBLIC ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR})
  target_compile_definitions(patuh_${arg_NAME} PRIVATE PATUH_MARKED)
  target_link_libraries(patuh_${arg_NAME} PUBLIC ${links} PRIVATE patuh_flags)
endfunction()

# An executable in build/PRESET/bin. WHOLE: see PATUH_WHOLE_MODULES.
function(patuh_program)
  cmake_parse_arguments(PARSE_ARGV 0 arg "WHOLE" "NAME" "SOURCES;LINKS")
  patuh_resolve(links ${arg_LINKS})
  add_executable(${arg_NAME} ${arg_SOURCES})
  target_include_directories(${arg_NAME} PRIVATE ${PROJECT_SOURCE_DIR}/daemon ${PROJECT_SOURCE_DIR})
  target_link_libraries(${arg_NAME} PRIVATE ${links} patuh_flags)
  if(TARGET patuh_thrd_shim)
    target_link_libraries(${arg_NAME} PRIVATE patuh_thrd_shim)
  endif()
  if(PATUH_WHOLE AND arg_WHOLE)
    # Objects come before archives, of which nothing of these modules is taken then.
    list(TRANSFORM PATUH_WHOLE_MODULES REPLACE "(.+)" "patuh_\\1_whole" OUTPUT_VARIABLE whole)
    target_link_libraries(${arg_NAME} PRIVATE ${whole})
    target_link_options(${arg_NAME} PRIVATE -flto=auto)
  endif()
endfunction()

# What a sanitizer is told when a test runs.
set(PATUH_TEST_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan/suppressions.txt")

if(PATUH_SANITIZER)
  # Instrumented code is up to ten times slower: fewer random histories and kills, and all of them in the other presets.
  list(APPEND PATUH_TEST_ENVIRONMENT "PATUH_SEEDS=12" "PATUH_ENGINE_RUNS=40" "PATUH_KILLS=3")
endif()

# Sets `out` when PATUH_TEST_LABELS asks for one of the labels given, or for nothing in particular.
function(patuh_test_wanted out)
  set(${out} OFF PARENT_SCOPE)
  if(PATUH_TEST_LABELS STREQUAL "")
    set(${out} ON PARENT_SCOPE)
  endif()
  foreach(label IN LISTS ARGN)
    if(label IN_LIST PATUH_TEST_LABELS)
      set(${out} ON PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Registers a command; SECONDS is its time limit (300), ALONE keeps other tests from running beside it.
function(patuh_script_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALONE" "NAME;SECONDS" "COMMAND;LABELS")
  patuh_test_wanted(wanted ${arg_LABELS})
  if(NOT wanted)
    return()
  endif()
  if(NOT arg_SECONDS)
    set(arg_SECONDS 300)
  endif()
  add_test(NAME ${arg_NAME} COMMAND ${arg_COMMAND})
  set_tests_properties(${arg_NAME} PROPERTIES
    LABELS "${arg_LABELS}" TIMEOUT ${arg_SECONDS} RUN_SERIAL ${arg_ALONE}
    ENVIRONMENT "${PATUH_TEST_ENVIRONMENT};PATUH_SOURCE_DIR=${PROJECT_SOURCE_DIR};PATUH_BUILD_DIR=${PROJECT_BINARY_DIR}")
endfunction()

# A GoogleTest executable that ctest runs as one test. The macro PATUH_SOURCE_DIR is the repository's root. Label
# `threads`: the thread sanitizer runs it too.
function(patuh_test)
  cmake_parse_arguments(PARSE_ARGV 0 arg "ALONE" "NAME;SECONDS" "SOURCES;LINKS;LABELS")
  patuh_test_wanted(wanted ${arg_LABELS})
  if(NOT wanted)
    return()
  endif()
  patuh_program(NAME ${arg_NAME} SOURCES ${arg_SOURCES} LINKS ${arg_LINKS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${arg_NAME} PRIVATE PATUH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(alone)
  if(arg_ALONE)
    set(alone ALONE)
  endif()
  patuh_script_test(NAME ${arg_NAME} COMMAND ${arg_NAME} LABELS unit ${arg_LABELS} SECONDS ${arg_SECONDS} ${alone})
endfunction()

# `./run bench NAME` and `./run fuzz NAME` find their programs by how they begin.
function(patuh_require_prefix prefix name)
  if(NOT name MATCHES "^${prefix}")
    message(FATAL_ERROR "${name}: its name must begin with ${prefix}")
  endif()
endfunction()

# A benchmark: prints one JSON object a line, takes no argument that it needs. `./run bench` starts it; with SMALL as its
# arguments it is a test that it runs at all. Sanitizers' figures would say nothing.
function(patuh_bench)
  cmake_parse_arguments(PARSE_ARGV 0 arg "WHOLE" "NAME" "SOURCES;LINKS;SMALL")
  patuh_require_prefix(bench_ ${arg_NAME})
  patuh_test_wanted(wanted)
  if(wanted AND NOT PATUH_SANITIZER)
    set(whole)
    if(arg_WHOLE)
      set(whole WHOLE)
    endif()
    patuh_program(NAME ${arg_NAME} ${whole} SOURCES ${arg_SOURCES} LINKS ${arg_LINKS})
    target_compile_definitions(${arg_NAME} PRIVATE PATUH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    patuh_script_test(NAME ${arg_NAME}
      COMMAND ${Python3_EXECUTABLE} -B ${PROJECT_SOURCE_DIR}/tests/bench/check_records.py $<TARGET_FILE:${arg_NAME}> ${arg_SMALL}
      LABELS bench)
  endif()
endfunction()

# A libFuzzer target. In the asan preset the files of CORPUS are run through it as a test, and RUNS inputs made of them.
function(patuh_fuzz)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;CORPUS;RUNS" "SOURCES;LINKS")
  patuh_require_prefix(fuzz_ ${arg_NAME})
  if(NOT PATUH_FUZZ)
    return()
  endif()
  patuh_program(NAME ${arg_NAME} SOURCES ${arg_SOURCES} LINKS ${arg_LINKS})
  target_compile_options(${arg_NAME} PRIVATE -fsanitize=fuzzer-no-link)
  target_link_options(${arg_NAME} PRIVATE -fsanitize=fuzzer)
  file(GLOB corpus CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${arg_CORPUS}/*)
  if(arg_CORPUS AND corpus)
    patuh_script_test(NAME ${arg_NAME} COMMAND ${arg_NAME} ${corpus} LABELS fuzz)
    list(JOIN corpus "," seeds)
    patuh_script_test(NAME ${arg_NAME}_seeded
      COMMAND ${arg_NAME} -seed=1 -runs=${arg_RUNS} -seed_inputs=${seeds} -artifact_prefix=${PROJECT_BINARY_DIR}/ LABELS fuzz)
  endif()
endfunction()
