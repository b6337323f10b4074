// Wrong expressions, each with the exact text that its author gets.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "cases.h"
#include "world.h"

namespace patuh::expr {
namespace {

std::string told(World& world, std::string_view text) {
  const Source source{
      .text = text, .place = {.file = "pack.toml", .line = 7, .column = 12}, .keeps_state = true};
  const auto program = compile(world.environment(), source, Type::boolean());
  return program ? program->warnings().render() : program.error().render();
}

TEST(Wrong, ExpressionsGetTheExactMessage) {
  World world;
  const auto blocks = read_blocks("wrong.txt");
  EXPECT_GE(blocks.size(), 120U);
  for (const Case& c : blocks) {
    EXPECT_EQ(told(world, c.expression), c.outcome) << c.where;
  }
}

TEST(Wrong, WhatKeepsStateStandsOnlyWhereItIsKept) {
  World world;
  const auto program =
      compile(world.environment(), {.text = "held_for(self.data_pribadi, days(1))", .place = {}},
              Type::boolean());
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error().list()[0].code, "EXPR-HELD-FOR");
  EXPECT_EQ(program.error().list()[0].place.column, 1U);
}

TEST(Wrong, PlacesAreFoundInSeveralLinesAndBehindLetters) {
  World world;
  const std::string text = "self.nama == 'é😀' &&\n  self.namma == 'x'";
  const auto program =
      compile(world.environment(), {.text = text, .place = {.file = "p", .line = 3, .column = 20}},
              Type::boolean());
  ASSERT_FALSE(program);
  ASSERT_EQ(program.error().list().size(), 1U);
  const base::Diagnostic& fault = program.error().list()[0];
  EXPECT_EQ(fault.place.line, 4U);
  EXPECT_EQ(fault.place.column, 8U);
  EXPECT_EQ(fault.snippet, "  self.namma == 'x'");
  const auto behind =
      compile(world.environment(), {.text = "'é😀' == self.namma", .place = {}}, Type::boolean());
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().list()[0].place.column, 14U);
}

TEST(Wrong, LongLinesAreCutBehindTheFault) {
  World world;
  const std::string text = "x + '" + std::string(10'000, 'y') + "'";
  const auto program = compile(world.environment(), {.text = text, .place = {}}, Type::dyn());
  ASSERT_FALSE(program);
  EXPECT_LE(program.error().list()[0].snippet.size(), 250U);
}

}  // namespace
}  // namespace patuh::expr
