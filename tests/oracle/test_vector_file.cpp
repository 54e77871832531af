// The vectors' file format: what is written is read again, and hostile files are refused.
#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/oracle/expansion.h"
#include "tests/oracle/random.h"
#include "tests/oracle/simulated.h"
#include "tests/oracle/vector_file.h"

namespace ringside::oracle {
namespace {

constexpr unsigned kBases = 6, kCases = 3;
constexpr std::uint64_t kSeed = 99;

/// Some forms of every family; the results are the simulated processor's, which have every part of a result.
std::vector<std::uint8_t> sample() {
  VectorWriter writer("a processor");
  SimulatedProcessor processor;
  for (const char* key : {"01", "A5", "C8", "FF/3", "8E", "D8/0m", "DD/6m", "0F58", "660FEF"})
    for (const Mode mode : {Mode::k16, Mode::k32}) {
      const Form& form = *find_form(key);
      writer.begin_section(key, mode, kSeed, kCases);
      for (unsigned b = 0; b < kBases; ++b) {
        Case base, c;
        generate(form, mode, case_seed(kSeed, form, mode, b), base);
        std::vector<Result> results(kCases);
        for (unsigned i = 0; i < kCases; ++i) {
          c = base;
          expand(c, expansion_seed(kSeed, b * kCases + i));
          processor.run(c, Executor::kExact, results[i]);
        }
        writer.add(base, results);
      }
    }
  return writer.finish();
}

/// Reads all that there is; the number of cases.
unsigned read_all(VectorReader& reader, bool& damaged) {
  Case c;
  Result r;
  unsigned cases = 0;
  damaged = false;
  while (!damaged && reader.next_section() != nullptr)
    for (;;) {
      const VectorReader::Next next = reader.next(c, r);
      damaged = next == VectorReader::Next::kDamaged;
      if (damaged || next == VectorReader::Next::kEnd) break;
      ++cases;
    }
  return cases;
}

void set_checksum(std::vector<std::uint8_t>& file) {
  const auto sum = crc32(0, file.data() + 12, static_cast<uInt>(file.size() - 12));
  for (unsigned i = 0; i < 4; ++i) file[8 + i] = static_cast<std::uint8_t>(sum >> (8 * i));
}

TEST(VectorFile, WhatIsWrittenIsRead) {
  const auto file = sample();
  VectorReader reader;
  ASSERT_EQ(reader.open(file), "");
  EXPECT_EQ(reader.processor(), "a processor");
  ASSERT_EQ(reader.sections().size(), 18u);
  SimulatedProcessor processor;
  Case c;
  Result expected, result;
  while (const Section* s = reader.next_section()) {
    for (unsigned i = 0; i < kBases * kCases; ++i) {
      const VectorReader::Next next = reader.next(c, expected);
      if (next == VectorReader::Next::kSkipped) continue;
      ASSERT_EQ(next, VectorReader::Next::kCase) << s->key << " " << i;
      processor.run(c, Executor::kExact, result);
      EXPECT_EQ(expected, result) << s->key << " " << i;
    }
    EXPECT_EQ(reader.next(c, expected), VectorReader::Next::kEnd);
    EXPECT_TRUE(reader.digest_agrees()) << s->key;
  }
}

TEST(VectorFile, InputsDoNotDependOnTheGenerator) {
  const auto file = sample();
  VectorReader reader;
  ASSERT_EQ(reader.open(file), "");
  Case c, base;
  Result r;
  const Section* s = reader.next_section();
  generate(*find_form(s->key), s->mode, case_seed(kSeed, *find_form(s->key), s->mode, 0), base);
  expand(base, expansion_seed(kSeed, 0));
  ASSERT_NE(reader.next(c, r), VectorReader::Next::kDamaged);
  EXPECT_EQ(c.registers, base.registers);
  EXPECT_EQ(c.fpu, base.fpu);
  EXPECT_EQ(c.patches, base.patches);
  EXPECT_EQ(c.code_at, base.code_at);
}

// The expansion is frozen: these values must never change.
TEST(VectorFile, ExpansionIsFrozen) {
  Case c;
  c.patches.add_number(0x20000000, 0, 8);
  c.patches.add_number(0x20000010, 0, 4);
  c.patches.add_number(0x20000020, 0, 8);
  c.patches.add(0x20000030, std::array<std::uint8_t, 10>{});
  c.open.registers = 0xFF;
  c.open.flags = true;
  c.open.memory = {Open::kNumber, Open::kFloat32, Open::kFloat64, Open::kFloat80};
  c.open.stack = c.open.xmm = 0xFF;
  c.open.stack_kind = Open::kFloat80;
  c.open.xmm_kind = Open::kFloat64;
  std::uint64_t digest = 0;
  for (unsigned i = 0; i < 1000; ++i) {
    Case drawn = c;
    expand(drawn, expansion_seed(7, i));
    digest = digest_of(drawn, digest);
  }
  EXPECT_EQ(digest, 8590723922247091662ull);
}

TEST(VectorFile, OtherFilesAreRefused) {
  EXPECT_EQ(VectorReader().open({}), "not a file of vectors");
  const std::vector<std::uint8_t> text(300, 'x');
  EXPECT_EQ(VectorReader().open(text), "not a file of vectors");
}

TEST(VectorFile, CutOffFilesAreRefused) {
  const auto file = sample();
  for (std::size_t size = 0; size < file.size(); size += 1 + size / 40)
    EXPECT_NE(VectorReader().open({file.data(), size}), "") << size;
}

TEST(VectorFile, AChangedByteIsNoticed) {
  const auto file = sample();
  for (std::size_t at = 0; at < file.size(); at += 97) {
    auto changed = file;
    changed[at] ^= 0x10;
    EXPECT_NE(VectorReader().open(changed), "") << at;
  }
}

// With the right checksum: nothing may crash, hang or take much memory, neither reading nor running.
TEST(VectorFile, HostileBytesAreHarmless) {
  const auto file = sample();
  Random random(4);
  SimulatedProcessor processor;
  for (unsigned round = 0; round < 1500; ++round) {
    auto changed = file;
    for (unsigned i = 0; i <= round % 4; ++i) changed[12 + random.below(static_cast<std::uint32_t>(file.size()) - 12)] = random.byte();
    set_checksum(changed);
    VectorReader reader;
    if (!reader.open(changed).empty()) continue;
    bool damaged;
    read_all(reader, damaged);
  }
}

/// A file whose columns hold random bytes instead of sense.
std::vector<std::uint8_t> with_random_columns(const std::vector<std::uint8_t>& file, Random& random) {
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) value |= static_cast<std::uint32_t>(file[at + i]) << (8 * i);
    return value;
  };
  // Header: version, expansion, processor, sections.
  std::size_t at = 12 + 4 + 2 + 11;
  const std::uint32_t sections = number(at);
  at += 4;
  for (std::uint32_t i = 0; i < sections; ++i) at += 1 + file[at] + 1 + 8 + 4 + 1 + 8;
  std::vector<std::uint8_t> out(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at + 2));
  for (at += 2; at < file.size(); at += 8 + number(at + 4)) {
    std::vector<std::uint8_t> plain(number(at)), packed(compressBound(plain.size()) + 1);
    uLongf size = plain.size();
    if (size != 0) uncompress(plain.data(), &size, file.data() + at + 8, number(at + 4));
    for (unsigned i = 0; i < 2 && !plain.empty(); ++i) plain[random.below(static_cast<std::uint32_t>(plain.size()))] = random.byte();
    uLongf packed_size = packed.size();
    compress2(packed.data(), &packed_size, plain.data(), plain.size(), 1);
    for (const std::uint64_t value : {std::uint64_t{plain.size()}, std::uint64_t{packed_size}})
      for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    out.insert(out.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(packed_size));
  }
  set_checksum(out);
  return out;
}

TEST(VectorFile, CasesWithoutSenseAreHarmless) {
  const auto file = sample();
  Random random(5);
  SimulatedProcessor processor;
  unsigned run = 0;
  for (unsigned round = 0; round < 60; ++round) {
    const auto changed = with_random_columns(file, random);
    VectorReader reader;
    ASSERT_EQ(reader.open(changed), "");
    Case c;
    Result expected, result;
    bool damaged = false;
    while (!damaged && reader.next_section() != nullptr)
      for (VectorReader::Next next; (next = reader.next(c, expected)) != VectorReader::Next::kEnd;) {
        damaged = next == VectorReader::Next::kDamaged;
        if (damaged) break;
        processor.run(c, run++ % 2 == 0 ? Executor::kExact : Executor::kFast, result);
      }
  }
  EXPECT_GT(run, 100u);
}

}  // namespace
}  // namespace ringside::oracle
