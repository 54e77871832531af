#include <zlib.h>

#include <array>

#include "tests/oracle/expansion.h"
#include "tests/oracle/layout.h"
#include "tests/oracle/vector_columns.h"
#include "tests/oracle/vector_file.h"

namespace ringside::oracle {

using namespace columns;

namespace {

void put(std::vector<std::uint8_t>& out, std::uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_text(std::vector<std::uint8_t>& out, const std::string& text, unsigned size_bytes) {
  put(out, text.size(), size_bytes);
  out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

FpuImage columns::turned(const FpuImage& image, std::uint16_t status) {
  FpuImage out = image;
  const unsigned by = ((status >> 11) - (image.word(FpuImage::kStatus) >> 11)) & 7u;
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned half = 0; half < 2; ++half)
      out.set_quad(FpuImage::kStack + 16 * i + 8 * half, image.quad(FpuImage::kStack + 16 * ((i + by) & 7) + 8 * half));
  return out;
}

std::uint64_t digest_of(const Case& c, std::uint64_t digest) {
  const auto enter = [&](std::uint64_t value) { digest = (digest ^ value) * 0x9E3779B97F4A7C15ull, digest ^= digest >> 29; };
  for (const std::uint32_t g : c.registers.gpr) enter(g);
  enter(c.registers.eip | std::uint64_t{c.registers.eflags} << 32);
  for (const std::uint16_t s : c.registers.seg) enter(s);
  for (unsigned i = 0; i < FpuImage::kSize; i += 8) enter(c.fpu.quad(i));
  for (const Bytes::Run& run : c.patches.runs()) enter(run.linear | std::uint64_t{run.size} << 32);
  for (const std::uint8_t b : c.patches.all()) enter(b);
  return digest;
}

struct VectorWriter::Columns {
  std::array<std::vector<std::uint8_t>, kCount> column;

  void byte(unsigned c, unsigned value) { column[c].push_back(static_cast<std::uint8_t>(value)); }
  /// One byte to each of `size` columns.
  void planes(unsigned c, std::uint32_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) byte(c + i, value >> (8 * i) & 0xFF);
  }
  void whole(unsigned c, std::uint64_t value, unsigned size) { put(column[c], value, size); }
  void bytes(unsigned c, std::span<const std::uint8_t> data) { column[c].insert(column[c].end(), data.begin(), data.end()); }

  void base(const Case& c);
  void runs(const Case& c);
  void fpu(const Case& c);
  void result(const Case& c, const Result& r);
  void flags(const Case& c, const Result& r, unsigned& others);
  void changes(const Case& c, const Result& r);
  void fpu_changes(const Case& c, const Result& r);
};

void VectorWriter::Columns::base(const Case& c) {
  const Registers& r = c.registers;
  for (unsigned i = 0; i < 6; ++i) planes(kSelectors + 2 * i, r.seg[i], 2);
  planes(kFlags, c.open.flags ? r.eflags & ~kArithmetic : r.eflags, 4);
  byte(kOpenRegisters, c.open.registers);
  byte(kOpenKinds, (c.open.flags ? 1u : 0u) | static_cast<unsigned>(c.open.stack_kind) << 1 |
                       static_cast<unsigned>(c.open.xmm_kind) << 4);
  if (c.open.stack_kind != Open::kFixed || c.open.xmm_kind != Open::kFixed) {
    byte(kOpenFpu, c.open.stack);
    byte(kOpenFpu, c.open.xmm);
  }
  for (unsigned i = 0; i < 8; ++i)
    if ((c.open.registers >> i & 1) == 0) planes(kGpr, r.gpr[i], 4);
  planes(kEip, r.eip, 4);
  runs(c);
  fpu(c);
}

void VectorWriter::Columns::runs(const Case& c) {
  const auto all = c.patches.runs();
  byte(kRunCount, static_cast<unsigned>(all.size()));
  std::uint32_t expected = kDataAt;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool code = i + 1 == all.size();
    const Open::Kind kind = i < c.open.memory.size() ? c.open.memory[i] : Open::kFixed;
    if (code) expected = view_of(c.registers.seg[kCS]).base + c.registers.eip;
    planes(kRunPlace, all[i].linear - expected, 4);
    planes(kRunSize, all[i].size, 2);
    byte(kRunKind, kind);
    if (code) bytes(kCode, c.patches.of(all[i]));
    else if (kind == Open::kFixed) bytes(kRunBytes, c.patches.of(all[i]));
    expected = all[i].linear + all[i].size;
  }
}

void VectorWriter::Columns::fpu(const Case& c) {
  FpuImage image = c.fpu;
  for (unsigned i = 0; i < 8; ++i)
    for (unsigned half = 0; half < 2; ++half) {
      if ((c.open.stack >> i & 1) != 0) image.set_quad(FpuImage::kStack + 16 * i + 8 * half, 0);
      if ((c.open.xmm >> i & 1) != 0) image.set_quad(FpuImage::kXmm + 16 * i + 8 * half, 0);
    }
  const FpuImage initial = FpuImage::initial();
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < kQuads; ++i)
    if (image.quad(8 * i) != initial.quad(8 * i)) mask |= std::uint64_t{1} << i;
  whole(kFpuMask, mask, 5);
  for (unsigned i = 0; i < kQuads; ++i)
    if ((mask >> i & 1) != 0) whole(kFpuQuads, image.quad(8 * i), 8);
}

void VectorWriter::Columns::result(const Case& c, const Result& r) {
  byte(kVector, r.vector);
  if (r.vector == Result::kTimeout) return;
  unsigned changed = 0, others = 0;
  for (unsigned i = 0; i < 8; ++i)
    if (r.registers.gpr[i] != c.registers.gpr[i]) {
      changed |= 1u << i;
      planes(kRegisters, r.registers.gpr[i], 4);
    }
  byte(kChanged, changed);
  const std::uint32_t ahead = r.registers.eip - c.registers.eip;
  if (ahead < 256) {
    byte(kAhead, ahead);
  } else {
    others |= kOtherEip;
    whole(kNumbers, r.registers.eip, 4);
  }
  if (r.error_code != 0) {
    others |= kErrorCode;
    whole(kNumbers, r.error_code, 4);
  }
  if (r.cr2 != 0) {
    others |= kCr2;
    whole(kNumbers, r.cr2, 4);
  }
  flags(c, r, others);
  if (r.registers.seg != c.registers.seg) {
    others |= kSegments;
    unsigned which = 0;
    for (unsigned i = 0; i < 6; ++i)
      if (r.registers.seg[i] != c.registers.seg[i]) which |= 1u << i;
    byte(kNewSelectors, which);
    for (unsigned i = 0; i < 6; ++i)
      if ((which >> i & 1) != 0) whole(kNewSelectors, r.registers.seg[i], 2);
  }
  if (!r.changes.runs().empty()) {
    others |= kMemory;
    changes(c, r);
  }
  if (!(r.fpu == c.fpu)) {
    others |= kFpu;
    fpu_changes(c, r);
  }
  byte(kOthers, others);
}

// RF is as the exception has it in most cases, so it is left out.
void VectorWriter::Columns::flags(const Case& c, const Result& r, unsigned& others) {
  const std::uint32_t difference = (r.registers.eflags ^ c.registers.eflags) ^ (r.vector != 1 ? kRF : 0u);
  if (difference == unpacked_flags(packed_flags(difference))) {
    byte(kArithmeticFlags, packed_flags(difference));
    return;
  }
  others |= kSystemFlags;
  whole(kNumbers, r.registers.eflags, 4);
}

void VectorWriter::Columns::changes(const Case& c, const Result& r) {
  const auto runs = r.changes.runs();
  planes(kChangeCount, static_cast<std::uint32_t>(runs.size()), 2);
  std::uint32_t expected = c.patches.runs().empty() ? 0 : c.patches.runs().front().linear;
  for (const Bytes::Run& run : runs) {
    planes(kChangePlace, run.linear - expected, 4);
    planes(kChangeSize, run.size, 2);
    bytes(kChangeBytes, r.changes.of(run));
    expected = run.linear + run.size;
  }
}

void VectorWriter::Columns::fpu_changes(const Case& c, const Result& r) {
  const FpuImage before = turned(c.fpu, r.fpu.word(FpuImage::kStatus));
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < kQuads; ++i)
    if (r.fpu.quad(8 * i) != before.quad(8 * i)) mask |= std::uint64_t{1} << i;
  // The first quadword holds the status word, which the reader needs to turn the stack.
  mask |= 1;
  whole(kFpuChanges, mask, 5);
  for (unsigned i = 0; i < kQuads; ++i)
    if ((mask >> i & 1) != 0) whole(kNewQuads, r.fpu.quad(8 * i), 8);
}

VectorWriter::VectorWriter(std::string processor)
    : processor_(std::move(processor)), columns_(std::make_unique<Columns>()) {}
VectorWriter::~VectorWriter() = default;

void VectorWriter::begin_section(const std::string& key, Mode mode, std::uint64_t seed, std::uint8_t cases_of_each) {
  sections_.push_back({key, mode, seed, 0, cases_of_each, 0});
}

void VectorWriter::add(const Case& base, std::span<const Result> results) {
  Section& section = sections_.back();
  columns_->base(base);
  Case c;
  for (std::size_t i = 0; i < results.size(); ++i) {
    c = base;
    expand(c, expansion_seed(section.seed, std::uint64_t{section.bases} * section.cases + i));
    section.digest = digest_of(c, section.digest);
    columns_->result(c, results[i]);
  }
  ++section.bases;
}

std::vector<std::uint8_t> VectorWriter::finish() {
  std::vector<std::uint8_t> body;
  put(body, kFormatVersion, 2);
  put(body, kExpansionVersion, 2);
  put_text(body, processor_, 2);
  put(body, sections_.size(), 4);
  for (const Section& s : sections_) {
    put_text(body, s.key, 1);
    put(body, s.mode == Mode::k32 ? 32 : 16, 1);
    put(body, s.seed, 8);
    put(body, s.bases, 4);
    put(body, s.cases, 1);
    put(body, s.digest, 8);
  }
  put(body, kCount, 2);
  for (const auto& column : columns_->column) {
    uLongf size = compressBound(static_cast<uLong>(column.size()));
    std::vector<std::uint8_t> packed(size);
    compress2(packed.data(), &size, column.data(), static_cast<uLong>(column.size()), 9);
    put(body, column.size(), 4);
    put(body, size, 4);
    body.insert(body.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size));
  }
  std::vector<std::uint8_t> out;
  for (const char letter : {'R', 'S', 'V', 'E', 'C', 'T', '0', '1'}) out.push_back(static_cast<std::uint8_t>(letter));
  put(out, crc32(0, body.data(), static_cast<uInt>(body.size())), 4);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

}  // namespace ringside::oracle
