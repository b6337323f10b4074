#include "make.h"
#include "store/body.h"
#include "store/encoding.h"

namespace patuh::store {
namespace {

template <class T>
std::string encoded(const T& value) {
  std::string out;
  encode(out, value);
  return out;
}

TEST(Encoding, IntegersOfEverySizeSurvive) {
  std::string bytes;
  Encoder out(bytes);
  std::vector<std::uint64_t> values = {0, UINT64_MAX, 127, 128};
  for (unsigned shift = 0; shift < 64; ++shift) values.push_back((std::uint64_t{1} << shift) + 1);
  for (const std::uint64_t value : values) {
    out.number(value);
    out.integer(static_cast<std::int64_t>(value));
  }
  Decoder in(bytes);
  for (const std::uint64_t value : values) {
    EXPECT_EQ(in.number(), value);
    EXPECT_EQ(in.integer(), static_cast<std::int64_t>(value));
  }
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
}

TEST(Encoding, ANumberHasOneForm) {
  for (const std::string_view bytes :
       {std::string_view("\x80\x00", 2),
        std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"),
        std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), std::string_view("\x80"),
        std::string_view("")}) {
    Decoder in(bytes);
    EXPECT_EQ(in.number(), 0U);
    EXPECT_FALSE(in.ok());
  }
}

TEST(Encoding, AFaultStays) {
  Decoder in(
      std::string_view("\x05"
                       "abc",
                       4));
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.byte(), 0);
  EXPECT_TRUE(in.at_end());
}

// The bytes are the format: they stand in documents and in stores that people have.
TEST(Encoding, TheFormIsWhatItWas) {
  model::Envelope event;
  event.type = "t";
  event.source = "s";
  event.id = "i";
  event.time = Instant(base::Duration(-1));
  event.version = 300;
  event.subject = "k/e";
  event.data = "{}";
  event.position = {"http", "", 0, 5};
  EXPECT_EQ(encoded(event),
            std::string("\x01t\x01s\x01i\x03\x01\xd8\x04\x03k/e\x02{}\x04http\x00\x00\x0a", 25));
}

TEST(Encoding, EveryValueSurvives) {
  for (std::uint64_t n = 0; n < 200; ++n) {
    const model::Envelope event = make_event(n);
    expect_equal(*decode_event(encoded(event)), event);
    const model::Transition transition = make_transition(n, at(static_cast<std::int64_t>(n)));
    const std::string bytes = encoded(transition);
    expect_equal(*decode_transition(bytes), transition);
    const TransitionKey key = peek_transition(bytes);
    EXPECT_EQ(key.agency, transition.agency);
    EXPECT_EQ(key.kind, transition.element.kind);
    EXPECT_EQ(key.id, transition.element.id);
    EXPECT_EQ(key.rule, transition.rule);
    const AlertRow alert = make_alert(n);
    expect_equal(*decode_alert(encoded(alert)), alert);
  }
  AlertRow open = make_alert(1);
  open.fired = open.resolved = base::kNever;
  expect_equal(*decode_alert(encoded(open)), open);
  const OffsetRow offset{"kafka", "t", INT32_MIN, INT64_MIN};
  EXPECT_EQ(decode_offset(encoded(offset))->partition, INT32_MIN);
  EXPECT_EQ(decode_offset(encoded(offset))->next, INT64_MIN);
}

TEST(Encoding, WhatIsTooShortOrTooLongIsNoValue) {
  const std::string event = encoded(make_event(7));
  for (std::size_t size = 0; size < event.size(); ++size) {
    EXPECT_FALSE(decode_event(std::string_view(event).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_event(event + '\0'));
  const std::string transition = encoded(make_transition(7, at(1)));
  for (std::size_t size = 0; size < transition.size(); ++size) {
    EXPECT_FALSE(decode_transition(std::string_view(transition).substr(0, size))) << size;
  }
}

TEST(Encoding, EnumeratorsThatAreNotKnownAreNoValue) {
  model::Transition transition = make_transition(1, at(1));
  transition.to = static_cast<model::VerdictState>(9);
  EXPECT_FALSE(decode_transition(encoded(transition)));
  AlertRow alert = make_alert(1);
  alert.phase = static_cast<Phase>(0);
  EXPECT_FALSE(decode_alert(encoded(alert)));
  alert.phase = static_cast<Phase>(4);
  EXPECT_FALSE(decode_alert(encoded(alert)));
}

TEST(Encoding, ABodySurvives) {
  for (std::uint64_t n = 1; n <= 60; ++n) {
    const Batch batch = make_batch(n);
    const EncodedBody body = encode_body(batch);
    EXPECT_EQ(body.event_digests.size(), batch.record.events.size() * kDigestBytes);
    const auto decoded = decode_body(body.raw);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->payload, batch.record.payload);
    EXPECT_EQ(decoded->events.size(), batch.record.events.size());
    EXPECT_EQ(decoded->alerts.size(), batch.alerts.size());
    EXPECT_EQ(decoded->offsets.size(), batch.offsets.size());
  }
}

TEST(Encoding, AnErasedEventSaysWhoErasedIt) {
  std::string raw;
  Encoder out(raw);
  out.byte(1);
  out.text("");
  out.number(2);
  out.byte(0);
  out.number(412);
  out.byte(1);
  out.text(encoded(make_event(5)));
  out.number(0);
  out.number(0);
  const auto body = decode_body(raw);
  ASSERT_TRUE(body);
  ASSERT_EQ(body->erased.size(), 1U);
  EXPECT_EQ(body->erased[0].place, 0U);
  EXPECT_EQ(body->erased[0].by, Seq{412});
  EXPECT_EQ(body->events[0].id, "");
  expect_equal(body->events[1], make_event(5));
}

TEST(Encoding, ChunksHoldAllTransitionsInOrderWithinTheirLimits) {
  std::vector<model::Transition> transitions;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    transitions.push_back(make_transition(i, at(static_cast<std::int64_t>(i))));
    if (i % 100 == 0) transitions.back().reason = std::string(50'000, 'r');
  }
  std::uint64_t next = 41;
  for (const Chunk& chunk : encode_chunks(transitions, 41)) {
    EXPECT_EQ(chunk.first, next);
    EXPECT_LE(chunk.count, kChunkTransitions);
    EXPECT_EQ(chunk.first_recorded, transitions[next - 41].recorded);
    const auto parts = split_chunk(chunk.raw, chunk.count);
    ASSERT_TRUE(parts);
    for (const std::string_view part : *parts) {
      expect_equal(*decode_transition(part), transitions[next++ - 41]);
    }
    EXPECT_EQ(chunk.last_recorded, transitions[next - 42].recorded);
    EXPECT_FALSE(split_chunk(chunk.raw, chunk.count + 1));
    EXPECT_FALSE(split_chunk(chunk.raw, chunk.count - 1));
  }
  EXPECT_EQ(next, 1041U);
}

TEST(Encoding, CompressionSurvivesAndInjuriesAreNoticed) {
  for (const std::size_t size : {0UL, 1UL, 1000UL, 1'000'000UL}) {
    std::string raw;
    while (raw.size() < size) raw += "aplikasi " + std::to_string(raw.size());
    raw.resize(size);
    std::string packed;
    must(compress(raw, 1, packed));
    EXPECT_EQ(must(decompress(packed, raw.size())), raw);
    EXPECT_EQ(decompress(packed, raw.size() + 1).error().code, base::Code::kCorrupt);
    EXPECT_EQ(decompress(packed.substr(0, packed.size() / 2), raw.size()).error().code,
              base::Code::kCorrupt);
  }
  EXPECT_EQ(decompress("", 0).error().code, base::Code::kCorrupt);
  EXPECT_EQ(decompress("not compressed at all", 21).error().code, base::Code::kCorrupt);
  EXPECT_EQ(decompress("", UINT64_MAX).error().code, base::Code::kCorrupt);
}

// Whatever the bytes, decoding answers; what it takes it would write in the same way.
TEST(Encoding, BadBytesNeverCrashAndWhatIsTakenIsCanonical) {
  std::mt19937_64 random(7);
  std::vector<std::string> seeds = {encoded(make_event(3)), encoded(make_transition(5, at(9))),
                                    encoded(make_alert(2)), encode_body(make_batch(27)).raw,
                                    encode_chunks(make_batch(27).transitions, 1)[0].raw};
  std::uint64_t taken = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string bytes = seeds[random() % seeds.size()];
    for (std::uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t place = random() % bytes.size();
      if (random() % 3 == 0) bytes.erase(place, 1 + random() % 5);
      if (bytes.empty()) bytes = "x";
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    if (const auto event = decode_event(bytes)) {
      EXPECT_EQ(encoded(*event), bytes);
      ++taken;
    }
    if (const auto transition = decode_transition(bytes)) {
      EXPECT_EQ(encoded(*transition), bytes);
      ++taken;
    }
    if (const auto alert = decode_alert(bytes)) {
      EXPECT_EQ(encoded(*alert), bytes);
      ++taken;
    }
    if (const auto offset = decode_offset(bytes)) {
      EXPECT_EQ(encoded(*offset), bytes);
    }
    if (decode_body(bytes)) ++taken;
    if (split_chunk(bytes, 3)) ++taken;
    peek_transition(bytes);
  }
  EXPECT_GT(taken, 1000U) << "changes that leave a value are under test too";
}

}  // namespace
}  // namespace patuh::store
