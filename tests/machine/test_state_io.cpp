#include <gtest/gtest.h>

#include "machine/state_hash.h"
#include "machine/state_io.h"

namespace ringside {
namespace {

enum class Colour : std::uint8_t { kRed, kGreen };

struct Part {
  std::uint32_t number = 0x12345678;
  bool flag = true;
  Colour colour = Colour::kGreen;
  std::int64_t negative = -3;
  std::uint16_t array[3] = {1, 2, 3};
  std::uint8_t raw[5000] = {9};
  std::vector<std::uint8_t> list = std::vector<std::uint8_t>(3, 5);

  void visit(StateVisitor& v) {
    VisitGroup group(v, "part");
    v.field("number", number);
    v.field("flag", flag);
    v.field("colour", colour);
    v.field("negative", negative);
    v.field("array", array);
    v.bytes("raw", raw, sizeof(raw));
    v.blob("list", list, 16);
  }
};

std::vector<std::uint8_t> saved(Part& part) {
  StateWriter writer;
  part.visit(writer);
  return writer.take();
}

std::string hashed(Part& part) {
  StateHasher hasher;
  part.visit(hasher);
  return hasher.digest();
}

TEST(StateIo, ReadsBackWhatItWrote) {
  Part before;
  before.raw[4999] = 77;
  const auto bytes = saved(before);
  Part after;
  after.number = 0;
  after.flag = false;
  after.colour = Colour::kRed;
  after.negative = 0;
  after.list.clear();
  StateReader reader(bytes);
  after.visit(reader);
  EXPECT_TRUE(reader.finished());
  EXPECT_EQ(after.number, before.number);
  EXPECT_TRUE(after.flag);
  EXPECT_EQ(after.colour, Colour::kGreen);
  EXPECT_EQ(after.negative, -3);
  EXPECT_EQ(after.raw[4999], 77);
  EXPECT_EQ(after.list, before.list);
  EXPECT_EQ(hashed(after), hashed(before));
}

TEST(StateIo, EveryTruncationIsAnswered) {
  Part part;
  const auto bytes = saved(part);
  for (std::size_t size = 0; size < bytes.size(); size += size < 100 ? 1 : 97) {
    StateReader reader(std::span<const std::uint8_t>(bytes).first(size));
    Part target;
    EXPECT_THROW(target.visit(reader), StateError) << size;
  }
}

TEST(StateIo, AnotherPartsBytesAreRefused) {
  Part part;
  auto bytes = saved(part);
  bytes[1] = 'x';
  StateReader reader(bytes);
  EXPECT_THROW(part.visit(reader), StateError);
}

TEST(StateIo, TooLongAListIsRefused) {
  Part part;
  part.list.assign(17, 1);
  const auto bytes = saved(part);
  StateReader reader(bytes);
  EXPECT_THROW(part.visit(reader), StateError);
}

TEST(StateHash, EveryFieldCounts) {
  Part part;
  const std::string hash = hashed(part);
  EXPECT_EQ(hash.size(), 32u);
  const auto differs = [&](auto change) {
    Part other;
    change(other);
    return hashed(other) != hash;
  };
  EXPECT_TRUE(differs([](Part& p) { ++p.number; }));
  EXPECT_TRUE(differs([](Part& p) { p.flag = false; }));
  EXPECT_TRUE(differs([](Part& p) { p.array[2] = 4; }));
  EXPECT_TRUE(differs([](Part& p) { p.raw[4999] = 1; }));
  EXPECT_TRUE(differs([](Part& p) { p.list.push_back(0); }));
}

}  // namespace
}  // namespace ringside
